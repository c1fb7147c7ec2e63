"""One entry of LLaMA-Factory's `dataset_info.json`, resolved the way LLaMA-Factory does, with its traps in words.

A hub name goes before a script, a cloud file and a local file. Where an entry has a block `columns` or `tags`, every
key that the block does not list is None, not its default: this costs people whole columns and rows in silence, so
`Entry.problems` says what it does and what to add.

>>> entry = parse_entry("wiki", {"file_name": "wiki.txt", "columns": {"prompt": "text"}})
>>> entry.columns["prompt"], entry.columns["response"]
('text', None)
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.curate.formats.base import Row, describe
from tunesmith.errors import InputError

FORMATTINGS = ("alpaca", "sharegpt", "openai")

#: The columns of an entry without a block `columns`.
DEFAULT_COLUMNS: dict[str, str | None] = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "history": None,
    "messages": "conversations",
    "system": None,
    "tools": None,
    "images": None,
    "videos": None,
    "audios": None,
    "chosen": None,
    "rejected": None,
    "kto_tag": None,
}

#: The tags of an entry without a block `tags`.
DEFAULT_TAGS: dict[str, str | None] = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}

#: Where rows may come from, the first one first, and the key that says it.
PLACES = (
    ("hub", "hf_hub_url"),
    ("modelscope", "ms_hub_url"),
    ("openmind", "om_hub_url"),
    ("script", "script_url"),
    ("cloud", "cloud_file_name"),
    ("file", "file_name"),
)
_OTHER_KEYS = ("formatting", "ranking", "subset", "split", "folder", "num_samples", "columns", "tags", "revision")


@dataclass(frozen=True)
class Entry:
    """One entry as LLaMA-Factory resolves it. A column or tag that is None is not read by it.

    `place` is one of `PLACES`, `address` what stands there; `split` is only used for hub names. `num_samples` is the
    number of rows that training takes, None for all.
    """

    name: str
    place: str
    address: str
    formatting: str
    ranking: bool
    subset: str | None
    split: str
    folder: str | None
    num_samples: int | None
    revision: str | None
    columns: Mapping[str, str | None]
    tags: Mapping[str, str | None]
    problems: tuple[str, ...]


def parse_entry(name: str, value: object, where: str = "dataset_info.json") -> Entry:
    """One entry.

    :raises InputError: where it names no place, or a value is of the wrong type or out of range.
    """
    place = f"{where}#{name}"
    if not isinstance(value, dict):
        raise InputError(f"is {describe(value)} where an object belongs", where=place)
    formatting = _typed(value, "formatting", str, place) or "alpaca"
    if formatting not in FORMATTINGS:
        raise InputError(f"formatting {formatting!r} is none of {', '.join(FORMATTINGS)}", where=place)
    kind, address = _place_of(value, place)
    columns, tags = (_block(value, "columns", DEFAULT_COLUMNS, place), _block(value, "tags", DEFAULT_TAGS, place))
    return Entry(
        name,
        kind,
        address,
        formatting,
        ranking=bool(_typed(value, "ranking", bool, place)),
        subset=_typed(value, "subset", str, place),
        split=_typed(value, "split", str, place) or "train",
        folder=_typed(value, "folder", str, place),
        num_samples=_num_samples(value, place),
        revision=_typed(value, "revision", str, place),
        columns=columns,
        tags=tags,
        problems=(*_shadowed(value, kind), *_unlisted(value, formatting), *_unknown_keys(value)),
    )


def _typed(value: Row, key: str, wanted: type, where: str) -> Any:
    found = value.get(key)
    if found is not None and type(found) is not wanted:
        names = {str: "a text", bool: "true or false", int: "a whole number"}
        raise InputError(f"`{key}` is {describe(found)} where {names[wanted]} belongs", where=where)
    return found


def _num_samples(value: Row, where: str) -> int | None:
    found: int | None = _typed(value, "num_samples", int, where)
    if found is not None and found < 1:
        raise InputError(f"`num_samples` is {found} where a whole number from 1 on belongs", where=where)
    return found


def _place_of(value: Row, where: str) -> tuple[str, str]:
    for kind, key in PLACES:
        if address := _typed(value, key, str, where):
            return kind, address
    raise InputError("names no place of its rows", where=where, remedy="add file_name or hf_hub_url")


def _block(value: Row, key: str, defaults: Mapping[str, str | None], where: str) -> dict[str, str | None]:
    block = value.get(key)
    if block is None:
        return dict(defaults)
    if not isinstance(block, dict):
        raise InputError(f"`{key}` is {describe(block)} where an object belongs", where=where)
    return {name: _typed(block, name, str, where) for name in defaults}


def _shadowed(value: Row, kind: str) -> list[str]:
    """Places that are named and not used."""
    used = dict(PLACES)[kind]
    others = [key for _, key in PLACES if value.get(key) and key != used and not key.endswith("hub_url")]
    return [f"{key} is ignored: {used} goes before it" for key in others]


def _unlisted(value: Row, formatting: str) -> list[str]:
    """What the blocks leave out, and what that does in LLaMA-Factory."""
    columns, tags = value.get("columns"), value.get("tags")
    problems = []
    for key, effect in _missing_columns(columns, formatting, bool(value.get("ranking"))):
        remedy = f'add "{key}": "{DEFAULT_COLUMNS[key]}", or the name of your column'
        problems.append(f"columns does not list {key}, so LLaMA-Factory {effect}; {remedy}")
    for key, effect in _TAG_EFFECTS.items():
        if formatting != "alpaca" and isinstance(tags, dict) and not tags.get(key):
            problems.append(f'tags does not list {key}, so LLaMA-Factory {effect}; add "{key}": "{DEFAULT_TAGS[key]}"')
    return problems


def _missing_columns(columns: object, formatting: str, ranking: bool) -> list[tuple[str, str]]:
    if not isinstance(columns, dict):
        return []
    if formatting != "alpaca":
        return [] if columns.get("messages") else [("messages", "cannot read a row")]
    if columns.get("prompt") and not ranking and not any(columns.get(key) for key in ("query", "response", "history")):
        return []  # text for pre-training, which wants nothing else
    effects = [("prompt", "trains on an empty prompt"), ("query", "leaves the input out of the prompt")]
    if not ranking:
        effects.append(("response", "reads pre-training text, without answers"))
    return [(key, effect) for key, effect in effects if not columns.get(key)]


_TAG_EFFECTS = {
    "role_tag": "cannot read a row",
    "content_tag": "cannot read a row",
    "user_tag": "drops each row with a user turn",
    "assistant_tag": "drops each row with an assistant turn",
    "observation_tag": "drops each row with a tool's result",
    "function_tag": "drops each row with a tool call",
    "system_tag": "drops each row that starts with a system turn",
}


def _unknown_keys(value: Row) -> list[str]:
    known = {
        "": (*(key for _, key in PLACES), *_OTHER_KEYS),
        "columns": tuple(DEFAULT_COLUMNS),
        "tags": tuple(DEFAULT_TAGS),
    }
    problems = []
    for block, names in known.items():
        given = value.get(block) if block else value
        for key in given if isinstance(given, dict) else ():
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                problems.append(f"{block + '.' if block else ''}{key} means nothing to LLaMA-Factory{meant}")
    return problems
