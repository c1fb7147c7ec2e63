"""Every mistake in a recipe as one line for a person: line, place, what was expected and seen, the nearest key.

>>> nearest("dedup", ("duplicates", "rules"), foreign={"dedup": "duplicates"})
'; did you mean `duplicates`?'
>>> say([Problem(("sources", 1, "path"), "expected text, saw true")], {("sources", 1): 4})
['line 4: source 2: path: expected text, saw true']
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tunesmith.curate.formats.base import describe
from tunesmith.curate.recipe_yaml import Place, Problem

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: What other tools call our keys, by the part of the recipe where people write them.
FOREIGN: dict[str, dict[str, str]] = {
    "": {
        "data": "sources",
        "dataset": "sources",
        "datasets": "sources",
        "files": "sources",
        "input": "sources",
        "inputs": "sources",
        "dedup": "duplicates",
        "deduplicate": "duplicates",
        "deduplication": "duplicates",
        "filter": "rules",
        "filters": "rules",
        "lang": "language",
        "val": "split.validation",
        "val_size": "split.validation",
        "valid": "split.validation",
        "validation": "split.validation",
        "test_size": "split.validation",
        "ratio": "mix",
        "ratios": "mix",
        "format": "export.format",
        "output_format": "export.format",
    },
    "sources": {
        "file": "path",
        "file_name": "path",
        "mapping": "columns",
        "ratio": "mix",
        "type": "format",
        "weight": "mix.weights",
    },
    "split": {"test_size": "validation", "val": "validation", "val_size": "validation", "valid": "validation"},
}

#: pydantic's error types in our words; the braces hold the limits that pydantic names.
_EXPECTED = {
    "string_type": "text",
    "string_too_short": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "too_short": "a list of one or more",
    "literal_error": "{expected}",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than_equal": "a number of at most {le:g}",
}

#: How the parts of a recipe look; shown to whom wrote something else there.
_EXAMPLES = {
    "sources": "[file]",
    "rules": "{placeholder: off}",
    "decisions": "[decisions.jsonl]",
    "duplicates": "{exact: off}",
    "duplicates.near": "{threshold: 0.8}",
    "split": "{validation: off}",
    "mix": "{domain: 1, general: 5}",
    "export": "{format: sharegpt}",
}


def say(problems: Iterable[Problem], lines: Mapping[Place, int]) -> list[str]:
    """One line of text each, in the order of the file; without a line number where the recipe came from no file."""
    placed = [(problem.line or _line_of(problem.path, lines), problem) for problem in problems]
    placed.sort(key=lambda item: item[0])
    texts = [(f"line {line}: " if line else "") + _place(problem) + problem.text for line, problem in placed]
    return [*dict.fromkeys(texts)]


def _line_of(path: Place, lines: Mapping[Place, int]) -> int:
    """The line of the deepest part of the path that stands in the file: a missing key has its parent's."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 0)


def _place(problem: Problem) -> str:
    """`("sources", 1, "columns", "prompt")` is `source 2: columns.prompt: `."""
    path = problem.path[:-1] if problem.on_key else problem.path
    parts: list[str] = []
    for part in path:
        if isinstance(part, int) and parts:
            parts[-1] = f"{parts[-1].removesuffix('s')} {part + 1}"
        else:
            parts.append(str(part))
    head = f"{parts.pop(0)}: " if len(path) > 1 and isinstance(path[1], int) else ""
    return head + (".".join(parts) + ": " if parts else "")


def saw(value: object) -> str:
    """A value of a recipe in a person's words."""
    if value is None:
        return "nothing"
    if isinstance(value, str) and len(value) <= 60:
        return repr(value)
    if isinstance(value, dict):
        return f"a mapping with {', '.join(map(str, [*value][:5])) or 'no key'}"
    if value == [] or type(value) in (int, float):
        return str(value)
    return describe(value)


def nearest(name: object, known: Iterable[str], *, foreign: Mapping[str, str] | None = None) -> str:
    """The end of a message: the nearest known name, or all of them."""
    names = [*known]
    spelled = str(name)
    meant = (foreign or {}).get(spelled.lower())
    near = [meant] if meant else difflib.get_close_matches(spelled.lower(), names, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(names)}" if names else ""


def problems_of(error: ValidationError, keys: Mapping[str, Sequence[str]]) -> list[Problem]:
    """What pydantic found, in our words.

    :param keys: the keys that each part of the recipe knows: `{"": [...], "sources": [...], "mix": [...]}`.
    """
    return [_problem(item, keys) for item in error.errors(include_url=False)]


def _problem(item: ErrorDetails, keys: Mapping[str, Sequence[str]]) -> Problem:
    path, kind = item["loc"], item["type"]
    parent = ".".join(part for part in path[:-1] if isinstance(part, str))
    if kind == "extra_forbidden":
        inner = {name: f"{part}.{name}" for part, names in keys.items() if part and not parent for name in names}
        return Problem(path, _unknown_key(path, keys.get(parent, ()), inner | FOREIGN.get(parent, {})), on_key=True)
    if kind == "missing":
        return Problem(path[:-1], f"`{path[-1]}` is missing" + ("; write `sources: [file]`" if len(path) == 1 else ""))
    if kind == "value_error":
        return Problem(path, str(item.get("ctx", {})["error"]))
    known = keys.get(parent, ())
    if parent == "mix" and path[-1] not in known and difflib.get_close_matches(str(path[-1]), known):
        return Problem(path, _unknown_key(path, known, None), on_key=True)
    return Problem(path, _wrong_value(item))


def _unknown_key(path: Place, known: Sequence[str], foreign: Mapping[str, str] | None) -> str:
    return f"unknown key `{path[-1]}`{nearest(path[-1], known, foreign=foreign)}"


def _wrong_value(item: ErrorDetails) -> str:
    kind, value, context = item["type"], item["input"], item.get("ctx", {})
    if kind not in _EXPECTED:
        return f"{item['msg'][:1].lower()}{item['msg'][1:]}, saw {saw(value)}"
    example = _EXAMPLES.get(".".join(map(str, item["loc"]))) if kind.endswith("_type") else None
    wanted = _EXPECTED[kind].format(**context) + (f" such as `{item['loc'][-1]}: {example}`" if example else "")
    text = f"expected {wanted}, saw {saw(value)}"
    if kind == "string_type" and isinstance(value, int | float):
        return f"{text}; put it in quotes"
    if kind == "literal_error" and isinstance(value, str):
        choices = [choice.strip("'") for choice in str(context["expected"]).replace(" or ", ", ").split(", ")]
        near = difflib.get_close_matches(value.lower(), choices, n=1)
        return f"{text}; did you mean `{near[0]}`?" if near else text
    return text
