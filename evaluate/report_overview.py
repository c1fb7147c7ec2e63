"""Several systems at once: the difference of each from the first, by metric, in one table.

>>> overview_view(summary, pair_views(summary, "en"), "en")["rows"][0]["cells"][1]["difference"]  # doctest: +SKIP
'+4.2'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.evaluate.report_figures import figure_line
from tunesmith.evaluate.report_words import Language, metric

View = dict[str, Any]


def overview_view(summary: Mapping[str, Any], views: Sequence[View], language: Language) -> View:
    """Rows of metrics, a column a system: before and after are on the items that both of the pair have.

    :param views: of the pairs, as `pair_views` gives them.
    """
    pairs = summary["pairs"]
    primary = summary["primary"]
    codes = dict.fromkeys(code for pair in pairs for code in pair["metrics"])
    order = sorted(codes, key=lambda code: code != primary)
    return {
        "first": pairs[0]["before"],
        "systems": [pair["after"] for pair in pairs],
        "rows": [_row(code, pairs, primary, language) for code in order],
        "verdicts": [{**view["verdict"], "anchor": view["anchor"], "system": view["after"]} for view in views],
    }


def _row(code: str, pairs: Any, primary: str | None, language: Language) -> View:
    lines = [figure_line(code, pair["metrics"][code], language) if code in pair["metrics"] else None for pair in pairs]
    return {
        "title": metric(language, code),
        "is_primary": code == primary,
        "cells": lines,
    }
