"""All pairs, exactly: what near-duplicate detection is judged by. Needs scipy.

It shares no code with the kernel but the definition of a token: Python cuts and shingles the texts, a sparse matrix
product counts what every pair has in common, and the same greedy rule runs over all pairs that reach the threshold.

>>> pairs = similar_pairs(["a b c d e f", "A b c d e f", "x"], 0.7)
>>> pairs.earlier, greedy(pairs)
([{}, {0: 1.0}, {}], {1: 0})
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from tunesmith.curate.codepoints import tokens_of

NGRAM = 5
BLOCK = 500  # rows of the product held at a time


class Pairs(NamedTuple):
    """All pairs that reach a similarity: for each row the earlier rows, with their exact similarity."""

    earlier: list[dict[int, float]]

    def both_ways(self) -> list[set[int]]:
        """For each row all the rows that it is alike to."""
        found: list[set[int]] = [set(others) for others in self.earlier]
        for row, others in enumerate(self.earlier):
            for other in others:
                found[other].add(row)
        return found


def shingle_matrix(texts: list[str]) -> sparse.csr_array:
    """Rows x distinct shingles, 1 where a row has one."""
    numbers: dict[tuple[str, ...], int] = {}
    columns, ends = [], [0]
    for text in texts:
        tokens = tokens_of(text)
        last = max(len(tokens) - NGRAM + 1, min(len(tokens), 1))
        shingles = {tuple(tokens[i : i + NGRAM]) for i in range(last)}
        columns += [numbers.setdefault(shingle, len(numbers)) for shingle in shingles]
        ends.append(len(columns))
    shape = (len(texts), len(numbers))
    return sparse.csr_array((np.ones(len(columns), np.int32), np.array(columns), np.array(ends)), shape=shape)


def similar_pairs(texts: list[str], threshold: float) -> Pairs:
    """Every pair, counted."""
    matrix = shingle_matrix(texts)
    sizes = np.diff(matrix.indptr)
    transposed = matrix.T.tocsr()
    earlier: list[dict[int, float]] = []
    for first in range(0, len(texts), BLOCK):
        block = (matrix[first : first + BLOCK] @ transposed).tocsr()
        for i in range(block.shape[0]):
            row = first + i
            others = block.indices[block.indptr[i] : block.indptr[i + 1]]
            common = block.data[block.indptr[i] : block.indptr[i + 1]]
            similarity = common / (sizes[row] + sizes[others] - common)
            near = (others < row) & (similarity >= threshold)
            earlier.append(dict(zip(others[near].tolist(), similarity[near].tolist())))
    return Pairs(earlier)


def both(wholes: Pairs, answers: Pairs) -> Pairs:
    """The pairs that reach the similarity in both columns, with that of the first."""
    columns = zip(wholes.earlier, answers.earlier)
    return Pairs([{other: whole[other] for other in whole.keys() & answer.keys()} for whole, answer in columns])


def greedy(pairs: Pairs) -> dict[int, int]:
    """Dropped row to its partner: the most similar survivor, the earliest of equal ones."""
    dropped: dict[int, int] = {}
    for row, others in enumerate(pairs.earlier):
        alive = [other for other in others if other not in dropped]
        if alive:
            dropped[row] = min(alive, key=lambda other: (-others[other], other))
    return dropped


def expected_misses(pairs: Pairs, n_bands: int, n_rows: int) -> float:
    """How many of the greedy drops bands would miss on average: those of which no survivor shares a band."""
    dropped, total = greedy(pairs), 0.0
    for row in dropped:
        found = [
            1 - (1 - pairs.earlier[row][other] ** n_rows) ** n_bands
            for other in pairs.earlier[row].keys() - dropped.keys()
        ]
        total += float(np.prod([1 - chance for chance in found]))
    return total
