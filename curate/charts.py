"""Charts of the report: Vega-Lite specifications as plain dicts, drawn as inline SVG by vl_convert.

A chart names its colours as CSS variables (`--before`, `--after`, `--ink-soft`, `--rule`): the page's style decides on
light, dark and print. No text but numbers stands in a chart, and its margins are fixed: the same counts give the
same bytes whatever fonts the machine has.

>>> histogram_spec([1, 2, 4], [3, 9], [2, 9])["data"]["values"][1]
{'bin': 1, 'before': 9, 'after': 9}
>>> [short_number(count) for count in (512, 16_384, 131_072, 2_500_000)]
['512', '16,384', '131k', '2.5M']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

Spec = dict[str, Any]

_WIDTH, _HEIGHT = 300, 112
_PADDING = {"left": 40, "right": 20, "top": 6, "bottom": 20}
_MOST_LABELS = 8  # on the axis of lengths: more would touch each other on a phone
_NOISE = re.compile(r' (?:aria-\w+|role|pointer-events)="[^"]*"')  # an image's parts need no role of their own
_COLOURS = {"before": "var(--before)", "after": "var(--after)", "ink": "var(--ink-soft)", "rule": "var(--rule)"}


def draw(spec: Spec, *, label: str) -> str:
    """One chart as an `<svg>` element that a page can hold as it is.

    The first chart of a process costs about 0.5 s (the start of vl_convert), every further one 0.02 s (2 cores).

    :param label: what the chart shows, in words, for who cannot see it.
    """
    import vl_convert  # heavy: only who draws pays for it

    svg = vl_convert.vegalite_to_svg(spec)
    body = _NOISE.sub("", svg[svg.index(">") + 1 :])
    box = re.search(r'viewBox="[^"]*"', svg)
    text = escape(label)
    return f'<svg class="chart" {box[0] if box else ""} role="img" aria-label="{text}"><title>{text}</title>{body}'


def histogram_spec(edges: Sequence[float], before: Sequence[int], after: Sequence[int]) -> Spec:
    """Two histograms over each other: wide bars for what came in, narrow ones for what was kept.

    Every bin is drawn equally wide, so geometric edges make a logarithmic axis, and an edge of 0 is no trouble.

    :param edges: lower bounds of the bins, and the upper bound of the last one, if it has one.
    :param before, after: counts, shape `(n_bins,)`.
    """
    values = [{"bin": i, "before": old, "after": new} for i, (old, new) in enumerate(zip(before, after))]
    least = max([*before, *after], default=0) / _HEIGHT  # one pixel: a rare length is still seen
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "padding": _PADDING,
        "autosize": {"type": "none"},
        "background": None,
        "data": {"values": values},
        "layer": [_bars("before", inset=0.06, least=least), _bars("after", inset=0.26, least=least)],
        "encoding": {"x": _length_axis(edges, len(values)), "y": _count_axis([*before, *after])},
        "config": {"aria": False, "view": {"stroke": None}, "font": "inherit"},
    }


def _bars(side: str, *, inset: float, least: float) -> Spec:
    corners = {
        "left": f"datum.bin + {inset}",
        "right": f"datum.bin + {1 - inset}",
        "top": f"datum.{side} ? max(datum.{side}, {least}) : 0",
    }
    return {
        "transform": [{"calculate": expression, "as": corner} for corner, expression in corners.items()],
        "mark": {"type": "rect", "color": _COLOURS[side]},
        "encoding": {
            "x": {"field": "left", "type": "quantitative"},
            "x2": {"field": "right"},
            "y": {"field": "top", "type": "quantitative"},
            "y2": {"datum": 0},
        },
    }


def _length_axis(edges: Sequence[float], n_bins: int) -> Spec:
    step = -(-len(edges) // _MOST_LABELS)
    labels = [short_number(edge) for edge in edges]
    axis = {
        **_axis(),
        "values": list(range(0, len(edges), step)),
        "labelExpr": f"{labels!r}[datum.value]",
        "grid": False,
        "ticks": True,
        "domain": True,
    }
    return {"type": "quantitative", "scale": {"domain": [0, n_bins], "nice": False}, "axis": axis}


def _count_axis(counts: Sequence[int]) -> Spec:
    top = max(counts, default=0) or 1
    ticks = count_ticks(top)
    labels = {str(tick): short_number(tick) for tick in ticks}
    axis = {
        **_axis(),
        "values": ticks,
        "labelExpr": f"{labels!r}[datum.value]",
        "grid": True,
        "ticks": False,
        "domain": False,
    }
    return {"type": "quantitative", "scale": {"domain": [0, top], "nice": False}, "axis": axis}


def _axis() -> Spec:
    return {
        "title": None,
        "labelFlush": False,
        "labelOverlap": False,  # an overlap would depend on the fonts of this machine
        "labelFontSize": 10.5,
        "labelColor": _COLOURS["ink"],
        "labelPadding": 4,
        "tickSize": 3,
        "tickColor": _COLOURS["rule"],
        "domainColor": _COLOURS["rule"],
        "gridColor": _COLOURS["rule"],
    }


def count_ticks(top: int) -> list[int]:
    """Two or three round numbers from 0 up to `top`.

    >>> count_ticks(3512), count_ticks(7), count_ticks(1)
    ([0, 1000, 2000, 3000], [0, 2, 4, 6], [0, 1])
    """
    power = 10 ** (len(str(top)) - 1)
    choices = [power // 10, power // 5, power // 2, power, 2 * power, 5 * power]
    step = next((choice for choice in choices if choice and top // choice <= 3), 1)
    return list(range(0, top + 1, step))


def short_number(number: float) -> str:
    """A number short enough for an axis, exact up to 99,999."""
    if number < 100_000:
        return f"{number:,.10g}"
    size, unit = (1e6, "M") if number >= 1e6 else (1e3, "k")
    return f"{number / size:.3g}{unit}"
