"""Chinese resident numbers, bank cards and passports: numbers with an inner check, or with a word that names them.

>>> [found.normal for found in resident_ids("身份证号：110101190001010014")]
['110101190001010014']
>>> [found.normal for found in bank_cards("卡号 6200 0000 0000 0005")]
['6200000000000005']
>>> list(bank_cards("2^63-1 = 9223372036854775807"))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tunesmith.curate.privacy_found import (
    CARD_WORDS,
    ID_WORDS,
    PASSPORT_WORDS,
    Found,
    digits_of,
    in_mathematics,
    near_words,
    says_other,
)

_ID18 = re.compile(
    r"(?<![0-9A-Za-z_.])[1-8][0-9]{5}([ \-]?)(?:1[89]|20)[0-9]{2}[01][0-9][0-3][0-9]\1[0-9]{3}[0-9Xx](?![0-9A-Za-z_])"
)
_ID15 = re.compile(r"(?<![0-9A-Za-z_.])[1-8][0-9]{7}[01][0-9][0-3][0-9]{4}(?![0-9A-Za-z_])")
# The first two digits. The table of counties in python-stdnum lacks codes that were abolished, so it does not decide.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_BIRTH_YEARS = range(1880, 2040)  # fixed, so that one file gives the same findings in every year

_CARD = re.compile(
    r"(?<![0-9A-Za-z_.])(?<![0-9][ ,\-])(?:"
    r"[2-6][0-9]{3}([ \-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?"  # fours
    r"|3[47][0-9]{2}([ \-])[0-9]{6}\2[0-9]{5}"  # American Express
    r"|[2-6][0-9]{12,18})(?![0-9A-Za-z_]|[,.][0-9]|[ \-][0-9])"
)
# Issuer prefix and the lengths that it issues.
_ISSUERS = (
    (re.compile("62"), (16, 17, 18, 19)),  # UnionPay
    (re.compile("4"), (13, 16, 19)),  # Visa
    (re.compile("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile("3[47]"), (15,)),
    (re.compile("35(?:2[89]|[3-8])"), (16,)),  # JCB
    (re.compile("6011|65|64[4-9]"), (16, 19)),  # Discover
    (re.compile("60[13]|95[5-9]|58"), (16, 19)),  # old cards of Chinese banks
)

_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z_\-])(?:[A-Z]{1,2}[0-9]{6,8}|[egdspk][0-9]{8}|(?P<bare>[0-9]{9}))(?![0-9A-Za-z_]|-[0-9])"
)
_BARE_PASSPORT = re.compile(
    r"(?:护照号码?|passport\s*(?:number|no\.?|#)?)\s*(?:is|为|是)?\s*[:：#]?\s*$", re.IGNORECASE
)


def resident_ids(text: str) -> Iterator[Found]:
    """Every Chinese resident number with a right check digit and a real birth date; fifteen digits by name only."""
    for match in _ID18.finditer(text):
        number = re.sub(r"[ \-]", "", match.group()).upper()
        if _is_person(number) and _check_digit(number) == number[-1]:
            yield Found("resident_id", *match.span(), match.group(), number)
    for match in _ID15.finditer(text):
        longer = match.group()[:6] + "19" + match.group()[6:]
        if _is_person(longer) and near_words(ID_WORDS, text, *match.span(), before=20):
            yield Found("resident_id", *match.span(), match.group(), longer + _check_digit(longer + "0"))


def _is_person(number: str) -> bool:
    if not _PROVINCES.match(number) or int(number[6:10]) not in _BIRTH_YEARS:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def _check_digit(number: str) -> str:
    from stdnum.cn import ric

    return ric.calc_check_digit(number)


def bank_cards(text: str) -> Iterator[Found]:
    """Every card number that an issuer could have given, by Luhn's check, if it is grouped or named a card."""
    for match in _CARD.finditer(text):
        number = digits_of(match.group())
        grouped = len(number) < len(match.group())
        named = near_words(CARD_WORDS, text, *match.span(), before=30, after=12)
        unclear = in_mathematics(text, *match.span()) or says_other(text, *match.span())
        if (named or (grouped and not unclear)) and _is_issued(number):
            yield Found("bank_card", *match.span(), match.group(), number)


def _is_issued(number: str) -> bool:
    from stdnum import luhn

    issued = any(prefix.match(number) and len(number) in lengths for prefix, lengths in _ISSUERS)
    return issued and len(set(number)) > 1 and luhn.is_valid(number)


def passports(text: str) -> Iterator[Found]:
    """Every number of a passport's form that the word passport stands near to."""
    if not PASSPORT_WORDS.search(text):
        return
    for match in _PASSPORT.finditer(text):
        if match["bare"]:
            named = bool(_BARE_PASSPORT.search(text[max(0, match.start() - 30) : match.start()]))
        else:
            named = near_words(PASSPORT_WORDS, text, *match.span(), before=30, after=12)
        if named:
            yield Found("passport", *match.span(), match.group(), match.group().upper())
