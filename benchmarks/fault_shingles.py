"""A count of shared shingles that owes nothing to the code it judges: words by a regular expression, sets by Python.

>>> jaccard("one two three four five six", "one two three four five six")
1.0
"""

from __future__ import annotations

import re
import unicodedata

N_GRAM = 5
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_MARKED = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+|[^\w\s]|_")


def words(text: str, *, marks: bool = False) -> list[str]:
    """Words, each Han character one; with punctuation marks if wished. Width and case are levelled."""
    return (_MARKED if marks else _WORDS).findall(unicodedata.normalize("NFKC", text).lower())


def shingles(text: str, *, n: int = N_GRAM, marks: bool = False) -> set[tuple[str, ...]]:
    """The set of runs of n words; of a shorter text itself."""
    found = words(text, marks=marks)
    return {tuple(found[i : i + n]) for i in range(max(1, len(found) - n + 1))}


def jaccard(one: str, other: str, *, n: int = N_GRAM, marks: bool = False) -> float:
    """Shared shingles by all shingles, 0 to 1."""
    ours, theirs = shingles(one, n=n, marks=marks), shingles(other, n=n, marks=marks)
    return len(ours & theirs) / len(ours | theirs)


def lowest_jaccard(one: str, other: str) -> float:
    """The lower of the two counts, with punctuation marks and without."""
    return min(jaccard(one, other), jaccard(one, other, marks=True))


def highest_jaccard(one: str, other: str) -> float:
    """The higher of the two counts."""
    return max(jaccard(one, other), jaccard(one, other, marks=True))
