"""Lines of a run's files, read again: what a block of lines holds, by content id. Worker processes do this.

>>> block = Block((b'{"text":"hello"}\\n',), ("text",), (0,))
>>> read_exported(block).problems
[]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import detected
from tunesmith.curate.export_lines import TOLD
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS, read_row
from tunesmith.curate.formats.columns import mapped
from tunesmith.curate.records import content_id
from tunesmith.curate.verify_columns import Ids, packed
from tunesmith.curate.workers import Workers, in_order, worker_count, worker_processes
from tunesmith.errors import InputError, RowError

BLOCK_LINES = 2_000
_BLOCK_BYTES = 8_000_000
_WORTH_WORKERS = 4_000_000  # bytes of a file from which forking pays
_NO_ID = "0" * 32

Task = TypeVar("Task")
Result = TypeVar("Result")


class Block(NamedTuple):
    """Lines of an exported file; the formats that they are written in, and for each line the likely one among them."""

    lines: tuple[bytes, ...]
    forms: tuple[str, ...]
    likely: tuple[int, ...]


class Exported(NamedTuple):
    """`ids` as in `Accounts`, zero where a line could not be read; `marks` are digests of the lines; `problems` are
    numbers of lines in the block, from 0, and what is wrong with them."""

    ids: Ids
    marks: npt.NDArray[np.uint64]
    problems: list[tuple[int, str]]


class LeftBlock(NamedTuple):
    """Lines of dropped.jsonl, and how each source's rows are read: `forms_of` gives what to try."""

    lines: tuple[bytes, ...]
    sources: Mapping[str, Mapping[str, Any]]


class Left(NamedTuple):
    """One line of dropped.jsonl: what it tells of its row, where in it the row begins, whether the row has the content
    id that the line tells (None: not to be told), and what is wrong with the line."""

    told: dict[str, Any]
    begins: int
    same: bool | None
    problem: str | None


def line_blocks(path: Path) -> Iterator[tuple[bytes, ...]]:
    """The lines of a file, a few at a time."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        size = 0
        for line in file:
            lines.append(line)
            size += len(line)
            if len(lines) == BLOCK_LINES or size > _BLOCK_BYTES:
                yield tuple(lines)
                lines, size = [], 0
        if lines:
            yield tuple(lines)


@contextmanager
def line_workers(size_bytes: int) -> Iterator[Workers | None]:
    """Worker processes, where a folder's files are large enough."""
    with worker_processes(worker_count() if size_bytes >= _WORTH_WORKERS else 0) as workers:
        yield workers


def each_block(workers: Workers | None, work: Callable[[Task], Result], tasks: Iterator[Task]) -> Iterator[Result]:
    """The result for each block, in order."""
    return in_order(workers, work, tasks)


def read_exported(block: Block) -> Exported:
    """The content id of each line, as the run's format reads it."""
    forms = [FORMATS[name] for name in block.forms if name in FORMATS]
    ids, problems = [], []
    for number, line in enumerate(block.lines):
        value, problem = _value(line)
        if problem is None and jsontext.dump_bytes(value) + b"\n" != line:
            problem = "lines that are not spelled as a run writes them"
        first = block.likely[number]
        ids.append(_first_id(value, [*forms[first:], *forms[:first]]))
        if problem is None and forms and ids[-1] == _NO_ID:
            problem = "lines that no format of the run can read"
        if problem:
            problems.append((number, problem))
    marks = np.array([xxhash.xxh3_64_intdigest(line) for line in block.lines], np.uint64)
    return Exported(packed(ids), marks, problems)


def _value(line: bytes) -> tuple[Any, str | None]:
    if not line.endswith(b"\n"):
        return None, "lines that end early"
    try:
        return jsontext.loads(line), None
    except ValueError:
        return None, "lines that are no JSON"


def _first_id(value: Any, forms: list[Format]) -> str:
    for form in forms:
        try:
            return content_id(read_row(value, form))
        except RowError:
            continue
    return _NO_ID


def read_left(block: LeftBlock) -> list[Left]:
    """What each line of dropped.jsonl says, and whether its row is the one that it names."""
    return [_left(line, block.sources) for line in block.lines]


def _left(line: bytes, sources: Mapping[str, Mapping[str, Any]]) -> Left:
    value, problem = _value(line)
    if problem or not isinstance(value, dict):
        return Left({}, 0, None, problem or "lines that are no row")
    told = {name: value[name] for name in TOLD if name in value}
    head = jsontext.dump_bytes(told)[:-1]
    if not line.startswith(head):
        return Left(told, 0, None, "lines that are not spelled as a run writes them")
    if not {"row", "text", "bytes_base64"} & value.keys():
        return Left(told, 0, None, "lines without a row")
    source = sources.get(str(told.get("row_id")).rpartition(":")[0])
    same = _is_same(value.get("row"), told.get("content_id"), source)
    return Left(told, len(head), same, None)


def _is_same(row: Any, wanted: Any, source: Mapping[str, Any] | None) -> bool | None:
    """Whether the row as it came has this content id.

    The run's own format is tried first, then all others: how formats are detected may have changed since. The rows of a
    registry's entry are read as it says, and it is not part of the run: they are not judged.
    """
    if not isinstance(wanted, str) or source is None:
        return None
    if "#" in source["path"] and not source["columns"]:
        return True if _matches(row, wanted, list(FORMATS.values())) else None
    if source["columns"]:
        with suppress(InputError):  # a mapping that is none: the manifest was changed, which was found already
            return _matches(row, wanted, [mapped(source["columns"])])
        return None
    try:
        likely = [detected(row)]
    except RowError:
        likely = []
    return _matches(row, wanted, likely) or _matches(row, wanted, list(FORMATS.values()))


def _matches(row: Any, wanted: str, forms: list[Format]) -> bool:
    return any(_first_id(row, [form]) == wanted for form in forms)
