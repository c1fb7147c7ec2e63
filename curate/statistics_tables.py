"""What the kernels of the statistics look up and pass on: what a character counts for, and the words of texts.

>>> table = character_table()
>>> [int(table[ord(sign)]) >> CLASS_AT & CLASS for sign in "é9½。=　"] == [LETTER, DIGIT, NUMBER, POINT, SYMBOL, SPACE]
True

The classes follow Unicode's general category: letters and combining marks (L, M), decimal digits (Nd), other numbers
(Nl, No), punctuation (P), symbols (S), white space (Z and the control characters that break lines or tabulate); all
else (controls, format characters, private use, unassigned) is none of these.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.codepoints import HARD, MARK, SEVERAL, WORD, code_points
from tunesmith.curate.normal_tables import CJK, normal_tables
from tunesmith.curate.normal_tables import TABLE_END as TABLE_END
from tunesmith.curate.tokens import Bytes, Entries, Hashes, Places

Numbers = npt.NDArray[np.int32]

#: Classes of characters, in bits 2-4 of an entry. Bits 0-1 are the kind of `codepoints.py`, from `FOLDED_AT` on stands
#: the folded code point.
OTHER, LETTER, DIGIT, NUMBER, POINT, SYMBOL, SPACE = range(7)
N_CLASSES = 7
KIND, CLASS, CLASS_AT, FOLDED_AT = 3, 7, 2, 8
#: Bits of an entry: a word by itself, the end of a sentence, a possible trace of a lost encoding.
ALONE_CJK, STOPS, SUSPECT = 1 << 5, 1 << 6, 1 << 7

#: Bits of a word's flags: it has a letter; it is the first of its line, of its sentence.
HAS_LETTER, NEW_LINE, NEW_SENTENCE = 1, 2, 4

#: Columns of the counts of a text: the classes, then these.
CJKS, CHARACTERS, SEEN = N_CLASSES, N_CLASSES + 1, N_CLASSES + 2
N_COUNTS = N_CLASSES + 3

#: What the kernel has to look at among ASCII separators, in the bits above the class.
BREAK, STOP, DOT, SEEN_AT = 1 << 3, 1 << 4, 1 << 5, 6
#: Bits of a row's marks: what a text without them has none of.
TICKS, SIGNS, EQUALS, SLASHES, DEBRIS = (1 << bit for bit in range(5))

_CLASSES = {"L": LETTER, "M": LETTER, "N": NUMBER, "P": POINT, "S": SYMBOL, "Z": SPACE}
_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
_SENTENCE_ENDS = "。！？｡．…؟।"
_SUSPECTS = "\ufffd锟烫屯" + "".join(map(chr, range(0xC2, 0xF5)))
_SEEN = {"`": TICKS, "~": TICKS, "$": SIGNS, "\\": SIGNS, "=": EQUALS, "/": SLASHES}


class Tables(NamedTuple):
    """`letters`, uint8: the folded letter or digit, 0 for every other byte; `separators`, uint8: class in bits 0-2,
    then `BREAK`, `STOP`, `DOT`; `seen`, uint8: the marks of a row. All of shape `(256,)`. `entries`, uint32, of all
    code points below `TABLE_END`."""

    letters: Bytes
    separators: Bytes
    seen: Bytes
    entries: Entries


class Words(NamedTuple):
    """Row i has the words `ends[i - 1]` to `ends[i]` and the lines `line_ends[i - 1]` to `line_ends[i]`.

    Of a word: `hashes`, uint64, `places`, int32, its first byte in its row, and `flags`, uint8. Of a line:
    `line_starts`, int32, its first byte in its row, and `line_words`, int32, its first word, counted over all rows.
    `counts`, int32, shape `(n_rows, N_COUNTS)`.
    """

    hashes: Hashes
    places: Numbers
    flags: Bytes
    ends: Places
    line_starts: Numbers
    line_words: Numbers
    line_ends: Places
    counts: Numbers

    @property
    def sizes(self) -> Places:
        """Words of each row."""
        return np.diff(self.ends, prepend=0)


@lru_cache(maxsize=1)
def character_table() -> Entries:
    """The entries of all code points below `TABLE_END`, uint32; made from `unicodedata`, once a process (60 ms)."""
    codes = code_points()
    folding = codes.entries[:TABLE_END] & 7
    alone = np.where((folding == SEVERAL) | (folding == HARD), codes.plain[:TABLE_END], codes.entries[:TABLE_END])
    kinds, folded = alone & 7, (alone >> 3) & 0x1FFFFF
    kinds[kinds > MARK] = WORD
    classes = np.array([_class_of(chr(code)) for code in range(TABLE_END)], np.uint32)
    cjk = np.where(normal_tables().entries & CJK, ALONE_CJK, 0).astype(np.uint32)
    table = (kinds | classes << CLASS_AT | cjk | folded << FOLDED_AT).astype(np.uint32)
    table[[ord(sign) for sign in _SENTENCE_ENDS]] |= STOPS
    table[[ord(sign) for sign in _SUSPECTS]] |= SUSPECT
    return table


def _class_of(character: str) -> int:
    if character in _BLANKS:
        return SPACE
    category = unicodedata.category(character)
    return DIGIT if category == "Nd" else _CLASSES.get(category[0], OTHER)


@lru_cache(maxsize=1)
def reading_tables() -> Tables:
    """The tables of the kernel that reads words."""
    separators, seen = np.zeros(256, np.uint8), np.zeros(256, np.uint8)
    separators[:128] = [_class_of(chr(code)) for code in range(128)]
    for sign, bit in (("\n", BREAK), ("!", STOP), ("?", STOP), (".", DOT)):
        separators[ord(sign)] |= bit
    for sign, bit in _SEEN.items():
        seen[ord(sign)] = bit
    return Tables(code_points().ascii, separators, seen, character_table())
