"""The folder of a retention run: whose it is, and what is written into it.

>>> prepare(Path("retention"), settings, replace=False)  # doctest: +SKIP
>>> write_result(Path("retention"), result, answers, "en")  # doctest: +SKIP

`.retention/` holds what the systems answered, by what it depends on: it serves every later run in the same folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import holds_anything
from tunesmith.curate.io import atomic_path, read_json_object, write_bytes
from tunesmith.errors import OutputError
from tunesmith.evaluate.retention_text import as_markdown
from tunesmith.evaluate.retention_types import Answers

RESULT, ITEMS, REPORT = "retention.json", "items.parquet", "report.md"
CACHE, ANSWERS, REPLIES = ".retention", "answers.jsonl", "replies.jsonl"


def prepare(out: Path, settings: Mapping[str, Any], *, replace: bool) -> None:
    """Refuse a folder that is somebody else's before anything is asked.

    :raises OutputError: for a file, a folder with other things, or with another result without `replace`.
    """
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if not out.is_dir() or not holds_anything(out):
        return
    result = out / RESULT
    if not result.is_file():
        if not (out / CACHE).is_dir():
            raise OutputError("is not empty and no retention run", where=str(out), remedy="choose another --out")
        return
    before = read_json_object(result).get("settings")
    now = jsontext.loads(jsontext.dump_bytes(settings))
    if before == now or replace:
        return
    changed = [name for name in now if not isinstance(before, dict) or before.get(name) != now[name]]
    what = f"holds the result of another run (other {' and '.join(changed) or 'settings'})"
    remedy = "choose another --out, or add --replace; what the same model was asked before is not asked again"
    raise OutputError(what, where=str(out), remedy=remedy)


def replies(out: Path) -> Path:
    """The file for what servers replied."""
    return out / CACHE / REPLIES


def claim(out: Path) -> Path:
    """Make the folder; the file for the answers in it.

    :raises OutputError: where it cannot be written.
    """
    try:
        (out / CACHE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise OutputError(what, where=str(out), remedy="choose a folder that you may write to") from error
    return out / CACHE / ANSWERS


def write_result(out: Path, result: Mapping[str, Any], answers: Mapping[str, Sequence[Answers]], language: str) -> None:
    """Each file whole or not at all; the result last, since it says that the run is done."""
    with atomic_path(out / ITEMS) as part:
        pq.write_table(_items(answers), part, compression="zstd")
    write_bytes(out / REPORT, as_markdown(result, language).encode())
    write_bytes(out / RESULT, jsontext.dumps_indented(result).encode() + b"\n")


def _items(answers: Mapping[str, Sequence[Answers]]) -> pa.Table:
    """Every answer of every system."""
    rows = [
        (side, subject.subject, item.id, item.correct, item.answer, item.expected, item.prompt, item.failure)
        for side, subjects in answers.items()
        for subject in subjects
        for item in subject.items
    ]
    columns = [pa.array([row[number] for row in rows], field.type) for number, field in enumerate(_SCHEMA)]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("system", pa.string()),
        ("subject", pa.string()),
        ("id", pa.string()),
        ("correct", pa.bool_()),
        ("answer", pa.string()),
        ("expected", pa.string()),
        ("prompt", pa.string()),
        ("failure", pa.string()),
    ]
)
