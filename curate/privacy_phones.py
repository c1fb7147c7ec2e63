"""Telephone numbers: Chinese mobiles and landlines, anything with a leading +, and North American and British forms.

phonenumbers judges every candidate, so that area codes and lengths are right. Hotlines (400…, 800…) belong to
companies and are none. A bare integer of eleven digits is a mobile number unless the signs or words around say
otherwise.

>>> [found.normal for found in phones("电话138-0013-8000，或+86 13800138000")]
['+8613800138000', '+8613800138000']
>>> list(phones("$13579135791$ 能不能被 3 整除"))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.curate.privacy_found import PHONE_WORDS, Found, in_mathematics, near_words, says_other

_EDGE = r"(?<![0-9A-Za-z_])(?<![0-9][.,\-:])"
_END = r"(?![0-9A-Za-z_]|[.,\-:][0-9])"

_PLUS = re.compile(r"(?<![0-9A-Za-z_+)])(?:\+|00(?=86))[1-9](?:(?:[ \-.]|\) ?| ?\()?[0-9]){6,14}(?![0-9A-Za-z_])")
_MOBILE = re.compile(rf"{_EDGE}(?:86[ \-]?)?1[3-9][0-9](?:([ \-])[0-9]{{4}}\1[0-9]{{4}}|[ \-]?[0-9]{{8}}){_END}")
_LANDLINE = re.compile(
    rf"{_EDGE}(?:[(（]0[1-9][0-9]{{1,2}}[)）] ?|0[1-9][0-9]{{1,2}}[\- ])"
    rf"[2-8](?:[0-9]{{6,7}}|[0-9]{{2,3}}[ \-][0-9]{{4}}){_END}"
)
_LANDLINE_BARE = re.compile(rf"{_EDGE}0[1-9][0-9]{{1,2}}[2-8][0-9]{{6,7}}{_END}")
_AMERICAN = re.compile(
    rf"{_EDGE}(?:1[\-. ])?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}([\-. ]))[2-9][0-9]{{2}}[\-. ][0-9]{{4}}{_END}"
)
_BRITISH = re.compile(rf"{_EDGE}(?:\(0[0-9]{{2,4}}\)|0[1-9][0-9]{{1,3}})(?:[ \-]?[0-9]{{3,4}}){{2}}{_END}")
_SERVICE = re.compile(r"\+86(?:400|800|95|96|12)")


def phones(text: str) -> Iterator[Found]:
    """Every telephone number; `normal` is its E.164 form."""
    yield from _international(text)
    for match in _MOBILE.finditer(text):
        if _is_phone_by_form(text, match):
            yield from _found(text, match, "CN")
    for match in _LANDLINE.finditer(text):
        if not (_may_be_british(text, match) or in_mathematics(text, *match.span()) or says_other(text, *match.span())):
            yield from _found(text, match, "CN")
    for form, region in ((_LANDLINE_BARE, "CN"), (_AMERICAN, "US"), (_BRITISH, "GB")):
        for match in form.finditer(text):
            # Two hyphens in the American places are clear enough; every other form needs a word.
            plain = region == "US" and match[1] == "-" and _is_phone_by_form(text, match)
            if plain or _is_named(text, match):
                yield from _found(text, match, region)


def _may_be_british(text: str, match: re.Match[str]) -> bool:
    # 020 is London and Guangzhou; Chinese around it, or a hyphen, decides.
    around = text[max(0, match.start() - 40) : match.end() + 40]
    return " " in match.group() and not re.search("[\u4e00-\u9fff]", around)


def _is_named(text: str, match: re.Match[str]) -> bool:
    return near_words(PHONE_WORDS, text, *match.span(), after=16)


def _is_phone_by_form(text: str, match: re.Match[str]) -> bool:
    if near_words(PHONE_WORDS, text, *match.span(), before=16):
        return True
    return not (in_mathematics(text, *match.span()) or says_other(text, *match.span()))


def _international(text: str) -> Iterator[Found]:
    for match in _PLUS.finditer(text):
        if in_mathematics(text, *match.span()) and not _is_named(text, match):
            continue
        value = re.sub(r" [0-9]$", "", match.group())  # no plan ends in a group of one digit; "5 days" does
        normal = _plus_normal(value)
        # "+1 202-555-0143 50 people": the last groups are dropped until a number is left.
        while value and not normal:
            value = re.sub(r"[ \-.()]*[0-9]+$", "", value) if re.search(r"[0-9][ \-.()]+[0-9]+$", value) else ""
            normal = _plus_normal(value)
        if value and not _SERVICE.match(normal):
            yield Found("phone", match.start(), match.start() + len(value), value, normal)


def _plus_normal(value: str) -> str:
    return _normal("+" + value[2:] if value.startswith("00") else value, None)


def _found(text: str, match: re.Match[str], region: str) -> Iterator[Found]:
    normal = _normal(match.group(), region)
    if normal and not _SERVICE.match(normal):
        yield Found("phone", *match.span(), match.group(), normal)


def _normal(value: str, region: str | None) -> str:
    """The E.164 form, or nothing where the numbering plan has no such number."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
