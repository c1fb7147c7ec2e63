"""Two versions of a text, as data: of long ones what stands around their first difference.

>>> side_by_side("answer", "x" * 500 + "a", "x" * 500 + "b")["one"] == "x" * 400 + "a"
True
"""

from __future__ import annotations

MOST_CHARACTERS, _BEFORE_DIFFERENCE = 8_000, 400  # of one text; the report cuts further


def side_by_side(part: str, one: str, other: str) -> dict[str, str]:
    """`part` (which part of a row it is), `one` and `other`."""
    start = 0 if one == other else max(0, _common(one, other) - _BEFORE_DIFFERENCE)
    return {
        "part": part,
        **{side: text[start : start + MOST_CHARACTERS] for side, text in (("one", one), ("other", other))},
    }


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    return low
