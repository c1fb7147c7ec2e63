"""The verdict of a comparison in sentences, for somebody who knows no statistics; the page and the Markdown share them.

>>> verdict_of_pair(pair, "correct", "en", n_tests=13)["headline"]  # doctest: +SKIP
'The data do not show that “after” is better or worse than “before”.'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.evaluate.report_figures import figure_line, is_clear_alone, kind_of, scale_for
from tunesmith.evaluate.report_numbers import is_number, p_value
from tunesmith.evaluate.report_words import Language, items, metric, say

View = dict[str, Any]
LEAST_ITEMS = 30  # below it, no difference has a verdict
_ORDER = ("worse", "better", "unclear", "few")


def verdict_of_pair(
    pair: Mapping[str, Any], primary: str | None, language: Language, *, n_tests: int | None = None
) -> View:
    """What the primary metric says of one pair: `kind`, `headline`, and the `sentences` that bear it out.

    :param n_tests: how many differences were tested together, all metrics of all pairs; those of this pair by default.
    """
    n_tests = n_tests or len(pair["metrics"])
    entry = pair["metrics"].get(primary) if primary else None
    kind = kind_of(entry["verdict"]) if entry else "none"
    headline = say(language, f"headline_{kind}", before=pair["before"], after=pair["after"])
    if entry is None:
        return {"kind": kind, "headline": headline, "sentences": []}
    sentences = [_figure_sentence(primary or "", entry, language), *_sentences(entry, n_tests, language)]
    return {"kind": kind, "headline": headline, "sentences": sentences}


def _figure_sentence(code: str, entry: Mapping[str, Any], language: Language) -> str:
    line = figure_line(code, entry, language)
    moved = line["shown"] or 0
    key = "stood" if line["kind"] not in ("better", "worse") else "rose" if moved > 0 else "fell"
    if line["shown"] is not None and line["before"] == line["after"] and not moved:
        key = "stayed"
    shown = {part: line[part] for part in ("before", "after", "difference", "interval", "items")}
    return say(language, key, metric=line["title"], **shown)


def _sentences(entry: Mapping[str, Any], n_tests: int, language: Language) -> list[str]:
    """What the verdict means: what would have been seen, or how many items are missing."""
    scale = scale_for(entry)
    kind = kind_of(entry["verdict"])
    found = []
    if kind in ("better", "worse"):
        key = "hardly_chance" if n_tests > 1 else "hardly_chance_alone"
        found.append(say(language, key, p=p_value(entry.get("p_adjusted")), n=f"{n_tests:,}"))
    if kind == "few":
        found.append(_too_few(entry, language))
        if is_number(entry.get("needed")):
            found.append(say(language, "too_few_needed", needed=f"{entry['needed']:,}"))
    if kind == "unclear" and is_clear_alone(entry):
        found.append(say(language, "alone", n=f"{n_tests:,}"))
    if kind == "unclear" and is_number(entry.get("detectable")):
        size = scale.difference(abs(entry["detectable"])).removeprefix("+")
        found.append(say(language, "blind", detectable=size))
    return found


def _too_few(entry: Mapping[str, Any], language: Language) -> str:
    """What there is too little of: items, or groups of items."""
    groups = entry.get("n_groups")
    if is_number(groups) and groups < LEAST_ITEMS:
        return say(language, "too_few_groups", n=f"{groups:,}")
    return say(language, "too_few_n", items=items(language, entry["n"]))


def counts_of(pair: Mapping[str, Any], language: Language) -> View:
    """How many metrics of a pair are better, worse …, as one sentence, and which ones moved."""
    kinds = [kind_of(entry["verdict"]) for entry in pair["metrics"].values()]
    told = [say(language, f"count_{kind}", n=f"{kinds.count(kind):,}") for kind in _ORDER if kind in kinds]
    lists = {key: _moved(pair["metrics"], key, language) for key in ("worse", "better")}
    return {
        "text": say(language, "separator").join(told),
        "lists": [say(language, f"glance_{key}", metrics=listed) for key, listed in lists.items() if listed],
    }


def _moved(entries: Mapping[str, Any], kind: str, language: Language) -> str:
    """`ROUGE-L −3.1, Correct −4.0`: the metrics with this verdict."""
    told = []
    for code, entry in entries.items():
        if kind_of(entry["verdict"]) == kind:
            told.append(f"{metric(language, code)} {scale_for(entry).difference(entry['difference'])}")
    return say(language, "separator").join(told)


def joined(texts: Sequence[str], language: Language) -> str:
    """Sentences one after the other; Chinese needs no space between them."""
    return ("" if language == "zh" else " ").join(text for text in texts if text)
