"""What fits: a table for a model and a GPU, and the smallest change that makes a step fit.

>>> change = smallest_change(found, 24 * GIB)  # doctest: +SKIP
>>> change.text  # doctest: +SKIP
'add --checkpointing'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.estimate_total import estimate
from tunesmith.train.estimate_types import GIB, Change, Estimate, Load, gibibytes

Estimating = Callable[[Load], Estimate]

#: Rows of the table: what people choose between.
ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("full", {"method": "full", "checkpointing": True}),
    ("full, pure bf16", {"method": "full", "checkpointing": True, "precision": "pure-bf16"}),
    ("full, 8-bit optimizer", {"method": "full", "checkpointing": True, "optimizer": "adamw_8bit"}),
    ("freeze", {"method": "freeze", "checkpointing": True}),
    ("LoRA", {"method": "lora", "checkpointing": True}),
    ("LoRA, no checkpointing", {"method": "lora", "checkpointing": False}),
    ("QLoRA 8-bit", {"method": "qlora", "bits": 8, "checkpointing": True}),
    ("QLoRA 4-bit", {"method": "qlora", "bits": 4, "checkpointing": True}),
)
LENGTHS = (1024, 2048, 4096, 8192)
BATCHES = (1, 4, 16)


class Cell(NamedTuple):
    """One entry of the table.

    :param verdict: `fits` where even the high end does, `tight` where the likely value does, else `no`.
    """

    row: str
    length: int
    batch: int
    likely: int
    high: int
    verdict: str


def capacity(text: str) -> int:
    """Bytes of a GPU: `24GB`, `80G`, `16GiB`.

    Vendors write GB and mean GiB, more or less: a card of "24 GB" has 24 GiB.

    :raises InputError: for anything else.

    >>> capacity("24GB") == 24 * 1024**3
    True
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:G|GB|GiB)?\s*", text, re.IGNORECASE)
    if found is None or float(found[1]) <= 0:
        raise InputError(f"expected the memory of a GPU such as 24GB, saw {text!r}", remedy="correct --gpu")
    return int(float(found[1]) * GIB)


def verdict(found: Estimate, capacity_bytes: int) -> str:
    """`fits`, `tight` or `no`."""
    return "fits" if found.high <= capacity_bytes else "tight" if found.likely <= capacity_bytes else "no"


def what_fits(
    model: str | Mapping[str, Any],
    load: Load,
    capacity_bytes: int,
    *,
    rows: Sequence[tuple[str, Mapping[str, Any]]] = ROWS,
    trust_remote_code: bool = False,
    progress: Progress | None = None,
) -> list[Cell]:
    """Methods × lengths × batches of one model on one GPU, all other settings those of `load`.

    :param rows: names of methods with what each changes in `load`.
    """
    cells: list[Cell] = []
    with (progress or Progress()).stage("what fits", total=len(rows), unit="methods") as advance:
        for name, settings in rows:
            base = load.but(gpus=1, shard="none", **settings)
            for length in LENGTHS:
                for batch in BATCHES:
                    case = base.but(max_length=length, batch=batch)
                    found = estimate(model, case, trust_remote_code=trust_remote_code)
                    told = verdict(found, capacity_bytes)
                    cells.append(Cell(name, length, batch, found.likely, found.high, told))
            advance(1)
    return cells


def smallest_change(
    found: Estimate,
    capacity_bytes: int,
    *,
    model: str | Mapping[str, Any] | None = None,
    length_p95: int | None = None,
    max_gpus: int = 8,
    trust_remote_code: bool = False,
) -> Change | None:
    """The smallest change of settings whose likely memory fits, the cheapest in quality and time first.

    The order: recompute activations; smaller batches, accumulated; the length that 95 of 100 rows keep; no packing; an
    8-bit optimizer; LoRA for full training; QLoRA; batches of one with all of these; several GPUs. Changes that cost
    nothing in quality are kept when a later one is needed.

    :param model: where the estimate was made from a mapping; its name otherwise.
    :param length_p95: 95th percentile of the rows' lengths in tokens; without it the length stays.
    :returns: None where it fits as it is; a change with `fits` false, the least there is, where nothing does.
    """
    if found.likely <= capacity_bytes:
        return None
    source = found.model if model is None else model

    def at(load: Load) -> Estimate:
        return estimate(source, load, trust_remote_code=trust_remote_code)

    least: Change | None = None
    for load in _candidates(found.load, at, capacity_bytes, length_p95, max_gpus):
        tried = at(load)
        change = _change(found.load, tried, capacity_bytes)
        if change.fits:
            return _pruned(found.load, change, at, capacity_bytes)
        if load.gpus == 1 and (least is None or tried.likely < least.estimate.likely):
            least = change
    return least if least is not None else _change(found.load, found, capacity_bytes)


def _pruned(before: Load, change: Change, at: Estimating, capacity_bytes: int) -> Change:
    """The change without what later steps made needless."""
    for name in _SEPARATE:
        if name not in change.settings:
            continue
        without = at(change.estimate.load.but(**{name: getattr(before, name)}))
        if without.likely <= capacity_bytes:
            change = _change(before, without, capacity_bytes)
    return change


#: Settings that can be taken back one at a time, the dearest first.
_SEPARATE = ("max_length", "optimizer", "packing", "checkpointing")
#: Follows from another setting: an adapter is compared with its own base.
_FOLLOWS = ("reference",)


def _candidates(
    load: Load, at: Estimating, capacity_bytes: int, length_p95: int | None, max_gpus: int
) -> Iterator[Load]:
    """Loads in the order in which they are tried; each step keeps those before it."""
    now = load
    for settings in _steps(load, length_p95):
        now = now.but(**settings)
        yield now
        if "checkpointing" in settings or "method" in settings:
            yield from _smaller_batches(now)
    now = now.but(batch=1, accumulation=load.accumulation * load.batch)
    yield now
    yield from _more_gpus(load, max_gpus)


def _steps(load: Load, length_p95: int | None) -> Iterator[dict[str, Any]]:
    yield {"checkpointing": True}
    if length_p95 is not None and length_p95 < load.max_length:
        yield {"max_length": length_p95}
    if load.packing:
        yield {"packing": False}
    if load.optimizer in ("adamw", "adamw_unfused"):
        yield {"optimizer": "adamw_8bit"}
    if load.method in ("full", "freeze"):
        yield {"method": "lora", "optimizer": load.optimizer, "precision": "bf16", "reference": False}
    if load.method != "qlora":
        yield {"method": "qlora", "bits": 4, "double": True}
    elif load.bits == 8:
        yield {"bits": 4, "double": True}


def _smaller_batches(load: Load) -> Iterator[Load]:
    """Halves, with accumulation so that a step still sees as many rows."""
    batch, whole = load.batch, load.batch * load.accumulation
    while batch > 1:
        batch //= 2
        yield load.but(batch=batch, accumulation=-(-whole // batch))


def _more_gpus(load: Load, max_gpus: int) -> Iterator[Load]:
    """As it was asked for, over several GPUs."""
    if load.method == "qlora" and load.bits == 8:
        return
    gpus = max(2, load.gpus)
    while gpus <= max_gpus:
        for shard in ("zero2", "zero3"):
            yield load.but(checkpointing=True, gpus=gpus, shard=shard)
        gpus *= 2


def _change(before: Load, tried: Estimate, capacity_bytes: int) -> Change:
    settings = {name: value for name, value in tried.load.told().items() if getattr(before, name) != value}
    fits = tried.likely <= capacity_bytes
    text = ", ".join(_told(name, value) for name, value in settings.items() if name not in _FOLLOWS)
    text = text or "change nothing"
    if not fits:
        text = f"nothing fits in {gibibytes(capacity_bytes)}; the least is {gibibytes(tried.likely)} with: {text}"
    return Change(settings, tried, fits, text)


def _told(name: str, value: Any) -> str:
    """A setting as it stands on the command line of `train estimate`."""
    if name == "packing":
        return "leave out --packing"
    option = "--dtype" if name == "precision" else f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return option if value else option.replace("--", "--no-")
    return f"{option} {value}"
