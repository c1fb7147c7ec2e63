"""What a sweep may try: ranges and choices by the key of a training configuration.

>>> problems = []
>>> space = read_space({"learning_rate": {"low": 1e-5, "high": 1e-3, "log": True}, "lora.rank": [8, 16]}, problems)
>>> space["learning_rate"]
Range(low=1e-05, high=0.001, log=True, step=None, whole=False)
>>> [*combinations({"lora.rank": Choice((8, 16)), "batch": Range(4, 5, whole=True)})][:2]
[{'lora.rank': 8, 'batch': 4}, {'lora.rank': 8, 'batch': 5}]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.curate.recipe_errors import nearest, saw
from tunesmith.curate.recipe_yaml import Problem

#: A grid with more values than this in one range was meant as a range for `grid: false`.
MOST_VALUES = 1_000
_KEYS = ("low", "high", "log", "step", "values")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included.

    :param log: whether each factor counts as much as the next, as for rates, not each difference.
    :param whole: whether only whole numbers are meant: both ends are.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    def values(self) -> list[Any] | None:
        """All of them, None where there is no end of them."""
        step = self.step or (1 if self.whole and not self.log else None)
        if step is None or (self.high - self.low) / step > MOST_VALUES:
            return None
        n = math.floor((self.high - self.low) / step + 1e-9) + 1
        return [self._tidy(self.low + place * step) for place in range(n)]

    def _tidy(self, value: float) -> float:
        return int(value) if self.whole else float(f"{value:.12g}")

    @property
    def ends(self) -> tuple[float, ...]:
        """What a check tries first."""
        return (self.low, self.high)


@dataclass(frozen=True)
class Choice:
    """One of several values of any kind."""

    options: tuple[Any, ...]

    def values(self) -> list[Any]:
        """All of them."""
        return [*self.options]

    @property
    def ends(self) -> tuple[Any, ...]:
        """What a check tries first: all."""
        return self.options


Dimension = Range | Choice
Space = Mapping[str, Dimension]


def read_space(data: Any, problems: list[Problem]) -> dict[str, Dimension]:
    """The space as it stands in the file; what is wrong with it is added to `problems`."""
    if not isinstance(data, dict) or not data:
        example = "`space: {learning_rate: {low: 1e-5, high: 1e-3, log: true}}`"
        problems.append(Problem(("space",), f"expected what may be tried, such as {example}, saw {saw(data)}"))
        return {}
    found = {str(key): _dimension(str(key), value, problems) for key, value in data.items()}
    return {key: one for key, one in found.items() if one is not None}


def combinations(space: Space) -> Iterator[dict[str, Any]]:
    """Every combination, the last key's values changing first. Only for ranges that have an end."""
    values = [one.values() or [] for one in space.values()]
    for some in itertools.product(*values):
        yield dict(zip(space, some))


def endless(space: Space) -> list[str]:
    """The keys that a grid cannot go through."""
    return [key for key, one in space.items() if one.values() is None]


def _dimension(key: str, value: Any, problems: list[Problem]) -> Dimension | None:
    place = ("space", key)
    if isinstance(value, dict) and "values" in value and len(value) == 1:
        value = value["values"]
    if isinstance(value, list):
        if len({repr(one) for one in value}) != len(value) or not value:
            problems.append(Problem(place, f"expected different values to choose from, saw {value}"))
            return None
        return Choice(tuple(value))
    if not isinstance(value, dict):
        text = f"expected a range such as {{low: 1, high: 4}} or a list of values, saw {saw(value)}"
        problems.append(Problem(place, text))
        return None
    return _range(place, value, problems)


def _range(place: tuple[str, str], value: Mapping[str, Any], problems: list[Problem]) -> Range | None:
    wrong = [*_range_problems(place, value)]
    problems += wrong
    if wrong:
        return None
    low, high, step, log = value["low"], value["high"], value.get("step"), bool(value.get("log", False))
    whole = all(isinstance(one, int) for one in (low, high, *([] if step is None else [step])))
    return Range(low, high, log, step, whole)


def _range_problems(place: tuple[str, str], value: Mapping[str, Any]) -> Iterator[Problem]:
    for key in value:
        if key not in _KEYS:
            yield Problem((*place, key), f"unknown key `{key}`{nearest(key, _KEYS)}", on_key=True)
    if "values" in value:
        yield Problem(place, "expected either `values` or `low` and `high`, saw both")
        return
    numbers = {name: value.get(name) for name in ("low", "high", "step") if name != "step" or "step" in value}
    bad = [name for name, number in numbers.items() if not _is_number(number)]
    for name in bad:
        yield Problem((*place, name), f"expected a number, saw {saw(numbers[name])}")
    if "log" in value and not isinstance(value["log"], bool):
        yield Problem((*place, "log"), f"expected true or false, saw {saw(value['log'])}")
    if not bad:
        yield from _bound_problems(place, numbers, log=value.get("log") is True)


def _bound_problems(place: tuple[str, str], numbers: Mapping[str, Any], *, log: bool) -> Iterator[Problem]:
    low, high, step = numbers["low"], numbers["high"], numbers.get("step")
    if low >= high:
        yield Problem(place, f"expected `low` below `high`, saw {low} and {high}")
    if log and low <= 0:
        yield Problem(place, f"expected a `low` above 0 where `log` is true, saw {low}")
    if log and step is not None:
        yield Problem(place, "expected either `log` or `step`, saw both")
    if step is not None and not 0 < step <= high - low:
        yield Problem((*place, "step"), f"expected a step above 0 that the range holds, saw {step}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
