"""Reads the settings of a run from YAML and from what a command overrides; all mistakes at once with their lines.

>>> parse_config({"stage": "sft", "model": "m", "data": "d.jsonl"}, "a test").learning_rate
0.0001
>>> parse_config({"stage": "sfd", "model": "m", "cutoff_len": 4}, "a test")
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: a test: 3 mistakes in the settings
  stage: expected 'sft', 'pretrain', 'dpo', 'kto', 'orpo', 'simpo', 'reward' or 'grpo', saw 'sfd'; did you mean `sft`?
  `data` is missing; write `data: runs/medical`
  unknown key `cutoff_len`; did you mean `max_length`?

Paths in a file are looked for beside it first, then from the working folder.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tunesmith.curate.io import read_text
from tunesmith.curate.recipe_errors import saw, say
from tunesmith.curate.recipe_yaml import Document, Place, Problem, read_yaml
from tunesmith.errors import InputError
from tunesmith.train.config_checks import meaning_problems
from tunesmith.train.config_errors import config_problems
from tunesmith.train.config_models import PARTS, SIZE, TrainConfig
from tunesmith.train.config_size import n_parameters
from tunesmith.train.types import STAGES, Stage

_PATHS = ("template", "kept", "model")
_PATH_LISTS = ("data", "validation", "rewards")


def read_config(
    path: Path | None, overrides: Mapping[str, Any] | None = None, *, stage: Stage | None = None
) -> TrainConfig:
    """The settings in a YAML file, with those of `overrides` in their place.

    :param path: None where a command gives everything.
    :param overrides: values by key, `lora.rank` for `rank` inside `lora`; None as a value stands for no value.
    :param stage: of the command; a file with another stage is a mistake.
    :raises InputError: where the file cannot be read, or with every mistake in the settings, each with its line.
    """
    document = Document({}, {}, []) if path is None else read_yaml(read_text(path))
    where = str(path) if path is not None else "the settings"
    if document.data is None and not document.problems:
        document = document._replace(data={})
    if not isinstance(document.data, dict):
        problems = document.problems or [Problem((), f"expected keys such as `stage: sft`, saw {saw(document.data)}")]
        raise _mistakes(say(problems, document.lines), where)
    data = copy.deepcopy(document.data)
    if path is not None:
        _beside(data, path.parent)
    lines = dict(document.lines)
    for key, value in (overrides or {}).items():
        _put(data, lines, key, value)
    problems = [*document.problems]
    if stage is not None and data.setdefault("stage", stage) != stage:
        what = f"`train {stage}` was called with settings of `stage: {data['stage']}`; call `train {data['stage']}`"
        problems += [Problem(("stage",), what)] if data["stage"] in STAGES else []
    return _checked(data, lines, problems, where)


def parse_config(data: Mapping[str, Any], where: str) -> TrainConfig:
    """Settings that are plain data already.

    :raises InputError: with every mistake in them.
    """
    return _checked(copy.deepcopy(dict(data)), {}, [], where)


def _checked(data: dict[str, Any], lines: Mapping[Place, int], spelling: list[Problem], where: str) -> TrainConfig:
    model = data.get("model")
    context = {SIZE: n_parameters(model) if isinstance(model, str) else None}
    problems = [*spelling]
    try:
        config = TrainConfig.model_validate(data, context=context)
    except ValidationError as error:
        wrong = config_problems(error, data)
        problems += wrong
        rest = _without(data, wrong)
        try:
            config = TrainConfig.model_validate(rest, context=context)
        except ValidationError:
            raise _mistakes(say(problems, lines), where) from None
    told = {problem.path[:1] for problem in problems}
    problems += [problem for problem in meaning_problems(config) if problem.path[:1] not in told or not told]
    if problems:
        raise _mistakes(say(problems, lines), where)
    return config


def _mistakes(said: Sequence[str], where: str) -> InputError:
    count = f"{len(said)} mistake" + ("" if len(said) == 1 else "s")
    return InputError("\n  ".join([f"{count} in the settings", *said]), where=where)


def _without(data: dict[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """What is left without the wrong keys, so that the others are judged too; what is missing gets a stand-in."""
    rest = copy.deepcopy(data)
    for problem in problems:
        part: Any = rest
        for step in problem.path[:-1]:
            part = part.get(step) if isinstance(part, dict) else None
        if isinstance(part, dict) and problem.path:
            part.pop(problem.path[-1], None)
        elif problem.path:
            rest.pop(str(problem.path[0]), None)
    stand_ins: dict[str, Any] = {"stage": "sft", "model": "unknown", "data": ["unknown"]}
    return {**stand_ins, **rest}


def _put(data: dict[str, Any], lines: dict[Place, int], key: str, value: Any) -> None:
    """Set one key; the line that the file had for it does not count any more."""
    part, _, name = key.rpartition(".")
    if part and part.split(".")[0] not in (*PARTS, "trl"):
        raise InputError(f"`{part}` has no keys inside", where=key, remedy="write for example lora.rank=16")
    inside: Any = data
    for step in part.split(".") if part else ():
        if not isinstance(inside.get(step), dict):
            inside[step] = {}
        inside = inside[step]
    inside[name] = value
    for place in [place for place in lines if ".".join(map(str, place[: key.count(".") + 1])) == key]:
        del lines[place]
    lines[tuple(key.split("."))] = 0  # of no line
    if key in _LENGTHS and value is not None:  # what is asked now takes the place of what the file says
        data.pop(_LENGTHS[key], None)


_LENGTHS = {"steps": "epochs", "epochs": "steps"}


def _beside(data: dict[str, Any], folder: Path) -> None:
    for key in _PATHS:
        if isinstance(data.get(key), str):
            data[key] = _found(data[key], folder)
    for key in _PATH_LISTS:
        value = data.get(key)
        if isinstance(value, str):
            data[key] = _found(value, folder)
        elif isinstance(value, list):
            data[key] = [_found(item, folder) if isinstance(item, str) else item for item in value]


def _found(path: str, folder: Path) -> str:
    """A path that stands beside the file, or as it is: a glob, a hub's name, or from the working folder."""
    group, equals, rest = path.partition("=") if "=" in path else ("", "", path)
    name, colon, tail = rest.partition(":") if rest.endswith(tuple("abcdefghijklmnopqrstuvwxyz_")) else (rest, "", "")
    near = folder / name
    if not name or Path(name).is_absolute() or not near.exists():
        return path
    return f"{group}{equals}{near}{colon}{tail}"
