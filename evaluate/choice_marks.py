"""How answers say which option they choose, in Chinese and English: patterns for a set of letters.

>>> marks = marks_for("ABCD")
>>> [match["letters"] for match in marks.said.finditer("The answer is B.")]
['B']
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

#: Put around a letter that stands in brackets or quotes, which no article A does.
OPENED, CLOSED = "\u2039", "\u203a"


class Marks(NamedTuple):
    """Patterns, each with a group `letters` or `low` (one letter in lower case), tried in this order.

    :param said: an answer in so many words: 答案是, the answer is, 故选. The last one counts.
    :param opening: letters at the beginning of a text.
    :param hinted: weaker words: 选, X is correct, I think it is X. The last one counts.
    :param single: a letter by itself, in brackets or between marks.
    """

    said: re.Pattern[str]
    opening: re.Pattern[str]
    hinted: tuple[re.Pattern[str], ...]
    single: re.Pattern[str]


@lru_cache(maxsize=32)
def marks_for(letters: str) -> Marks:
    """The patterns for the letters of a question."""
    one = rf"{OPENED}?[{letters}]{CLOSED}?"
    # not the A of "A-level", nor the C of 维生素C or C反应蛋白
    end = r"(?![A-Za-z0-9+]|-\w|['’][a-z]|[型族超细反链])"
    joint = r"\s{0,3}(?:(?:[,、/&+;]|和|与|及|以及|and\b|or\b|或者?)\s{0,3}){0,2}"
    several = rf"(?<![A-Za-z0-9])(?P<letters>{one}(?:{joint}{one}){{0,9}}){end}"
    low = rf"(?<![A-Za-z0-9])(?P<low>{OPENED}?[{letters.lower()}]{CLOSED}?)(?=\s*(?:$|[.,;:!?)\n。、]))"
    group = rf"(?:{several}|{low})"
    return Marks(
        said=re.compile(rf"(?:{_SAID})\s*{group}", re.MULTILINE),
        opening=re.compile(rf"[\s*#>:.(\"'“-]{{0,30}}(?:{_OPENERS})?\s{{0,3}}{group}"),
        hinted=tuple(re.compile(pattern.replace("<group>", several)) for pattern in _HINTED),
        single=re.compile(
            rf"{OPENED}(?P<inside>[{letters}]){CLOSED}|"
            rf"(?:^|(?<=[\s,.:;!?、。(]))(?P<alone>[{letters}])(?=\s*(?:$|[,.:;!?、。)\n]))"
        ),
    )


_ADVERBS = r"(?:(?:therefore|thus|clearly|definitely|most likely|probably|likely|simply|just|indeed|obviously)[ ,]+)*"
_NOUN = r"(?:(?:the )?(?:options?|choices?|answers?|letters?)\s*:?\s*)?"
_SAID = "|".join(
    (
        r"答案\s*[】\])]?\s*(?:应该?|应当|就|显然|只能|可能|最终)?\s*(?:(?:选择|选|是|为|[:=])\s*)*(?:选项|选)?",
        r"(?<!不)(?:正确|最佳|最合适|恰当|合理|符合题意)的?(?:选项|说法|一项|做法|描述|选择)?"
        r"(?:应该?)?(?:是|有|为|:)+\s*(?:选项)?",
        r"(?:故|所以|因此|因而|综上|应该?|应当|本题|该题|此题|这题|这道题|我|可以|最终|最后|只能|必须)"
        r"[^。\n,A-Ja-j不]{0,6}(?:选择|选)(?:项|的是)?\s*:?",
        r"(?:而|应该?|应当|其实|实际上|最终)(?:是|为)\s*(?:选项)?",
        r"^[^\S\n]*答\s?:",
        r"(?i:\b(?:answers?|option|choice|(?:correct|right|best) (?:options|choices))(?: to [^.\n]{0,60}?)?"
        rf"\s*(?:is|are|:|=|would be|should be|must be)+\s*:?\s*{_ADVERBS}{_NOUN})",
        r"(?i:\b(?:correct|right|best|appropriate|accurate|suitable) (?:one|statement|option|choice|answer|response)? ?"
        rf"(?:is|:)\s*{_ADVERBS}{_NOUN})",
        r"(?i:\b(?:I(?:'d| would| will|'ll)?|we|should|must|so|thus|hence|therefore)[ ,]+(?:\w+ ){0,2}?"
        rf"(?:choose|pick|select|go with|opt for|answer)\s*{_NOUN})",
        rf"(?i:\bnot {OPENED}?[A-J]{CLOSED}?,? but (?:rather )?{_NOUN})",
        r"(?i:<answer>)",
    )
)
_OPENERS = r"(?:我?(?:选择|选)(?:项)?|选项|答|(?i:(?:option|choice|answer|letter))s?)\s*:?"
_HINTED = (
    r"(?:选择|选)(?:项|了)?(?:是|为)?\s*:?\s*<group>",
    r"(?:认为|觉得|就|一定|剩下的?|只有|只能|只可能|所以|因此|故|那)(?:是|为)?\s*(?:选项)?\s*<group>",
    r"<group>\s*(?:选项|[两三四五六七八]?个?[项者]|答案|的说法|的描述)?\s*(?:才|就|都|均)?(?:是|为)?(?:最)?"
    r"(?:正确|对的|对(?=[\s。,;!]|$)|合适|恰当|符合)",
    r"<group>\s*(?i:(?:is|are|seems|appears)(?: to be)? (?:both |clearly |the |most |obviously )*"
    r"(?:correct|right|best|true|appropriate))",
    r"\b(?i:only )<group>\s*(?i:fits|applies|works|matches|remains)",
    rf"(?i:\b(?:choose|pick|select|go with|opt for)\s*{_NOUN})<group>",
    rf"(?i:\b(?:it's|it is|think|believe|must be|should be|would be|that is|that's)\s+{_NOUN})<group>"
    r"(?=\s*(?:$|[.,;:!?)\n]|because|since|as\b))",
    r"(?:^|(?<=[\n.。,;]))\s*(?i:so|thus|hence|therefore|因此|所以|故|综上)\s*[,:]?\s*<group>(?=\s*[.。!]?\s*(?:$|\n))",
    r"的(?:选项|说法|一项)?(?:应该?)?(?:是|为)\s*(?:选项)?\s*<group>",  # 最不可能的是 B
)
