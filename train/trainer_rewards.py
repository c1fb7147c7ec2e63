"""Reward functions of grpo, from a Python file, tried before a model is loaded.

    # rewards.py
    def short(prompts, completions, **columns):
        return [-len(completion[0]["content"]) / 100 for completion in completions]

>>> [function] = read_rewards(["rewards.py:short"])  # doctest: +SKIP
"""

from __future__ import annotations

import importlib.util
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tunesmith.errors import InputError

Reward = Callable[..., Any]

_EXAMPLE = "write `def score(prompts, completions, **columns): return [0.0 for _ in completions]`"


def read_rewards(names: Sequence[str]) -> list[Reward]:
    """The functions, in the order of their names `file.py:function`.

    :raises InputError: for a file that cannot be run, and a function that is not there or takes other arguments.
    """
    return [_read(path, function, name) for name in names for path, _, function in [name.rpartition(":")]]


def _read(path: str, function: str, name: str) -> Reward:
    module = _module(Path(path))
    found: Reward | None = getattr(module, function, None)
    if found is None or not callable(found):
        there = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        has = f"it has {', '.join(there)}" if there else "it has no function"
        raise InputError(f"there is no function {function!r}; {has}", where=path, remedy=_EXAMPLE)
    _check_arguments(found, name)
    return found


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError("expected a Python file with reward functions", where=str(path), remedy="check the path")
    specification = importlib.util.spec_from_file_location(f"rewards_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise InputError("is no Python file", where=str(path), remedy="name a file that ends with .py")
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"cannot be run: {_told(error)}", where=str(path)) from error
    return module


def _check_arguments(function: Reward, name: str) -> None:
    if inspect.iscoroutinefunction(function):
        raise InputError("is asynchronous", where=name, remedy=_EXAMPLE)
    parameters = inspect.signature(function).parameters.values()
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters)
    names = {one.name for one in parameters}
    if not takes_any or not {"completions"} <= names:
        seen = ", ".join(map(str, parameters))
        what = f"a reward function takes `completions` and `**columns`, and `prompts` where it wants them; saw ({seen})"
        raise InputError(what, where=name, remedy=_EXAMPLE)


def try_rewards(functions: Sequence[Reward], names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Ask each function for the reward of made-up answers to the first rows.

    :param rows: as grpo gets them: `prompt`, and columns of their own.
    :raises InputError: where a function raises, or does not return a finite number (or None) for each answer.
    """
    if not rows:
        return
    prompts = [row["prompt"] for row in rows]
    columns = {key: [row.get(key) for row in rows] for key in rows[0] if key not in ("prompt", "row_ids")}
    made_up = [_answer(prompt, index) for index, prompt in enumerate(prompts)]
    ids = [[0] for _ in made_up]
    for function, name in zip(functions, names):
        try:
            found = function(prompts=prompts, completions=made_up, completion_ids=ids, trainer_state=None, **columns)
        except Exception as error:
            raise InputError(f"fails on the first rows: {_told(error)}", where=name, remedy=_EXAMPLE) from error
        _check_values(found, len(made_up), name)


def _answer(prompt: Any, index: int) -> Any:
    text = ("An answer.", "", "42")[index % 3]
    return text if isinstance(prompt, str) else [{"role": "assistant", "content": text}]


def _check_values(found: Any, n: int, name: str) -> None:
    try:
        values = list(found)
    except TypeError:
        values = None
    if values is None or len(values) != n:
        seen = type(found).__name__ if values is None else f"{len(values)} values"
        raise InputError(f"returns {seen} for {n} answers", where=name, remedy=_EXAMPLE)
    for value in values:
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            what = f"returns {value!r} where a finite number (or None) was expected"
            raise InputError(what, where=name, remedy=_EXAMPLE)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
