"""Filler words of transcripts: 嗯, 呃, 啊, 那个, um, uh.

>>> fillers("Uh, yeah, um, that's the yeast.")
"Yeah, that's the yeast."
>>> fillers("嗯……那个，我想问一下，那个，能取出来不？")
'我想问一下，能取出来不？'
>>> fillers("我要那个，不要这个。")
'我要那个，不要这个。'

Conservative: a filler is removed only where punctuation sets it off on both sides, and only from a text that holds
two or more; "like" and "you know" stay, and so does 那个 before a noun. A text of nothing but fillers stays.
"""

from __future__ import annotations

import re

from tunesmith.curate.protected import settled, substitute

_ENGLISH = re.compile(r"(?:(?<=[,.!?…;] )|^)(?:um+|uh+|uhm+)(?:,|\.{3}|…) +(?P<next>\w?)", re.IGNORECASE | re.MULTILINE)
_CHINESE = re.compile(
    r"(?:(?<=[，。！？；、…：,!?])|^)(?:嗯+|呃+|额|唔|啊+|(?:就是)?那个)(?:(?:，|,|、|……?|\.{3,})[ ]*)+", re.MULTILINE
)


def _fillers(text: str) -> str:
    english, chinese = len(_ENGLISH.findall(text)), len(_CHINESE.findall(text))
    if english + chinese < 2:
        return text
    without = substitute(text, _ENGLISH, _capital) if english else text
    without = substitute(without, _CHINESE, "") if chinese else without
    return without if any(map(str.isalnum, without)) else text


fillers = settled(_fillers)


def _capital(match: re.Match[str]) -> str:
    """The first letter of what follows, as large as the filler's."""
    return match["next"].upper() if match[0][0].isupper() else match["next"]
