"""Every error that a person can cause, in one tree. The command line and the pages print these without a traceback.

    TunesmithError
    ├── InputError         a file that cannot be read: missing, corrupt, of no known form, without permission
    ├── RowError           one row that cannot be read as a record; a run books it in the ledger as `invalid`
    ├── CannotHold         one record that the target format has no place for
    ├── RecipeError        a recipe with mistakes; lists all of them, each with its line
    ├── ReviewError        a step of a review that cannot be taken now: the lease is lost, the campaign is closed
    ├── OutputError        an output that cannot be written: foreign folder, full disk, no permission
    └── InternalError      a promise of ours that did not hold, such as the conservation law; always a bug

>>> raise InputError("expected a file, found nothing", where="rows.jsonl", remedy="check the path")
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: rows.jsonl: expected a file, found nothing; check the path
"""

from __future__ import annotations


class TunesmithError(Exception):
    """A message for a person: `where: what was expected and what was seen; what to do`."""

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        prefix = f"{where}: " if where else ""
        suffix = f"; {remedy}" if remedy else ""
        super().__init__(f"{prefix}{what}{suffix}")


class InputError(TunesmithError):
    """A file, folder or name that cannot be read."""


class RowError(TunesmithError):
    """One row that cannot be read as a record.

    `code` is the rule name that the ledger shows (`invalid_json`, `multimodal`, `wrong_type` …).
    """

    def __init__(self, code: str, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:  # keyword arguments do not survive the default pickling
        return (_row_error, (self.code, self.what, self.where, self.remedy))


def _row_error(code: str, what: str, where: str | None, remedy: str | None) -> RowError:
    return RowError(code, what, where=where, remedy=remedy)


class CannotHold(TunesmithError):  # noqa: N818 (it is about the format, the record is fine)
    """One record that a format has no place for, such as a tool call in Alpaca."""


class RecipeError(TunesmithError):
    """A recipe with mistakes. `problems` holds one line of text each, in the order of the file."""

    def __init__(self, problems: list[str], *, where: str) -> None:
        self.problems = problems
        count = f"{len(problems)} mistake" + ("" if len(problems) == 1 else "s")
        super().__init__("\n  ".join([f"{count} in the recipe", *problems]), where=where)


class ReviewError(TunesmithError):
    """A step of a review that cannot be taken now; nothing that was stored changed.

    `code` is for pages: `lease_lost`, `closed`, `nothing_to_undo`, `already_adjudicated`, `bad_answer` …
    """

    def __init__(self, code: str, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code


class OutputError(TunesmithError):
    """An output that cannot be written. Nothing half-written is left behind."""


class EngineError(TunesmithError):
    """A cluster that cannot be reached, or whose nodes cannot do a run's work. What was finished stays."""


class InternalError(TunesmithError):
    """A promise that did not hold. Please report it with the run folder."""
