"""Reads the file of a sweep: every mistake at once, each with its line, by the trainer's own checks too.

    base: sft.yaml
    space:
      learning_rate: {low: 1e-5, high: 1e-3, log: true}
      lora.rank: [8, 16, 32]
    trials: 20

>>> read_sweep(Path("sweep.yaml")).objective.told  # doctest: +SKIP
'the validation loss'

`base` is a file of settings or the settings themselves. Before anything is trained, the ends of every range and all
choices go through the same check as a training run's settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.io import read_text
from tunesmith.curate.recipe_errors import nearest, saw, say
from tunesmith.curate.recipe_yaml import Document, Problem, read_yaml
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.config_read import parse_config, read_config
from tunesmith.train.sweep_config import plain_settings, with_values
from tunesmith.train.sweep_space import Space, endless, read_space
from tunesmith.train.sweep_types import Objective, Sweep

_KEYS = ("base", "space", "objective", "trials", "timeout", "grid", "seed", "pruning", "failures")
_FOREIGN = {
    "config": "base", "n_trials": "trials", "parameters": "space", "params": "space", "search_space": "space",
    "sampler": "grid", "pruner": "pruning", "metric": "objective", "method": "grid",
}  # fmt: skip
_OBJECTIVE = ("loss", "metric", "group", "limit", "max_tokens")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def read_sweep(path: Path) -> Sweep:
    """The sweep in a file.

    :raises InputError: where the file cannot be read, or with every mistake in it.
    """
    document = read_yaml(read_text(path))
    if not isinstance(document.data, dict):
        wrong = document.problems or [Problem((), f"expected `base:` and `space:`, saw {saw(document.data)}")]
        raise _mistakes(say(wrong, document.lines), path)
    problems = [*document.problems, *_unknown(document.data)]
    sweep, told = _sweep(document, path, problems)
    if problems or told:
        raise _mistakes([*say(problems, document.lines), *told], path)
    return sweep


def _sweep(document: Document, path: Path, problems: list[Problem]) -> tuple[Sweep, list[str]]:
    data = document.data
    space = read_space(data.get("space"), problems)
    grid = _flag(data, "grid", False, problems)
    if grid:
        for key in endless(space):
            text = "a grid needs a `step`, whole numbers, or a list of values; or leave out `grid`"
            problems.append(Problem(("space", key), text))
    base, told = _base(data, path, space)
    sweep = Sweep(
        base,
        space,
        _objective(data.get("objective"), problems),
        trials=_count(data, "trials", None if grid else 20, problems, least=1),
        timeout_seconds=_timeout(data.get("timeout"), problems),
        grid=grid,
        seed=_count(data, "seed", 0, problems, least=0) or 0,
        pruning=_pruning(data.get("pruning", "median"), problems),
        failures=_count(data, "failures", 3, problems, least=1) or 3,
    )
    return sweep, told


def _base(data: Mapping[str, Any], path: Path, space: Space) -> tuple[dict[str, Any], list[str]]:
    """The settings of every trial, and what the trainer says against them or against what may be tried."""
    try:
        config = _base_config(data.get("base"), path.parent)
    except InputError as error:
        return {}, [f"base: {error}"]
    base = plain_settings(config)
    told: dict[str, None] = {}
    for key, value in _ends(space):
        try:
            parse_config(with_values(base, {key: value}), "")
        except InputError as error:
            told |= dict.fromkeys(f"space.{key}: {line.strip()}" for line in error.what.splitlines()[1:])
    return base, [*told]


def _base_config(base: Any, folder: Path) -> TrainConfig:
    if isinstance(base, str):
        near = folder / base
        return read_config(near if near.is_file() else Path(base), {})
    if isinstance(base, dict):
        return parse_config(base, "the settings")
    what = f"expected a file of settings such as `base: sft.yaml`, or the settings themselves, saw {saw(base)}"
    raise InputError(what)


def _ends(space: Space) -> Iterator[tuple[str, Any]]:
    for key, dimension in space.items():
        for value in dimension.ends:
            yield key, value


def _unknown(data: Mapping[str, Any]) -> Iterator[Problem]:
    for key in data:
        if key not in _KEYS:
            yield Problem((key,), f"unknown key `{key}`{nearest(key, _KEYS, foreign=_FOREIGN)}", on_key=True)


def _objective(value: Any, problems: list[Problem]) -> Objective:
    """`loss`, a metric's name, or a mapping of `loss` (a group or weights) or `metric` with its settings."""
    if value is None or value == "loss":
        return Objective()
    if isinstance(value, str):
        return Objective(metric=_metric(value, problems))
    if not isinstance(value, dict):
        text = f"expected `loss`, a metric such as `rougeL`, or {{loss: {{domain: 1, general: 1}}}}, saw {saw(value)}"
        problems.append(Problem(("objective",), text))
        return Objective()
    for key in value:
        if key not in _OBJECTIVE:
            text = f"unknown key `{key}`{nearest(key, _OBJECTIVE)}"
            problems.append(Problem(("objective", key), text, on_key=True))
    if ("loss" in value) == ("metric" in value):
        problems.append(Problem(("objective",), "expected either `loss` or `metric`"))
        return Objective()
    if "loss" in value:
        return Objective(loss=_weights(value["loss"], problems))
    group = value.get("group")
    if group is not None and not isinstance(group, str):
        problems.append(Problem(("objective", "group"), f"expected the name of a group, saw {saw(group)}"))
        group = None
    limit, most = (
        _whole(value, name, default, ("objective", name), problems)
        for name, default in (("limit", None), ("max_tokens", 256))
    )
    return Objective(metric=_metric(value["metric"], problems), group=group, limit=limit, max_tokens=most or 256)


def _metric(name: Any, problems: list[Problem]) -> str | None:
    from tunesmith.evaluate.metrics import METRICS

    known = [one for one, metric in METRICS.items() if metric.better != "neither"]
    if name in known:
        return str(name)
    problems.append(
        Problem(("objective",), f"expected a metric that says better or worse, saw {saw(name)}{nearest(name, known)}")
    )
    return None


def _weights(value: Any, problems: list[Problem]) -> dict[str, float]:
    if isinstance(value, str):
        return {value: 1.0}
    is_right = (
        isinstance(value, dict)
        and value
        and all(isinstance(one, (int, float)) and not isinstance(one, bool) and one > 0 for one in value.values())
    )
    if is_right:
        return {str(group): float(weight) for group, weight in value.items()}
    text = f"expected a group's name or weights above 0 such as {{domain: 1, general: 0.5}}, saw {saw(value)}"
    problems.append(Problem(("objective", "loss"), text))
    return {}


def _timeout(value: Any, problems: list[Problem]) -> float | None:
    """`90m`, `2h`, or seconds."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)\s*", str(value))
    if found is None or isinstance(value, bool) or not float(found[1]):
        problems.append(Problem(("timeout",), f"expected a time such as 90m or 8h, saw {saw(value)}"))
        return None
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _pruning(value: Any, problems: list[Problem]) -> bool:
    if value in ("median", "off", False):
        return bool(value == "median")
    problems.append(Problem(("pruning",), f"expected median or off, saw {saw(value)}"))
    return True


def _flag(data: Mapping[str, Any], key: str, default: bool, problems: list[Problem]) -> bool:
    value = data.get(key, default)
    if isinstance(value, bool):
        return value
    problems.append(Problem((key,), f"expected true or false, saw {saw(value)}"))
    return default


def _count(
    data: Mapping[str, Any], key: str, default: int | None, problems: list[Problem], *, least: int
) -> int | None:
    return _whole(data, key, default, (key,), problems, least=least)


def _whole(
    data: Mapping[str, Any],
    key: str,
    default: int | None,
    place: tuple[str, ...],
    problems: list[Problem],
    *,
    least: int = 1,
) -> int | None:
    value = data.get(key, default)
    if value is default or (isinstance(value, int) and not isinstance(value, bool) and value >= least):
        return value
    problems.append(Problem(place, f"expected a whole number of at least {least}, saw {saw(value)}"))
    return default


def _mistakes(said: list[str], path: Path) -> InputError:
    count = f"{len(said)} mistake" + ("" if len(said) == 1 else "s")
    return InputError("\n  ".join([f"{count} in the sweep", *said]), where=str(path))
