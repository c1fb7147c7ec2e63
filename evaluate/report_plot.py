"""Pictures of the evaluation's pages: intervals on a common axis, and shares of items, as plain SVG.

Places are in per cent of the picture's width, so that one picture is right on a wide screen, on a phone and on paper;
colours are classes, which the page's style fills in for light, dark and print. A picture holds shapes and the numbers
of its axis only; the words for who cannot see it are in `aria-label`.

>>> axis = axis_of([(-12.0, 4.0), (1.0, 9.0)])
>>> axis.ticks, round(axis.place(0), 1)
((-10, -5, 0, 5), 56.6)
>>> str(interval_picture(axis, 3.0, (1.0, 9.0), "better", label="+3"))[:45]
'<svg class="plot" role="img" aria-label="+3">'
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

from tunesmith.evaluate.report_numbers import MINUS

_MOST_TICKS = 6
_MARGIN = 0.04  # of the width, on either side, so that no marker is cut


class Axis(NamedTuple):
    """From `low` to `high`, with round numbers to read it by."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Where a value stands, in per cent of the width; never outside."""
        return 100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def axis_of(intervals: Iterable[tuple[float, float]], *, least: float = 1.0, zero: bool = True) -> Axis:
    """The axis that holds all intervals, and 0.

    :param least: the width of an axis whose intervals are all narrower.
    """
    ends = [end for interval in intervals for end in interval] + ([0.0] if zero else [])
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    edge = (high - low) * _MARGIN
    low, high = low - edge, high + edge
    step = _step(high - low)
    first, last = math.ceil(low / step), math.floor(high / step)
    return Axis(low, high, tuple(_tidy(place * step) for place in range(first, last + 1)))


def _step(width: float) -> float:
    """The round distance that gives at most so many ticks."""
    power = 10.0 ** math.floor(math.log10(width / _MOST_TICKS))
    return next(power * factor for factor in (1, 2, 5, 10) if width / (power * factor) <= _MOST_TICKS)


def _tidy(value: float) -> float:
    rounded = round(value, 10)
    return int(rounded) if rounded == int(rounded) else rounded


def axis_picture(axis: Axis, *, signs: bool = True) -> Any:
    """The numbers of the axis, for the row above or below the intervals."""
    labels = "".join(f'<text x="{axis.place(tick):.2f}%" y="12">{_label(tick, signs)}</text>' for tick in axis.ticks)
    return _svg(labels, "plot axis", hidden=True)


def _label(tick: float, signs: bool) -> str:
    sign = MINUS if tick < 0 else "+" if tick > 0 and signs else ""
    return f"{sign}{abs(tick):,.6g}"


def interval_picture(
    axis: Axis,
    value: float | None,
    interval: tuple[float, float] | None,
    kind: str,
    *,
    label: str,
    blind: float | None = None,
    margin: float | None = None,
) -> Any:
    """One row: the value as a dot, its interval as a line, 0 as an upright line.

    :param kind: what colours it: `better`, `worse`, `unclear` …
    :param blind: differences up to this size would probably not have been seen: a shaded band around 0.
    :param margin: a loss of this size does not matter: a dashed upright line at its negative.
    """
    shapes = [_grid(axis)]
    if blind:
        shapes.append(_band(axis.place(-blind), axis.place(blind)))
    shapes.append(_upright(axis.place(0), "zero"))
    if margin is not None:
        shapes.append(_upright(axis.place(-margin), "margin"))
    if interval:
        low, high = (axis.place(end) for end in interval)
        shapes.append(f'<line class="reach {kind}" x1="{low:.2f}%" x2="{high:.2f}%" y1="50%" y2="50%"/>')
        shapes += [_cap(end, kind) for end in (low, high)]
    if value is not None:
        shapes.append(f'<circle class="dot {kind}" cx="{axis.place(value):.2f}%" cy="50%" r="4.5"/>')
    return _svg("".join(shapes), "plot", label=label)


def _grid(axis: Axis) -> str:
    return "".join(_upright(axis.place(tick), "grid") for tick in axis.ticks if tick)


def _upright(place: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{place:.2f}%" x2="{place:.2f}%" y1="0" y2="100%"/>'


def _band(start: float, end: float) -> str:
    return f'<rect class="blind" x="{start:.2f}%" width="{end - start:.2f}%" y="0" height="100%"/>'


def _cap(place: float, kind: str) -> str:
    return f'<line class="reach {kind}" x1="{place:.2f}%" x2="{place:.2f}%" y1="38%" y2="62%"/>'


def parts_picture(parts: Sequence[tuple[str, float]], *, label: str) -> Any:
    """Shares of a whole as one bar.

    :param parts: `(class, count)` from left to right; a part of no items is left out.
    """
    whole = sum(count for _, count in parts)
    shapes, start = [], 0.0
    for kind, count in parts:
        width = 100 * count / whole if whole else 0.0
        if width:
            shapes.append(f'<rect class="part {kind}" x="{start:.3f}%" width="{width:.3f}%" y="0" height="100%"/>')
        start += width
    return _svg("".join(shapes), "parts", label=label)


def _svg(body: str, kind: str, *, label: str = "", hidden: bool = False) -> Any:
    from markupsafe import Markup  # shapes and an escaped label, nothing else

    told = 'aria-hidden="true"' if hidden else f'role="img" aria-label="{escape(label)}"'
    return Markup(f'<svg class="{kind}" {told}>{body}</svg>')  # noqa: S704
