"""The report of one system's scores: one HTML file that needs nothing else, in English or Chinese.

>>> html = render_scores(json.loads(Path("scores/scores.json").read_text()), "en")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from tunesmith.evaluate.report_figures import scale_for
from tunesmith.evaluate.report_page import page
from tunesmith.evaluate.report_pairs import natural, shown_codes
from tunesmith.evaluate.report_score_table import score_line, table_of
from tunesmith.evaluate.report_words import Language, has, items, metric, name, say

View = dict[str, Any]
Figures = Mapping[str, Mapping[str, Any]]

#: What speaks for a slice, unless only another metric is there.
_PRIMARY = ("correct", "choice_accuracy", "numeric_match", "rougeL")


def render_scores(summary: Mapping[str, Any], language: Language) -> str:
    """The whole page as HTML.

    :param summary: scores.json; see docs/metrics.md.
    """
    metrics: Figures = summary["metrics"]
    primary = next((code for code in _PRIMARY if code in metrics), None)
    quality, others = ([code for code in metrics if _is_quality(metrics[code]) == wanted] for wanted in (True, False))
    views = {
        "quality": _table(metrics, quality, language),
        "others": _table(metrics, others, language),
        "slices": _slices(summary["slices"], metrics, quality, primary, language),
    }
    return page(
        "scores.html.j2",
        language,
        s=summary,
        sections=[section for section in views if views[section]] + ["settings", "reading"],
        coverage=_coverage(summary["coverage"], language),
        undivided=_undivided(summary.get("undivided") or {}, language),
        signatures=[(metric(language, code), one["signature"]) for code, one in metrics.items()],
        version=version("tunesmith"),
        **views,
    )


def _is_quality(figure: Mapping[str, Any]) -> bool:
    return bool(figure["better"] != "neither")


def _table(metrics: Figures, codes: Sequence[str], language: Language) -> View | None:
    return table_of([_line(code, metrics[code], metrics[code], language) for code in codes]) if codes else None


def _line(code: str, figure: Mapping[str, Any], spec: Mapping[str, Any], language: Language) -> View:
    about = name(language, "about", code) if has(language, "about", code) else ""
    unreadable = figure.get("unreadable")
    note = say(language, "unreadable", n=f"{unreadable:,}") if unreadable else ""
    return score_line(metric(language, code), figure, scale_for(spec), language, about=about, note=note)


def _slices(
    fields: Mapping[str, Any], metrics: Figures, quality: Sequence[str], primary: str | None, language: Language
) -> list[View]:
    found = []
    for field, values in fields.items():
        there = [code for code in metrics if any(code in entries for entries in values.values())]
        directional = [code for code in there if code in quality]
        if not there:
            continue
        order = sorted(values, key=natural)
        shown = shown_codes(values, directional or there, primary)
        plots = [_slice_plot(values, order, code, metrics[code], language) for code in shown]
        title = name(language, "field_title", field)
        field_name = name(language, "field", field)
        others = _others(values, order, [code for code in there if code not in shown], metrics, language)
        found.append({"title": title, "field": field_name, "plots": plots, "others": others})
    return found


def _slice_plot(
    values: Mapping[str, Any], order: Sequence[str], code: str, spec: Mapping[str, Any], language: Language
) -> View:
    lines = [
        {**_line(code, values[value][code], spec, language), "title": name(language, "value", value), "about": ""}
        for value in order
        if code in values[value]
    ]
    return {"metric": metric(language, code), "table": table_of(lines)}


def _others(
    values: Mapping[str, Any], order: Sequence[str], codes: Sequence[str], metrics: Figures, language: Language
) -> View | None:
    """Rows of groups, columns of metrics."""
    if not codes:
        return None
    rows = [
        {
            "title": name(language, "value", value),
            "cells": [
                _line(code, values[value][code], metrics[code], language) if code in values[value] else None
                for code in codes
            ],
        }
        for value in order
    ]
    return {"titles": [metric(language, code) for code in codes], "rows": rows}


def _coverage(found: Mapping[str, Any], language: Language) -> View:
    """How many questions there are, and what became of them; parts of no items are left out."""
    parts = [("failed", found["failed"]), ("empty", found["empty"]), ("without_reference", found["without_reference"])]
    parts.append(("unanswered", found.get("unanswered", 0)))
    return {
        "sentence": say(language, "scored", predicted=f"{found['predicted']:,}", items=items(language, found["items"])),
        "parts": [{"title": name(language, "count", key), "count": count} for key, count in parts if count],
        "failures": [
            {"reason": name(language, "failure", reason), "count": count}
            for reason, count in (found.get("failures") or {}).items()
        ],
    }


def _undivided(fields: Mapping[str, int], language: Language) -> list[str]:
    return [say(language, "undivided", field=field, n=f"{count:,}") for field, count in fields.items()]
