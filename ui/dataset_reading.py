"""How a file is read, from its first rows: what the library detects, what a person chose, and the rows it makes.

>>> looked = look(path, format="auto", columns=None)  # doctest: +SKIP
>>> looked.format, looked.alike, looked.looked_at  # doctest: +SKIP
('alpaca', 200, 200)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.dataset_head import beginning_of

if TYPE_CHECKING:
    from tunesmith.curate.reading import Got
    from tunesmith.ui.datasets import Dataset, Group

PREVIEW_ROWS = 5

#: What a mapping may be of, and the columns that it names: needed ones, then others.
MAPPINGS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "answer": (("prompt", "answer"), ("input", "system", "history")),
    "preference": (("prompt", "chosen", "rejected"), ("input", "system")),
    "label": (("prompt", "answer", "label"), ("input", "system")),
    "messages": (("messages",), ("tools",)),
    "conversations": (("conversations",), ("system", "tools")),
    "text": (("text",), ()),
}

#: Names that a column with this meaning often has, in lower case.
_USUAL = {
    "prompt": ("prompt", "question", "instruction", "query", "ask", "user", "问题", "提问", "问", "指令", "题目"),
    "answer": ("answer", "output", "response", "reply", "completion", "回答", "答案", "回复", "答", "输出"),
    "input": ("input", "context", "输入", "上下文"),
    "system": ("system", "系统", "系统提示"),
    "chosen": ("chosen", "better", "accepted", "优选", "更好"),
    "rejected": ("rejected", "worse", "refused", "拒绝", "更差"),
    "label": ("label", "kto_tag", "标签"),
    "messages": ("messages", "消息"),
    "conversations": ("conversations", "conversation", "dialog", "dialogue", "对话"),
    "text": ("text", "content", "文本", "正文", "内容"),
    "history": ("history", "历史"),
    "tools": ("tools", "工具"),
}


class Looked(NamedTuple):
    """What the first rows of a file are.

    :param format: what the library detects, None where it knows none.
    :param alike: of the `looked_at` rows, those that have that format's fields.
    :param fields: the columns of the first rows, in their order.
    :param got: the first rows, each read or with the reason why not.
    """

    format: str | None
    alike: int
    looked_at: int
    container: str
    encoding: str
    compression: str | None
    notes: tuple[str, ...]
    fields: tuple[str, ...]
    got: tuple[Got, ...]


class _Opened(NamedTuple):
    file: Any
    sample: list[dict[str, Any]]
    first: tuple[Any, ...]


def look(path: Path, *, format: str, columns: Mapping[str, str] | None) -> Looked:
    """Look at the first rows as they would be read.

    :raises InputError: nothing can be read, or the mapping names a column that no row has.
    """
    from tunesmith.curate.formats.catalog import format_named
    from tunesmith.curate.formats.columns import check_columns, mapped
    from tunesmith.curate.formats.detect import detect
    from tunesmith.curate.reading import read_one

    opened = _open(path, _stamp(path))
    detection = detect(opened.sample)
    absent: tuple[str, ...] = ()
    form = None
    if columns:
        absent = check_columns(columns, opened.sample, path.name)
        form = mapped(columns)
    elif format != "auto":
        form = format_named(format)
    file = opened.file
    fields = tuple(dict.fromkeys(str(key) for row in opened.sample for key in row))
    got = tuple(read_one(raw, form) for raw in opened.first)
    notes = (*file.notes, *absent)
    alike = detection.counts.get(detection.format or "", 0)
    about = (file.container, file.encoding, file.compression)
    return Looked(detection.format, alike, len(opened.sample), *about, notes, fields, got)


def check_rows(path: Path) -> None:
    """Whether this is a file of rows at all.

    :raises InputError: it is not.
    """
    _open(path, _stamp(path))


def guess(fields: Sequence[str], kind: str) -> dict[str, str]:
    """The columns that a mapping of this kind most likely means, by their names; only what is found."""
    known = {field.strip().lower(): field for field in fields}
    needed, others = MAPPINGS[kind]
    named = {key: next((known[name] for name in _USUAL[key] if name in known), None) for key in (*needed, *others)}
    return {key: column for key, column in named.items() if column is not None}


def kind_of(columns: Mapping[str, str] | None, fields: Sequence[str]) -> str:
    """The kind of mapping that these columns make; without any, the first of which all needed ones are found."""
    if columns:
        fitting = [kind for kind, (needed, _) in MAPPINGS.items() if set(needed) <= columns.keys()]
        return max(fitting, key=lambda kind: len(MAPPINGS[kind][0]), default="answer")
    for kind, (needed, _) in MAPPINGS.items():
        if set(needed) <= guess(fields, kind).keys():
            return kind
    return "answer"


def is_complete(columns: Mapping[str, str], kind: str) -> bool:
    """Whether every needed column is named, none twice."""
    return set(MAPPINGS[kind][0]) <= columns.keys() and len(set(columns.values())) == len(columns)


def format_names() -> tuple[str, ...]:
    """The formats that the library knows."""
    from tunesmith.curate.formats.catalog import FORMATS

    return tuple(FORMATS)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)  # opening it says what is wrong
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=16)
def _open(path: Path, stamp: tuple[int, int]) -> _Opened:
    """Once for each version of a file, and of a large one only its beginning."""
    from tunesmith.curate.io import open_input
    from tunesmith.curate.sample import sample_rows

    try:
        with beginning_of(path) as small:
            found = open_input(small)
            first = tuple(islice(found.rows(), PREVIEW_ROWS))
            packed = _packed(path)
            return _Opened(replace(found.files[0], compression=packed), sample_rows(found), first)
    except InputError as error:  # the beginning lies elsewhere
        raise InputError(error.what, where=path.name, remedy=error.remedy) from None


def _packed(path: Path) -> str | None:
    from tunesmith.curate.files.compression import detect_compression

    with path.open("rb") as file:
        return detect_compression(file.read(16))


def likely_group(looked: Looked) -> Group | None:
    """`evaluation` for questions with a `reference` beside them, as predictions are scored against; None for others."""
    return "evaluation" if "reference" in looked.fields else None


def is_known(looked: Looked, dataset: Dataset) -> bool:
    """Whether rows of this dataset can be read: by a detected format, or as a person said."""
    return looked.format is not None or dataset.format != "auto" or bool(dataset.columns)
