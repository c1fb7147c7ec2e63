"""Every row of a plan, parsed and converted, the bad ones with their reason: what `inspect` and `convert` walk over.

>>> for got in read_rows(source.plan):
...     print(got.raw.position, got.error or got.read.format)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import Read, parse, read_raw
from tunesmith.curate.formats.base import Format
from tunesmith.curate.io import RawRow
from tunesmith.errors import RowError

if TYPE_CHECKING:
    from tunesmith.curate.ingest import Plan


class Got(NamedTuple):
    """One row: as it lay in the file, parsed (None where it cannot be), and converted, or the error that says why."""

    raw: RawRow
    row: Any
    read: Read | None
    error: RowError | None


def read_rows(plan: Plan) -> Iterator[Got]:
    """Every row of the plan, in order; a row that cannot be read is no exception here but an `error`."""
    return (read_one(raw, plan.form) for raw in plan.input.rows())


def read_one(raw: RawRow, form: Format | None) -> Got:
    """One row, likewise; `form` None detects its format."""
    row = None
    try:
        if raw.error is not None:
            raise raw.error
        row = raw.data if isinstance(raw.data, dict) else parse(raw.data or b"")
        return Got(raw, row, read_raw(row, form), None)
    except RowError as error:
        return Got(raw, row, None, error)


def original_json(got: Got) -> bytes:
    """The row as it came, as JSON on one line; what is no JSON as `{"text": …}` or `{"bytes_base64": …}`."""
    data = got.raw.data
    if isinstance(data, dict):
        return jsontext.dump_bytes(got.row if got.row is not None else data)
    data = data or b""
    if got.row is not None or data.strip() == b"null":
        return jsontext.one_line(data)
    return jsontext.dump_bytes(jsontext.bytes_as_json(data))
