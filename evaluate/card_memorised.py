"""The line about answers that repeat the training set, with the rows that they repeat.

memorised_line(systems, RULES["memorised"], open_run(Path("runs/medical")), 0)["examples"][0]["values"]["row_id"]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tunesmith.curate.rundata import RunData
from tunesmith.evaluate.card_answers import Answers, Systems
from tunesmith.evaluate.card_examples import faults, shown
from tunesmith.evaluate.card_figures import paired
from tunesmith.evaluate.card_lines import Line, Rule, share_line, unmeasured
from tunesmith.evaluate.memorised import Memorised, find_memorised, repeats_within
from tunesmith.evaluate.memorised_training import learned_text


def memorised_line(systems: Systems, rule: Rule, run: RunData | None, seed: int) -> Line:
    """The line; without a run it says that nothing was compared."""
    if run is None:
        return unmeasured(rule, "not_measured")
    after = _found(systems.after, run)
    before = _found(systems.before, run) if systems.before else None
    places = faults(systems.pairs, after.marks == 1, None if before is None else before.marks == 1)
    examples = [shown(systems, place, _repeated(after, place, run)) for place in places]
    line = share_line(rule, paired(systems, after.marks, before.marks if before else None), examples, seed=seed)
    within = repeats_within(run)
    values = {"expected": within.share or 0.0, "expected_n": within.n}
    return {**line, "values": line["values"] | _counts(after, run) | values}


def _found(answers: Answers, run: RunData) -> Memorised:
    return find_memorised(answers.prompts, answers.texts, run)


def _counts(found: Memorised, run: RunData) -> dict[str, Any]:
    repeats = found.marks == 1
    return {
        "found": int(repeats.sum()),
        "short": int(np.isnan(found.marks).sum()),
        "rows_compared": found.n_rows,
        "rows_repeated": len(np.unique(found.rows[repeats])),
        "longest": int(found.longest[repeats].max(initial=0)),
        "run": run.folder.name,
    }


def _repeated(found: Memorised, place: int, run: RunData) -> dict[str, Any]:
    start, end = found.spans[place].tolist()
    return {
        "note": "memorised",
        "values": {
            "row_id": found.row_ids[place],
            "training_answer": learned_text(run, int(found.rows[place])),
            "containment": float(found.containment[place]),
            "longest": int(found.longest[place]),
            "span": [start, end],
        },
    }
