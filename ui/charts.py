"""Charts as Vega-Lite, in the theme's colours, light and dark: no chart library is imported to draw them.

A kept part has the theme's first colour and a dropped one the second. `show_chart` draws what the others make:

>>> show_chart(histogram([0, 10, 20], [5, 1], cut=10, kept_below=False), key="lengths")  # doctest: +SKIP
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

Spec = dict[str, Any]

_GREY = "#808a8c"  # readable on both grounds
_THIN = {"type": "pow", "exponent": 0.35}  # a bar of three rows is seen beside one of ten thousand


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    cut: float | None = None,
    kept_below: bool = True,
    steps: Sequence[float] | None = None,
    logarithmic: bool = False,
    height: int = 84,
    names: tuple[str, str] = ("kept", "dropped"),
    title: str = "",
) -> Spec:
    """How many rows have which value.

    :param edges: of the bins, one more than `counts`, rising.
    :param cut: a threshold, drawn as a line; bars on its far side have the other colour.
    :param kept_below: whether the rows below the cut are kept.
    :param steps: the numbers of a slider below the chart; its thumb is then under the line.
    :param logarithmic: whether the values are drawn on a scale of powers, where there are no steps.
    :param names: of the two sides in a tooltip.
    :param title: of the axis of values; plain text.
    """
    at = _places(steps)
    bars = [
        {
            "low": at(low),
            "high": at(high),
            "values": f"{low:.4g} – {high:.4g}",
            "rows": count,
            "side": names[0 if _is_kept(low, high, cut, kept_below) else 1],
        }
        for low, high, count in zip(edges, edges[1:], counts)
        if count
    ]
    ends = (steps[0], steps[-1]) if steps else (edges[0], edges[-1])
    scale = {"type": "symlog" if logarithmic and not steps else "linear", "domain": [*map(at, ends)], "nice": False}
    tooltip = [
        {"field": "values", "type": "nominal"},
        {"field": "rows", "type": "quantitative", "format": ","},
        {"field": "side", "type": "nominal"},
    ]
    layers: list[Spec] = [
        {
            "data": {"values": bars},
            "mark": {"type": "rect"},
            "encoding": {
                "x": {"field": "low", "type": "quantitative", "scale": scale, "axis": _axis(steps, title)},
                "x2": {"field": "high"},
                "y": {"field": "rows", "type": "quantitative", "scale": _THIN, "axis": None},
                "y2": {"datum": 0},
                "color": {"field": "side", "type": "nominal", "scale": {"domain": list(names)}, "legend": None},
                "tooltip": tooltip,
            },
        }
    ]
    if cut is not None:
        line = {"type": "rule", "color": _GREY, "strokeWidth": 2, "strokeDash": [5, 3]}
        encoding = {"x": {"field": "cut", "type": "quantitative"}}
        layers.append({"data": {"values": [{"cut": at(cut)}]}, "mark": line, "encoding": encoding})
    return {"layer": layers, "height": height, "padding": {"left": 6, "right": 6, "top": 4, "bottom": 0}}


def _places(steps: Sequence[float] | None) -> Callable[[float], float]:
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


def _axis(steps: Sequence[float] | None, title: str) -> Spec:
    """Round numbers along the values, far enough from each other to be read."""
    axis: Spec = {"title": title or None, "grid": False, "labelOverlap": True, "tickCount": 8, "format": "~s"}
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


def bars(
    names: Sequence[str],
    counts: Sequence[float],
    *,
    title: str = "",
    pick: str | None = None,
    height_of_bar: int = 26,
) -> Spec:
    """A bar for each name, in the order given, with its number beside it.

    :param pick: the name of a selection by click, for `show_chart(..., pick=…)`.
    """
    values = [{"name": name, "rows": count} for name, count in zip(names, counts)]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 180}}
    x = {"field": "rows", "type": "quantitative", "axis": None, "title": title or None}
    told = [{"field": "name", "type": "nominal"}, {"field": "rows", "type": "quantitative", "format": ","}]
    bar: Spec = {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": {"tooltip": told}}
    if pick:
        bar["params"] = [{"name": pick, "select": {"type": "point", "fields": ["name"]}}]
        bar["encoding"]["opacity"] = {"condition": {"param": pick, "value": 1}, "value": 0.35}
    number = {
        "mark": {"type": "text", "align": "left", "dx": 4, "color": _GREY},
        "encoding": {"text": {"field": "rows", "type": "quantitative", "format": ","}},
    }
    return {
        "data": {"values": values},
        "encoding": {"y": y, "x": x},
        "layer": [bar, number],
        "height": max(1, len(values)) * height_of_bar,
    }


def show_chart(spec: Spec, *, key: str, pick: str | None = None, alt: str | None = None) -> list[str]:
    """Draw a chart; the names that a person has clicked, where the chart was made with `pick`.

    :param alt: what it shows, for those who do not see it.
    """
    import streamlit as st

    if pick is None:
        st.vega_lite_chart(spec=spec, key=key, width="stretch", alt=alt)
        return []
    event: Any = st.vega_lite_chart(
        spec=spec, key=key, width="stretch", on_select="rerun", selection_mode=pick, alt=alt
    )
    return [str(point["name"]) for point in event["selection"].get(pick, []) if "name" in point]


def _is_kept(low: float, high: float, cut: float | None, kept_below: bool) -> bool:
    return cut is None or ((low + high) / 2 < cut) == kept_below
