"""The marks that stand for private values, and where a known value stands again.

One value has one mark in a conversation, however it is spelt. Marks are numbered by first appearance and go on behind
those that the texts already hold, so that redacting twice is the same as once.

>>> marks = Marks((), "zh")
>>> marks.of(Found("phone", 0, 11, "13800138000", "+8613800138000"))
'[手机号_1]'
>>> Marks(("[PHONE_4]",), "en").of(Found("phone", 0, 12, "202-555-0143", "+12025550143"))
'[PHONE_5]'
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tunesmith.curate.privacy_found import Found, digits_of

_CHINESE = {
    "private_key": "私钥", "api_key": "密钥", "email": "邮箱", "resident_id": "身份证号", "bank_card": "银行卡号",
    "mobile": "手机号", "phone": "电话", "passport": "护照号", "ip": "IP", "address": "地址",
}  # fmt: skip
_ENGLISH = {
    "private_key": "PRIVATE_KEY", "api_key": "API_KEY", "email": "EMAIL", "resident_id": "RESIDENT_ID",
    "bank_card": "BANK_CARD", "phone": "PHONE", "passport": "PASSPORT", "ip": "IP", "address": "ADDRESS",
}  # fmt: skip
_CHINESE_MOBILE = re.compile(r"\+861[3-9][0-9]{9}$")
_LABELS = sorted({*_CHINESE.values(), *_ENGLISH.values()}, key=len, reverse=True)
#: A mark that `redact` writes.
MARK = re.compile(rf"\[({'|'.join(_LABELS)})_([0-9]{{1,9}})\]")

_NUMBERS = frozenset(("phone", "bank_card", "resident_id"))


class Marks:
    """The marks given out in one conversation; it holds the numbers used so far, therefore a class."""

    def __init__(self, texts: Iterable[str], language: str) -> None:
        self._language = language
        self._given: dict[tuple[str, str], str] = {}
        self._last: Counter[str] = Counter()
        for text in texts:
            for label, number in MARK.findall(text):
                self._last[label] = max(self._last[label], int(number))

    def of(self, found: Found) -> str:
        """The mark of a value: the one that it has, or the next of its label."""
        key = (found.kind, found.normal)
        if key not in self._given:
            label = _label(found, self._language)
            self._last[label] += 1
            self._given[key] = f"[{label}_{self._last[label]}]"
        return self._given[key]


def _label(found: Found, language: str) -> str:
    if language != "zh":
        return _ENGLISH[found.kind]
    if found.kind == "phone" and _CHINESE_MOBILE.match(found.normal):
        return _CHINESE["mobile"]
    return _CHINESE[found.kind]


def repeats(text: str, found: Found) -> Iterator[Found]:
    """Where a known value stands in a text, also bare and, if it is a number, with other blanks and hyphens."""
    for match in re.finditer(_pattern(found), text):
        yield Found(found.kind, *match.span(), match.group(), found.normal)


def _pattern(found: Found) -> str:
    digits = digits_of(found.value)
    if found.kind in _NUMBERS and found.value[-1] not in "xXｘＸ":
        national = digits[-11:] if _CHINESE_MOBILE.match(found.normal) else digits
        return r"(?<![0-9A-Za-z_.])" + r"[ \-]?".join(national) + r"(?![0-9A-Za-z_])"
    # Without these edges E12345678 would be found inside of XE123456789.
    ahead = "(?<![0-9A-Za-z_])" if found.value[0].isalnum() else ""
    behind = "(?![0-9A-Za-z_])" if found.value[-1].isalnum() else ""
    return ahead + re.escape(found.value) + behind
