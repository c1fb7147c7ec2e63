"""The ledger: one line for every input row, with its verdict and the evidence; and the law that no row is lost.

Stages write into `Verdicts`, arrays of shape `(n_rows,)`; `ledger_table` turns them into the columns of
`LEDGER_SCHEMA`, and `check_conservation` refuses to finish a run whose rows do not add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.errors import InternalError

_ROWS_A_TIME = 1 << 17
KEPT, DROPPED, INVALID, UNSAMPLED = "kept", "dropped", "invalid", "unsampled"
VERDICTS = (KEPT, DROPPED, INVALID, UNSAMPLED)

FAILED_TYPE = pa.list_(pa.struct([("rule", pa.string()), ("value", pa.float64()), ("threshold", pa.float64())]))

LEDGER_SCHEMA = pa.schema(
    [
        ("row_id", pa.string()),
        ("source", pa.string()),
        ("group", pa.string()),
        ("position", pa.int64()),
        ("content_id", pa.string()),
        ("verdict", pa.string()),
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("partner", pa.string()),
        ("similarity", pa.float64()),
        ("answer_similarity", pa.float64()),
        ("failed", FAILED_TYPE),
        ("flags", pa.list_(pa.string())),
        ("split", pa.string()),
        ("copies", pa.int32()),
        ("edits", pa.list_(pa.string())),
        ("detail", pa.string()),
    ]
)


class Verdicts:
    """What the stages decided so far. A row leaves once: later calls pass over rows that have left."""

    def __init__(self, n_rows: int) -> None:
        self.verdict: npt.NDArray[np.object_] = np.full(n_rows, KEPT, object)
        self.stage: npt.NDArray[np.object_] = np.full(n_rows, None, object)
        self.rule: npt.NDArray[np.object_] = np.full(n_rows, None, object)
        self.value = np.full(n_rows, np.nan)
        self.threshold = np.full(n_rows, np.nan)
        self.partner = np.full(n_rows, -1, np.int64)  # row numbers of this run
        self.similarity = np.full(n_rows, np.nan)
        self.answer_similarity = np.full(n_rows, np.nan)
        self.split: npt.NDArray[np.object_] = np.full(n_rows, None, object)
        self.copies = np.zeros(n_rows, np.int32)

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """The rows that have not left, shape `(n_rows,)`."""
        alive: npt.NDArray[np.bool_] = self.verdict == KEPT
        return alive

    def leave(
        self,
        rows: npt.NDArray[np.bool_],
        verdict: str,
        *,
        stage: str,
        rule: str | npt.NDArray[np.object_],
        value: npt.NDArray[np.float64] | None = None,
        threshold: npt.NDArray[np.float64] | None = None,
    ) -> npt.NDArray[np.bool_]:
        """Give those of `rows` that are still here a verdict; returns which these were."""
        leaving = rows & self.alive
        self.verdict[leaving], self.stage[leaving] = verdict, stage
        self.rule[leaving] = rule[leaving] if isinstance(rule, np.ndarray) else rule
        if value is not None:
            self.value[leaving] = value[leaving]
        if threshold is not None:
            self.threshold[leaving] = threshold[leaving]
        return leaving

    def part(self, rows: slice) -> Verdicts:
        """The verdicts of some rows in a stretch; `partner` has the numbers of the whole run."""
        part = Verdicts(0)
        for name, values in vars(self).items():
            setattr(part, name, values[rows])
        return part


def ledger_table(
    verdicts: Verdicts,
    *,
    row_ids: Sequence[str] | pa.StringArray,
    columns: pa.Table,
    failed: Sequence[list[dict[str, Any]]] | pa.ListArray,
    flags: Sequence[list[str]] | pa.Array,
    edits: Sequence[list[str]] | pa.Array | pa.ChunkedArray,
    first: int = 0,
) -> pa.Table:
    """The ledger of some rows. `columns` brings source, group, position, content_id and detail.

    :param row_ids: of all rows of the run, for partners may be any of them.
    :param first: the number in the run of the first of these rows.
    """
    names = row_ids if isinstance(row_ids, pa.Array) else pa.array(row_ids, pa.string())
    arrays = {
        "row_id": names.slice(first, len(verdicts.verdict)),
        **{name: columns[name] for name in ("source", "group", "position", "content_id", "detail")},
        "verdict": pa.array(verdicts.verdict, pa.string()),
        "stage": pa.array(verdicts.stage, pa.string()),
        "rule": pa.array(verdicts.rule, pa.string()),
        **{
            name: _numbers(getattr(verdicts, name))
            for name in ("value", "threshold", "similarity", "answer_similarity")
        },
        "partner": names.take(pa.array(verdicts.partner, mask=verdicts.partner < 0)),
        "failed": failed if isinstance(failed, pa.ListArray) else pa.array(failed, FAILED_TYPE),
        "flags": _texts(flags),
        "split": pa.array(verdicts.split, pa.string()),
        "copies": pa.array(verdicts.copies),
        "edits": _texts(edits),
    }
    return pa.table([arrays[name] for name in LEDGER_SCHEMA.names], schema=LEDGER_SCHEMA).combine_chunks()


def _texts(lists: Any) -> Any:
    return lists if isinstance(lists, pa.Array | pa.ChunkedArray) else pa.array(lists, pa.list_(pa.string()))


def _numbers(values: npt.NDArray[np.float64]) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True)  # NaN is null


def check_conservation(ledger: pa.Table, rows_in: int) -> None:
    """Rows in = rows accounted for, each once, each with a verdict, a kept row on exactly one side.

    :raises InternalError: naming what does not add up.
    """
    found = [f"{rows_in} rows came in, {len(ledger)} are in the ledger"] if len(ledger) != rows_in else []
    wrong: dict[str, None] = {}  # in order, each once
    for start in range(0, len(ledger), _ROWS_A_TIME):
        wrong |= dict.fromkeys(_wrong_lines(ledger.slice(start, _ROWS_A_TIME)))
    found += ["a row id stands twice"] if _stands_twice(ledger) else []
    if found := [*found, *wrong]:
        raise InternalError("; ".join(found), where="ledger", remedy="please report this with the run folder")


def _wrong_lines(ledger: pa.Table) -> Iterator[str]:
    verdicts = ledger["verdict"].to_numpy(zero_copy_only=False)
    sides = ledger["split"].to_numpy(zero_copy_only=False)
    copies = ledger["copies"].to_numpy()
    kept = verdicts == KEPT
    stages = ledger["stage"].to_numpy(zero_copy_only=False)
    ids = pc.binary_join_element_wise(ledger["source"], ledger["position"].cast(pa.string()), ":")
    broken = {
        "a row id is not its source and its position": not pc.all(pc.equal(ids, ledger["row_id"])).as_py(),
        "a row has no known verdict": not np.isin(verdicts.astype(str), VERDICTS).all(),
        "a kept row is on no side": bool((kept & ~np.isin(sides.astype(str), ("train", "validation"))).any()),
        "a row that left is on a side": bool((~kept & (sides != None)).any()),  # noqa: E711 (elementwise)
        "a row left without a stage": bool((~kept & (stages == None)).any()),  # noqa: E711 (elementwise)
        "copies and verdict disagree": bool(((copies > 0) != kept).any()),
    }
    return (what for what, is_broken in broken.items() if is_broken)


def _stands_twice(ledger: pa.Table) -> bool:
    """Whether two rows have the same source and position, of which their ids are made."""
    sources = ledger["source"].unique()
    for source in sources:
        positions = ledger["position"].filter(pc.equal(ledger["source"], source)).to_numpy()
        if not (np.diff(positions) > 0).all() and len(np.unique(positions)) < len(positions):
            return True
    return False
