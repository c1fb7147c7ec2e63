"""Figures as the evaluation's pages show them: a share in per cent, a score from 0 to 100, a length as it is.

No rounding hides what matters: a difference that is not 0 never reads 0, and a p on one side of .05 never reads as one
on the other.

>>> scale_of("0-1", is_share=True).figure(0.62), scale_of("0-1").figure(0.3417), scale_of("characters").figure(1834.2)
('62.0%', '34.2', '1,834')
>>> scale_of("0-1").difference(-0.0004), scale_of("0-100").difference(6)
('−0.04', '+6.0')
>>> p_value(0.0496), p_value(0.00002), p_value(0.3)
('0.0496', '< 0.001', '0.300')
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeGuard

Number: TypeAlias = float | int | None

MINUS = "−"
DASH = "–"
_ZERO = 1e-12  # below it is what is left of rounding
_MOST_PLACES = 4
_LEVELS = (0.001, 0.01, 0.05, 0.1)


class Scale(NamedTuple):
    """How the figures of a metric are written.

    :param factor: what a value is multiplied with before it is shown.
    :param suffix: what stands behind a figure, such as `%`; differences of shares are points and have none.
    :param decimals: digits after the point of a figure that is not tiny.
    """

    factor: float
    suffix: str
    decimals: int
    is_points: bool

    def figure(self, value: Number) -> str:
        """A value, or a dash where there is none."""
        return DASH if not is_number(value) else digits(value * self.factor, self.decimals) + self.suffix

    def difference(self, value: Number) -> str:
        """A value with its sign."""
        return DASH if not is_number(value) else signed(value * self.factor, self.decimals)

    def shown(self, value: Number) -> float | None:
        """The value on the scale that is shown."""
        return value * self.factor if is_number(value) else None


def scale_of(unit: str | None, *, is_share: bool = False) -> Scale:
    """The scale of a metric's unit.

    :param unit: `0-1`, `0-100`, or the name of what is counted, such as `characters`.
    :param is_share: the value is a share of items, shown in per cent.
    """
    if unit in ("0-1", "-1-1", "share", None):
        return Scale(100, "%" if is_share else "", 1, True)
    if unit == "0-100":
        return Scale(1, "", 1, True)
    return Scale(1, "", 0 if unit in ("characters", "tokens", "words") else 3, False)


def is_number(value: object) -> TypeGuard[float]:
    """Whether there is a figure at all; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def digits(value: float, decimals: int = 1) -> str:
    """`1,834.2` with a true minus; so many digits that what is not 0 does not read 0, or `8e-10`."""
    text = f"{abs(value):,.{decimals}f}"
    if abs(value) > _ZERO and not float(text.replace(",", "")):
        places = -math.floor(math.log10(abs(value)))
        text = f"{abs(value):.{places}f}" if places <= _MOST_PLACES else f"{abs(value):.0e}".replace("e-0", "e-")
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def signed(value: float, decimals: int = 1) -> str:
    """The same with a plus before what is above 0, and neither before 0."""
    text = digits(value, decimals)
    return f"+{text}" if value > 0 and float(text.replace(",", "")) else text


def p_value(p: Number) -> str:
    """Three digits after the point, four where three would read as one of the usual limits."""
    if not is_number(p):
        return DASH
    if p < _LEVELS[0]:
        return "< 0.001"
    text = f"{p:.3f}"
    crossed = any((float(text) < level) != (p < level) for level in _LEVELS)
    return f"{p:.4f}" if crossed else text


def bounds(interval: Sequence[Number] | None) -> tuple[float, float] | None:
    """Both ends of an interval, or None where an end is missing."""
    ends = [float(end) for end in interval or () if is_number(end)]
    return (ends[0], ends[1]) if len(ends) == 2 else None
