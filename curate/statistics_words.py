"""One pass over the bytes of texts: their words as hashes with places, their lines, and counts of characters.

>>> found = read_words(TextRows.of(pa.array(["Mild 发烧. Rest!"])))
>>> found.places.tolist(), [int(flag) & NEW_SENTENCE for flag in found.flags] == [0, 0, 0, NEW_SENTENCE]
([0, 5, 8, 13], True)

A word is a token of `codepoints.py`, except that a character is folded by itself: what folds to several characters,
and what composes with its neighbour, stays as it is, and letters of full width make other words than those of ASCII.
"""

from __future__ import annotations

import numpy as np

from tunesmith.curate.statistics_reading import read_rows
from tunesmith.curate.statistics_tables import N_COUNTS, reading_tables
from tunesmith.curate.statistics_tables import Words as Words
from tunesmith.curate.tokens import TextRows


def read_words(texts: TextRows) -> Words:
    """The words of these texts, whose bytes may be any: what is not UTF-8 separates."""
    n_rows, n_bytes = len(texts.starts), int((texts.ends - texts.starts).sum())
    room = n_bytes + n_rows  # pages that nothing reaches are never touched
    found = Words(
        np.empty(room, np.uint64),
        np.empty(room, np.int32),
        np.empty(room, np.uint8),
        np.empty(n_rows, np.int64),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(n_rows, np.int64),
        np.zeros((n_rows, N_COUNTS), np.int32),
    )
    read_rows(texts, reading_tables(), found)
    n_words, n_lines = (int(ends[-1]) if n_rows else 0 for ends in (found.ends, found.line_ends))
    return found._replace(
        hashes=found.hashes[:n_words],
        places=found.places[:n_words],
        flags=found.flags[:n_words],
        line_starts=found.line_starts[:n_lines],
        line_words=found.line_words[:n_lines],
    )
