"""What is measured beside the loss: TensorBoard, speed and memory, progress, and smaller gradients in shallow layers.

>>> Board(paths, histogram_steps=50)  # doctest: +SKIP
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from transformers import TrainerCallback

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.types import RunPaths
from tunesmith.train.watch_callbacks import StepRows

#: The number of a layer in the name of its parameters: Llama, Qwen, Mistral …; GPT-2; GPT-NeoX.
_LAYER = re.compile(r"\.(?:layers|h|blocks)\.(\d+)\.")


class Board(TrainerCallback):
    """TensorBoard: every figure that is logged, and histograms of the LoRA weights."""

    def __init__(self, paths: RunPaths, *, histogram_steps: int) -> None:
        self._folder = paths.out / "tensorboard"
        self._every = histogram_steps
        self._writer: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        from torch.utils.tensorboard import SummaryWriter

        if state.is_world_process_zero:
            purge: Any = state.global_step + 1 if state.global_step else None  # hides what a resume does anew
            self._writer = SummaryWriter(log_dir=str(self._folder), purge_step=purge)

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.write(state.global_step, kwargs["logs"])

    def write(self, step: int, values: Mapping[str, Any]) -> None:
        """Figures of one step; NaN too, which TensorBoard marks."""
        if self._writer is None:
            return
        for name, value in values.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                group, rest = ("eval", name.removeprefix("eval_")) if name.startswith("eval_") else ("train", name)
                self._writer.add_scalar(f"{group}/{rest}", value, step)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._every and (state.global_step % self._every == 0 or state.global_step == state.max_steps):
            self._histograms(state.global_step, kwargs["model"])

    def _histograms(self, step: int, model: Any) -> None:
        if self._writer is None:
            return
        for name, weight in model.named_parameters():
            if weight.requires_grad and "lora_" in name and weight.numel():
                values = weight.detach().float().cpu()
                if values.isfinite().all():  # a histogram of NaN is an error; the log says it already
                    self._writer.add_histogram(name.replace(".default", ""), values, step)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class Speed(TrainerCallback):
    """Tokens a second and the memory's peak, without the time of validation and saving."""

    def __init__(self, rows: StepRows, sinks: Sequence[Callable[[int, Mapping[str, Any]], None]]) -> None:
        self._rows, self._sinks = rows, sinks
        self._mark = 0.0
        self.n_steps = 0
        self._seconds = 0.0
        self._tokens_before = 0
        self.step = 0
        self.max_steps = 0
        self.best: dict[str, Any] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        import torch

        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self.step, self.max_steps, self._mark = state.global_step, state.max_steps, time.monotonic()
        self.n_steps = 0

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        now = time.monotonic()
        self.n_steps += 1
        if self.n_steps == 1:  # compiles, allocates, opens files: no step like the others
            self._tokens_before = self._rows.n_tokens
        else:
            self._seconds += now - self._mark
        self._mark, self.step = now, state.global_step

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._mark = time.monotonic()

    on_save = on_evaluate

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.best_metric is not None:
            metric = args.metric_for_best_model
            self.best = {"metric": metric, "value": state.best_metric, "step": state.best_global_step}
        for write in self._sinks if state.is_world_process_zero else ():
            write(
                state.global_step,
                {key: value for key, value in self.facts().items() if isinstance(value, (int, float))},
            )

    def facts(self) -> dict[str, Any]:
        """Of this attempt. `tokens_per_second` counts tokens of this process, padding left out; None where unknown."""
        tokens = self._rows.n_tokens - self._tokens_before
        speed = tokens / self._seconds if self._seconds and tokens else None
        return {"tokens_per_second": speed, "training_seconds": self._seconds, **peak_memory()}


def peak_memory() -> dict[str, Any]:
    """The most bytes that were in use: of the GPU where there is one, else of this process since it began."""
    import torch

    if torch.cuda.is_available():
        used, held = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
        return {"peak_memory_bytes": used, "peak_reserved_bytes": held, "memory_kind": "cuda"}
    try:
        import resource
        import sys
    except ImportError:  # Windows
        return {"peak_memory_bytes": None, "memory_kind": "unknown"}
    unit = 1 if sys.platform == "darwin" else 1024
    return {"peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, "memory_kind": "rss"}


class Ready(TrainerCallback):
    """How far the training is, and how long it will take."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open = ExitStack()
        self._advance: Callable[[int], None] = lambda done: None
        self._done = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            left = state.max_steps - state.global_step  # time left is reckoned from what this attempt has done
            stage = self._progress.stage("training", total=left, unit="steps")
            self._advance = self._open.enter_context(stage)
            self._done = state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._advance(state.global_step - self._done)
        self._done = state.global_step

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._open.close()
        self._advance = lambda done: None


class Shallow(TrainerCallback):
    """Multiplies the gradients of the embedding and of the first layers.

    GLM-130B (Zeng et al. 2023, section 3.3) found that spikes begin in the embedding, whose gradients run ahead of all
    others, and shrinks them to 0.1. That the next layers are shrunk too is our extension for fine-tuning. Clipping
    comes after it. The gradient of a tied output layer is not touched: it is taken at what the embedding gives.
    """

    def __init__(self, scale: float, n_layers: int) -> None:
        self._scale, self._n_layers = scale, n_layers
        self._hooks: list[Any] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if args.fsdp or args.deepspeed or any(os.environ.get(f"ACCELERATE_USE_{name}") == "true" for name in _SHARDED):
            what = "shallow_scale works on whole gradients, which FSDP and DeepSpeed do not have"
            raise InputError(what, remedy="leave shallow_scale out, or train without sharding")
        model = kwargs["model"]
        self._hooks = [model.get_input_embeddings().register_forward_hook(self._shrunk)]
        for name, weight in model.named_parameters():
            layer = _LAYER.search(name)
            if weight.requires_grad and layer and int(layer[1]) < self._n_layers:
                self._hooks.append(weight.register_hook(lambda gradient: gradient * self._scale))

    def _shrunk(self, module: Any, given: Any, embedded: Any) -> Any:
        if embedded.requires_grad:
            embedded.register_hook(lambda gradient: gradient * self._scale)
        return embedded

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks = []


_SHARDED = ("FSDP", "DEEPSPEED")
