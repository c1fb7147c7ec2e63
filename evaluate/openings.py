"""Whether answers grew alike: how many begin as others do, and how many of their phrases are ever new.

>>> found = shared_openings(["Sure, here is a plan for you.", "sure: here is a plan, B.", "No."], size=5)
>>> found.shared.tolist(), found.common[0].places, found.common[0].text
([1.0, 1.0, nan], (0, 1), 'Sure, here is a plan')
>>> round(distinct_share(["a b c", "a b d"], size=2).value, 2)
0.75

A model that has collapsed opens every answer with the same words and fills it with the same phrases. Distinct-n is the
share of runs of n tokens, over all answers, that are different ones (Li et al. 2016, A diversity-promoting objective
function for neural conversation models). It falls with the amount of text, so that two systems are compared on texts of
equal length, answer by answer. Tokens are those of `curate/codepoints.py`: a word, or one Chinese character.

Answers resampled with replacement would repeat their own phrases, and a bootstrap of distinct-n is biased for that
reason. The intervals are therefore of the jackknife (`card_jackknife.py`): each answer is left out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate.contamination_spans import token_spans
from tunesmith.curate.shingles import shingle_rows
from tunesmith.curate.tokens import Hashes, Places, TextRows, TokenHashes, hash_tokens
from tunesmith.evaluate.card_jackknife import LeftOut
from tunesmith.evaluate.metric_types import Floats

#: Tokens of an opening: longer than a greeting and shorter than most first sentences.
OPENING = 6
MOST_OPENINGS = 3


class Opening(NamedTuple):
    """The first tokens of several answers, as the first of them writes these, and the places of all these answers."""

    text: str
    places: tuple[int, ...]


class SharedOpenings(NamedTuple):
    """How alike the answers begin.

    :param shared: 1.0 where another answer begins so too, NaN of an answer with fewer tokens, shape `(n_answers,)`.
    :param common: the most frequent of the shared openings.
    :param share: the share, with what it is without each answer.
    """

    shared: Floats
    common: tuple[Opening, ...]
    share: LeftOut


def tokenise(texts: Sequence[str]) -> TokenHashes:
    """The tokens of each text."""
    column = pa.array(texts, pa.large_string())
    return hash_tokens(TextRows.of(column), 0, len(column))


def shared_openings(texts: Sequence[str], *, size: int = OPENING) -> SharedOpenings:
    """Group the answers by their first `size` tokens."""
    tokens = tokenise(texts)
    long = np.flatnonzero(tokens.ends - tokens.starts >= size)
    keys = shingle_rows(
        TokenHashes(tokens.hashes, tokens.starts[long], tokens.starts[long] + size), ngram=size
    ).shingles
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    shared = np.full(len(texts), np.nan)
    shared[long] = counts[group] > 1
    return SharedOpenings(shared, _most_common(texts, long, group, counts, size), _without_each(counts[group]))


def _most_common(texts: Sequence[str], long: Places, group: Places, counts: Places, size: int) -> tuple[Opening, ...]:
    """The largest groups of two and more; of equal ones, that which comes first."""
    if not len(group):
        return ()
    firsts = np.unique(group, return_index=True)[1]
    order = np.lexsort((firsts, -counts))[:MOST_OPENINGS]
    found = []
    for number in order[counts[order] > 1].tolist():
        places = long[group == number].tolist()
        text = texts[int(places[0])]
        found.append(Opening(text[: token_spans(text)[size - 1][1]].strip(), tuple(places)))
    return tuple(found)


def _without_each(sizes: Places) -> LeftOut:
    """The share of answers in groups of two and more, and the same without each of them.

    :param sizes: of each answer's group.
    """
    n, shared = len(sizes), int((sizes > 1).sum())
    lost = np.where(sizes > 2, 1, np.where(sizes == 2, 2, 0))  # who leaves a pair leaves the other alone
    return LeftOut(shared / n if n else float("nan"), (shared - lost) / max(n - 1, 1))


def distinct_share(texts: Sequence[str], *, size: int) -> LeftOut:
    """Distinct-n of whole answers."""
    tokens = tokenise(texts)
    return _distinct(tokens.hashes, tokens.starts, tokens.ends, size)


def distinct_shares(before: Sequence[str], after: Sequence[str], *, size: int) -> tuple[LeftOut, LeftOut]:
    """Distinct-n of two systems' answers to the same items, of each pair as many first tokens as both have."""
    one, other = tokenise(before), tokenise(after)
    lengths = np.minimum(one.ends - one.starts, other.ends - other.starts)
    found = [_distinct(side.hashes, side.starts, side.starts + lengths, size) for side in (one, other)]
    return found[0], found[1]


def _distinct(hashes: Hashes, starts: Places, ends: Places, size: int) -> LeftOut:
    counts = np.maximum(ends - starts - size + 1, 0)
    owners = np.repeat(np.arange(len(counts)), counts)
    firsts = starts[owners] + np.arange(len(owners)) - (np.cumsum(counts) - counts)[owners]
    phrases = shingle_rows(TokenHashes(hashes, firsts, firsts + size), ngram=size).shingles
    _, phrase = np.unique(phrases, return_inverse=True)
    held, holder = np.divmod(np.unique(phrase * len(counts) + owners), max(len(counts), 1))
    holders = np.bincount(held)
    own = np.bincount(holder[holders[held] == 1], minlength=len(counts))  # phrases of this answer alone
    n_distinct, n_all = len(holders), len(phrase)
    with np.errstate(invalid="ignore", divide="ignore"):
        return LeftOut(n_distinct / n_all if n_all else float("nan"), (n_distinct - own) / (n_all - counts))
