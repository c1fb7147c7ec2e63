"""The values of a line, checked one by one: id, texts, references, messages, fields. What is wrong is a problem.

>>> problems = Problems("preds.jsonl", "line", "cannot be read")
>>> references_of(["4", 4.5, ""], Place(1, "preds.jsonl:1"), problems)
('4', '4.5')
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.evaluate.predictions_columns import NAMES
from tunesmith.evaluate.predictions_problems import Place, Problems
from tunesmith.evaluate.predictions_rows import kind_of

_Turns = tuple[Mapping[str, Any], ...]


class Ids:
    """The ids so far, each with its place."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._places: dict[str, Place] = {}

    def take(self, value: object, place: Place) -> str | None:
        """An id as text; None, and a problem, where it is none or stood elsewhere before."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value:
            is_absent = value is None or value == ""
            what = "has no id" if is_absent else f"expected a text or a whole number as id, saw {kind_of(value)}"
            self._problems.add(place, what, remedy="give each line an id of its own, the same in every file")
            return None
        first = self._places.setdefault(value, place)
        if first != place:
            what = f"the id {value!r} stands at {first.shown} already"
            self._problems.add(place, what, remedy="keep one line for each id")
            return None
        return value


def text_of(value: object, name: str, place: Place, problems: Problems) -> str | None:
    """A text, or a number as JSON writes it; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return jsontext.dumps(value)
    problems.add(place, f"expected a text or null as {name}, saw {kind_of(value)}")
    return None


def references_of(value: object, place: Place, problems: Problems) -> tuple[str, ...]:
    """One text or several; blank ones are no references."""
    several = value if isinstance(value, list) else [value]
    texts = [text_of(one, "reference", place, problems) for one in several]
    return tuple(text for text in texts if text and text.strip())


def messages_of(value: object, prompt: object, place: Place, problems: Problems) -> _Turns:
    """The prompt: OpenAI messages, or a text as what the user says; nothing where the line has neither."""
    if value is None:
        text = text_of(prompt, "prompt", place, problems)
        return () if text is None else ({"role": "user", "content": text},)
    if isinstance(value, list) and all(isinstance(turn, dict) and isinstance(turn.get("role"), str) for turn in value):
        return tuple(value)
    remedy = 'such as [{"role": "user", "content": "…"}]'
    problems.add(place, "expected `messages` to be a list of messages, each with its role", remedy=remedy)
    return ()


def object_of(value: object, name: str, place: Place, problems: Problems) -> dict[str, Any]:
    """An object; an empty one for null."""
    if isinstance(value, dict):
        return value
    if value is not None:
        problems.add(place, f"expected an object as {name}, saw {kind_of(value)}")
    return {}


def fields_of(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a line that are a text, a number, true or false and none of `NAMES`; under our name where one of
    them is mapped. A column that has a name of ours while another is mapped to it is no field: written again, it would
    be taken for what it is not."""
    ours = {column: name for name, column in names.items() if name not in NAMES}
    mapped_elsewhere = {name for name, column in names.items() if name != column}
    taken = {"", *NAMES, *mapped_elsewhere, *(column for name, column in names.items() if name in NAMES)}
    found = {ours.get(key, key): value for key, value in row.items() if key not in taken}
    return {key: value for key, value in found.items() if isinstance(value, (str, int, float))}
