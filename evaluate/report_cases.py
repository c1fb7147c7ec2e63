"""The items to read first, as the page shows them: prompt, reference, both answers, and what each metric said.

>>> view = cases_view("regressions", pair, "en")  # doctest: +SKIP
>>> view["cases"][0]["id"], view["cases"][0]["facts"]  # doctest: +SKIP
('eval-137', ['Correct right → wrong', 'ROUGE-L 41.2 → 12.0'])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.evaluate.report_figures import scale_for
from tunesmith.evaluate.report_texts import Answer, compared, left_out, prompt_turns, shortened
from tunesmith.evaluate.report_words import Language, metric, say

View = dict[str, Any]

CASES_SHOWN = 10
_TEXT_METRICS = ("rougeL", "chrf", "token_f1")
_FACTS_SHOWN = 4


def cases_view(side: str, pair: Mapping[str, Any], language: Language) -> View:
    """The first of the cases, and how many there are.

    :param side: `regressions` or `improvements`.
    """
    cases = [_case(case, pair, language) for case in pair[side][:CASES_SHOWN]]
    return {"side": side, "n": pair[f"n_{side}"], "cases": cases}


def _case(case: Mapping[str, Any], pair: Mapping[str, Any], language: Language) -> View:
    before, after = case["before"], case["after"]
    sides = compared(before or "", after or "")
    whole = case.get("characters") or {}
    return {
        "id": case["id"],
        "facts": facts_of(case, pair, language),
        "turns": prompt_turns(case["messages"]),
        "references": [{"parts": _plain(text), "left_out": left_out(text)} for text in case["references"] if text],
        "is_marked": all(side.is_marked for side in sides),
        "sides": [
            _side("before", pair["before"], before, sides[0], whole.get("before")),
            _side("after", pair["after"], after, sides[1], whole.get("after")),
        ],
    }


def _side(side: str, system: str, text: str | None, answer: Answer, whole: int | None) -> View:
    """One answer. What the summary itself had cut is counted as left out too."""
    beyond = max(0, (whole or 0) - len(text or ""))
    return {
        "side": side,
        "system": system,
        "is_missing": text is None,
        "parts": answer.parts,
        "left_out": answer.left_out,
        "beyond": beyond,
    }


def _plain(text: str) -> list[Any]:
    from tunesmith.curate.word_diff import Piece

    return [(Piece(part.text, False),) for part in shortened(text)]


def facts_of(case: Mapping[str, Any], pair: Mapping[str, Any], language: Language) -> list[str]:
    """`Correct right → wrong`, `ROUGE-L 41.2 → 12.0`: what decided the place of the case first."""
    values = case.get("values") or {}
    flipped = [*case.get("lost", ()), *case.get("gained", ())]
    codes = dict.fromkeys([str(case.get("by")), *flipped, *_TEXT_METRICS])
    told = [_fact(code, values[code], pair, language) for code in codes if code in values]
    return told[:_FACTS_SHOWN]


def _fact(code: str, value: Mapping[str, float], pair: Mapping[str, Any], language: Language) -> str:
    entry = pair["metrics"].get(code) or (pair.get("shifts") or {}).get(code) or {}
    title = metric(language, code)
    if entry.get("kind") == "binary" or entry.get("flips") is not None:
        before, after = (say(language, "right" if value[side] else "wrong") for side in ("before", "after"))
    else:
        before, after = (scale_for(entry).figure(value[side]) for side in ("before", "after"))
    return f"{title} {before} → {after}"
