"""Text that was read in a wrong encoding, whole or in part, so that it can be repaired or is lost.

>>> _read_as("你好", "utf-8", "latin-1")
'ä½\\xa0å¥½'
"""

from __future__ import annotations

import re
from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings

_LOST = "\ufffd"
_CURLED = ((re.compile(r"(?<=\w)'(?=\w)"), "’"), (re.compile(r'"([^"\n]+)"'), r"“\1”"), (re.compile(r" - "), " – "))


def mojibake(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """Characters outside ASCII become those of another encoding, or replacement characters."""
    in_prompt = random.random() < 0.15
    text = row.prompt if in_prompt else row.answer
    curled = text if row.language == "zh" else _curl(text)
    variant = random.choice([*_WAYS[row.language]])
    found = _changed(curled, row.language, variant, random)
    if "```" in text or found == curled or found is None:
        return None
    return Edited(row.asked(found) if in_prompt else row.answered(found), variant)


def _changed(text: str, language: str, variant: str, random: Random) -> str | None:
    first, last = 0, len(text)
    if language == "zh" and len(text) > 60 and random.random() < 0.4:  # one passage, pasted in from elsewhere
        first = random.randrange(len(text) // 2)
        last = first + len(text) // 3
    passage = text[first:last]
    if not re.search(r"[\u4e00-\u9fff]{4}" if language == "zh" else r"[^\x00-\x7f]", passage):
        return None
    return text[:first] + _way(variant, passage, random) + text[last:]


def _way(variant: str, text: str, random: Random) -> str:
    if variant in _READINGS:
        return _read_as(text, *_READINGS[variant])
    if variant == "twice":
        return _read_as(_read_as(text, "utf-8", "cp1252"), "utf-8", "cp1252")
    if variant == "lost":
        share = 0.08 if re.search(r"[\u4e00-\u9fff]", text) else 1.0
        found = re.sub(r"[^\x00-\x7f]", lambda found: _LOST if random.random() < share else found[0], text)
        return found if _LOST in found else _LOST + found[1:]
    if variant == "lost bytes":
        return re.sub(r"[^\x00-\x7f]+", lambda found: _LOST * len(found[0].encode()), text)
    at = random.randrange(len(text))  # two replacement characters in UTF-8, read as GBK
    return text[:at] + (_LOST * 2).encode().decode("gbk") * random.randint(1, 4) + text[at + 2 :]


def _read_as(text: str, written: str, read: str) -> str:
    """Bytes that an encoding leaves open become the control character of the same number, as browsers do."""
    written_bytes = text.encode(written, errors="replace")
    if read == "gb18030":
        return written_bytes.decode(read, errors="replace")
    return "".join(_character(byte, read) for byte in written_bytes)


def _character(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


def _curl(text: str) -> str:
    for pattern, curled in _CURLED:
        text = pattern.sub(curled, text)
    return text


_READINGS = {
    "utf-8 as latin-1": ("utf-8", "latin-1"),
    "utf-8 as cp1252": ("utf-8", "cp1252"),
    "utf-8 as gbk": ("utf-8", "gb18030"),
    "gbk as latin-1": ("gb18030", "latin-1"),
}
_WAYS = {
    "zh": (*_READINGS, "twice", "lost", "lost bytes", "kun jin kao"),
    "en": ("utf-8 as latin-1", "utf-8 as cp1252", "utf-8 as gbk", "twice", "lost", "lost bytes"),
}
