"""Scores of one system on a scale from 0 to 100, each with its interval: lines and pictures of a table.

>>> table = scores_table([("All subjects", {"value": 0.6, "interval": (0.57, 0.63), "n": 900})], "en")
>>> table["lines"][0]["value"], table["lines"][0]["interval"], table["lines"][0]["items"]
('60.0%', '57.0% to 63.0%', '900 items')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate.report_format import visible
from tunesmith.evaluate.report_figures import interval_text
from tunesmith.evaluate.report_numbers import Scale, bounds, scale_of
from tunesmith.evaluate.report_plot import Axis, axis_picture, interval_picture
from tunesmith.evaluate.report_words import Language, items, say

View = dict[str, Any]

_HUNDRED = Axis(-2.0, 102.0, (0, 20, 40, 60, 80, 100))
_SHARE = scale_of("0-1", is_share=True)


def scores_table(entries: Sequence[tuple[str, Mapping[str, Any]]], language: Language) -> View:
    """A table of shares: each a title with `value`, `interval` and `n`."""
    return table_of([score_line(title, entry, _SHARE, language) for title, entry in entries])


def table_of(lines: Sequence[View]) -> View:
    """Lines with the axis under them."""
    return {"lines": list(lines), "axis": axis_picture(_HUNDRED, signs=False)}


def score_line(
    title: str, figure: Mapping[str, Any], scale: Scale, language: Language, *, about: str = "", note: str = ""
) -> View:
    """One score; only those on a scale from 0 to 100 have a picture."""
    ends = bounds(figure["interval"])
    value, interval = scale.figure(figure["value"]), interval_text(scale, figure["interval"], language, signs=False)
    label = say(language, "score_label", metric=visible(title), value=value, interval=interval)
    reach = None if ends is None else (ends[0] * scale.factor, ends[1] * scale.factor)
    shown = scale.shown(figure["value"])
    return {
        "title": title,
        "about": about,
        "note": note,
        "items": items(language, figure["n"]),
        "value": value,
        "interval": interval,
        "picture": interval_picture(_HUNDRED, shown, reach, "one", label=label) if scale.is_points else None,
    }
