"""Pictures of a sweep: the trials in their order, and each setting against the value that it came to.

>>> [spec["title"] for spec in slice_specs(trials, space)]  # doctest: +SKIP
['learning_rate', 'lora.rank']

Vega-Lite specifications, drawn by `curate/charts.py`; a chart names its colours as variables of the page's style.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tunesmith.curate.charts import Spec
from tunesmith.train.sweep_space import Choice, Space
from tunesmith.train.sweep_types import Trial

_BEFORE, _AFTER, _INK, _RULE = "var(--before)", "var(--after)", "var(--ink-soft)", "var(--rule)"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_PADDING = {"left": 48, "right": 16, "top": 8, "bottom": 32}


def history_spec(trials: Sequence[Trial], *, maximise: bool) -> Spec:
    """The value of each trial, and the best so far as a line."""
    points, best = [], None
    for one in trials:
        if one.value is None:
            continue
        best = one.value if best is None else (max if maximise else min)(best, one.value)
        points.append({"trial": one.number, "value": one.value, "best": best})
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "axis": _axis(grid=True)}
    x = {"field": "trial", "type": "quantitative", "scale": {"nice": False, "padding": 12}, "axis": _axis(whole=True)}
    line: Spec = {
        "mark": {"type": "line", "interpolate": "step-after", "color": _AFTER, "strokeWidth": 1.5},
        "encoding": {"x": x, "y": {**y, "field": "best"}},
    }
    dots: Spec = {"mark": {"type": "point", "filled": True, "size": 42, "color": _INK}, "encoding": {"x": x, "y": y}}
    return _spec(points, [line, dots], width=560, height=180)


def slice_spec(trials: Sequence[Trial], key: str, space: Space) -> Spec:
    """One setting against the value: a dot a trial, the later the darker."""
    dimension = space[key]
    is_choice = isinstance(dimension, Choice)
    points = [
        {"x": str(one.values[key]) if is_choice else one.values[key], "value": one.value, "trial": one.number}
        for one in trials
        if one.value is not None
    ]
    x: Spec = {"field": "x", "type": "nominal" if is_choice else "quantitative", "axis": _axis()}
    if isinstance(dimension, Choice):
        x |= {"scale": {"domain": [str(one) for one in dimension.options]}}
    else:
        kind = {"type": "log"} if dimension.log else {"zero": False}
        x |= {"scale": {**kind, "domain": [dimension.low, dimension.high], "nice": False, "padding": 8}}
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "axis": _axis(grid=True)}
    opacity = {"field": "trial", "type": "quantitative", "scale": {"range": [0.3, 1]}, "legend": None}
    dots: Spec = {
        "mark": {"type": "point", "filled": True, "size": 42, "color": _AFTER},
        "encoding": {"x": x, "y": y, "opacity": opacity},
    }
    return _spec(points, [dots], width=250, height=150)


def _spec(points: list[dict[str, Any]], layer: list[Spec], *, width: int, height: int) -> Spec:
    return {
        "$schema": _SCHEMA,
        "width": width,
        "height": height,
        "padding": _PADDING,
        "autosize": {"type": "none"},
        "background": None,
        "data": {"values": points},
        "layer": layer,
        "config": {"aria": False, "view": {"stroke": None}, "font": "inherit"},
    }


def _axis(*, grid: bool = False, whole: bool = False) -> Spec:
    return {
        "title": None,
        "grid": grid,
        "tickCount": 5,
        "labelAngle": 0,
        "labelFontSize": 10.5,
        "labelColor": _INK,
        "labelOverlap": True,
        "gridColor": _RULE,
        "domainColor": _RULE,
        "tickColor": _RULE,
        **({"tickMinStep": 1, "format": "d"} if whole else {"format": ".3~g"}),
    }
