"""The report card of a tuned model: what it does to its answers that no score of right and wrong shows.

    card = report_card(read_predictions(Path("before.jsonl")), read_predictions(Path("after.jsonl")),
                       run=Path("runs/medical"), retention=Path("retention"))
    card["lines"][0]  # {"name": "forgetting", "value": 0.61, "difference": -0.02, "verdict": "fine", …}

Lines stand in the order of `RULES` in `card_lines.py`, those too of which nothing is known: their `note` says why.
Without a model before, a line has its figure and only says what is a fault by itself. Figures are shares from 0 to 1
but for `length`. Every p is also adjusted over the lines of the card (Holm), and verdicts rest on that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.rundata import RunData, open_run
from tunesmith.evaluate.adherence import SETTINGS as ADHERENCE
from tunesmith.evaluate.card_answers import Systems, systems_of
from tunesmith.evaluate.card_figures import LINES
from tunesmith.evaluate.card_lines import ALPHA, LEAST_ITEMS, RULES, Judgement, Line, judge
from tunesmith.evaluate.card_memorised import memorised_line
from tunesmith.evaluate.card_retention import forgetting_line, read_retention
from tunesmith.evaluate.holm import holm
from tunesmith.evaluate.memorised import CONTAINED, LEAST_WINDOWS, PASSAGE, WINDOW
from tunesmith.evaluate.openings import OPENING
from tunesmith.evaluate.predictions import Predictions


def report_card(
    before: Predictions | None,
    after: Predictions,
    *,
    run: RunData | Path | None = None,
    retention: Mapping[str, Any] | Path | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """The card as plain data: `lines` and `settings`; docs/card.md says what each key holds.

    :param run: the run of the curation stage that the model was trained on, or its folder.
    :param retention: what `evaluate retention` found, or its folder.
    :param seed: of the intervals that are resampled.
    :raises InputError: where the run or the retention result cannot be read.
    """
    systems = systems_of(before, after)
    forgetting, decided = forgetting_line(RULES["forgetting"], _retention(retention))
    lines = [make(systems, RULES[name], seed) for name, make in LINES.items()]
    lines.append(memorised_line(systems, RULES["memorised"], _run(run), seed))
    return {
        "lines": [_with(forgetting, decided), *_judged(lines)],
        "settings": _settings(systems, seed),
    }


def _retention(given: Mapping[str, Any] | Path | None) -> Mapping[str, Any] | None:
    return read_retention(given) if isinstance(given, Path) else given


def _run(given: RunData | Path | None) -> RunData | None:
    return open_run(given) if isinstance(given, Path) else given


def _judged(lines: list[Line]) -> list[Line]:
    adjusted = holm([line["p"] for line in lines])
    lines = [{**line, "p_adjusted": p} for line, p in zip(lines, adjusted)]
    return [_with(line, judge(RULES[line["name"]], line)) for line in lines]


def _with(line: Line, judged: Judgement) -> Line:
    values = line["values"] if judged.needed is None else line["values"] | {"needed": judged.needed}
    return {**line, "verdict": judged.verdict, "note": judged.note, "values": values}


def _settings(systems: Systems, seed: int) -> dict[str, Any]:
    """All that the figures depend on, and how many answers they are of."""
    return {
        "seed": seed,
        "alpha": ALPHA,
        "adjusted": "Holm",
        "least_items": LEAST_ITEMS,
        "limits": {
            rule.name: {"harm": rule.harm, "tolerance": rule.tolerance, "look": rule.look_from, "bad": rule.bad_from}
            for rule in RULES.values()
        },
        "opening_tokens": OPENING,
        "memorised": {
            "window_tokens": WINDOW,
            "contained": CONTAINED,
            "passage_tokens": PASSAGE,
            "least_windows": LEAST_WINDOWS,
        },
        "format": ADHERENCE,
        "coverage": systems.coverage,
    }
