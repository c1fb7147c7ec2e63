"""Longest common subsequences of token numbers, 64 places a step: the kernels of ROUGE-L and ROUGE-Lsum.

>>> texts = codes_of(["a b c d", "b d a"], str)
>>> numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 2]), spaced_classes())
>>> union_hits(numbered, lcs_lengths(numbered)).tolist()
[2]

The bit vector of Hyyrö, Bit-parallel LCS-length computation revisited (2004): a zero at place i says that the common
subsequence grows there. Only the words of the vector where the token occurs, or a carry goes, are touched, so memory
grows with the texts and not with their product; two answers of a megabyte each take seconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.evaluate.overlap_kernels import Numbered, Numbers, Places

Words = npt.NDArray[np.uint64]

_ALL, _ONE, _ZERO = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1), np.uint64(0)
_PLACE = np.uint64(63)
#: Bit vectors of one line that are kept, in words: 16 MB. Of more every so many are kept, and those between made again.
MOST_KEPT = 1 << 21


class _Where(NamedTuple):
    """Where each token occurs in one line: token t in the words `words[first[t]:first[t] + size[t]]`, ascending, at the
    places of `bits`. `left[t]` is at how many places it was not hit yet; `last_word` and `filled` are room to work."""

    first: Numbers
    size: Numbers
    left: Numbers
    filled: Numbers
    last_word: Numbers
    words: Numbers
    bits: Words


def lcs_lengths(numbered: Numbered) -> Places:
    """The length of the longest common subsequence of each pair of texts, 0 and 1, 2 and 3 …: shape `(n_pairs,)`."""
    found = np.zeros((len(numbered.bounds) - 1) // 2, np.int64)
    longest = int(np.diff(numbered.bounds).max(initial=0))
    vector = np.empty((longest + 63) // 64, np.uint64)
    _lcs(numbered.tokens, numbered.bounds, _room(numbered, longest), vector, found)
    return found


def union_hits(numbered: Numbered, lengths: Places, *, most_kept: int = MOST_KEPT) -> Places:
    """How many tokens of the second text of each pair are hit by the first, by lines: shape `(n_pairs,)`.

    For each line of the second text the union of its common subsequences with every line of the first; a token counts
    no more often than either text has it. Section 3.2 of Lin, ROUGE (2004), and the steps of rouge-score 0.1.2: where
    several subsequences are longest, the one that its table gives when read from the end.

    :param lengths: what `lcs_lengths` gave, which is the answer where both texts are single lines.
    """
    found = lengths.copy()
    longest = int(np.diff(numbered.bounds).max(initial=0))
    hit, rows = np.zeros(longest, np.bool_), np.empty(longest, np.uint64)
    counts = np.zeros((2, int(numbered.n_names.max(initial=0))), np.int32)
    room = _room(numbered, longest)
    _union(numbered.tokens, numbered.lines, numbered.bounds, most_kept, room, rows, hit, counts, found)
    return found


def _room(numbered: Numbered, longest: int) -> _Where:
    names = int(numbered.n_names.max(initial=0))
    first, size, left, filled, last_word = (np.zeros(names, np.int32) for _ in range(5))
    words, bits = np.empty(longest, np.int32), np.empty(longest, np.uint64)
    return _Where(first, size, left, filled, last_word, words, bits)


@inlined
def _enter(tokens: Numbers, start: Scalar, end: Scalar, where: _Where) -> None:
    """Note where the tokens of `tokens[start:end]` occur."""
    for i in range(start, end):
        token = tokens[i]
        where.size[token], where.left[token], where.filled[token], where.last_word[token] = 0, 0, -1, -1
    for i in range(start, end):
        token, word = tokens[i], (i - start) >> 6
        where.left[token] += 1
        if where.last_word[token] != word:
            where.size[token] += 1
            where.last_word[token] = word
    free = 0
    for i in range(start, end):
        token, place = tokens[i], np.uint64(i - start) & _PLACE
        word = (i - start) >> 6
        if where.filled[token] < 0:
            where.first[token], where.filled[token] = free, 0
            free += where.size[token]
        at = where.first[token] + where.filled[token] - 1
        if where.filled[token] == 0 or where.words[at] != word:
            where.filled[token] += 1
            at += 1
            where.words[at], where.bits[at] = word, _ZERO
        where.bits[at] |= _ONE << place


@inlined
def _forget(tokens: Numbers, start: Scalar, end: Scalar, where: _Where) -> None:
    for i in range(start, end):
        where.size[tokens[i]], where.left[tokens[i]] = 0, 0


@inlined
def _step(token: Scalar, where: _Where, vector: Words, n_words: Scalar) -> None:
    """Take one more token of the other text: V ← (V + (V & M)) | (V & ~M), with the carry from word to word."""
    carry = _ZERO
    word = 0
    for at in range(where.first[token], where.first[token] + where.size[token]):
        while carry and word < where.words[at]:
            vector[word], carry = vector[word] | (vector[word] + _ONE), _ONE * np.uint64(vector[word] == _ALL)
            word += 1
        word = where.words[at]
        old, matches = vector[word], where.bits[at]
        total = old + (old & matches)
        raised = total + carry
        carry = np.uint64(total < old) | np.uint64(raised < total)
        vector[word] = raised | (old & ~matches)
        word += 1
    while carry and word < n_words:
        vector[word], carry = vector[word] | (vector[word] + _ONE), _ONE * np.uint64(vector[word] == _ALL)
        word += 1


@inlined
def _n_zeros(vector: Words, n_words: Scalar, n_places: Scalar) -> Scalar:
    zeros = 0
    for word in range(n_words):
        left = ~vector[word]
        if word == n_words - 1 and n_places & 63:
            left &= (_ONE << np.uint64(n_places & 63)) - _ONE
        while left:
            left &= left - _ONE
            zeros += 1
    return zeros


@compiled
def _lcs(tokens: Numbers, bounds: Places, where: _Where, vector: Words, found: Places) -> None:
    for pair in range(len(found)):
        start, middle, end = bounds[2 * pair], bounds[2 * pair + 1], bounds[2 * pair + 2]
        one, other, one_end, other_end = start, middle, middle, end
        while one < one_end and other < other_end and tokens[one] == tokens[other]:
            one, other = one + 1, other + 1
        while one < one_end and other < other_end and tokens[one_end - 1] == tokens[other_end - 1]:
            one_end, other_end = one_end - 1, other_end - 1
        found[pair] = middle - start - (one_end - one)
        n_words = (other_end - other + 63) >> 6
        if n_words == 0 or one == one_end:
            continue
        vector[:n_words] = _ALL
        _enter(tokens, other, other_end, where)
        for i in range(one, one_end):
            _step(tokens[i], where, vector, n_words)
        found[pair] += _n_zeros(vector, n_words, other_end - other)
        _forget(tokens, other, other_end, where)


@inlined
def _line_end(lines: Numbers, start: Scalar, end: Scalar) -> Scalar:
    place = start + 1
    while place < end and lines[place] == lines[start]:
        place += 1
    return place


@inlined
def _n_kept(n_steps: Scalar, n_words: Scalar, most_kept: Scalar) -> Scalar:
    """How many bit vectors one after the other are kept: all, or the square root where that is too much."""
    if n_steps * n_words <= most_kept:
        return n_steps
    return np.int64(np.ceil(np.sqrt(n_steps)))


@inlined
def _hit(token: Scalar, i: Scalar, where: _Where, hit: npt.NDArray[np.bool_]) -> None:
    if not hit[i]:
        hit[i] = True
        where.left[token] -= 1


@inlined
def _mark_short(
    tokens: Numbers, one: Scalar, one_end: Scalar, start: Scalar, end: Scalar, where: _Where, rows: Words,
    hit: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """`_mark` for a line of at most 64 tokens, whose bit vector is one word."""
    vector = _ALL
    for step in range(one, one_end):
        token = tokens[step]
        matches = where.bits[where.first[token]] if where.size[token] else _ZERO
        vector = (vector + (vector & matches)) | (vector & ~matches)
        rows[step - one] = vector
    i, j = end - start - 1, one_end - one - 1
    while i >= 0 and j >= 0:
        if tokens[start + i] == tokens[one + j]:
            _hit(tokens[start + i], i, where, hit)
            i, j = i - 1, j - 1
        elif rows[j] >> np.uint64(i) & _ONE:
            i -= 1
        else:
            j -= 1


@inlined
def _mark(
    tokens: Numbers, one: Scalar, one_end: Scalar, start: Scalar, end: Scalar, most_kept: Scalar, where: _Where,
    hit: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Mark the places of `tokens[start:end]` that are in its common subsequence with `tokens[one:one_end]`.

    Read from the end, as rouge-score reads its table t: where the tokens are equal, both go back; else the one text
    goes back if t[i][j - 1] > t[i - 1][j], which is so exactly where t grows at i, a zero in vector j.
    """
    n_steps, n_words = one_end - one, (end - start + 63) >> 6
    n_kept = _n_kept(n_steps, n_words, most_kept)
    n_parts = (n_steps + n_kept - 1) // n_kept
    parts, rows = np.empty((n_parts, n_words), np.uint64), np.empty((n_kept, n_words), np.uint64)
    parts[0] = _ALL
    for part in range(1, n_parts):
        parts[part] = parts[part - 1]
        for step in range((part - 1) * n_kept, part * n_kept):
            _step(tokens[one + step], where, parts[part], n_words)
    i = end - start - 1
    for part in range(n_parts - 1, -1, -1):
        first, last = part * n_kept, min((part + 1) * n_kept, n_steps)
        for step in range(first, last):
            rows[step - first] = parts[part] if step == first else rows[step - first - 1]
            _step(tokens[one + step], where, rows[step - first], n_words)
        j = last - 1
        while i >= 0 and j >= first:
            if tokens[start + i] == tokens[one + j]:
                _hit(tokens[start + i], i, where, hit)
                i, j = i - 1, j - 1
            elif rows[j - first, i >> 6] >> (np.uint64(i) & _PLACE) & _ONE:
                i -= 1
            else:
                j -= 1


@inlined
def _can_hit(tokens: Numbers, start: Scalar, end: Scalar, where: _Where) -> Scalar:
    """Whether these tokens occur where nothing was hit yet; else their subsequence adds nothing to the union."""
    while start < end and not where.left[tokens[start]]:
        start += 1
    return start < end


@inlined
def _hit_line(
    tokens: Numbers, lines: Numbers, first: Scalar, middle: Scalar, start: Scalar, end: Scalar,
    most_kept: Scalar, where: _Where, rows: Words, hit: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Mark in `hit` what the lines of `tokens[first:middle]` hit of the line `tokens[start:end]`."""
    hit[: end - start] = False
    _enter(tokens, start, end, where)
    while first < middle:
        line_end = _line_end(lines, first, middle)
        if _can_hit(tokens, first, line_end, where):
            if end - start <= 64:
                _mark_short(tokens, first, line_end, start, end, where, rows, hit)
            else:
                _mark(tokens, first, line_end, start, end, most_kept, where, hit)
        first = line_end
    _forget(tokens, start, end, where)


@compiled
def _union(
    tokens: Numbers, lines: Numbers, bounds: Places, most_kept: Scalar, where: _Where, rows: Words,
    hit: npt.NDArray[np.bool_], counts: npt.NDArray[np.int32], found: Places,
) -> None:  # fmt: skip
    for pair in range(len(found)):
        first, middle, last = bounds[2 * pair], bounds[2 * pair + 1], bounds[2 * pair + 2]
        if found[pair] == 0 or (lines[first] == lines[middle - 1] and lines[middle] == lines[last - 1]):
            continue
        found[pair] = 0
        for i in range(first, last):
            counts[0, tokens[i]], counts[1, tokens[i]] = 0, 0
        for i in range(first, last):
            counts[np.int64(i >= middle), tokens[i]] += 1
        start = middle
        while start < last:
            end = _line_end(lines, start, last)
            _hit_line(tokens, lines, first, middle, start, end, most_kept, where, rows, hit)
            for i in range(start, end):
                token = tokens[i]
                if hit[i - start] and counts[0, token] > 0 and counts[1, token] > 0:
                    found[pair] += 1
                    counts[0, token] -= 1
                    counts[1, token] -= 1
            start = end
