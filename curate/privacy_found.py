"""What a detector of private data hands back, and how it looks at what stands around a candidate.

A number alone says little: 13579135791 is a Chinese mobile number or an integer. So a detector that is unsure asks for
the words nearby and for the signs next to the number.

>>> text = "my card is 4111111111111111"
>>> near_words(CARD_WORDS, text, 11, 27)
True
>>> in_mathematics("$3 + 13579135791$", 5, 16)
True
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

#: The kinds, by priority: where two findings overlap, the kind named first keeps its span.
KINDS = (
    "private_key", "api_key", "email", "resident_id", "bank_card", "phone", "passport", "ip", "address",
)  # fmt: skip


class Found(NamedTuple):
    """One private value in one text: `text[start:end] == value`, and `normal`, which every spelling of it shares."""

    kind: str
    start: int
    end: int
    value: str
    normal: str


PHONE_WORDS = re.compile(
    r"手机|电话|联系|致电|来电|短信|微信|拨打|打给|座机|传真|热线|号码|打我|加我"
    r"|\b(?:tele)?phones?\b|\btel\b|\bcell\b|\bmobile\b|\bcall(?:ed|ing)?\b|\bcontact|\breach\b|\bdial|\bfax\b"
    r"|\btext(?:ed|ing)? (?:me|him|her|us|them|to|my|our)\b|\bhotline\b|\bdirect line\b|\bline\b"
    r"|\bwhats ?app\b|\bsms\b|\bring\b"
    r"|phone_?(?:number|no)?\b|\bvoicemail\b|\b(?:my|his|her|their|our|your|['’]s) number\b"
    r"|\bget hold of\b|\bgive \w+ a (?:ring|bell|buzz)\b",
    re.IGNORECASE,
)
CARD_WORDS = re.compile(
    r"卡号|银行卡|储蓄卡|信用卡|借记卡|工资卡|账号|账户|帐号|转账|汇款|打款|收款|开户|银联|刷卡|绑定"
    r"|\bcards?\b|\bcard_?number\b|\bcredit\b|\bdebit\b|\bvisa\b|\bmastercard\b|\bunionpay\b|\bamex\b|\bcvv\b|\baccount\b",
    re.IGNORECASE,
)
ID_WORDS = re.compile(r"身份证|证件号|公民身份|\bid (?:card|number|no)\b|\bresident\b", re.IGNORECASE)
PASSPORT_WORDS = re.compile(r"护照|passport", re.IGNORECASE)
#: What makes a long number something else: an order, a book, a parcel, a thing of mathematics.
_OTHER_WORDS = re.compile(
    r"订单|单号|运单|编号|流水|条码|条形码|序列号|批号|型号|时间戳|书号|整除|素数|质数|整数|约数|因数|倍数|平方|立方|除以|乘以|求和|小数|取模"
    r"|\bisbn|\bissn|\border\b|\binvoice\b|\btracking\b|\bserial\b|\bbarcode|\bean\b|\bsku\b|\btimestamp\b|\bprimes?\b"
    r"|\bdivisible\b|\bdivid|\binteger|\bfactor|\bmultipl|\bsquare|\bdigits?\b|\bdecimal|\bmodul"
    r"|\bpart (?:number|no)\b|\bhash\b",
    re.IGNORECASE,
)
_SIGNS = frozenset("$=*×÷^\\{}/%<>≤≥≈±+|·√_&#~−")
_BEFORE, _AFTER = 40, 20


def near_words(
    words: re.Pattern[str], text: str, start: int, end: int, *, before: int = _BEFORE, after: int = 0
) -> bool:
    """Whether one of the words stands in the `before` characters ahead of the span or the `after` ones behind it."""
    return bool(words.search(text[max(0, start - before) : start]) or (after and words.search(text[end : end + after])))


def says_other(text: str, start: int, end: int) -> bool:
    """Whether the words around call the number an order, a book number or an integer."""
    return near_words(_OTHER_WORDS, text, start, end, before=24, after=16)


def in_mathematics(text: str, start: int, end: int) -> bool:
    """Whether the sign next to the span, over blanks, is one of arithmetic, LaTeX, a path or an assignment."""
    if text[max(0, start - 1) : start] == "-":  # a minus; the hyphen of a list has a blank behind it
        return True
    ahead, behind = text[max(0, start - 4) : start].rstrip(" "), text[end : end + 4].lstrip(" ")
    return (ahead[-1:] or " ") in _SIGNS or (behind[:1] or " ") in _SIGNS


def digits_of(text: str) -> str:
    """The digits of a text, in order and as ASCII."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def entropy_bits(text: str) -> float:
    """Shannon entropy of the characters, in bits each: about 4.5 for a random key, under 3 for `xxxxxxxx-0000`."""
    n = len(text)
    return -sum(count / n * math.log2(count / n) for count in Counter(text).values())
