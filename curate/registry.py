"""LLaMA-Factory's `dataset_info.json`: as a source of rows, and as what an export writes beside its files.

Entries are resolved in `registry_entry.py`, exactly as LLaMA-Factory does. Their rows are read more kindly: a turn
whose role the tags leave out is read by its usual name instead of being dropped.

>>> entry = parse_entry("wiki", {"file_name": "wiki.txt", "columns": {"prompt": "text"}})
>>> entry_format(entry).kinds
('text',)
>>> write_registry("train.jsonl", "text")[0]
{'file_name': 'train.jsonl', 'formatting': 'alpaca', 'ranking': False, 'columns': {'prompt': 'text'}}
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.formats import alpaca, kto, openai, preference, sharegpt, text
from tunesmith.curate.formats.base import Form, Format, Row
from tunesmith.curate.formats.catalog import refuse_media
from tunesmith.curate.formats.columns import renamed
from tunesmith.curate.io import read_json_object
from tunesmith.curate.records import Record
from tunesmith.curate.registry_entry import DEFAULT_TAGS, PLACES, Entry, parse_entry
from tunesmith.errors import InputError

#: Whoever works with a registry finds all of it here.
__all__ = [
    "PLACES",
    "Entry",
    "entry_format",
    "entry_input",
    "entry_named",
    "entry_spec",
    "parse_entry",
    "read_registry",
    "write_registry",
]

MEDIA_COLUMNS = ("images", "videos", "audios")

#: A registry's names of columns, and those of the format that reads them.
_ALPACA = {"prompt": "instruction", "query": "input", "history": "history", "system": "system", "tools": "tools"}
_SHAREGPT = {"messages": "conversations", "system": "system", "tools": "tools"}
_OPENAI = {"messages": "messages", "tools": "tools"}
_PAIR = {"chosen": "chosen", "rejected": "rejected"}


def read_registry(path: Path) -> dict[str, Entry]:
    """Every entry of a `dataset_info.json`, by name.

    :raises InputError: where the file cannot be read, or an entry is none, with its name.
    """
    return {name: parse_entry(name, value, where=str(path)) for name, value in read_json_object(path).items()}


def entry_named(entries: Mapping[str, Entry], name: str, path: Path) -> Entry:
    """The entry of this name.

    :raises InputError: with the nearest names, where there is none.
    """
    if name in entries:
        return entries[name]
    near = difflib.get_close_matches(name, entries, n=3)
    remedy = f"did you mean {', '.join(near)}?" if near else f"it has {', '.join([*entries][:10]) or 'no entry'}"
    raise InputError(f"has no entry {name!r}", where=str(path), remedy=remedy)


def entry_input(entry: Entry, folder: Path) -> str:
    """What `open_input` can open: a path below the registry's folder, or `hub:owner/name@revision:split`.

    :raises InputError: for a missing file, and for places that cannot be opened from here.
    """
    where = f"entry {entry.name!r}"
    if entry.place == "file":
        path = folder / entry.address
        if not path.exists():
            raise InputError(f"its file {entry.address} is not there", where=where, remedy=f"put it into {folder}")
        return str(path)
    if entry.place != "hub":
        remedy = "download its rows and name them by file_name"
        raise InputError(f"its rows are at {dict(PLACES)[entry.place]} {entry.address}", where=where, remedy=remedy)
    if entry.subset or entry.folder:
        wanted = f"subset {entry.subset}" if entry.subset else f"folder {entry.folder}"
        remedy = "download it and name the files by file_name"
        raise InputError(f"only whole hub data sets can be opened, not the {wanted}", where=where, remedy=remedy)
    return f"hub:{entry.address}{'@' + entry.revision if entry.revision else ''}:{entry.split}"


def entry_spec(entry: Entry) -> dict[str, Any]:
    """What decides how the entry's rows are read, as plain values."""
    spec = {name: getattr(entry, name) for name in ("formatting", "ranking", "num_samples", "address", "split")}
    return spec | {"columns": dict(entry.columns), "tags": dict(entry.tags)}


def entry_format(entry: Entry) -> Format:
    """A format that reads rows under the entry's columns and tags; those with pictures, sound or film are refused."""
    inner, names = _alpaca_shape(entry) if entry.formatting == "alpaca" else _turns_shape(entry)
    theirs = {ours: column for name, ours in names.items() if (column := entry.columns[name])}
    wanted = [entry.columns[name] for name in ("prompt", "response") if name in names]
    needed = tuple(column for column in wanted if column)
    form = renamed(inner, theirs, needed, f"dataset_info:{entry.name}")
    media = frozenset(column for name in MEDIA_COLUMNS if (column := entry.columns[name]))
    return _refusing(form, media) if media else form


def _alpaca_shape(entry: Entry) -> tuple[Format, dict[str, str]]:
    """The format for an alpaca entry, and its columns that are read."""
    if entry.columns["kto_tag"]:
        return kto.ALPACA_KTO, _ALPACA | {"response": "output", "kto_tag": "label"}
    if entry.ranking:
        return preference.ALPACA_PREFERENCE, _ALPACA | _PAIR
    if entry.columns["prompt"] and not any(entry.columns[name] for name in ("query", "response", "history")):
        return text.TEXT, {"prompt": "text"}
    return alpaca.ALPACA, _ALPACA | {"response": "output"}


def _turns_shape(entry: Entry) -> tuple[Format, dict[str, str]]:
    """The same for a sharegpt or openai entry."""
    tags = sharegpt.Tags(*(entry.tags[name] or str(default) for name, default in DEFAULT_TAGS.items()))
    if entry.ranking and not entry.columns["kto_tag"]:
        return preference.sharegpt_pairs(tags), _SHAREGPT | _PAIR
    spelled_openai = entry.formatting == "openai" and tags[:2] == sharegpt.ROLE_CONTENT[:2]
    plain, names = (openai.OPENAI, _OPENAI) if spelled_openai else (sharegpt.sharegpt_as(tags), _SHAREGPT)
    if entry.columns["kto_tag"]:
        return kto.labelled(plain.name, plain), names | {"kto_tag": "label"}
    return plain, names


def _refusing(form: Format, media: frozenset[str]) -> Format:
    """The format, for rows without anything in these columns."""

    def read(row: Row, hints: Form) -> tuple[Record, Form]:
        refuse_media(row, media)
        return form.read(row, hints)

    def choose(row: Row) -> frozenset[str]:
        return form.keys | {column for column in media if row.get(column)}

    return form._replace(keys=form.keys | media, read=read, choose=choose)


#: For each format that LLaMA-Factory can read: its formatting, its columns, and the columns that a row may lack.
_EXPORTS: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "alpaca": (
        "alpaca",
        {"prompt": "instruction", "query": "input", "response": "output"},
        ("history", "system", "tools"),
    ),
    "alpaca_preference": (
        "alpaca",
        {"prompt": "instruction", "query": "input", **_PAIR},
        ("history", "system", "tools"),
    ),
    "alpaca_kto": (
        "alpaca",
        {"prompt": "instruction", "query": "input", "response": "output", "kto_tag": "label"},
        ("history", "system", "tools"),
    ),
    "prompt_completion": ("alpaca", {"prompt": "prompt", "response": "completion"}, ()),
    "question_answer": ("alpaca", {"prompt": "question", "response": "answer"}, ()),
    "text": ("alpaca", {"prompt": "text"}, ()),
    "sharegpt": ("sharegpt", {"messages": "conversations"}, ("system", "tools")),
    "sharegpt_preference": ("sharegpt", {"messages": "conversations", **_PAIR}, ("system", "tools")),
    "sharegpt_kto": ("sharegpt", {"messages": "conversations", "kto_tag": "label"}, ("system", "tools")),
    "openai": ("sharegpt", {"messages": "messages"}, ()),
    "siliconflow": ("sharegpt", {"messages": "messages"}, ()),
    "kto": ("sharegpt", {"messages": "messages", "kto_tag": "label"}, ()),
}
_REFUSED = {
    "trl_preference": "LLaMA-Factory reads no lists of messages in `chosen` and `rejected`; export as sharegpt",
    "trl_kto": "LLaMA-Factory reads no lists of messages in `prompt` and `completion`; export as sharegpt",
    "multiple_choice": "LLaMA-Factory would leave the choices out of the prompt; export as alpaca",
}
_SPELLED = {"sharegpt": sharegpt.FROM_VALUE, "openai": sharegpt.ROLE_CONTENT._replace(observation="tool")}


def write_registry(
    file_name: str,
    format_name: str,
    *,
    has_tools: bool = False,
    has_system: bool = False,
    has_history: bool = False,
) -> tuple[dict[str, Any] | None, str | None]:
    """The entry of an exported file, or None and the reason why LLaMA-Factory cannot read it.

    Every key that decides something is written: `formatting`, `ranking`, each column that the file has, and for
    conversations all seven tags, since a tag that is not listed drops rows. Conversations are always `sharegpt`: the
    openai converter puts words into the system prompt and replaces text beside a tool call. A column that the file does
    not have is left out: absent is None there, and naming it would end training with a KeyError.

    :param has_system: whether any row has a column `system`; a system turn among the messages needs none.
    """
    if format_name not in _EXPORTS:
        return None, _REFUSED.get(format_name, f"LLaMA-Factory does not know the format {format_name}")
    formatting, columns, optional = _EXPORTS[format_name]
    present = {"tools": has_tools, "system": has_system, "history": has_history}
    if has_tools and "tools" not in optional:
        return None, f"LLaMA-Factory cannot read the tools of {format_name}; export as sharegpt"
    columns = columns | {name: name for name in optional if present[name]}
    ranking = columns.keys() >= _PAIR.keys()
    entry: dict[str, Any] = {"file_name": file_name, "formatting": formatting, "ranking": ranking, "columns": columns}
    if formatting == "sharegpt":
        spelled = _SPELLED["sharegpt" if columns["messages"] == "conversations" else "openai"]
        entry["tags"] = dict(zip(DEFAULT_TAGS, spelled))
    return entry, None
