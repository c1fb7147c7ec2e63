"""Stage 4 of a run: rows that hold a question of an evaluation set leave or are flagged, with the evidence.

`contamination.py` compares; here it meets the texts of a run. The evidence stays beside the shards, one row for each
row of the run, columns of `OVERLAP`; read by item instead of by row, it says which items are compromised.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.contamination_items import Item, read_items
from tunesmith.curate.io import open_input
from tunesmith.curate.ledger import DROPPED, Verdicts
from tunesmith.curate.recipe_texts import Contamination as Wish
from tunesmith.curate.stage_input import StageInput

if TYPE_CHECKING:
    from tunesmith.curate.contamination import Contamination

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: The name of the stage, of its rule and of its flag.
CONTAMINATION = "contamination"
#: Name, type, and what it says of a row; null where it holds no item.
OVERLAP: tuple[tuple[str, pa.DataType, str], ...] = (
    ("item", pa.string(), "the id of the evaluation item that it holds most of"),
    ("containment", pa.float64(), "the exact share of the item's shingles that stand in it"),
    ("threshold", pa.float64(), "the share from which an item of this length counts as held"),
    ("rarity", pa.float64(), "the same share, each shingle weighed by how few rows have it"),
    ("side", pa.string(), "prompt or answer"),
    ("start", pa.int64(), "where the longest run of shared tokens begins, in characters of that side"),
    ("end", pa.int64(), "where it ends, exclusive"),
    ("items", pa.list_(pa.string()), "the ids of all items that it holds"),
    ("containments", pa.list_(pa.float64()), "the share of each of them"),
)
_SCHEMA = pa.schema([(name, kind) for name, kind, _ in OVERLAP])
_SIDES = pa.array(["prompt", "answer"])


def evaluation_digests(wish: Wish | None, base: Path) -> list[str]:
    """The digest of every file of the evaluation sets.

    :raises InputError: where one is not there.
    """
    if wish is None:
        return []
    return [file.digest for path in wish.against for file in open_input(path, base=base).files]


def find_overlap(wish: Wish | None, rows: StageInput, base: Path) -> pa.Table:
    """The evidence of every row, columns of `OVERLAP`.

    :raises InputError: an evaluation item that cannot be read.
    """
    n_rows = len(rows.alive)
    if wish is None or not rows.alive.any():
        return _nothing(n_rows)
    items = read_items(wish.against, base=base)
    found = _found(rows, items, with_answers=wish.sides == "both")
    ids = pa.array([item.id for item in items], pa.string())
    none = found.item < 0
    columns = [
        ids.take(pa.array(found.item, mask=none)),
        pa.array(found.containment, mask=none),
        pa.array(_thresholds(items)[found.item], mask=none),
        pa.array(found.rarity, mask=none),
        _SIDES.take(pa.array(found.side, mask=none)),
        pa.array(found.start, mask=none),
        pa.array(found.end, mask=none),
        *_lists(found.pairs.rows, ids.take(pa.array(found.pairs.items)), pa.array(found.pairs.containment), n_rows),
    ]
    return pa.table(columns, schema=_SCHEMA)


def apply_contamination(wish: Wish | None, overlap: pa.Table, keep: Flags, verdicts: Verdicts) -> None:
    """Drop the rows that hold an item, where the recipe asks for it.

    :param keep: rows that a person keeps.
    """
    if wish is None or wish.policy != "drop":
        return
    value, threshold = (overlap[name].to_numpy() for name in ("containment", "threshold"))
    verdicts.leave(
        overlapping(overlap) & ~keep, DROPPED, stage=CONTAMINATION, rule=CONTAMINATION, value=value, threshold=threshold
    )


def overlapping(overlap: pa.Table) -> Flags:
    """The rows that hold an item."""
    found: Flags = overlap["item"].is_valid().to_numpy()
    return found


def _nothing(n_rows: int) -> pa.Table:
    return pa.table([pa.nulls(n_rows, kind) for _, kind, _ in OVERLAP], schema=_SCHEMA)


def _found(rows: StageInput, items: Sequence[Item], *, with_answers: bool) -> Contamination:
    """What the rows hold that have not left; the others hold nothing."""
    from tunesmith.curate.contamination import resolve_contamination  # numba, for those only who want it
    from tunesmith.curate.contamination_look import look_at_records, seek

    sought, living = seek(items), np.flatnonzero(rows.alive)
    pieces: dict[int, pa.Table] = {}
    look = partial(look_at_records, sought=sought, with_answers=with_answers)
    rows.each_row("compare with evaluation sets", look, pieces.__setitem__, living)
    looked = [pieces[first] for first in sorted(pieces)]

    def read(side: int, places: Places) -> pa.Array:
        return _texts(rows, living[places], ("prompt", "answer")[side])

    found = resolve_contamination(looked, items, sought, n_rows=len(rows.alive), read=read)
    return _of_all_rows(found, living, len(rows.alive))


def _texts(rows: StageInput, wanted: Places, side: str) -> pa.Array:
    parts = rows.texts.parts(wanted)
    texts = [getattr(compared_texts(rows.texts.records(part, wanted)), side) for part in parts]
    return pa.chunked_array(texts, pa.string()).combine_chunks()


def _of_all_rows(found: Contamination, living: Places, n_rows: int) -> Contamination:
    """The same with an entry for every row of the run."""
    spread = {}
    for name in ("item", "containment", "rarity", "side", "start", "end"):
        values = getattr(found, name)
        spread[name] = np.full(n_rows, np.nan if values.dtype.kind == "f" else -1, values.dtype)
        spread[name][living] = values
    return found._replace(**spread, pairs=found.pairs._replace(rows=living[found.pairs.rows]))


def _thresholds(items: Sequence[Item]) -> npt.NDArray[np.float64]:
    """The share that counts for each item; 1 for one that only an equal prompt holds."""
    from tunesmith.curate.contamination_patterns import make_patterns

    patterns = make_patterns(items, ngram=5)
    needed = np.ones(len(items))
    needed[patterns.items] = patterns.thresholds
    return needed


def _lists(rows: npt.NDArray[np.int64], ids: pa.Array, shares: pa.Array, n_rows: int) -> list[pa.Array]:
    """For each row the items and their shares, null where it holds none; `rows` ascends."""
    counts = np.bincount(rows, minlength=n_rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    mask = pa.array(counts == 0)
    return [pa.ListArray.from_arrays(offsets, values, mask=mask) for values in (ids, shares)]
