"""What a run found by meaning about one row: why a good row was not taken, and the row that stands for it.

>>> left_out(run, run.number_of("general:24")).partner.row_id  # doctest: +SKIP
'general:241'
"""

from __future__ import annotations

from tunesmith.curate.balanced import balanced_as
from tunesmith.curate.ledger import UNSAMPLED
from tunesmith.curate.likeness import beside
from tunesmith.curate.rundata import RunData
from tunesmith.curate.story import LeftOut


def left_out(run: RunData, number: int) -> LeftOut | None:
    """Why the selection or the balance did not take a row; None where they did not leave it out."""
    line = run.line(number)
    if line["verdict"] != UNSAMPLED or line["stage"] not in ("select", "balance"):
        return None
    if line["stage"] == "balance":
        by, name, title = balanced_as(run, number)
        shown = f"{name} ({' · '.join(title)})" if title else name
        return LeftOut(line["rule"], None, None, by, shown, int(line["threshold"]))
    other = run.number_of(line["partner"]) if line["partner"] else None
    partner = beside(run, number, other, line["similarity"], None) if other is not None else None
    return LeftOut(line["rule"], partner, line["threshold"], None, None, None)
