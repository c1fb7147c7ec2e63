"""Pre-training text: one `text` a row.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"text": "Once upon a time."}, FORMATS["text"]).kind
'text'
"""

from __future__ import annotations

from tunesmith.curate.formats.base import Form, Format, Row, need_one_of, text_at
from tunesmith.curate.records import Record


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    need_one_of(row, "text")
    return Record("text", text=text_at(row, "text") or ""), {}


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    return {"text": record.text}, {}


TEXT = Format("text", ("text",), frozenset({"text"}), _read, _write)
