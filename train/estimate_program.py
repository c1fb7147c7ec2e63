"""Sizes over time of one step, for every batch, length and number of layers, from a few tiny traces.

Every size is a sum of a few products (1, batch, length, batch · length, and · length² where scores or masks are made),
so as many traces as products give it exactly. Layers that are alike repeat themselves: what two and three of them do
tells what fifty do, because each further one adds the same between the same two moments.

>>> make_program(build, load, n_layers=28).peak(batch=4, length=2048)  # doctest: +SKIP
Peak(parts={'gradients': 0, …}, phase='backward', forward=…, backward=…)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from tunesmith.errors import InputError, InternalError
from tunesmith.train.estimate_layers import TILE_ROWS
from tunesmith.train.estimate_loss import chunked_loss
from tunesmith.train.estimate_trace import CATEGORIES, Tracer, trace
from tunesmith.train.estimate_types import Load

#: Where to trace; a batch of one is a program of its own: some copies that others need are views there.
SHAPES = {1: ((1, 32), (1, 64), (1, 96)), 2: ((2, 32), (3, 32), (2, 64), (3, 64), (3, 96))}

Floats = npt.NDArray[np.float64]
_LOSS, _TILE = CATEGORIES.index("loss"), CATEGORIES.index("tile")


class Peak(NamedTuple):
    """The worst moment of forward and backward, in bytes.

    :param parts: by `CATEGORIES` without `held`, whose bytes are not counted here.
    :param forward, backward: the worst moment of each.
    """

    parts: Mapping[str, int]
    phase: str
    forward: int
    backward: int


class Program:
    """What is alive after each event.

    :param forward, backward: `(n_events, n_categories, n_features)` bytes.
    """

    def __init__(self, forward: Floats, backward: Floats) -> None:
        self._coefficients, self._n_forward = np.concatenate([forward, backward]), len(forward)

    def peak(self, *, batch: int, length: int, labelled: float = 1.0, gradient_share: float = 1.0) -> Peak:
        """The worst moment.

        :param labelled: share of the tokens that reach a chunked head.
        :param gradient_share: of the gradients that stays on this GPU.
        """
        live = self._coefficients @ _features(batch, length, self._coefficients.shape[2])
        n_tokens = batch * length
        scales = np.ones(len(CATEGORIES))
        scales[_LOSS], scales[CATEGORIES.index("gradients")] = labelled, gradient_share
        scales[_TILE] = min(labelled * n_tokens, TILE_ROWS) / n_tokens
        scales[CATEGORIES.index("held")] = 0
        live = live * scales
        total = live.sum(axis=1)
        worst = int(total.argmax())
        return Peak(
            {name: round(live[worst, at]) for at, name in enumerate(CATEGORIES) if name != "held"},
            "forward" if worst < self._n_forward else "backward",
            round(total[: self._n_forward].max(initial=0)),
            round(total[self._n_forward :].max(initial=0)),
        )


class _Pass(NamedTuple):
    """One direction of one model.

    :param before: `(n_categories, n_features)` bytes when it begins.
    :param changes: `(n_events, n_features)` bytes made or dropped at each event, and `category` of each.
    """

    before: Floats
    changes: Floats
    category: npt.NDArray[np.int64]

    @property
    def live(self) -> Floats:
        """`(n_events, n_categories, n_features)` bytes after each event."""
        live = np.zeros((len(self.changes), *self.before.shape))
        live[np.arange(len(self.changes)), self.category] = self.changes
        found: Floats = live.cumsum(axis=0) + self.before
        return found


def make_program(build: Callable[[int | None], Any], load: Load, *, n_layers: int | None) -> Program:
    """Trace a model.

    :param build: makes a model of so many layers, or of all of them for None.
    :param n_layers: how many like layers it has; None where they differ, then all are traced.
    :raises InputError: for a model whose code needs real values to run.
    """
    few = 2 + (load.freeze_layers if load.method == "freeze" else 0)
    if n_layers is not None and n_layers > few + 1:
        small, model = _passes(build(few), load), build(few + 1)
        large = _lengthened(small, model, load) or _passes(model, load)
        grown = [_grown(one, other, n_layers - few) for one, other in zip(small, large, strict=True)]
        if all(one is not None for one in grown):
            return Program(*[one for one in grown if one is not None])
    return Program(*(one.live for one in _passes(build(None), load)))


def _lengthened(small: Sequence[_Pass], model: Any, load: Load) -> tuple[_Pass, _Pass] | None:
    """The passes of a model with one more layer, from one trace in place of all: most of the time goes into traces.

    Each of its events is one that the smaller model has too, counted from the start or from the end, and those that
    are both must be the same at every shape. None where that is not so.
    """
    shape = _shapes(load)[-1]
    at = _features(*shape, small[0].changes.shape[1])
    before, *halves = _halves(*_traces(model, load, [shape])[0])
    found: list[_Pass] = []
    for one, (changes, category) in zip(small, halves, strict=True):
        told = _Told(one.changes @ at, one.category), _Told(changes, category)
        ahead, behind, n = _alike(*told), _alike(*(_turned(half) for half in told)), len(changes)
        front, back = one.changes[:ahead], one.changes[len(one.changes) - behind :]
        if ahead + behind < n or (front[n - behind :] != back[: ahead + behind - n]).any():
            return None
        start = found[-1].live[-1] if found else one.before.copy()
        if not found:  # further weights and gradients, which have the same size at every shape
            start[:, 0] += before - one.before @ at
        found.append(_Pass(start, np.concatenate([front, back[ahead + behind - n :]]), category))
    return found[0], found[1]


def _grown(small: _Pass, large: _Pass, more: int) -> Floats | None:
    """The bytes of a pass over `more` further layers; None where the layers are not alike."""
    told = _Told(small.changes, small.category), _Told(large.changes, large.category)
    ahead, behind = _alike(*told), _alike(*(_turned(half) for half in told))
    n = len(small.changes)
    if ahead + behind < n:
        return None
    live, other = small.live, large.live
    first = live[:ahead] + more * (other[:ahead] - live[:ahead])
    tail = live[n - behind :]
    return np.concatenate([first, tail + more * (other[len(other) - behind :] - tail)])


class _Told(NamedTuple):
    """Events in their order: bytes by feature, or at one shape, and what each is for."""

    changes: Floats
    category: npt.NDArray[np.int64]


def _turned(one: _Told) -> _Told:
    return _Told(one.changes[::-1], one.category[::-1])


def _alike(one: _Told, other: _Told) -> int:
    """How many events from the start are the same."""
    n = min(len(one.changes), len(other.changes))
    differ = (one.changes[:n] != other.changes[:n]).reshape(n, -1).any(axis=1)
    differ |= one.category[:n] != other.category[:n]
    return int(differ.argmax()) if differ.any() else n


def _passes(model: Any, load: Load) -> tuple[_Pass, _Pass]:
    """Forward and backward of a prepared model."""
    shapes = _shapes(load)
    return _solved(_traces(model, load, shapes), shapes)


def _shapes(load: Load) -> Sequence[tuple[int, int]]:
    """Where to trace, so that every product can be told from the others."""
    is_squared = load.attention == "eager" or (load.attention == "sdpa" and load.padded)
    return SHAPES[min(load.batch, 2)][: None if is_squared else -1]


def _traces(model: Any, load: Load, shapes: Sequence[tuple[int, int]]) -> list[tuple[Tracer, int, int]]:
    """:raises InputError: for a model whose code needs real values to run."""
    loss = _chunked if load.loss == "fused" else _whole
    settings: dict[str, Any] = {"device": load.device, "again": load.accumulation > 1}
    try:
        return [trace(model, loss, batch=batch, length=length, **settings) for batch, length in shapes]
    except (RuntimeError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:200]
        what = f"the memory of this kind of model cannot be traced without its weights ({reason})"
        raise InputError(what, remedy="go by the rules of thumb in docs/memory.md") from error


def _features(batch: int, length: int, n: int) -> Floats:
    if n < 4:
        return np.array([1, length, length**2][:n], dtype=np.float64)
    return np.array([1, batch, length, batch * length, batch * length**2][:n], dtype=np.float64)


def _solved(traces: Sequence[tuple[Tracer, int, int]], shapes: Sequence[tuple[int, int]]) -> tuple[_Pass, _Pass]:
    """The passes that all traces are cases of.

    :raises InternalError: where they did different things, so that they say nothing about other shapes.
    """
    first, start, middle = traces[0]
    if any(one.events != first.events or one.category != first.category for one, *_ in traces):
        raise InternalError("the same model did different things at different lengths")
    matrix = np.array([_features(batch, length, len(shapes)) for batch, length in shapes])
    sizes = np.rint(np.linalg.solve(matrix, np.array([one.sizes for one, *_ in traces], dtype=np.float64)) * 64).T / 64
    before, *halves = _halves(first, start, middle, sizes)
    forward = _Pass(before, *halves[0])
    return forward, _Pass(forward.live[-1], *halves[1])


def _halves(tracer: Tracer, start: int, middle: int, sizes: Floats | None = None) -> tuple[Any, _Told, _Told]:
    """What is there before the forward pass, by category, and the events of forward and backward.

    :param sizes: of the storages, by feature; as they are at the traced shape by default.
    """
    found = np.array(tracer.sizes, dtype=np.float64) if sizes is None else sizes
    events = np.array(tracer.events)
    numbers = np.where(events >= 0, events, ~events)
    signs = np.where(events >= 0, 1.0, -1.0)
    changes = (signs * found[numbers].T).T
    category = np.array(tracer.category)[numbers]
    before = np.array([changes[:start][category[:start] == kind].sum(axis=0) for kind in range(len(CATEGORIES))])
    return (
        before,
        _Told(changes[start:middle], category[start:middle]),
        _Told(changes[middle:], category[middle:]),
    )


def _chunked(model: Any, ids: Any, tracer: Tracer | None) -> Any:
    """TRL's head: the layers, then the loss in tiles."""
    hidden = model.base_model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).last_hidden_state
    head = model.get_output_embeddings().weight
    kind = torch.bfloat16 if torch.is_autocast_enabled("cpu") else hidden.dtype
    if tracer is None:
        return chunked_loss(hidden, head, kind, model.traced_device, lambda _: None)
    tracer.phase = _LOSS
    _ends(hidden, tracer)
    return chunked_loss(hidden, head, kind, model.traced_device, lambda one: tracer.see(one, _TILE))


def _whole(model: Any, ids: Any, tracer: Tracer | None) -> Any:
    """The model's own loss over all logits."""

    def begins(_: Any, given: Any) -> None:
        if tracer is not None:
            tracer.phase = _LOSS
            _ends(given[0], tracer)

    hook = model.get_output_embeddings().register_forward_pre_hook(begins)
    try:
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, use_cache=False).loss
    finally:
        hook.remove()


def _ends(hidden: Any, tracer: Tracer) -> None:
    """When its gradient is there, the loss is done with."""

    def done(_: Any) -> None:
        tracer.phase = CATEGORIES.index("working")

    if hidden.requires_grad:
        hidden.register_hook(done)
