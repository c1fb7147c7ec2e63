"""A profile's folder, opened for reading: what `profile_folder.py` wrote, without what measures.

>>> found = open_profile(Path("profile"))  # doctest: +SKIP
>>> found.table["language"][0], found.store.record(0).messages[0].role  # doctest: +SKIP
('zh', 'user')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate import jsontext
from tunesmith.curate.store import RowStore
from tunesmith.errors import InputError

PROFILE, TABLE, BAD_ROWS = "profile.json", "rows.parquet", "bad_rows.jsonl"


@dataclass(frozen=True)
class ProfileData:
    """A profile's folder, opened.

    :param told: what `profile.json` holds.
    :param table: `rows.parquet`; the rows' numbers are their places in it.
    """

    folder: Path
    told: Mapping[str, Any]
    table: pa.Table = field(repr=False)

    @cached_property
    def store(self) -> RowStore:
        """The rows by their number: records, and as they came."""
        return RowStore([self.folder / name for name in self.told["shards"]], self.table, {})

    @property
    def bad_rows(self) -> Path | None:
        """The file of the rows that could not be read, where there are any."""
        path = self.folder / BAD_ROWS
        return path if path.is_file() else None


def open_profile(folder: Path) -> ProfileData:
    """Open what `write_profile` wrote.

    :raises InputError: where it is none.
    """
    try:
        told = jsontext.loads((folder / PROFILE).read_bytes())
        return ProfileData(folder, told, pq.read_table(folder / TABLE, memory_map=True))
    except (OSError, ValueError) as error:
        remedy = "make it with `tunesmith curate profile FILE --out DIR`"
        raise InputError(f"no profile is here ({error})", where=str(folder), remedy=remedy) from None


def is_profile(folder: Path) -> bool:
    """Whether a finished profile is there."""
    return (folder / PROFILE).is_file() and (folder / TABLE).is_file()
