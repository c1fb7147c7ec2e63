"""One pair of systems as the page shows it: verdict, plots, wins, shifts, slices, and the items to read.

>>> view = pair_views(summary, "en")[0]  # doctest: +SKIP
>>> view["verdict"]["kind"], view["forest"]["lines"][0]["title"]  # doctest: +SKIP
('unclear', 'Correct')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate.report_format import visible
from tunesmith.evaluate.report_cases import cases_view
from tunesmith.evaluate.report_figures import ALPHA, Entry, figure_line, plotted, scale_for
from tunesmith.evaluate.report_numbers import is_number
from tunesmith.evaluate.report_plot import parts_picture
from tunesmith.evaluate.report_verdict import counts_of, joined, verdict_of_pair
from tunesmith.evaluate.report_words import Language, items, metric, name, say

View = dict[str, Any]
Pair = Mapping[str, Any]

IDS_SHOWN = 60  # of the items that changed sides; comparison.json has all
_TEXT_METRICS = ("rougeL", "chrf", "token_f1")


def pair_views(summary: Mapping[str, Any], language: Language) -> list[View]:
    """Each pair of the summary. Where there are several, `anchor` is that of its heading."""
    pairs = summary["pairs"]
    n_tests = sum(len(pair["metrics"]) for pair in pairs)
    anchors = [f"p{number}" if len(pairs) > 1 else "" for number, _ in enumerate(pairs, 1)]
    return [
        pair_view(pair, summary["primary"], language, n_tests=n_tests, anchor=anchor)
        for pair, anchor in zip(pairs, anchors)
    ]


def pair_view(pair: Pair, primary: str | None, language: Language, *, n_tests: int, anchor: str = "") -> View:
    """All that the page says of one pair.

    :param anchor: of its heading, and before those of its sections, where a page has several pairs.
    """
    view = {
        "anchor": anchor,
        "prefix": f"{anchor}-" if anchor else "",
        "before": pair["before"],
        "after": pair["after"],
        "verdict": verdict_of_pair(pair, primary, language, n_tests=n_tests),
        "counts": counts_of(pair, language),
        "forest": forest_view(pair["metrics"], primary, language),
        "wins": _wins(pair, language),
        "flips": _flips(pair, language),
        "shifts": _shifts(pair.get("shifts") or {}, language),
        "slices": _slices(pair.get("slices") or {}, primary, language),
        "coverage": joined(_coverage(pair, primary, language), language),
        "cases": [cases_view(side, pair, language) for side in ("regressions", "improvements")],
    }
    return view | {"sections": _sections(view)}


def _sections(view: View) -> list[str]:
    """Which sections there is something to show in, in their order."""
    there = {
        "forest": view["forest"]["lines"],
        "wins": view["flips"] or view["wins"],
        "slices": view["slices"],
        "shifts": view["shifts"],
        **{found["side"]: found["side"] == "regressions" or found["cases"] for found in view["cases"]},
    }
    return [section for section, found in there.items() if found]


def forest_view(entries: Mapping[str, Entry], primary: str | None, language: Language) -> View:
    """Every metric with a verdict, the deciding one first."""
    order = sorted(entries, key=lambda code: code != primary)
    lines = [{**figure_line(code, entries[code], language), "is_primary": code == primary} for code in order]
    return plotted(lines, language)


def _coverage(pair: Pair, primary: str | None, language: Language) -> list[str]:
    """How many items both have, how many answers failed, and what would be if these were wrong answers."""
    found = pair["coverage"]
    told = [items(language, found["shared"]) + say(language, "full_stop")]
    if found["failed_before"] or found["failed_after"]:
        failed = {side: items(language, len(found[f"failed_{side}"])) for side in ("before", "after")}
        told.append(say(language, "failed_sides", **failed))
    as_wrong = found.get("failed_as_wrong")
    if as_wrong and primary:
        line = figure_line(primary, as_wrong, language)
        shown = {key: line[key] for key in ("before", "after", "difference", "interval", "verdict")}
        told.append(say(language, "failed_as_wrong", metric=line["title"], **shown))
    return told


def _wins(pair: Pair, language: Language) -> list[View]:
    """Metrics of more than right and wrong; those of right and wrong are told as flips."""
    found = []
    for code, counts in (pair.get("wins") or {}).items():
        if pair["metrics"].get(code, {}).get("flips") is not None:
            continue
        parts = [(part, counts[part]) for part in ("win", "tie", "loss")]
        told = {part: f"{count:,}" for part, count in parts}
        title = metric(language, code)
        label = say(language, "wins_label", metric=visible(title), **told)
        found.append({"title": title, **counts, "picture": parts_picture(parts, label=label)})
    return found


def _flips(pair: Pair, language: Language) -> list[View]:
    """What became right and wrong by each metric of right and wrong."""
    found = []
    for code, entry in pair["metrics"].items():
        flips = entry.get("flips")
        if flips is None:
            continue
        same = entry["n"] - flips["gained"] - flips["lost"]
        title = metric(language, code)
        parts = [("win", flips["gained"]), ("tie", same), ("loss", flips["lost"])]
        counts = dict(parts)
        told = {"gained": f"{flips['gained']:,}", "lost": f"{flips['lost']:,}", "same": f"{same:,}"}
        label = say(language, "flips_label", metric=visible(title), **told)
        ids = (pair.get("flips") or {}).get(code) or {}
        sides = [_ids(side, ids.get(side) or ()) for side in ("lost", "gained")]
        line = {"title": title, **counts, "picture": parts_picture(parts, label=label)}
        found.append({**line, "sides": [side for side in sides if side["ids"]]})
    return found


def _ids(side: str, ids: Sequence[str]) -> View:
    return {"side": side, "ids": list(ids[:IDS_SHOWN]), "more": max(0, len(ids) - IDS_SHOWN)}


def _shifts(entries: Mapping[str, Entry], language: Language) -> list[View]:
    """Each with bars, and whether the change is more than chance.

    Bars of shares all run from 0 to 100, so that a rare thing looks rare; a length has a scale of its own.
    """
    found = []
    for code, entry in entries.items():
        scale = scale_for(entry)
        ends = [value for value in (entry.get("before"), entry.get("after")) if is_number(value)]
        is_clear = is_number(entry.get("p_adjusted")) and entry["p_adjusted"] <= ALPHA
        line = figure_line(code, entry, language)
        bars = {side: max(0.0, entry[side]) if is_number(entry.get(side)) else 0.0 for side in ("before", "after")}
        unit = "points" if scale.is_points else str(entry.get("unit"))
        clear = "none" if not is_number(entry.get("p_adjusted")) else "clear" if is_clear else "unclear"
        most = max([100 / scale.factor if scale.is_points else 0.0, *ends])
        found.append({**line, "bars": bars, "most": most, "movement": clear, "unit": name(language, "unit", unit)})
    return found


def _slices(fields: Mapping[str, Any], primary: str | None, language: Language) -> list[View]:
    """For each field the deciding metric as a plot, and a table of the others."""
    found = []
    for field, values in fields.items():
        codes = list(dict.fromkeys(code for entries in values.values() for code in entries))
        if not codes:
            continue
        order = sorted(values, key=natural)
        shown = shown_codes(values, codes, primary)
        found.append(
            {
                "field": name(language, "field", field),
                "title": name(language, "field_title", field),
                "plots": [_slice_plot(values, order, code, language) for code in shown],
                "others": _others(values, order, [code for code in codes if code not in shown], language),
            }
        )
    return found


def shown_codes(values: Mapping[str, Any], codes: Sequence[str], primary: str | None) -> list[str]:
    """The deciding metric where two groups have it; and one that all groups have, where it leaves some out."""
    n_groups = {code: sum(code in entries for entries in values.values()) for code in codes}
    shown = [primary] if primary and n_groups.get(primary, 0) > 1 else []
    if shown and n_groups[shown[0]] == len(values):
        return shown
    widest = [code for code in codes if n_groups[code] == max(n_groups.values()) and code not in shown]
    return [*shown, next((code for code in _TEXT_METRICS if code in widest), widest[0])] if widest else shown


def _slice_plot(values: Mapping[str, Any], order: Sequence[str], code: str, language: Language) -> View:
    lines = [_slice_line(value, values[value][code], code, language) for value in order if code in values[value]]
    return {"metric": metric(language, code), "forest": plotted(lines, language)}


def _slice_line(value: str, entry: Entry, code: str, language: Language) -> View:
    return {**figure_line(code, entry, language), "title": name(language, "value", value), "about": ""}


def _others(values: Mapping[str, Any], order: Sequence[str], codes: Sequence[str], language: Language) -> View | None:
    """Rows of groups, columns of metrics: differences with the colour of their verdicts."""
    if not codes:
        return None
    rows = []
    for value in order:
        cells = [figure_line(code, values[value][code], language) if code in values[value] else None for code in codes]
        rows.append({"title": name(language, "value", value), "cells": cells})
    return {"titles": [metric(language, code) for code in codes], "rows": rows}


def natural(value: str) -> tuple[int, int, str]:
    """`0–31` before `32–54` before `100–200`; words behind numbers, in the order of the alphabet."""
    found = re.match(r"\d+", value)
    return (0, int(found[0]), value) if found else (1, 0, value)
