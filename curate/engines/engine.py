"""An engine: where the functions of the stages run, on this machine (`local.py`) or on a Ray cluster (`ray.py`).

It is asked to convert and measure rows, to look at their texts, to group band keys, and to make lines. Everything else
(decisions, rules, the greedy resolution, the split) works on compact columns and runs where the run was started, the
same under every engine. So each function that an engine carries elsewhere is a pure one: from rows, or a table of them,
to a table. The bytes that come out are the same under each.

>>> run(loaded, out, engine=Local(workers=4))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from tunesmith.curate.bands import Buckets
    from tunesmith.curate.export_lines import Shard as LineShard
    from tunesmith.curate.export_lines import Written
    from tunesmith.curate.ingest import Convert
    from tunesmith.curate.measuring import Unmeasured
    from tunesmith.curate.progress import Progress
    from tunesmith.curate.row_texts import RowTexts
    from tunesmith.curate.scratch import Scratch
    from tunesmith.curate.tokens import Hashes, Places

#: Makes the lines of shards, in order.
Lines = Callable[[Iterable["LineShard"]], Iterator["Written"]]
#: From the records of some rows (`RECORD_SCHEMA`) to a table with an entry for each.
Look = Callable[[pa.Table], pa.Table]
#: Takes such a table, with the place of its first row among all that were asked for. Calls come in any order, and side
#: by side.
Put = Callable[[int, pa.Table], None]


class Engine(Protocol):
    """Where the functions of the stages run. What comes out does not depend on it."""

    def converter(self, size_bytes: int, progress: Progress, *, basic: bool) -> AbstractContextManager[Convert]:
        """While sources are read.

        :param size_bytes: of all input together.
        :param basic: whether only `BASICS` will be measured of the rows.
        """
        ...

    def measure(self, shards: Sequence[Unmeasured], progress: Progress) -> None:
        """Write the signals of these shards, where they are not there yet."""

    def each_row(self, texts: RowTexts, rows: Places | None, look: Look, put: Put) -> None:
        """Look at the texts of all rows, or of some of them (their numbers in the run, ascending)."""

    def buckets(self, keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
        """Group rows by their band keys: `bands.find_buckets`, whose buckets may be numbered in any order."""
        ...

    def liner(self, n_rows: int) -> AbstractContextManager[Lines]:
        """While `n_rows` rows are exported."""
        ...
