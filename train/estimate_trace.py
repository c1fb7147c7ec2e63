"""One training step on the meta device, where tensors have sizes and no memory: when each one is made and dropped.

The model's own code runs forward and backward, so nothing is assumed about its layers.

>>> tracer, start, middle = trace(model, loss_of, batch=1, length=32, device="cuda", again=False)  # doctest: +SKIP
>>> len(tracer.events), start, middle  # doctest: +SKIP
(6120, 340, 1431)
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tunesmith.train.estimate_kernels import run_kernel
from tunesmith.train.estimate_layers import GroupedProduct

#: Of a storage: what it is for. `held` is all that was there before the step.
CATEGORIES = ("held", "gradients", "activations", "loss", "tile", "working")


class Tracer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down every storage that is made and dropped while it is active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes: list[int] = []
        self.category: list[int] = []
        self.events: list[int] = []  # the number of a storage when it is made, and ~number when it is dropped
        self.phase = CATEGORIES.index("working")
        self.autocast: Autocast | None = None
        self._alive: dict[int, tuple[int, Any]] = {}
        self._writes = True

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.autocast is not None and not torch.is_autocast_enabled("cpu"):
            self.autocast.cache.clear()  # as leaving it does
        out = run_kernel(func, args, kwargs or {})
        for one in (out,) if isinstance(out, torch.Tensor) else tree_leaves(out):
            if isinstance(one, torch.Tensor):
                self.see(one)
        return out

    def see(self, tensor: torch.Tensor, category: int | None = None) -> None:
        """Count a tensor's storage, once; `category` is told later than it is made where it is given."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._alive:
            if category is not None:
                self.category[self._alive[key][0]] = category
            return
        number = len(self.sizes)
        self.sizes.append(storage.nbytes())
        self.category.append(self.phase if category is None else category)
        self.events.append(number)

        def dropped(_: Any) -> None:
            if self._writes:
                self._alive.pop(key, None)
                self.events.append(~number)

        self._alive[key] = (number, weakref.ref(storage, dropped))

    def stop(self) -> None:
        """What is dropped from now on is no part of the step."""
        self._writes = False
        self._alive = {}

    def alive(self) -> list[int]:
        """Numbers of the storages that are there now."""
        return [number for number, _ in self._alive.values()]


class Autocast(TorchFunctionMode):
    """Autocast to bfloat16 as a GPU (or CPU) has it; torch's own does not act on meta tensors.

    It is on where torch's switch for the CPU is, which activation checkpointing restores for its second forward.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.cache: dict[int, torch.Tensor] = {}
        self._raised = _RAISED if device == "cuda" else frozenset()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in _GROUPED:  # on the meta device torch has it for bfloat16 only
            return GroupedProduct.apply(*args[:2])  # type: ignore[no-untyped-call]
        if not torch.is_autocast_enabled("cpu"):
            return func(*args, **kwargs)
        if name in _LOWERED:
            args, kwargs = self._all(args, torch.bfloat16), self._all(kwargs, torch.bfloat16)
        elif name in self._raised and kwargs.get("dtype") is None:
            args, kwargs = self._all(args, torch.float32), self._all(kwargs, torch.float32)
        elif name in _WIDEST:
            kinds = [one.dtype for one in tree_leaves(args) if isinstance(one, torch.Tensor)]
            if torch.float32 in kinds:
                args = self._all(args, torch.float32)
        return func(*args, **kwargs)

    def _all(self, value: Any, kind: torch.dtype) -> Any:
        if isinstance(value, torch.Tensor):
            return self._cast(value, kind)
        if isinstance(value, dict):
            return {key: self._all(one, kind) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([self._all(one, kind) for one in value])
        return value

    def _cast(self, tensor: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
        if not tensor.is_floating_point() or tensor.dtype in (kind, torch.float64):
            return tensor
        is_kept = kind == torch.bfloat16 and tensor.requires_grad and tensor.is_leaf and not tensor._is_view()
        if not is_kept:
            return tensor.to(kind)
        key = id(tensor)
        if key not in self.cache:
            self.cache[key] = tensor.to(kind)
        return self.cache[key]


_GROUPED = ("grouped_mm", "_grouped_mm")
# torch 2.13, ATen/autocast_mode.h, as far as language models call them
_LOWERED = frozenset(
    "linear matmul __matmul__ __rmatmul__ mm mv bmm addmm addmv addr baddbmm addbmm chain_matmul multi_dot conv1d "
    "conv2d conv_transpose1d prelu scaled_dot_product_attention einsum".split()
)
_RAISED = frozenset(
    "exp expm1 log log10 log2 log1p pow __pow__ rsqrt reciprocal softplus layer_norm group_norm softmax log_softmax "
    "cumsum cumprod prod sum norm cross_entropy nll_loss mse_loss l1_loss kl_div logsumexp cosine_similarity dist "
    "binary_cross_entropy_with_logits".split()
)
_WIDEST = frozenset("cat stack concat addcmul addcdiv dot tensordot index_put scatter_add".split())


def trace(model: Any, loss_of: Any, *, batch: int, length: int, device: str, again: bool) -> Any:
    """One step of a model on the meta device.

    :param loss_of: called with the model, its tokens and the tracer, returns the loss.
    :param again: record a second step, with the gradients of the first one there.
    :returns: the tracer, and the numbers of events before the forward and before the backward pass.
    """
    ids = torch.empty((batch, length), dtype=torch.int64, device="meta")
    model.zero_grad(set_to_none=True)
    if again:
        with _surroundings(Tracer(), device):
            _backward(_forward(model, loss_of, ids, None))
    tracer = Tracer()
    held, gradients = CATEGORIES.index("held"), CATEGORIES.index("gradients")
    for one in (*model.parameters(), *model.buffers(), ids):
        tracer.see(one, held)
    for one in model.parameters():
        if one.grad is not None:
            tracer.see(one.grad, gradients)
    hooks = [
        one.register_post_accumulate_grad_hook(lambda p: tracer.see(p.grad, gradients))
        for one in model.parameters()
        if one.requires_grad
    ]
    try:
        with _surroundings(tracer, device):
            start = len(tracer.events)
            loss = _forward(model, loss_of, ids, tracer)
            middle = _end_of_forward(tracer)
            _backward(loss)
        del loss
    finally:
        for hook in hooks:
            hook.remove()
    tracer.stop()
    return tracer, start, middle


def _forward(model: Any, loss_of: Any, ids: Any, tracer: Tracer | None) -> Any:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=model.traced_autocast):
        return loss_of(model, ids, tracer)


def _backward(loss: Any) -> None:
    """As `loss.backward()`, which would switch our autocast off for what checkpointing computes again."""
    engine: Any = torch.autograd.Variable._execution_engine
    engine.run_backward(
        (loss,), (torch.ones_like(loss),), False, False, (), allow_unreachable=True, accumulate_grad=True
    )


def _end_of_forward(tracer: Tracer) -> int:
    """What is alive now is kept for the backward pass."""
    if tracer.autocast is not None:
        tracer.autocast.cache.clear()
    working, kept = CATEGORIES.index("working"), CATEGORIES.index("activations")
    for number in tracer.alive():
        if tracer.category[number] == working:
            tracer.category[number] = kept
    tracer.phase = CATEGORIES.index("loss")  # until the gradient of the last hidden states is there
    return len(tracer.events)


@contextmanager
def _surroundings(tracer: Tracer, device: str) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # checkpointing looks for a GPU
        tracer.autocast = stack.enter_context(Autocast(device))
        stack.enter_context(tracer)
        yield
