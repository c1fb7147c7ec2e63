"""A trial's settings as a file that `train sft` takes: the base's, with what the trial tries in its place.

>>> with_values({"model": "m", "lora": {"alpha": 32}}, {"lora.rank": 8, "batch": 4})
{'model': 'm', 'lora': {'alpha': 32, 'rank': 8}, 'batch': 4}
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.files.atomic import atomic_path
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.sweep_types import Sweep

_PATHS = ("model", "data", "validation", "template", "kept", "rewards")
_NOT_OURS = ("out",)  # a trial has a folder of its own
_LENGTHS = {"steps": "epochs", "epochs": "steps"}


def plain_settings(config: TrainConfig) -> dict[str, Any]:
    """What a person wrote of a configuration, as plain data; paths that exist are made absolute, so that the settings
    mean the same in any folder."""
    whole = config.model_dump(mode="json")
    found: dict[str, Any] = {}
    for key in sorted(config.given, key=_order(whole)):
        part, _, name = key.rpartition(".")
        if key in _NOT_OURS:
            continue
        if part:
            found.setdefault(part, {})[name] = whole[part][name]
        else:
            found[key] = _absolute(whole[key]) if key in _PATHS else whole[key]
    return found


def _order(whole: Mapping[str, Any]) -> Callable[[str], tuple[int, str]]:
    """As the keys stand in the configuration's own class."""
    places = {key: place for place, key in enumerate(whole)}
    return lambda key: (places[key.partition(".")[0]], key)


def _absolute(value: Any) -> Any:
    if isinstance(value, list):
        return [_absolute(one) for one in value]
    if not isinstance(value, str):
        return value
    group, equals, rest = value.partition("=") if "=" in value else ("", "", value)
    return f"{group}{equals}{Path(rest).resolve()}" if rest and Path(rest).exists() else value


def with_values(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with some values, `lora.rank` for `rank` inside `lora`, in the place of those that they had."""
    made: dict[str, Any] = copy.deepcopy(dict(base))
    for key, value in values.items():
        inside, steps = made, key.split(".")
        for step in steps[:-1]:
            if not isinstance(inside.get(step), dict):
                inside[step] = {}
            inside = inside[step]
        inside[steps[-1]] = value
        if key in _LENGTHS:
            made.pop(_LENGTHS[key], None)  # the one that is tried counts
    return made


def settings_of(sweep: Sweep, values: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's settings: the base, what it tries, and the seed of the sweep where the base has none. Where one group
    is judged by, its loss also decides which weights of a run are kept."""
    settings = with_values(sweep.base, values)
    settings.setdefault("seed", sweep.seed)
    if len(sweep.objective.loss) == 1:
        settings.setdefault("best_by", next(iter(sweep.objective.loss)))
    return settings


def write_settings(path: Path, settings: Mapping[str, Any], comment: str) -> None:
    """As YAML, with a line of comment on top."""
    import yaml

    text = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True, width=120)
    with atomic_path(path) as part:
        part.write_text("".join(f"# {line}\n" for line in comment.splitlines()) + text, encoding="utf-8")
