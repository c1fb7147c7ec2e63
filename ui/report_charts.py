"""The pictures of a comparison as Vega-Lite: differences with their intervals, and shares of items.

Colours are the theme's: better is its first colour, worse its second, no verdict a grey that is read on both grounds.

>>> forest(pair_view["forest"]["lines"])["height"]  # doctest: +SKIP
338
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

_GREY = "#808a8c"
#: Light and dark, as `.streamlit/config.toml` has them.
_COLOURS = {"better": ("#0f6f6c", "#4db6b0"), "worse": ("#c8702a", "#e79a5b")}
_LINE = 26


def forest(lines: Sequence[Mapping[str, Any]], *, dark: bool = False) -> Spec:
    """After less before, a line a metric, with the line of no change.

    :param lines: as `figure_line` makes them; those without a difference in points are left out.
    """
    values = [_value(line) for line in lines if line["is_points"] and line["shown"] is not None]
    labels = {"title": None, "labelLimit": 170, "labelOverlap": False, "labelPadding": 8}
    y = {
        "field": "metric",
        "type": "nominal",
        "sort": None,
        "axis": {**labels, "ticks": False, "domain": False, "grid": True},
    }
    numbers = {"title": None, "tickCount": 6, "grid": True, "labelOverlap": True}
    x = {"type": "quantitative", "axis": numbers, "scale": {"domain": _domain(values), "nice": False}}
    told = [{"field": name, "type": "nominal"} for name in ("metric", "difference", "interval", "items", "verdict")]
    color = {"field": "kind", "type": "nominal", "legend": None, "scale": _scale(dark)}
    return {
        "data": {"values": values},
        "height": _LINE * max(1, len(values)),
        "encoding": {"y": y, "color": color, "tooltip": told},
        "layer": [
            {
                "data": {"values": [{"none": 0}]},
                "mark": {"type": "rule", "strokeWidth": 1.5, "color": _GREY, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "none", **x}, "y": None, "color": None, "tooltip": None},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.75},
                "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {"x": {"field": "shown", **x}},
            },
        ],
    }


def shares(parts: Sequence[tuple[str, str, int]], *, dark: bool = False) -> Spec:
    """How many items went which way, as one bar.

    :param parts: of each its kind (`better`, `unclear`, `worse`), its name in plain text, and how many.
    """
    values = [{"kind": kind, "part": part, "n": n, "place": place} for place, (kind, part, n) in enumerate(parts) if n]
    total = sum(n for _, _, n in parts) or 1
    across = {"stack": "zero", "axis": None, "scale": {"domain": [0, total], "nice": False}}
    return {
        "data": {"values": values},
        "height": 34,
        "mark": {"type": "bar", "size": 26, "stroke": None},
        "encoding": {
            "x": {"field": "n", "type": "quantitative", **across},
            "color": {"field": "kind", "type": "nominal", "legend": None, "scale": _scale(dark)},
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [
                {"field": "part", "type": "nominal", "title": " "},
                {"field": "n", "type": "quantitative", "format": ",", "title": "n"},
            ],
        },
    }


def _domain(values: Sequence[Mapping[str, Any]]) -> list[float]:
    """From the lowest end to the highest, with 0 and some room at either side."""
    ends = [0.0, *(value[end] for value in values for end in ("low", "high"))]
    low, high = min(ends), max(ends)
    room = max(0.04 * (high - low), 0.5)
    return [low - room, high + room]


def _value(line: Mapping[str, Any]) -> dict[str, Any]:
    low, high = line["reach"] or (line["shown"], line["shown"])
    return {
        "metric": f"{line['title']} · n {line['n']:,}",
        "shown": line["shown"],
        "low": low,
        "high": high,
        "kind": line["kind"] if line["kind"] in _COLOURS else "unclear",
        **{name: line[name] for name in ("difference", "interval", "items", "verdict")},
    }


def _scale(dark: bool) -> Spec:
    colours = {kind: pair[dark] for kind, pair in _COLOURS.items()} | {"unclear": _GREY}
    return {"domain": list(colours), "range": list(colours.values())}
