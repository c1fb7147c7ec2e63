"""Full-width Latin letters and digits to half width, half-width kana to full, ligatures to letters, and NFC.

>>> unicode_width("ＧＰＴ－４ 有 １０² 个，第①个是３．５")
'GPT－4 有 10² 个，第①个是3.5'

This is NFKC where it repairs a spelling, and not where it changes a meaning: raised, enclosed and fraction digits stay,
so do … and ™ and the letters of mathematics; the punctuation of Chinese stays full width.
"""

from __future__ import annotations

import re
import unicodedata

from tunesmith.curate.protected import outside, settled

_HALF = {
    code: code - 0xFEE0 for block in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*block)
}
_COMPATIBLE = re.compile("[\uff66-\uff9f\ufb00-\ufb06\u2f00-\u2fd5]+")
_POINT = re.compile(r"(?<=[0-9])．(?=[0-9])")


def _unicode_width(text: str) -> str:
    if text.isascii():
        return text
    return outside(text, _narrowed)


unicode_width = settled(_unicode_width)


def _narrowed(piece: str) -> str:
    piece = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), piece.translate(_HALF))
    return unicodedata.normalize("NFC", _POINT.sub(".", piece))
