"""Terms of a domain: what its texts say often and general texts do not, with the counts that show it.

>>> found = domain_terms(texts, general)  # doctest: +SKIP
>>> [(term.text, term.n_domain, term.n_general) for term in found if len(term.text) > 4]  # doctest: +SKIP
[('幽门螺杆菌', 40, 0)]

English terms are words. Chinese has no spaces, and no segmenter is asked: a run of 2 to 6 Chinese characters is a term
where its parts belong together (they meet far more often than chance would have it: the least pointwise mutual
information over all its cuts) and its ends are free (many different characters stand before and after it: boundary
entropy). Both kinds are then held against the general texts: weighted log-odds with an informative Dirichlet prior
(Monroe, Colaresi and Quinn: Fightin' Words, section 3.5), as a z-score.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.cluster_words import BREAKS, STOP_WORDS

LONGEST = 6
#: Times that a term must occur in the domain's texts: below, its figures are chance.
LEAST = 10
#: Bits by which the parts of a term meet more often than by chance. Words of Chinese are usually above 5.
COHESION_BITS = 4.0
#: Bits of the entropy of what stands on each side of a term. One character in half of all places is 1 bit or less.
FREEDOM_BITS = 1.5
#: z-score of the log-odds against the general texts; 3.1 leaves one in a thousand by chance.
LEAST_Z = 3.1
#: Words, or Chinese characters, that general texts must have before anything is held against them.
LEAST_GENERAL = 2000
#: A term inside a longer one is only a piece of it where it hardly occurs alone.
_INSIDE = 0.7
_PRIOR = 1000.0  # words of general language that the prior is worth

_HAN = re.compile(r"[一-鿿㐀-䶿]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z]+(?:-[A-Za-z]+)*")

Counts = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]


class Term(NamedTuple):
    """A term and what speaks for it.

    :param z: of the weighted log-odds; None where there is too little general text in its language.
    :param cohesion_bits: of a Chinese term, see the file's docstring; None for an English word.
    :param freedom_bits: the lesser entropy of both sides; None for an English word.
    """

    text: str
    language: Literal["zh", "en"]
    n_domain: int
    n_general: int
    z: float | None
    cohesion_bits: float | None = None
    freedom_bits: float | None = None


def domain_terms(domain: Sequence[str], general: Sequence[str], *, least: int = LEAST) -> list[Term]:
    """All terms, the most frequent first. Deterministic.

    :param general: may be empty; frequent terms are then all that can be told, and each `z` is None. So it is for a
        language of which it holds less than `LEAST_GENERAL` words or characters.
    """
    found = [*_chinese(domain, general, least), *_english(domain, general, least)]
    return sorted(found, key=lambda term: (-term.n_domain, term.text))


def _english(domain: Sequence[str], general: Sequence[str], least: int) -> list[Term]:
    inside, outside = words(domain), words(general)
    names = [word for word, n in inside.items() if n >= least and len(word) > 3 and word not in STOP_WORDS]
    here, there = (np.array([side[name] for name in names], dtype=np.int64) for side in (inside, outside))
    scores = log_odds(here, there, inside.total(), outside.total())
    is_compared = outside.total() >= LEAST_GENERAL
    return [
        Term(name, "en", int(n), int(m), float(z.round(2)) if is_compared else None)
        for name, n, m, z in zip(names, here, there, scores)
        if not is_compared or z >= LEAST_Z
    ]


def words(texts: Sequence[str]) -> Counter[str]:
    """Words in Latin letters and how often they occur, without case."""
    return Counter(word.casefold() for text in texts for word in _WORD.findall(text))


def han(text: str) -> str:
    """The Chinese characters of a text, without anything else."""
    return "".join(_HAN.findall(text))


def log_odds(domain: Counts, general: Counts, n_domain: int, n_general: int) -> npt.NDArray[np.float64]:
    """z-scores of weighted log-odds, high for what belongs to the domain.

    :param domain: `(n_terms,)` counts, as `general`; `n_domain`, `n_general`: all words of each side.
    """
    prior = _PRIOR * (domain + general + 1.0) / (n_domain + n_general + 1.0)
    sides = [
        (count + prior, total + _PRIOR - count - prior)
        for count, total in ((domain, max(n_domain, 1)), (general, max(n_general, 1)))
    ]
    odds = [np.log(own / np.maximum(rest, 1.0)) for own, rest in sides]
    spread = np.sqrt(sum(1.0 / own for own, _ in sides))
    return np.asarray((odds[0] - odds[1]) / spread, dtype=np.float64)


class _Grams(NamedTuple):
    """All runs of `n` characters that are frequent in the domain.

    :param ids: `(n_positions,)` which one starts at each position; -1 for none.
    :param domain: `(n_grams,)` how often, as `general`; `first`: where each occurs first.
    """

    ids: Counts
    domain: Counts
    general: Counts
    first: Counts

    @property
    def counts(self) -> Counts:
        return self.domain + self.general


def _chinese(domain: Sequence[str], general: Sequence[str], least: int) -> list[Term]:
    """Runs of characters, each length from the frequent runs of the length below."""
    letters, n_domain = _letters(domain, general)
    if not n_domain:
        return []
    levels = [_grams(None, letters, n_domain, 1)]
    while len(levels) < LONGEST and len(levels[-1].first):
        levels.append(_grams(levels, letters, n_domain, least))
    n_han, n_general = (int((part > 0).sum()) for part in (letters[:n_domain], letters[n_domain:]))
    is_compared = n_general >= LEAST_GENERAL
    found: list[Term] = []
    for n, grams in enumerate(levels[1:], 2):
        keep, cohesion, freedom = _belongs(levels, n, letters)
        z = log_odds(grams.domain, grams.general, n_han, n_general)
        keep &= z >= LEAST_Z if is_compared else True
        for i in np.flatnonzero(keep):
            text = "".join(map(chr, letters[grams.first[i] : grams.first[i] + n]))
            if BREAKS.search(text) or text in STOP_WORDS:  # `等症状`, `的病因`: a term with its neighbours
                continue
            sides = int(grams.domain[i]), int(grams.general[i])
            bits = round(float(cohesion[i]), 2), round(float(freedom[i]), 2)
            found.append(Term(text, "zh", *sides, float(z[i].round(2)) if is_compared else None, *bits))
    longer = _longer(found)
    return [term for term in found if longer.get(term.text, 0) < _INSIDE * term.n_domain]


def _letters(domain: Sequence[str], general: Sequence[str]) -> tuple[Counts, int]:
    """All Chinese characters, domain first, with a 0 after each run; and how many of these are the domain's."""
    sides = ["".join(run + "\0" for text in texts for run in _HAN.findall(text)) for texts in (domain, general)]
    points = [np.frombuffer(side.encode("utf-32-le"), dtype=np.uint32).astype(np.int64) for side in sides]
    return np.concatenate(points), len(points[0])


def _grams(levels: list[_Grams] | None, letters: Counts, n_domain: int, least: int) -> _Grams:
    """Runs that are one longer; `letters` follow one another in a run without a 0 between them."""
    if levels is None:
        keys = np.where(letters > 0, letters, -1)
    else:
        n = len(levels)
        shorter, one = levels[-1].ids, levels[0].ids
        ends = np.concatenate([shorter[1:], np.full(1, -1)])  # the run without its first character is frequent too
        last = np.concatenate([one[n:], np.full(n, -1)])
        keys = np.where((shorter >= 0) & (ends >= 0) & (last >= 0), shorter * (len(levels[0].first) + 1) + last, -1)
    places = np.flatnonzero(keys >= 0)
    _, first, inverse = np.unique(keys[places], return_index=True, return_inverse=True)
    inside = places < n_domain
    domain = np.bincount(inverse[inside], minlength=len(first)).astype(np.int64)
    general = np.bincount(inverse[~inside], minlength=len(first)).astype(np.int64)
    keep = domain >= least if levels is not None else np.ones(len(first), dtype=bool)
    renamed = np.where(keep, np.cumsum(keep) - 1, -1)
    ids = np.full(len(letters), -1, dtype=np.int64)
    ids[places] = renamed[inverse]
    return _Grams(ids, domain[keep], general[keep], places[first][keep])


def _belongs(levels: list[_Grams], n: int, letters: Counts) -> tuple[npt.NDArray[np.bool_], Bits, Bits]:
    """Which runs of `n` are words, and the bits that say so."""
    grams, total = levels[n - 1], int((letters > 0).sum())
    cohesion: npt.NDArray[np.float64] = np.full(len(grams.first), np.inf)
    for cut in range(1, n):
        left = levels[cut - 1].counts[levels[cut - 1].ids[grams.first]]
        right = levels[n - cut - 1].counts[levels[n - cut - 1].ids[grams.first + cut]]
        cohesion = np.minimum(cohesion, np.log2(grams.counts * float(total) / (left * right.astype(float))))
    places = np.flatnonzero(grams.ids >= 0)
    sides = [_entropy(grams.ids[places], letters[(places + shift) % len(letters)]) for shift in (-1, n)]
    freedom: npt.NDArray[np.float64] = np.minimum(*sides)
    return (cohesion >= COHESION_BITS) & (freedom >= FREEDOM_BITS), cohesion, freedom


def _entropy(ids: Counts, beside: Counts) -> npt.NDArray[np.float64]:
    """Bits of what stands beside each run. The end of a run of Chinese counts as a new character each time: a comma
    beside a term shows that it ends there."""
    size = int(ids.max(initial=-1)) + 1
    ends = beside == 0
    keys = ids * 0x110000 + beside
    _, first, counts = np.unique(keys[~ends], return_index=True, return_counts=True)
    owner = ids[~ends][first]
    n_ends = np.bincount(ids[ends], minlength=size).astype(float)
    totals = np.bincount(ids, minlength=size).astype(float)
    share = counts / totals[owner]
    bits = np.bincount(owner, weights=-share * np.log2(share), minlength=size)
    return np.asarray(bits + n_ends / totals * np.log2(totals), dtype=np.float64)


def _longer(found: Iterable[Term]) -> dict[str, int]:
    """Of every piece of a term, how often the most frequent term occurs that it stands in."""
    inside: dict[str, int] = {}
    for text, n in ((term.text, term.n_domain) for term in found):
        pieces = {text[i:j] for i in range(len(text)) for j in range(i + 2, len(text) + 1)} - {text}
        inside.update({piece: n for piece in pieces if n > inside.get(piece, 0)})
    return inside
