"""Tables for the kernel of `language_scripts.py`: which script a letter is of, and the commonest words of English.

>>> SCRIPTS[script_tables().scripts[ord("ж")] - 1].name
'Cyrillic'
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

#: Columns of the counts: letters of each script, in the order of `SCRIPTS` ...
LATIN, HAN, KANA, HANGUL, CYRILLIC, ARABIC = range(6)


class Script(NamedTuple):
    """Blocks of code points; `language` is "" where several languages share them, as `languages.py` then tells."""

    name: str
    language: str
    letters_per_word: float
    blocks: tuple[tuple[int, int], ...]


# Greek, Hebrew and those after them stand for the language that nearly all text in them is in: Devanagari for Hindi.
SCRIPTS: tuple[Script, ...] = (
    Script("Latin", "", 4.5, ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0xD7), (0xD8, 0xF7), (0xF8, 0x250), (0x1E00, 0x1F00))),
    Script("Han", "zh", 1, ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))),
    Script("kana", "ja", 1, ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x31F0, 0x3200))),
    Script("Hangul", "ko", 2, ((0x1100, 0x1200), (0x3131, 0x318F), (0xAC00, 0xD7B0))),
    Script("Cyrillic", "", 5, ((0x400, 0x530),)),
    Script("Arabic", "", 4, ((0x620, 0x660), (0x66E, 0x6D4), (0x6FA, 0x700), (0x750, 0x780))),
    Script("Greek", "el", 5, ((0x370, 0x400), (0x1F00, 0x2000))),
    Script("Hebrew", "he", 4, ((0x5D0, 0x5F3),)),
    Script("Devanagari", "hi", 5, ((0x900, 0x966),)),
    Script("Thai", "th", 5, ((0xE00, 0xE50),)),
    Script("Armenian", "hy", 5, ((0x531, 0x590),)),
    Script("Bengali", "bn", 5, ((0x980, 0x9E6),)),
    Script("Gurmukhi", "pa", 5, ((0xA00, 0xA66),)),
    Script("Gujarati", "gu", 5, ((0xA80, 0xAE6),)),
    Script("Tamil", "ta", 6, ((0xB80, 0xBE6),)),
    Script("Telugu", "te", 6, ((0xC00, 0xC66),)),
    Script("Kannada", "kn", 6, ((0xC80, 0xCE6),)),
    Script("Malayalam", "ml", 6, ((0xD00, 0xD66),)),
    Script("Sinhala", "si", 5, ((0xD80, 0xE00),)),
    Script("Lao", "lo", 5, ((0xE80, 0xED0),)),
    Script("Tibetan", "bo", 4, ((0xF40, 0xFBD),)),
    Script("Myanmar", "my", 6, ((0x1000, 0x1040), (0x1050, 0x10A0))),
    Script("Georgian", "ka", 6, ((0x10A0, 0x1100),)),
    Script("Ethiopic", "am", 4, ((0x1200, 0x1380),)),
    Script("Khmer", "km", 6, ((0x1780, 0x17D4),)),
)
N_SCRIPTS = len(SCRIPTS)

#: Languages that share a script other than Latin.
CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "os"})
ARABIC_LANGUAGES = frozenset({"ar", "fa", "ur", "ps", "sd", "ug", "ku"})

#: ... words (two letters and more of a-z), those that are English, those of other languages, signs of code.
WORDS, ENGLISH, FOREIGN, SIGNS = range(N_SCRIPTS, N_SCRIPTS + 4)
N_COUNTS = N_SCRIPTS + 4

# The commonest words of English, without those that Dutch, German, French or Spanish use as often (in, was, on, me);
# and the commonest of fifteen languages in Latin script that English does not use.
ENGLISH_WORDS = """
the and that this with are which you they what would should your their there how who when where been has have these
those about than from not but it to of is for if its our my she his him them then because could does did can were into
out some any each every most more other only such very while between both through after before many much make made
use used using people like time first one two new may might must will being here why whose also know think want give
find tell ask feel try leave call need become show keep start play move live believe bring happen write provide lose pay
include learn change lead good great best better big small large long short high own same world life day days year years
work working number way ways things thing place case point help helps however often never always well still too since
until without within around against during several includes example answer someone don doesn
isn didn
""".split()
_FOREIGN = """
de la le les des du et est une un dans pour que qui sur pas avec vous nous je il elle au aux ce cette sont el los las
por con para del se su al lo como pero es en muy esta este der die das und ist nicht ein eine einen den dem mit von zu
sich auf im auch wie werden sind oder ich sie wir di che non per gli della sono nel os um uma com da dos na em nao het
een van niet dat zijn voor met op te och det att som av inte jag har og ikke til af nie jest ve bir bu yang dan dengan
untuk ini itu tidak az egy hogy ja ei si nu este cu je na se ve ale
""".split()

ENGLISH_WORD, FOREIGN_WORD = 1, 2
PACKED = 7  # letters of a word that is looked up, at most: with its kind above them they fill one number
KIND_AT = np.uint64(56)
LETTERS_OF = np.uint64((1 << 56) - 1)
_SLOT_BITS = 11
SLOT_AT = np.uint64(64 - _SLOT_BITS)
LAST_SLOT = (1 << _SLOT_BITS) - 1
SPREAD = np.uint64(0xD1342543DE82EF95)

# Classes of bytes; `LONG` are those of longer sequences.
OTHER, LETTER, SIGN, SKIP, LONG = range(5)


class ScriptTables(NamedTuple):
    """`scripts`, uint8, shape `(0x10000,)`: the number of a code point's script + 1; `classes`, uint8, `(256,)`.

    `words`, uint64, shape `(2048,)`: an open hash table of function words, their letters packed below their kind.
    """

    scripts: Codes
    classes: Codes
    words: Words


@lru_cache(maxsize=1)
def script_tables() -> ScriptTables:
    """The tables, made once a process (1 ms)."""
    scripts = np.zeros(0x10000, np.uint8)
    for number, script in enumerate(SCRIPTS, 1):
        for first, end in script.blocks:
            scripts[first:end] = number
    classes = np.zeros(256, np.uint8)
    classes[:128][scripts[:128] > 0] = LETTER
    classes[128:] = LONG
    classes[[ord(sign) for sign in "{}[];_("]] = SIGN
    classes[[ord(mark) for mark in "`<:\\"]] = SKIP
    words = np.zeros(LAST_SLOT + 1, np.uint64)
    for word in _FOREIGN:
        _enter(word, FOREIGN_WORD, words)
    for word in ENGLISH_WORDS:
        _enter(word, ENGLISH_WORD, words)
    return ScriptTables(scripts, classes, words)


def _enter(word: str, kind: int, words: Words) -> None:
    packed = int.from_bytes(word.encode(), "big")
    slot = (packed * int(SPREAD) & (1 << 64) - 1) >> 64 - _SLOT_BITS
    while words[slot] and int(words[slot]) & int(LETTERS_OF) != packed:
        slot = slot + 1 & LAST_SLOT
    words[slot] = packed | kind << int(KIND_AT)
