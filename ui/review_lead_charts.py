"""The lead's charts as Vega-Lite: values with intervals beside the line of chance, and won against lost.

>>> intervals([("R1", 0.4, (0.3, 0.55))], line=0.5, domain=(0, 1))["height"]
{'step': 34}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
_GREY = "#808a8c"  # readable on both grounds
_STEP = 34
_READABLE = 12  # names; of more, the numbers stand in the tooltip alone


def intervals(
    lines: Sequence[tuple[str, float | None, Sequence[float] | None]],
    *,
    line: float,
    domain: tuple[float, float],
    title: str = "",
    form: str = ".0%",
) -> Spec:
    """A point and its interval for each name; a name without a value keeps its row, empty.

    :param line: where chance, or no difference, would stand.
    :param form: of the numbers, in d3's terms.
    """
    values = [
        {
            "name": name,
            "value": value,
            "low": value if ends is None else ends[0],
            "high": value if ends is None else ends[1],
        }
        for name, value, ends in lines
    ]
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": list(domain)},
        "axis": {"title": title or None, "format": form},
    }
    y: Spec = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 180}}
    told: list[Spec] = [{"field": "name", "type": "nominal"}]
    told += [
        {"field": one, "type": "quantitative", "format": form.replace(".0", ".1")} for one in ("value", "low", "high")
    ]
    return {
        "data": {"values": values},
        "height": {"step": _STEP},
        "layer": [
            {"mark": {"type": "rule", "color": _GREY, "strokeDash": [5, 3]}, "encoding": {"x": {"datum": line, **x}}},
            {
                "mark": {"type": "bar", "height": 4, "opacity": 0.5},
                "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}, "tooltip": told},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {"y": y, "x": {"field": "value", **x}, "tooltip": told},
            },
        ],
    }


def shares(rows: Sequence[tuple[str, Mapping[str, int]]], *, order: Sequence[str]) -> Spec:
    """A bar for each name, divided by counts; zeros are left out.

    :param order: of the parts, as they are called, from left to right.
    """
    values = [
        {"name": name, "part": part, "n": counts[part], "place": order.index(part)}
        for name, counts in rows
        for part in order
        if counts.get(part)
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 180}}
    x: Spec = {"field": "n", "type": "quantitative", "stack": "normalize", "axis": {"title": None, "format": ".0%"}}
    part = {"field": "part", "type": "nominal", "sort": list(order), "scale": {"domain": list(order)}}
    legend = {"legend": {"title": None, "orient": "bottom", "columns": 4}}
    return {
        "data": {"values": values},
        "height": {"step": _STEP},
        "mark": {"type": "bar", "size": 18},
        "encoding": {
            "y": y,
            "x": x,
            "color": {**part, **legend},
            "order": {"field": "place"},
            "tooltip": [{"field": "part", "type": "nominal"}, {"field": "n", "type": "quantitative", "format": ","}],
        },
    }


def squares(cells: Sequence[tuple[str, str, float, int]]) -> Spec:
    """A square for each two names with their share, darker where it is higher.

    :param cells: two names, a share and of how many it is.
    """
    values = [{"one": one, "other": other, "share": share, "n": n} for one, other, share, n in cells]
    names = list(dict.fromkeys(name for cell in cells for name in cell[:2]))
    axis = {"axis": {"title": None, "labelLimit": 120}, "type": "nominal"}
    x: Spec = {"field": "other", "sort": names, **axis}
    y: Spec = {"field": "one", "sort": names, **axis}
    x["axis"] = {**x["axis"], **({"labelAngle": 0} if len(names) <= _READABLE else {})}
    share: Spec = {"field": "share", "type": "quantitative"}
    told: list[Spec] = [{"field": "one", "type": "nominal"}, {"field": "other", "type": "nominal"}]
    told += [{**share, "format": ".1%"}, {"field": "n", "type": "quantitative", "format": ","}]
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "cornerRadius": 3},
            "encoding": {"opacity": {**share, "scale": {"domain": [0, 1], "range": [0.05, 0.55]}, "legend": None}},
        }
    ]
    if len(names) <= _READABLE:
        number = {"text": {**share, "format": ".0%"}}
        layers.append({"mark": {"type": "text", "color": _GREY, "fontWeight": "bold"}, "encoding": number})
    encoding = {"x": x, "y": y, "tooltip": told}
    return {"data": {"values": values}, "height": {"step": _STEP}, "encoding": encoding, "layer": layers}
