"""Figures of a review in a person's language: shares, intervals, lengths of time, and the verdict as a sentence.

>>> length(Words("en"), 5000), percent(0.625), between((0.5, 0.75), percent)
('83 minutes', '62.5%', '50.0%–75.0%')
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunesmith.evaluate.report_numbers import DASH, digits
from tunesmith.ui.words import Words

Found = Mapping[str, Any]


def percent(value: float | None) -> str:
    """A share in per cent."""
    return DASH if value is None else f"{digits(100 * value)}%"


def figure(value: float | None) -> str:
    """Two digits after the point."""
    return DASH if value is None else digits(value, 2)


def between(interval: Sequence[float | None] | None, shown: Callable[[float | None], str]) -> str:
    """Both ends of an interval, or a dash."""
    if interval is None or interval[0] is None or interval[1] is None:
        return DASH
    low, high = shown(interval[0]), shown(interval[1])
    return f"{low}–{high}" if not (low + high).count("−") else f"{low} … {high}"


def length(say: Words, seconds: float) -> str:
    """A length of time in the unit that suits it."""
    if seconds < 5400:
        return say.plain("lead.minutes", n=max(1, round(seconds / 60)))
    if seconds < 172_800:
        return say.plain("lead.hours", hours=f"{seconds / 3600:.1f}")
    return say.plain("lead.days", days=f"{seconds / 86_400:.1f}")


def moment(at: float | None) -> str:
    """A time as this machine's clock tells it."""
    return DASH if at is None else time.strftime("%m-%d %H:%M", time.localtime(at))


def verdict(say: Words, line: Found, figure_name: str = "preference") -> str:
    """Who is better, or that the votes do not say; escaped, for Markdown."""
    first, second, n = line["first"], line["second"], line["n"]
    if line["verdict"] in ("better", "worse"):
        winner, loser = (second, first) if line["verdict"] == "better" else (first, second)
        return say(f"lead.prefer_{figure_name}", winner=winner, loser=loser, n=n)
    key = "too_few" if line["verdict"] == "too few" else "no_change"
    told = say(f"lead.{key}", first=first, second=second, n=n)
    return f"{told} {say('lead.more_needed', n=line['more'])}" if line["more"] else told
