"""Every row of a plan, parsed and converted, the bad ones with their reason: what `inspect` and `convert` walk over.

>>> for got in read_rows(source.plan):
...     print(got.raw.position, got.error or got.read.format)
"""

from __future__ import annotations

import base64
import difflib
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.columnar import unpacked_row
from tunesmith.curate.convert_row import Read, parse, read_raw
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.ingest import Plan
from tunesmith.curate.io import RawRow
from tunesmith.errors import InputError, RowError

_COLUMNAR = ("parquet", "arrow", "dataset")


class Got(NamedTuple):
    """One row: as it lay in the file, parsed (None where it cannot be), and converted, or the error that says why."""

    raw: RawRow
    row: Any
    read: Read | None
    error: RowError | None


def read_rows(plan: Plan) -> Iterator[Got]:
    """Every row of the plan, in order; a row that cannot be read is no exception here but an `error`."""
    columnar = any(file.container in _COLUMNAR for file in plan.input.files)
    for raw in islice(plan.input.rows(), plan.limit):
        row = None
        try:
            if raw.error is not None:
                raise raw.error
            row = _parsed(raw.data, columnar)
            yield Got(raw, row, read_raw(row, plan.form), None)
        except RowError as error:
            yield Got(raw, row, None, error)


def _parsed(data: bytes | dict[str, Any] | None, columnar: bool) -> Any:
    if isinstance(data, dict):
        return unpacked_row(data) if columnar else data
    return parse(data or b"")


def check_format(name: str, *, also: tuple[str, ...] = ()) -> None:
    """:raises InputError: for a name that is no format's nor one of `also`, with the nearest one."""
    known = (*also, *FORMATS)
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    raise InputError(f"no format is called {name!r}", remedy=remedy)


def original_json(got: Got) -> bytes:
    """The row as it came, as JSON on one line; what is no JSON as `{"text": …}` or `{"bytes_base64": …}`."""
    data = got.raw.data
    if isinstance(data, dict):
        return jsontext.dump_bytes(got.row if got.row is not None else data)
    data = data or b""
    if got.row is not None or data.strip() == b"null":
        return (
            data if b"\n" not in data and b"\r" not in data else b" ".join(part.strip() for part in data.splitlines())
        )
    try:
        return jsontext.dump_bytes({"text": data.decode()})
    except UnicodeDecodeError:
        return jsontext.dump_bytes({"bytes_base64": base64.b64encode(data).decode()})
