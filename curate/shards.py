"""The shards of a source: three memory-mapped Arrow files of the same rows.

`rows-00000.arrow` has the record and the row as it came, `columns-00000.arrow` what the conversion says of it, and
`signals-00000.arrow` what is measured. Each is renamed when whole; rows and columns are a pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.curate.records import RECORD_SCHEMA
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.stages import is_whole, read_table

#: Rows of one shard: about 5 MB of ordinary instruction data, one unit of work and of resumption.
SHARD_ROWS = 4096

ROWS_SCHEMA = RECORD_SCHEMA.append(pa.field("raw", pa.large_binary()))

CONVERTED_SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("content_id", pa.string()),
        ("format", pa.string()),
        ("kind", pa.string()),
        ("invalid", pa.string()),  # the code of what is wrong, null for a readable row
        ("detail", pa.string()),
        ("edits", pa.list_(pa.string())),  # what the treatment changed
        ("private", pa.list_(pa.string())),  # the kind of each private value that was found
    ]
)
SIGNALS_SCHEMA = pa.schema([(name, kind) for name, kind, _ in SIGNALS])

#: What later stages decide on.
COLUMNS_SCHEMA = pa.schema([*CONVERTED_SCHEMA, *SIGNALS_SCHEMA])


def is_pair(path: Path) -> bool:
    """Whether the shard of these rows was written to its end, and still is."""
    return is_whole(path) and is_whole(beside(path, "columns"))


def finished_pairs(folder: Path) -> list[Path]:
    """The shards of a folder up to the first that is missing."""
    return list(takewhile(is_pair, (path_of(folder, number) for number in range(1_000_000))))


def path_of(folder: Path, number: int) -> Path:
    """The file of the records of a shard, by which it is called."""
    return folder / f"rows-{number:05d}.arrow"


def beside(rows: Path, what: str) -> Path:
    """Its file of `columns` or `signals`."""
    return rows.with_name(rows.name.replace("rows-", f"{what}-"))


def read_columns(shards: Iterable[Path]) -> pa.Table:
    """The columns of these shards, memory-mapped, with `shard` (its number here) and `row` (the row in it)."""
    tables = [_numbered(_columns_of(path), number) for number, path in enumerate(shards)]
    return pa.concat_tables(tables) if tables else _numbered(COLUMNS_SCHEMA.empty_table(), 0)


def _columns_of(path: Path) -> pa.Table:
    converted, signals = (read_table(beside(path, what)) for what in ("columns", "signals"))
    return pa.table([*converted.columns, *signals.columns], schema=COLUMNS_SCHEMA)


def _numbered(table: pa.Table, number: int) -> pa.Table:
    table = table.append_column("shard", pa.array(np.full(len(table), number, np.int32)))
    return table.append_column("row", pa.array(np.arange(len(table), dtype=np.int32)))
