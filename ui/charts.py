"""Charts as Vega-Lite, in the theme's colours, light and dark: no chart library is imported to draw them.

A kept part has the theme's first colour and a dropped one the second.

>>> show_chart(histogram([0, 10, 20], [5, 1], cut=10, kept_below=False), key="lengths")  # doctest: +SKIP
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

Spec = dict[str, Any]
Place = Callable[[float], float]

_GREY = "#808a8c"  # readable on both grounds
_HEIGHT = 84
_THIN = {"type": "pow", "exponent": 0.35}  # a bar of three rows is seen beside one of ten thousand


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    cut: float | None = None,
    kept_below: bool = True,
    steps: Sequence[float] | None = None,
    names: tuple[str, str] = ("kept", "dropped"),
    titles: tuple[str, str, str] = ("values", "rows", "side"),
) -> Spec:
    """How many rows have which value.

    :param edges: of the bins, one more than `counts`, rising.
    :param cut: a threshold, drawn as a line; bars on its far side have the other colour.
    :param kept_below: whether the rows below the cut are kept.
    :param steps: the numbers of a slider below the chart; its thumb is then under the line.
    :param names: of the two sides in a tooltip; `titles` are what stands before values, rows and side there.
    """
    at = _places(steps)
    ends = (steps[0], steps[-1]) if steps else (edges[0], edges[-1])
    sides = [names[0 if _is_kept(low, high, cut, kept_below) else 1] for low, high in pairwise(edges)]
    layers = [_columns([*_bins(edges, counts, sides, at)], [*map(at, ends)], _axis(steps), names, titles)]
    if cut is not None:
        layers.append(_line(at(cut)))
    return {"layer": layers, "height": _HEIGHT, "padding": {"left": 6, "right": 6, "top": 4, "bottom": 0}}


def _is_kept(low: float, high: float, cut: float | None, kept_below: bool) -> bool:
    return cut is None or ((low + high) / 2 < cut) == kept_below


def _bins(edges: Sequence[float], counts: Sequence[int], sides: Sequence[str], at: Place) -> Iterator[Spec]:
    """The bins that have rows."""
    for (low, high), count, side in zip(pairwise(edges), counts, sides):
        if count:
            values = f"{low:.4g} – {high:.4g}"
            yield {"low": at(low), "high": at(high), "values": values, "rows": count, "side": side}


def _columns(
    bins: Sequence[Spec], domain: Sequence[float], axis: Spec, names: Sequence[str], titles: Sequence[str]
) -> Spec:
    scale = {"type": "linear", "domain": domain, "nice": False}
    values, rows, side = titles
    told = [
        {"field": "values", "type": "nominal", "title": values},
        {"field": "rows", "type": "quantitative", "format": ",", "title": rows},
        {"field": "side", "type": "nominal", "title": side},
    ]
    return {
        "data": {"values": bins},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "low", "type": "quantitative", "scale": scale, "axis": axis},
            "x2": {"field": "high"},
            "y": {"field": "rows", "type": "quantitative", "scale": _THIN, "axis": None},
            "y2": {"datum": 0},
            "color": {"field": "side", "type": "nominal", "scale": {"domain": [*names]}, "legend": None},
            "tooltip": told,
        },
    }


def _line(place: float) -> Spec:
    mark = {"type": "rule", "color": _GREY, "strokeWidth": 2, "strokeDash": [5, 3]}
    encoding = {"x": {"field": "cut", "type": "quantitative"}}
    return {"data": {"values": [{"cut": place}]}, "mark": mark, "encoding": encoding}


def _places(steps: Sequence[float] | None) -> Place:
    """Where a value is drawn: at itself, or at its place among the steps."""
    if not steps:
        return float

    def place(value: float) -> float:
        if value >= steps[-1]:
            return len(steps) - 1
        after = bisect_right(steps, value)
        if not after:
            return 0
        low, high = steps[after - 1], steps[after]
        return round(after - 1 + (value - low) / (high - low), 3)

    return place


def _axis(steps: Sequence[float] | None) -> Spec:
    """Round numbers along the values, far enough from each other to be read."""
    axis: Spec = {"title": None, "grid": False, "labelOverlap": True, "tickCount": 8, "format": "~s"}
    if not steps:
        return axis
    ticks: dict[int, float] = {}
    for place, step in enumerate(steps):
        last = max(ticks, default=-len(steps))
        if _is_round(step) and place - last >= len(steps) / 9:
            ticks[place] = step
    texts = ",".join(f"'{place}':'{step:,g}'" for place, step in ticks.items())
    return {**axis, "values": [*ticks], "labelExpr": f"({{{texts}}})[datum.value]"}


def _is_round(step: float) -> bool:
    """1, 2 or 5 with zeros; of a share every tenth."""
    digits = f"{step:g}".replace(".", "").strip("0") if step < 1 else f"{step:.0f}".rstrip("0")
    return step == 0 or digits in ("1", "2", "5") or (step < 1 and len(digits) == 1 and step >= 0.1)


def show_chart(spec: Spec, *, key: str, alt: str | None = None) -> None:
    """Draw a chart.

    :param alt: what it shows, for those who do not see it.
    """
    import streamlit as st

    st.vega_lite_chart(spec=spec, key=key, width="stretch", alt=alt)
