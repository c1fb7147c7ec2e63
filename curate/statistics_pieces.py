"""Loops within a word: a piece of it that follows on itself without anything between, as in ingingingingingi.

>>> texts = TextRows.of(pa.array(["It is go" + "ing" * 20, "internationalisation"]))
>>> copies, share = np.zeros(2, np.int32), np.zeros(2, np.float32)
>>> words = read_words(texts)
>>> find_pieces(texts, words, np.zeros(len(words.hashes), np.uint8), copies, share)
>>> copies.tolist(), share.round(2).tolist()
([20, 0], [0.88, 0.0])
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import compiled
from tunesmith.curate.statistics_tables import CHARACTERS
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, Places, TextRows

Numbers = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float32]

LEAST_WORD = 40  # bytes
SHORTEST, LONGEST = 2, 6  # bytes of a piece; of one letter are drawls: Nooooo
LEAST_COPIES = 12


def find_pieces(texts: TextRows, words: Words, in_code: Bytes, copies: Numbers, share: Shares) -> None:
    """Enter such loops where they take a larger share of their row's characters than what stands there."""
    long = np.flatnonzero((np.diff(words.places, append=0) > LEAST_WORD) & (in_code == 0))
    long = np.union1d(long, words.ends[words.sizes > 0] - 1)  # the last of a row may be long
    if len(long):
        rows = np.searchsorted(words.ends, long, side="right")
        _find_words(texts, words, long, rows, copies, share)


@compiled
def _find_words(texts: TextRows, words: Words, long: Places, rows: Places, copies: Numbers, share: Shares) -> None:
    """Fill `copies` and `share`."""
    for i in range(len(long)):
        row = rows[i]
        start, end = texts.starts[row] + words.places[long[i]], texts.ends[row]
        stop = start
        while stop < end and 0x61 <= texts.data[stop] | 0x20 <= 0x7A:
            stop += 1
        for period in range(SHORTEST, LONGEST + 1):
            place = stop - period  # the loop goes to the end of the word
            while place > start and texts.data[place - 1] == texts.data[place - 1 + period]:
                place -= 1
            n_copies = (stop - place) // period
            if n_copies < LEAST_COPIES or stop - place < LEAST_WORD:  # a shorter word may have no `period` bytes before
                continue
            drawl = True
            for k in range(1, period):
                drawl &= texts.data[stop - 1 - k] == texts.data[stop - 1]
            if drawl:
                continue
            found = (stop - place) / max(1, words.counts[row, CHARACTERS])
            if found > share[row] + 1e-6:  # float32: a multiple of the period is no longer loop
                share[row], copies[row] = found, n_copies
