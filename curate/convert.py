"""`tunesmith curate convert`: one data set from its format into another, without loss unless asked for.

Every row goes through the record and out again; what the target format has no column for travels beside it, so that the
way back gives the same rows. A row that cannot go is never left out in silence: the conversion is refused, or with
`skip` the row is put into `<out>.rejected.jsonl` with its place and reason.

>>> done = convert_file("alpaca.json", "sharegpt.jsonl", to="sharegpt")
>>> done.rows, done.written, done.format_out
(1000, 1000, 'sharegpt')
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tunesmith.curate import jsontext
from tunesmith.curate.export import format_for
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.files.sniff import name_without_compression
from tunesmith.curate.files.spreadsheet import is_formula, is_table, row_for_spreadsheet
from tunesmith.curate.files.writing_checked import check_row, needs_check, write_checked
from tunesmith.curate.formats.base import Format, Row
from tunesmith.curate.formats.catalog import FORMATS, format_named, write_row
from tunesmith.curate.formats.columns import mapped
from tunesmith.curate.inspect_counts import counted
from tunesmith.curate.losses import lost_fields, unplaced_fields
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading import Got, original_json, read_rows
from tunesmith.curate.records import Record
from tunesmith.curate.sources import Source, open_source
from tunesmith.errors import CannotHold, InputError, OutputError, RowError, TunesmithError

_STEP = 1000  # rows between two signs of progress
_MOST_REASONS = 20  # that are told apart; further ones are counted together

Target = Callable[[str], Format]


@dataclass(frozen=True)
class Converted:
    """What a conversion did. `lost` counts what `drop_extra` left out, by field; `reasons` counts the rejected rows;
    `formulas` counts the cells of a table that a spreadsheet would run, and `guarded` says whether they were made safe.
    """

    rows: int
    written: int
    rejected: int
    formats_in: dict[str, int]
    format_out: str
    out: Path
    rejected_path: Path | None
    lost: dict[str, int]
    reasons: dict[str, int]
    formulas: int
    guarded: bool


def convert_file(
    source: str | Path,
    out: str | Path,
    *,
    to: str,
    from_format: str = "auto",
    columns: Mapping[str, str] | None = None,
    to_columns: Mapping[str, str] | None = None,
    drop_extra: bool = False,
    skip: bool = False,
    spreadsheet: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Converted:
    """Convert a source into one file, in the order of its rows; the ending of `out` chooses the container.

    :param to: a format's name, where `alpaca`, `sharegpt`, `openai` and `auto` mean the one for the row's kind; or
        `columns`, with `to_columns` such as `{"prompt": "ask", "answer": "reply"}`.
    :param spreadsheet: for people: a cell of a table that a spreadsheet would run gets an apostrophe in front.
    :raises InputError: rows that cannot be read or held, without `skip`: counted by reason. Nothing is written.
    :raises OutputError: where `out` is the input, exists already (without `overwrite`), or cannot be written.
    """
    out, target = Path(out), _target(to, to_columns)
    if spreadsheet and not is_table(out):
        remedy = "leave out --spreadsheet, or write .csv"
        raise InputError("no spreadsheet runs this file", where=str(out), remedy=remedy)
    if from_format != "auto":
        format_named(from_format)
    opened = open_source(str(source), name=Path(str(source)).name, format=from_format, columns=columns)
    rejected = rejected_path(out)
    for path in (out, rejected) if skip else (out,):
        _check_place(path, opened, overwrite=overwrite)
    with ExitStack() as stack, (progress or Progress()).stage(f"convert {source}", total=None, unit="rows") as advance:
        job = _Job(opened, target, out, drop_extra=drop_extra, skip=skip, rejects=_Rejects(rejected, stack))
        job.guarded = spreadsheet
        write_checked(out, job.converted(advance))
    if skip and not job.reasons:
        rejected.unlink(
            missing_ok=True
        )  # of an older conversion to the same file: it would tell of rows that are fine now
    return job.result(to)


def rejected_path(out: Path) -> Path:
    """Where the rows go that `skip` leaves out: `train.jsonl.gz` -> `train.rejected.jsonl`."""
    name = out.name[: len(name_without_compression(out.name))]
    return out.with_name(f"{Path(name).stem}.rejected.jsonl")


def _target(to: str, columns: Mapping[str, str] | None) -> Target:
    """The format to write each kind in."""
    if to == "columns":
        if not columns:
            raise InputError("no columns are named to write", remedy="add --to-columns prompt=…,answer=…")
        mapping = mapped(columns)
        return lambda kind: mapping
    if columns:
        raise InputError(f"columns are named, but rows are to be written as {to}", remedy="use --to columns")
    if to not in ("columns", "auto"):
        format_named(to)
    # `format_for` gives text rows their own format whatever is asked; here a person must hear that they do not fit
    return lambda kind: FORMATS[to] if kind == "text" and to != "auto" else format_for(kind, to)


def _check_place(path: Path, opened: Source, *, overwrite: bool) -> None:
    if not path.exists():
        return
    inputs = [Path(file.path) for file in opened.plan.input.files]
    if any(place.exists() and place.samefile(path) for place in inputs):
        raise OutputError("is what is to be converted", where=str(path), remedy="choose another name to write to")
    if not overwrite:
        raise OutputError("exists already", where=str(path), remedy="choose another name, or add --overwrite")


class _Rejects:
    """The file of rejected rows, made when the first one comes."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        self._stack = stack
        self._file: IO[bytes] | None = None

    def add(self, line: bytes) -> None:
        if self._file is None:
            part = self._stack.enter_context(atomic_path(self.path))
            self._file = self._stack.enter_context(part.open("wb", buffering=1 << 20))
        self._file.write(line + b"\n")

    def flush(self) -> None:
        """Everything on disk before the output takes its name: a full disk is met while nothing is there yet."""
        if self._file is not None:
            self._file.flush()


class _Job:
    """One conversion under way: it counts what it reads, writes, refuses and leaves out."""

    def __init__(
        self, opened: Source, target: Target, out: Path, *, drop_extra: bool, skip: bool, rejects: _Rejects
    ) -> None:
        self.opened, self.target, self.out = opened, target, out
        self.drop_extra, self.skip, self.rejects = drop_extra, skip, rejects
        self.rows = self.written = self.formulas = 0
        self.guarded = False
        self.formats_in: Counter[str] = Counter()
        self.formats_out: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self.causes: dict[str, TunesmithError] = {}
        self._header: tuple[str, ...] | None = None

    def converted(self, advance: Callable[[int], None]) -> Iterator[Row]:
        """The rows to write.

        :raises InputError: at the end, where rows could not go and may not be skipped.
        """
        for got in read_rows(self.opened.plan):
            self.rows += 1
            if self.rows % _STEP == 0:
                advance(_STEP)
            try:
                row = self._convert(got)
            except (RowError, CannotHold) as error:
                self._reject(got, error)
                continue
            self.written += 1
            if self.skip or not self.reasons:
                yield row
        advance(self.rows % _STEP)
        if self.reasons and not self.skip:
            raise self._refusal()
        self.rejects.flush()

    def _convert(self, got: Got) -> Row:
        if got.read is None:
            raise got.error or RowError("invalid_json", "the row cannot be read")
        self.formats_in[got.read.format] += 1
        form = self.target(got.read.record.kind)
        row = write_row(got.read.record, form, keep_extra=not self.drop_extra)
        if needs_check(self.out):
            self._header = check_row(self.out, row, self._header)
        if self.drop_extra:
            self.lost.update(sorted(_losses(got.read.record, form, row)))
        self.formats_out[form.name] += 1
        return self._as_table(row) if is_table(self.out) else row

    def _as_table(self, row: Row) -> Row:
        self.formulas += sum(map(is_formula, row.values()))
        return row_for_spreadsheet(row) if self.guarded else row

    def _reject(self, got: Got, error: RowError | CannotHold) -> None:
        reason = error.code if isinstance(error, RowError) else error.what
        if reason not in self.reasons and len(self.reasons) >= _MOST_REASONS:
            reason = "other reasons"
        self.reasons[reason] += 1
        if reason in self.first and not self.skip:
            return
        place = self.opened.plan.input.locate(got.raw.position)
        self.first.setdefault(reason, place)
        self.causes.setdefault(reason, error)
        if self.skip:
            code = error.code if isinstance(error, RowError) else "cannot_hold"
            head = jsontext.dump_bytes({"place": place, "code": code, "reason": str(error)})
            self.rejects.add(head[:-1] + b',"row":' + original_json(got) + b"}")

    def _refusal(self) -> InputError:
        lines = [f"{self.reasons.total():,} of {self.rows:,} rows cannot be converted; nothing was written"]
        for reason, rows in self.reasons.most_common():
            lines.append(f"{counted(rows, 'row')}, first {self.first[reason]}: {self._told(reason)}")
        remedies = ["choose another --to"]
        if not self.drop_extra and any("drop-extra" in (error.remedy or "") for error in self.causes.values()):
            remedies.append("add --drop-extra to leave out what it has no place for")
        remedies.append(f"add --skip to put such rows into {rejected_path(self.out).name} instead")
        return InputError("\n  ".join(lines), where=self.opened.asked, remedy="\n" + ", or ".join(remedies))

    def _told(self, reason: str) -> str:
        """The reason in words: that of the first such row, and what its error advises."""
        cause = self.causes[reason]
        code = f"{cause.code}: " if isinstance(cause, RowError) else ""
        return f"{code}{cause.what}" + (f"; {cause.remedy}" if cause.remedy else "")

    def result(self, to: str) -> Converted:
        """The counts of a finished conversion."""
        return Converted(
            self.rows,
            self.written,
            self.reasons.total(),
            dict(self.formats_in.most_common()),
            " + ".join(name for name, _ in self.formats_out.most_common()) or to,
            self.out,
            self.rejects.path if self.reasons else None,
            dict(self.lost.most_common()),
            dict(self.reasons.most_common()),
            self.formulas,
            self.guarded,
        )


def _losses(record: Record, form: Format, row: Row) -> set[str]:
    """The names of what `drop_extra` left out of one row."""
    try:
        return lost_fields(write_row(record, form), row)
    except CannotHold:  # a strict format names nothing: everything beside the turns' role and text is left out
        return unplaced_fields(record)


def as_json(done: Converted) -> dict[str, Any]:
    """For `--json`."""
    paths = {"out": str(done.out), "rejected_path": str(done.rejected_path) if done.rejected_path else None}
    return {**vars(done), **paths}


def as_text(done: Converted) -> str:
    """What happened, in a few lines."""
    came = ", ".join(f"{name} {rows:,}" for name, rows in done.formats_in.items()) or "nothing"
    lines = [f"{done.written:,} of {done.rows:,} rows written as {done.format_out} to {done.out} (read as {came})"]
    if done.lost:
        lines.append("left out: " + ", ".join(f"{name} in {counted(rows, 'row')}" for name, rows in done.lost.items()))
    if done.formulas:
        cells = f"{counted(done.formulas, 'cell')} that a spreadsheet would run as a formula"
        what = "got an apostrophe in front: this file is for people, not for training"
        lines.append(f"{cells}: {what if done.guarded else 'for people, write the file with --spreadsheet'}")
    if done.rejected:
        lines.append(f"{counted(done.rejected, 'row')} rejected, as they came, in {done.rejected_path}")
        lines += [f"  {rows:,}: {reason}" for reason, rows in done.reasons.items()]
    return "\n".join(lines)
