r"""Control and invisible characters, and the escapes of terminals.

>>> control("\x1b[33mUsually\x1b[0m run\u00adners\u200b go\ufeff")
'Usually runners go'
>>> control("👩\u200d🚀") == "👩\u200d🚀"
True

Line ends of every kind become `\n`. Joiners stay inside emoji and after letters of Arabic, Indic and related scripts,
zero-width spaces after letters of Thai, Lao, Khmer and Burmese (which have no other word break), direction marks
beside right-to-left letters; direction embeddings and overrides go, for they can make text look like other text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tunesmith.curate.protected import settled, substitute

#: What may stand in clean ASCII text.
_PLAIN = bytes([*b"\t\n", *range(0x20, 0x7F)])
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[()][0-9A-Z])")
# An expression that begins with one class of characters is searched for many times as fast as one of several branches.
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029](?:(?<=\r)\n)?")
_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_JOINING = "\u0600-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_EMOJI = "\u00a9\u00ae\u200d\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
#: What is invisible and has a meaning beside some scripts and signs.
_AT_TIMES = re.compile("[\u200b-\u200f\u061c\U000e0000-\U000e007f]")
_MISPLACED = re.compile(
    "(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])\u200b"
    f"|(?<![{_JOINING}])\u200c"
    f"|(?<![{_JOINING}{_EMOJI}])\u200d|(?<=[{_EMOJI}])\u200d(?![{_EMOJI}])"
    f"|(?<![{_RTL}])[\u200e\u200f\u061c](?![{_RTL}])"
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)


def _control(text: str) -> str:
    if is_plain(text):
        return text
    if "\x1b" in text:
        text = substitute(text, _ESCAPE, "")
    text = substitute(text, _LINE_ENDS, "\n")
    text = substitute(text, _INVISIBLE, "")
    return substitute(text, _MISPLACED, "") if _AT_TIMES.search(text) else text


control = settled(_control)


@lru_cache(maxsize=2)  # control and white space ask it of the same text, one after the other
def is_plain(text: str) -> bool:
    """Whether no control, invisible or unusual space character is there, by two fast passes."""
    if text.isascii():
        return not text.encode().translate(None, _PLAIN)
    return text.replace("\n", "").isprintable()
