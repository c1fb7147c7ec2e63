"""Fuzzing the formats, the writers and predictions: rows of the wrong shape, there and back, with nothing lost.

An input for the formats is a row's JSON text; for the writers a name, a line break and JSON Lines; for predictions a
file's bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import xxhash
from fuzz_bytes import mutated
from fuzz_seeds import predictions as seed_predictions
from fuzz_seeds import rows as seed_rows
from fuzz_seeds import texts as seed_texts
from fuzz_types import Broken, Target, hold
from fuzz_values import as_text, changed

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import detected, parse
from tunesmith.curate.files.writing_checked import check_row, write_checked
from tunesmith.curate.formats.base import FORM, Format, Row, equal
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Record, content_id, records_of, to_batch
from tunesmith.errors import CannotHold, InternalError, RowError, TunesmithError
from tunesmith.evaluate.predict_questions import read_questions
from tunesmith.evaluate.predictions import read_predictions, write_predictions

_ALL = tuple(FORMATS.values())
_ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".parquet", ".arrow", ".jsonl.gz", ".csv.xz", ".json.zst")


def make_row(random: Random) -> bytes:
    """A row of any format, with wrong values, and now and then wrong bytes."""
    data = as_text(changed(random.choice(seed_rows()), random), random)
    return mutated(data, random, seed_texts()) if random.random() < 0.05 else data


def check_formats(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Each row as the format that it is detected as, and as some other one."""
    return [_check_row(data) for data in inputs]


def _check_row(data: bytes) -> bool:
    try:
        row = parse(data)
    except RowError:
        return False
    chosen = xxhash.xxh3_64_intdigest(data)
    try:
        forms = [detected(row), _ALL[chosen % len(_ALL)]]
    except RowError:
        forms = [_ALL[chosen % len(_ALL)]]
    other = _ALL[chosen // 64 % len(_ALL)]
    return sum(_check_form(row, form, other) for form in forms) > 0


def _check_form(row: Any, form: Format, other: Format) -> bool:
    """Reading a row and writing it gives the row; so it does by way of another format that can hold it."""
    before = jsontext.dump_bytes(row)
    try:
        record = read_row(row, form)
    except RowError:
        return False
    hold(jsontext.dump_bytes(row) == before, f"{form.name}: reading changed the row")
    if len(before) % 4 == 0:
        again = [*records_of(to_batch([record]))]
        hold(again == [record], f"{form.name}: the record comes back from Arrow as another")
    if FORM.encode() not in before:  # what only we write is spelled anew
        _check_way_back(record, row, form)
        _check_detour(record, row, form, other)
    return True


def _check_way_back(record: Record, row: Row, form: Format) -> None:
    try:
        written = write_row(record, form)
    except CannotHold:
        hold(not form.open, f"{form.name}: has no place for what it read")
        return
    hold(equal(written, row), f"{form.name}: the row comes back as another")


def _check_detour(record: Record, row: Row, form: Format, other: Format) -> None:
    try:
        there = write_row(record, other)
    except CannotHold:
        return
    there = jsontext.loads(jsontext.dump_bytes(there))
    by_way = f"{form.name} by way of {other.name}"
    try:
        again = read_row(there, other)
    except RowError as error:
        raise Broken(f"{by_way}: what was written cannot be read ({error.code})") from error
    hold(content_id(again) == content_id(record), f"{by_way}: the content has another id")
    if other.open and form.open:
        hold(equal(write_row(again, form), row), f"{by_way}: the row comes back as another")


def make_rows(random: Random) -> bytes:
    """Rows for a file of some ending."""
    several = [random.choice(seed_rows())] * random.choice((1, 1, 2, 3))
    rows = [changed(row, random) if random.random() < 0.7 else row for row in several]
    return random.choice(_ENDINGS).encode() + b"\n" + b"\n".join(as_text(row, random) for row in rows)


def check_writing(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """What is written is read back as it was, or refused."""
    return [_check_written(data, folder) for data in inputs]


def _check_written(data: bytes, folder: Path) -> bool:
    ending, _, lines = data.partition(b"\n")
    path = folder / f"out{ending.decode()}"
    path.unlink(missing_ok=True)
    try:
        rows = [row for row in map(parse, lines.split(b"\n")) if isinstance(row, dict)]
    except RowError:
        return False
    before = sorted(folder.iterdir())
    try:
        header = None
        for row in rows:
            header = check_row(path, row, header)
        count = write_checked(path, rows)
    except InternalError:
        raise
    except TunesmithError:
        hold(sorted(folder.iterdir()) == before, "a refused file leaves something behind")
        return False
    hold(count == len(rows), f"{len(rows)} rows were given, and {count} written")
    if rows:
        _check_read_back(path, rows)
    return True


def _check_read_back(path: Path, rows: list[Row]) -> None:
    again = [
        raw.data if isinstance(raw.data, dict) else jsontext.loads(raw.data or b"") for raw in open_input(path).rows()
    ]
    hold(len(again) == len(rows), f"{len(rows)} rows were written, and {len(again)} read back")
    hold(all(map(equal, again, rows)), "a row comes back from the file as another")


def make_predictions(random: Random) -> bytes:
    """A file of predictions with wrong lines."""
    rows = [random.choice(seed_predictions()) for _ in range(random.randrange(1, 5))]
    rows = [
        {**row, "id": f"{row.get('id')}-{number}"} if random.random() < 0.7 else row for number, row in enumerate(rows)
    ]
    rows = [changed(row, random) if random.random() < 0.5 else row for row in rows]
    data = b"\n".join(as_text(row, random) for row in rows)
    if random.random() < 0.1:
        data = b"[" + data.replace(b"\n", b",\n") + b"]"
    return mutated(data, random, seed_texts()) if random.random() < 0.5 else data


def check_predictions(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Each file as predictions and as questions."""
    return [_check_predictions(data, folder) for data in inputs]


def _check_predictions(data: bytes, folder: Path) -> bool:
    path = folder / "predictions.jsonl"
    path.write_bytes(data)
    _check_questions(path)
    try:
        found = read_predictions(path)
    except InternalError:
        raise
    except TunesmithError:
        return False
    hold(len(found.rows) == sum(1 for _ in open_input(path).rows()), "a line is no prediction and no mistake")
    hold(len({row.id for row in found.rows}) == len(found.rows), "two predictions have one id")
    copied = folder / "copied.jsonl"
    write_predictions(found.rows, copied)
    hold(_plain(read_predictions(copied).rows) == _plain(found.rows), "predictions come back as others")
    return True


def _check_questions(path: Path) -> None:
    try:
        found = read_questions(path, prompts=False)
    except InternalError:
        raise
    except TunesmithError:
        return
    hold(len(found.rows) == sum(1 for _ in open_input(path).rows()), "a row is no question and no mistake")


def _plain(rows: Sequence[Any]) -> str:
    """As text, for 1 is 1.0 and True to Python."""
    return json.dumps([row._asdict() for row in rows], default=dict)


TARGETS = (
    Target("formats", make_row, check_formats, share=250),
    Target("writing", make_rows, check_writing, share=10),
    Target("predictions", make_predictions, check_predictions, share=15),
)
