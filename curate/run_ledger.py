"""The ledger of a run, from what every stage found: verdicts, failed rules, flags and edits of each row."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.decisions import Decided
from tunesmith.curate.flags import flag_lists
from tunesmith.curate.ledger import DROPPED, Verdicts, ledger_table
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.rows import Rows
from tunesmith.curate.stage_contamination import CONTAMINATION, overlapping
from tunesmith.curate.stage_duplicates import duplicate_flags
from tunesmith.curate.stage_privacy import private_flags
from tunesmith.curate.stage_rules import Outcome, failed_rules, rule_flags
from tunesmith.curate.stage_semantic import semantic_flags
from tunesmith.curate.treatment import DECISION


def run_ledger(
    rows: Rows,
    verdicts: Verdicts,
    recipe: Recipe,
    outcome: Outcome,
    decided: Decided,
    overlap: pa.Table,
    evidence: pa.Table,
    semantic: pa.Table | None,
) -> pa.Table:
    """The ledger of all rows.

    :param overlap: the evidence of the contamination stage.
    :param evidence: that of the duplicates stage.
    :param semantic: that of the semantic duplicates, where the recipe asks for them.
    """
    edits = rows.columns["edits"]
    if decided.edited:
        told = edits.to_pylist()
        for number in decided.edited:
            told[number] = [*told[number], DECISION]
        edits = pa.array(told, pa.list_(pa.string()))
    stays = verdicts.verdict != DROPPED
    marked = {
        "kept by decision": decided.keep,
        **rule_flags(outcome, stays & ~decided.keep),
        **private_flags(rows.columns, redacted=recipe.privacy is not None and recipe.privacy.policy == "redact"),
        CONTAMINATION: overlapping(overlap) & stays,
        **duplicate_flags(evidence, stays),
        **semantic_flags(semantic, stays),
    }
    columns = rows.columns.set_column(
        rows.columns.schema.get_field_index("detail"),
        "detail",
        pc.if_else(overlap["item"].is_valid(), overlap["item"], rows.columns["detail"]),
    )
    flags = flag_lists(marked)
    return ledger_table(
        verdicts, row_ids=rows.row_ids, columns=columns, failed=failed_rules(outcome), flags=flags, edits=edits
    )
