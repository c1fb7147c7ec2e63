"""Stage 5 of a run: exact and near-duplicates leave or are flagged, and what is noticed about the survivors.

`duplicates.py` resolves, `near.py` compares, `findings.py` notices; here they meet the columns and the texts of a run.
The evidence stays beside the shards, one row for each row of the run, columns of `EVIDENCE`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.duplicates import exact_duplicates, no_duplicates, priority
from tunesmith.curate.keys import key_pairs
from tunesmith.curate.ledger import DROPPED, Verdicts
from tunesmith.curate.recipe import Duplicates as Wish
from tunesmith.curate.stage_input import StageInput

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Name, type, and what it says. Rows are named by their number in the run, -1 for none.
EVIDENCE: tuple[tuple[str, pa.DataType, str], ...] = (
    ("partner", pa.int64(), "the surviving row that this one repeats"),
    ("exact", pa.bool_(), "whether it repeats it by its normal form"),
    ("similarity", pa.float64(), "exact Jaccard similarity to the partner of what is compared"),
    ("answer_similarity", pa.float64(), "that of the answers"),
    ("variant", pa.int64(), "an earlier survivor that is alike in whole and not in the answer"),
    ("variant_similarity", pa.float64(), "similarity to it"),
    ("variant_answer_similarity", pa.float64(), "similarity of the answers"),
    ("conflict", pa.int64(), "the first row with the same prompt and another answer"),
    ("stock_answer", pa.int64(), "the first row with the same answer, where several prompts share it"),
    ("skeleton", pa.int64(), "the first row with the same prompt skeleton"),
)

#: A flag of the ledger for each of these columns.
FLAGS = {"variant": "variant", "conflict": "conflict", "stock_answer": "template", "skeleton": "template"}


def find_duplicates(wish: Wish, rows: StageInput) -> pa.Table:
    """The evidence of every row, columns of `EVIDENCE`."""
    lengths = rows.columns["answer_characters"].to_numpy().astype(np.int64)
    rank = priority(decided=rows.keep, answer_characters=lengths)
    found = no_duplicates(len(rank))
    if wish.exact:
        found = exact_duplicates(key_pairs(rows.columns["row_key"]), rows.alive, rank=rank)
    noticed: dict[str, Places] = dict.fromkeys(
        ("conflict", "stock_answer", "skeleton"), np.full(len(rank), -1, np.int64)
    )
    if wish.near is not None and rows.alive.any():
        from tunesmith.curate.stage_near import compare_rows  # numba, for those only who want it

        found, noticed = compare_rows(wish.near, rows, found, rank)
    columns = found._asdict() | noticed
    return pa.table([pa.array(columns[name], kind) for name, kind, _ in EVIDENCE], [name for name, *_ in EVIDENCE])


def apply_duplicates(wish: Wish, evidence: pa.Table, verdicts: Verdicts) -> None:
    """Drop the duplicates. A survivor with a flag names the row that it is flagged for, with the similarities."""
    found = {name: evidence[name].to_numpy(zero_copy_only=False) for name in evidence.column_names}
    repeats, exact = found["partner"] >= 0, found["exact"]
    near_drops = wish.near is not None and wish.near.policy == "drop"
    drops = repeats & (exact | near_drops)
    threshold = np.where(exact, 1.0, wish.near.threshold if wish.near else 1.0)
    rule = np.where(exact, "exact_duplicate", "near_duplicate").astype(object)
    verdicts.leave(drops, DROPPED, stage="duplicates", rule=rule, value=found["similarity"].copy(), threshold=threshold)
    for name, kind in (("", ""), ("variant", "variant_")):
        _name(verdicts, found[name or "partner"], found[f"{kind}similarity"], found[f"{kind}answer_similarity"])
    _name(verdicts, found["conflict"])


def _name(verdicts: Verdicts, partner: Places, *similarities: npt.NDArray[np.float64]) -> None:
    """Write a partner where none stands yet."""
    rows = (partner >= 0) & (verdicts.partner < 0)
    verdicts.partner[rows] = partner[rows]
    for target, values in zip((verdicts.similarity, verdicts.answer_similarity), similarities):
        target[rows] = values[rows]


def duplicate_flags(evidence: pa.Table, stays: Flags) -> dict[str, Flags]:
    """The rows that each flag is for; a row that left has none."""
    marked: dict[str, Flags] = {}
    for column, flag in {"partner": "near_duplicate", **FLAGS}.items():
        rows = stays & (evidence[column].to_numpy() >= 0)
        marked[flag] = marked.get(flag, rows) | rows
    return marked
