"""The worst moment of a training step, from `config.json` alone: no weights, no GPU.

>>> found = estimate("Qwen/Qwen2.5-7B", Load(method="lora", max_length=2048, batch=1))  # doctest: +SKIP
>>> gibibytes(found.likely), found.peak  # doctest: +SKIP
('17.5 GiB', 'backward')

Method: the model's own code runs one step on the meta device, where every tensor has a size and no memory
(`estimate_trace`); what a kernel keeps is put in by hand (`estimate_layers`, `estimate_loss`); optimizers and sharding
are arithmetic (`estimate_states`). Beside it stand the rules of thumb that guides quote (`estimate_rules`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.errors import InputError
from tunesmith.train.estimate_states import OPTIMIZER_STATES, master_bytes, shard_buffers, shares
from tunesmith.train.estimate_types import GIB, PARTS, Counts, Estimate, Load, check_load

if TYPE_CHECKING:
    from tunesmith.train.estimate_program import Peak, Program

#: Of the device: what CUDA and its libraries hold before the first tensor, as (low, likely, high) bytes.
CONTEXT = {"cuda": (int(0.4 * GIB), int(0.6 * GIB), int(1.0 * GIB)), "cpu": (0, 0, 0)}
#: Of all tensors: what the allocator holds and cannot use, as (low, likely, high) shares.
FRAGMENTATION = {"cuda": (0.0, 0.05, 0.10), "cpu": (0.0, 0.0, 0.0)}

_KEPT = 64  # programs: a table of what fits needs about ten


class Held(NamedTuple):
    """What one model takes before its first step, and the program of a step.

    :param shapes: of what is trained, each with its bytes a value.
    """

    counts: Counts
    weights: int
    adapter: int
    buffers: int
    shapes: tuple[tuple[tuple[int, ...], int], ...]
    program: Program


def estimate(
    model: str | Mapping[str, Any],
    load: Load,
    *,
    trust_remote_code: bool = False,
    revision: str | None = None,
) -> Estimate:
    """What one GPU holds at the worst moment of a step.

    :param model: a folder, a `config.json`, a name on the hub (its configuration is read, no weights), or a mapping.
    :raises InputError: for settings that mean nothing, a configuration that is not there, or one of no language model.
    """
    check_load(load)
    if load.optimizer not in OPTIMIZER_STATES:
        known = ", ".join(OPTIMIZER_STATES)
        raise InputError(f"the optimizer {load.optimizer!r} is not known", remedy=f"use one of {known}")
    name, config = _config(model, trust_remote_code, revision)
    held = _held(config, name, _traced(load), trust_remote_code)
    return _summed(name, load, held)


def n_parameters(
    model: str | Mapping[str, Any], *, trust_remote_code: bool = False, revision: str | None = None
) -> int:
    """Of a model as it is published, shared ones once.

    :raises InputError: as `estimate`.
    """
    name, config = _config(model, trust_remote_code, revision)
    return sum(one.numel() for one in _plain(config, name, trust_remote_code)[1].parameters())


def _config(model: str | Mapping[str, Any], is_trusted: bool, revision: str | None) -> tuple[str, str]:
    """The model's name, and its configuration as text, which can be a key."""
    from tunesmith.train.estimate_model import read_config

    found = read_config(model, trust_remote_code=is_trusted, revision=revision)
    name = model if isinstance(model, str) else str(model.get("_name_or_path") or model.get("model_type", "model"))
    if is_trusted and getattr(found, "auto_map", None):
        return name, name  # its classes are its own: read again by its name
    return name, json.dumps({**found.to_dict(), "model_type": found.model_type}, sort_keys=True, default=str)


def _traced(load: Load) -> Load:
    """The load without what the trace does not depend on, so that traces are made once."""
    batch = load.batch * load.sequences
    is_masked = load.attention == "sdpa" and (load.packing or (load.padded and batch > 1))
    return load.but(
        max_length=1,
        batch=1 if load.packing else min(batch, 2),
        padded=is_masked,
        accumulation=min(load.accumulation, 2),
        packing=False,
        optimizer="adamw",
        labelled=1.0,
        sequences=1,
        reference=False,
        gpus=2 if load.shard != "none" else 1,
        shard="none" if load.shard == "none" else "zero3" if load.shard == "zero3" else "fsdp",
    )


@lru_cache(maxsize=_KEPT)
def _held(config: str, name: str, load: Load, is_trusted: bool) -> Held:
    """Build a model without weights and trace its step at a few tiny shapes."""
    from tunesmith.train import estimate_model as models
    from tunesmith.train.estimate_program import make_program

    given, plain = _plain(config, name, is_trusted)

    def build(n_layers: int | None) -> Any:
        return models.build(models.shortened(given, n_layers), load, name=name, trust_remote_code=is_trusted)

    model = build(None)
    weights = adapter = 0
    for key, one in model.named_parameters():
        size = one.numel() * one.element_size()
        adapter, weights = (adapter + size, weights) if models.is_adapter(key) else (adapter, weights + size)
    shapes = tuple((tuple(one.shape), one.element_size()) for one in model.parameters() if one.requires_grad)
    buffers = sum(one.numel() * one.element_size() for one in model.buffers())
    counts = models.counts_of(model, plain, load)
    program = make_program(build, load, n_layers=models.like_layers(plain))
    return Held(counts, weights, adapter, buffers, shapes, program)


@lru_cache(maxsize=4)
def _plain(config: str, name: str, is_trusted: bool) -> tuple[Any, Any]:
    """A model's configuration, and the model as it is published, which nobody changes."""
    from tunesmith.train import estimate_model as models

    given = models.read_config(name if config == name else json.loads(config), trust_remote_code=is_trusted)
    return given, models.build(given, None, name=name, trust_remote_code=is_trusted)


def _summed(name: str, load: Load, held: Held) -> Estimate:
    share = shares(load)
    batch, length = (1, load.n_tokens) if load.packing else (load.batch * load.sequences, load.max_length)
    labelled = load.labelled if load.device == "cuda" else 1.0
    states = OPTIMIZER_STATES[load.optimizer]
    sizes = [_product(shape) * width for shape, width in held.shapes]
    kept = max(sizes, default=0) / (sum(sizes) or 1) if states.is_layerwise else share.gradients
    peak = held.program.peak(batch=batch, length=length, labelled=labelled, gradient_share=kept)
    wide = load.shard != "none" and load.precision == "bf16"
    optimizer = sum(states.each(shape, 4 if wide else width) for shape, width in held.shapes)
    optimizer = round((optimizer + master_bytes(load, held.counts.trained)) * share.optimizer)
    on_host = states.on_host
    steady = {
        "weights": round((held.weights + held.buffers) * share.weights) + 8 * 3 * load.n_tokens,
        "reference": round(held.weights * share.weights) if load.reference else 0,
        "adapter": round(held.adapter * share.weights),
        "optimizer": 0 if on_host else optimizer,
        "shards": shard_buffers(load, held.counts.largest_unit, held.counts.trained, held.counts.total, _width(held)),
    }
    step = _step_bytes(load, sizes, kept)
    return _put_together(name, load, held.counts, steady, peak, step)


def _width(held: Held) -> int:
    """Bytes a value of the weights."""
    return 2 if held.weights < 3 * held.counts.total else 4


def _step_bytes(load: Load, sizes: list[int], share: float) -> dict[str, int]:
    """Gradients, and what the optimizer makes while it steps."""
    states = OPTIMIZER_STATES[load.optimizer]
    made = states.copies * max(sizes, default=0) + states.whole * sum(sizes)
    return {"gradients": round(sum(sizes) * share), "working": round(made * shares(load).optimizer)}


def _product(shape: tuple[int, ...]) -> int:
    found = 1
    for one in shape:
        found *= one
    return found


def _put_together(
    name: str, load: Load, counts: Counts, steady: dict[str, int], peak: Peak, step: dict[str, int]
) -> Estimate:
    """The worst of the three phases, its parts, and the range around it."""
    always = sum(steady.values())
    phases = {
        "forward": always + peak.forward,
        "backward": always + peak.backward,
        "step": always + sum(step.values()),
    }
    worst = max(phases, key=lambda phase: phases[phase])
    moving = step if worst == "step" else dict(peak.parts)
    if "tile" in moving:
        moving["loss"] = moving.get("loss", 0) + moving.pop("tile")
    tensors = phases[worst]
    low, likely, high = (
        round(tensors * (1 + share)) + context
        for share, context in zip(FRAGMENTATION[load.device], CONTEXT[load.device], strict=True)
    )
    context = CONTEXT[load.device][1]
    parts = {**steady, **moving, "context": context, "fragmentation": likely - tensors - context}
    ordered = {part: parts.get(part, 0) for part in PARTS}
    return Estimate(name, load, counts, ordered, phases, worst, tensors, low, likely, high)
