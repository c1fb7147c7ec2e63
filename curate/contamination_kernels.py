"""The kernels of contamination: look shingles up in those of the items, prove candidates, and find the matched run.

`contamination.py` says what they are for. A vocabulary is the distinct shingles of all patterns, ascending; a shingle's
word is its place in it. `buckets[b]` is the first word whose top `64 - shift` bits are b or more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled
from tunesmith.curate.tokens import Hashes, Places

Ratios = npt.NDArray[np.float64]


@compiled
def look_up(
    shingles: Hashes,
    offsets: Places,
    vocabulary: Hashes,
    buckets: Places,
    shift: Scalar,
    words: Places,
    word_offsets: Places,
) -> None:
    """Fill `words`, which has room for all shingles, with those of each row that the vocabulary holds, and
    `word_offsets`, shape `(n_rows + 1,)`."""
    found = 0
    for row in range(len(offsets) - 1):
        for i in range(offsets[row], offsets[row + 1]):
            shingle = shingles[i]
            word = buckets[shingle >> shift]
            last = buckets[(shingle >> shift) + np.uint64(1)]
            while word < last and vocabulary[word] < shingle:
                word += 1
            if word < last and vocabulary[word] == shingle:
                words[found] = word
                found += 1
        word_offsets[row + 1] = found


@compiled
def prove(
    words: Places,
    offsets: Places,
    listed: Places,
    list_offsets: Places,
    pattern_words: Places,
    pattern_offsets: Places,
    least: Places,
    weights: Ratios,
    needed_weights: Ratios,
    rows: Places,
    patterns: Places,
    shared: Places,
    shared_weights: Ratios,
) -> int:
    """Write every pair of row and pattern that has the shingles and the weight it needs; their number.

    Candidates of word w are `listed[list_offsets[w]:list_offsets[w + 1]]`. The four last arrays have room for them all.
    """
    marked = np.full(len(weights), -1, np.int64)  # the last row that has this word
    tried = np.full(len(least), -1, np.int64)  # the last row that this pattern was tried with
    found = 0
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        for i in range(first, last):
            marked[words[i]] = row
        for i in range(first, last):
            for at in range(list_offsets[words[i]], list_offsets[words[i] + 1]):
                pattern = listed[at]
                if tried[pattern] == row:
                    continue
                tried[pattern] = row
                n_shared, weight = 0, 0.0
                for place in range(pattern_offsets[pattern], pattern_offsets[pattern + 1]):
                    word = pattern_words[place]
                    if marked[word] == row:
                        n_shared += 1
                        weight += weights[word]
                if n_shared >= least[pattern] and weight >= needed_weights[pattern]:
                    rows[found], patterns[found] = row, pattern
                    shared[found], shared_weights[found] = n_shared, weight
                    found += 1
    return found


@compiled
def longest_runs(
    hashes: Hashes,
    starts: Places,
    ends: Places,
    item_hashes: Hashes,
    item_starts: Places,
    item_ends: Places,
    ngram: Scalar,
    first: Places,
    last: Places,
) -> None:
    """Fill `first` and `last`, exclusive: the earliest longest run of tokens of each row that is covered by windows of
    `ngram` tokens which the item beside it has too. A text of fewer tokens is one window."""
    for pair in range(len(starts)):
        start, end = starts[pair], ends[pair]
        item_start, item_end = item_starts[pair], item_ends[pair]
        wide = min(ngram, end - start, item_end - item_start)
        run, covered = start, start  # the open run is run to covered
        first[pair] = last[pair] = 0
        for place in range(start, end - wide + 1):
            same = False
            for other in range(item_start, item_end - wide + 1):
                step = 0
                while step < wide and hashes[place + step] == item_hashes[other + step]:
                    step += 1
                if step == wide:
                    same = True
                    break
            if not same:
                continue
            if place > covered:
                run = place
            covered = place + wide
            if covered - run > last[pair] - first[pair]:
                first[pair], last[pair] = run - start, covered - start
