"""The ledger of a run, from what every stage found: verdicts, failed rules, flags and edits of each row."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.decisions import Decided
from tunesmith.curate.flags import flag_lists
from tunesmith.curate.ledger import DROPPED, LEDGER_SCHEMA, Verdicts, ledger_table
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.rows import Rows
from tunesmith.curate.stage_contamination import CONTAMINATION, overlapping
from tunesmith.curate.stage_duplicates import duplicate_flags
from tunesmith.curate.stage_privacy import private_flags
from tunesmith.curate.stage_rules import Outcome, failed_rules, rule_flags
from tunesmith.curate.stage_semantic import semantic_flags
from tunesmith.curate.stages import read_table, write_parts
from tunesmith.curate.treatment import DECISION

#: Rows whose lines are in memory at the same time.
_ROWS_A_TIME = 1 << 17


def run_ledger(
    path: Path,
    rows: Rows,
    verdicts: Verdicts,
    recipe: Recipe,
    outcome: Outcome,
    decided: Decided,
    overlap: pa.Table,
    evidence: pa.Table,
    semantic: pa.Table | None,
) -> pa.Table:
    """The ledger of all rows, written to a file of the stage cache and mapped from there.

    :param overlap: the evidence of the contamination stage.
    :param evidence: that of the duplicates stage.
    :param semantic: that of the semantic duplicates, where the recipe asks for them.
    """
    stays = verdicts.verdict != DROPPED
    marked = {
        "kept by decision": decided.keep,
        **rule_flags(outcome, stays & ~decided.keep),
        **private_flags(rows.columns, redacted=recipe.privacy is not None and recipe.privacy.policy == "redact"),
        CONTAMINATION: overlapping(overlap) & stays,
        **duplicate_flags(evidence, stays),
        **semantic_flags(semantic, stays),
    }
    flags, failed = flag_lists(marked), failed_rules(outcome)

    def lines(start: int) -> pa.Table:
        here = slice(start, start + _ROWS_A_TIME)
        columns, items = rows.columns.slice(start, _ROWS_A_TIME), overlap["item"].slice(start, _ROWS_A_TIME)
        detail = pc.if_else(items.is_valid(), items, columns["detail"])
        return ledger_table(
            verdicts.part(here),
            row_ids=rows.row_ids,
            columns=columns.set_column(columns.schema.get_field_index("detail"), "detail", detail),
            failed=failed[here],
            flags=flags[here],
            edits=_edits(columns["edits"], decided, start),
            first=start,
        )

    write_parts(path, LEDGER_SCHEMA, (lines(start) for start in range(0, len(rows.columns), _ROWS_A_TIME)))
    return read_table(path)


def _edits(edits: pa.ChunkedArray, decided: Decided, start: int) -> pa.ChunkedArray | pa.Array:
    """What changed the rows from `start` on, a person's edits last."""
    mine = [number - start for number in decided.edited if 0 <= number - start < len(edits)]
    if not mine:
        return edits
    told = edits.to_pylist()
    for place in mine:
        told[place] = [*told[place], DECISION]
    return pa.array(told, pa.list_(pa.string()))
