"""Words and signs that tell whether a sentence may stop with them.

>>> "of" in _RARELY_LAST.split(), ord("。") in sign_sets()[FINALS]
(True, True)
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.statistics_words import read_words
from tunesmith.curate.tokens import Hashes, TextRows

Codes = npt.NDArray[np.int64]

#: Places in `sign_sets`: brackets that open and close, marks that end a sentence or a line, what may stand after such
#: a mark.
OPENERS, CLOSERS, FINALS, WRAPS = range(4)

_NEVER_LAST = (
    "the a an and or their our my your every if because although whereas while than whose into onto upon via per"
    " is are was were 或 且 但 而 被 把 将 让 这 那 很 更 最 每 各 若 其 之 虽 就 也 都 还 又 再 才 仅 只 是 及 并 与"
)

# Words that a sentence ends with in speech and in titles: in prose without a mark, next to never.
_RARELY_LAST = (
    "of for to with at by from as in on than that which who when where how so also not be been being has have had will "
    "would can could should may might must do does did it he she they we i its this these those some any no another "
    "such between among about during before after since until through toward towards under within without there then "
    "what both either neither other very more most get gets give gives make makes take takes let using including "
    "approximately typically usually only many several different various new same first next"
)
_ENGLISH = (
    "the of and to a in is for on that with as are it this be by or from at you your we he she they his her their an "
    "which will can has have was were not but if so each per many how then"
)
_CLOSING_FORMULAS = (
    "wishes regards sincerely yours truly faithfully love cheers thanks gratitude warmly respectfully cordially you "
    "hugs kisses soon friend always forever"
)
_CONDITIONS = "if since when because after while given assuming although before once"
_CONNECTIVES = "so then thus therefore hence in next now also for and but from finally first following adding"
_RESULTS = "true false correct incorrect right wrong proved proven done solution even odd prime yes no possible equal"

_SIGNS = ("([（【《“「『", ")]）】》”」』", ".!?。！？…~～:：", "\"'*_)]}”’」』）】》 ")


@lru_cache(maxsize=1)
def sign_sets() -> tuple[Codes, ...]:
    """Code points, int64, in the order of the names above."""
    return tuple(np.array([*map(ord, signs)], np.int64) for signs in _SIGNS)


@lru_cache(maxsize=1)
def never_last() -> Hashes:
    """The hashes of words that no sentence ends with."""
    return _hashes(_NEVER_LAST)


@lru_cache(maxsize=1)
def rarely_last() -> Hashes:
    """The hashes of English words that no sentence of prose ends with where its mark is missing."""
    return _hashes(_RARELY_LAST)


@lru_cache(maxsize=1)
def english_words() -> Hashes:
    """The hashes of the commonest English words."""
    return _hashes(_ENGLISH)


@lru_cache(maxsize=1)
def closing_words() -> tuple[Hashes, ...]:
    """The hashes of last words of letters, of results of mathematics, and of words that open a condition, or a step."""
    return tuple(map(_hashes, (_CLOSING_FORMULAS, _RESULTS, _CONDITIONS, _CONNECTIVES)))


def _hashes(words: str) -> Hashes:
    return np.unique(read_words(TextRows.of(pa.array([words]))).hashes)
