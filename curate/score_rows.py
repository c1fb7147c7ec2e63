"""The rows that `curate score` scores: those of a data file, or those that a finished run did not drop.

>>> rows = open_rows("train.jsonl")  # doctest: +SKIP
>>> next(rows.each()).row_id  # doctest: +SKIP
'train:1'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import KEPT, UNSAMPLED
from tunesmith.curate.reading import read_rows
from tunesmith.curate.records import Message, Messages, Record, content_id
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.curate.signals import language_of
from tunesmith.curate.sources import Source, open_source
from tunesmith.errors import RowError


class Row(NamedTuple):
    """One row to score."""

    row_id: str
    content_id: str
    record: Record


class Exchange(NamedTuple):
    """A row as question and answer. `before` is all that comes before the answer, empty for a row of kind `text`;
    `answer` is None where no assistant turn ends the row."""

    before: Messages
    answer: Message | None
    tools: str | None

    @property
    def language(self) -> str:
        """By script, of the user's turns and the answer together."""
        asked = "\n".join(message.content or "" for message in self.before if message.role == "user")
        return language_of(asked, (self.answer.content or "") if self.answer else "")


@dataclass
class RowsToScore:
    """The rows of one input. It counts what it gives: rows read, copies of a content (scored once), and the others by
    reason, with a place of each."""

    identity: Any  # of the input: other bytes have another
    total: int
    files: tuple[Path, ...]
    read: Callable[[], Iterator[tuple[str, Row | RowError]]]
    rows_in: int = 0
    copies: int = 0
    invalid: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def each(self, skipped: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Every readable row, of equal contents the first, in order.

        :param skipped: called for each row that is not given.
        """
        seen: set[bytes] = set()
        for place, got in self.read():
            self.rows_in += 1
            if isinstance(got, Row) and (key := bytes.fromhex(got.content_id)) not in seen:
                seen.add(key)
                yield got
                continue
            if isinstance(got, RowError):
                self.invalid[got.code] += 1
                self.first.setdefault(got.code, place)
            else:
                self.copies += 1
            if skipped is not None:
                skipped(1)


def open_rows(path: str, *, format: str = "auto", columns: Mapping[str, str] | None = None) -> RowsToScore:
    """Open a data file, folder, glob, registry entry or hub set, or the folder of a finished run.

    :raises InputError: where it cannot be read.
    """
    if (Path(path) / "manifest.json").is_file():
        return _of_run(open_run(Path(path)))
    source = open_source(path, name=_stem(path), format=format, columns=columns)
    files = source.plan.input.files
    total = sum(1 for _ in source.plan.input.rows())  # rows are not parsed for this
    identity = {"files": [file.digest for file in files], "spec": dict(source.spec)}
    return RowsToScore(identity, total, tuple(Path(file.path) for file in files), partial(_read, source))


def exchange_of(record: Record) -> Exchange:
    """The row as question and answer; of a preference pair the chosen answer."""
    if record.kind == "text":
        return Exchange((), Message("assistant", record.text), None)
    turns = (*record.turns, *(record.chosen or ()))
    if not turns or turns[-1].role != "assistant":
        return Exchange(turns, None, record.tools)
    return Exchange(turns[:-1], turns[-1], record.tools)


def _stem(path: str) -> str:
    """As a recipe names a source that has no name: by its file."""
    file, _, entry = path.partition("#")
    return entry or Path(file.rstrip("/").removeprefix("hub:")).name.partition(".")[0] or "rows"


def _read(source: Source) -> Iterator[tuple[str, Row | RowError]]:
    name, locate = source.plan.name, source.plan.input.locate
    for got in read_rows(source.plan):
        position = got.raw.position
        if got.read is None:
            yield locate(position), got.error or RowError("invalid", "cannot be read")
            continue
        record = got.read.record
        try:
            identity = content_id(record)
        except RowError as error:
            yield locate(position), error
            continue
        yield "", Row(f"{name}:{position}", identity, record)


def _of_run(run: RunData) -> RowsToScore:
    """The rows that were not dropped, as the run has them: cleaned, filled, and edited where a person did."""
    wanted = pc.is_in(run.ledger["verdict"], value_set=pa.array([KEPT, UNSAMPLED]))
    numbers = np.flatnonzero(wanted.to_numpy(zero_copy_only=False)).tolist()
    ids = run.ledger.select(["row_id", "content_id"]).take(pa.array(numbers, pa.int64())).to_pydict()

    def read() -> Iterator[tuple[str, Row | RowError]]:
        for number, row_id, identity in zip(numbers, ids["row_id"], ids["content_id"]):
            yield "", Row(row_id, identity, run.record(number))

    identity = {"run": run.manifest.get("mark")}
    return RowsToScore(identity, len(numbers), (run.folder / "manifest.json",), read)
