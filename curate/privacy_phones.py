"""Telephone numbers: Chinese mobiles and landlines, anything with a leading +, and the national forms of other lands.

phonenumbers judges every candidate, so that area codes and lengths are right. Hotlines (400…, 800…) belong to
companies and are none. A bare integer of eleven digits is a mobile number unless the signs or words around say
otherwise. American and British forms count where a word such as phone stands near, or where they are written as
nothing else is; the forms of other countries, and local numbers, where words lead up to them.

>>> {found.normal for found in phones("电话138-0013-8000，或+86 13800138000")}
{'+8613800138000'}
>>> [found.normal for found in phones("Text my sister on 0412 345 678 or 555-0123")]
['+61412345678']
>>> list(phones("$13579135791$ 能不能被 3 整除"))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.curate.privacy_found import PHONE_WORDS, Found, digits_of, in_mathematics, near_words, says_other
from tunesmith.curate.privacy_phone_words import LEAD, is_said_behind, leads_to_phone
from tunesmith.curate.privacy_plans import in_plan, in_some_plan, is_written

_EDGE = r"(?<![0-9A-Za-z_])(?<![0-9][.,\-:/])"
_END = r"(?![0-9A-WYZa-wyz_]|[Xx](?![0-9]{1,5}\b)|[.,\-:/][0-9])"  # …2671x305 has an extension

_PLUS = re.compile(
    r"(?<![0-9A-Za-z_+)])(?:(?:\+|00(?=86)) ?\(?[1-9]|00[1-9])"
    r"(?:(?:[ \-./]|\)[ \-]?|[ \-]?\()?[0-9]){6,15}(?![0-9A-WYZa-wyz_])"
)
_MOBILE = re.compile(
    rf"{_EDGE}(?:86[ \-]?)?(?:1[3-9][0-9](?:([ \-.])[0-9]{{4}}\1[0-9]{{4}}|[ \-]?[0-9]{{8}})"
    rf"|1[3-9][0-9]{{2}}([ \-])[0-9]{{3}}\2[0-9]{{4}}){_END}"
)
_MOBILE_SPACED = re.compile(rf"{_EDGE}(?<![0-9] )1 [3-9](?: [0-9]){{9}}(?! [0-9]){_END}")
_LANDLINE = re.compile(
    rf"{_EDGE}(?P<number>(?:[(（]0[1-9][0-9]{{1,2}}[)）] ?|0[1-9][0-9]{{1,2}}[\- ])"
    rf"[2-8](?:[0-9]{{6,7}}|[0-9]{{2,3}}[ \-][0-9]{{4}}))(?:(?:-| ?转 ?)[0-9]{{1,6}})?{_END}"
)
#: Without an area code, right behind what it is.
_LANDLINE_LOCAL = re.compile(
    rf"(?:电话|座机|固话|传真|总机|宅电)(?:号码?)?(?:是|为|：|:| ){{0,3}}(?P<number>[2-8][0-9]{{6,7}}){_END}"
)
#: Dashes of every length between digits, and the bar between two mobile numbers: in each case one sign for one sign.
_DASH = re.compile("(?<=[0-9])[\u2010-\u2015](?=[0-9])")
_TWO = re.compile(r"(?<![0-9])(1[3-9][0-9]{9})/(?=1[3-9][0-9]{9}(?![0-9]))")
_LANDLINE_BARE = re.compile(rf"{_EDGE}0[1-9][0-9]{{1,2}}[2-8][0-9]{{6,7}}{_END}")
_AMERICAN = re.compile(
    rf"{_EDGE}(?:1[\-. ])?(?:\([2-9][0-9]{{2}}\)[ \-]?|[2-9][0-9]{{2}}([\-. ]))[2-9][0-9]{{2}}[\-. ][0-9]{{4}}{_END}"
)
_BRITISH = re.compile(
    rf"{_EDGE}(?:\(0[0-9]{{2,4}}\)|0[1-9][0-9]{{1,4}})(?:[ \-]?[0-9]{{3,4}}){{2}}{_END}"
    rf"|{_EDGE}(?:\(0[1-9][0-9]{{3}}\)|0[1-9][0-9]{{3}})[ \-]?[0-9]{{5,6}}{_END}"
)
_BRITISH_MOBILE = re.compile("07[0-9]{3} ?[0-9]{3} ?[0-9]{3}")
_NATIONAL = re.compile(rf"{_EDGE}(?:\([0-9]{{1,5}}\)[ \-]?)?[0-9]{{1,12}}(?:[ \-./][0-9]{{1,8}}){{0,5}}{_END}")
_LOCAL = re.compile(r"[2-9][0-9]{2}[\-. ][0-9]{4}")
_SERVICE = re.compile(r"\+86(?:400|800|95|96|12)")
# Dates; years and machines; 12 345 678; 10 15 20 25 and 51.5074 0.1278; hotlines.
_NO_PHONE = re.compile(
    r"(?:1[5-9]|20)[0-9]{2}[\-./][0-9]{1,2}[\-./][0-9]{1,2}|[0-9]{1,2}([\-./])[0-9]{1,2}\1(?:[0-9]{2}|[0-9]{4})"
    r"|(?:1[5-9]|20)[0-9]{2}[\-/ ](?:1[5-9]|20)[0-9]{2}|(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
    r"|[1-9][0-9]?(?: [0-9]{3}){2}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2}"
    r"|[1-9][0-9](?: [0-9]{2}){3}|[0-9./\-]*\.[0-9./\-]* .*|[0-9 ]* .*\..*"
    r"|1[\- .]?800.*|[48]00[ \-].*"
)
_IS_SUM = re.compile(r" ?[=+*×÷^%<>]")
_PLACEHOLDER = re.compile(r"0?123456789?0?|([0-9])\1+|0?9876543210?")


def phones(text: str) -> Iterator[Found]:
    """Every telephone number, again for each form that it has; `normal` is E.164, or the digits of a local number."""
    text = _TWO.sub(r"\1、", _DASH.sub("-", text))
    yield from _international(text)
    yield from _chinese(text)
    for form, region in ((_LANDLINE_BARE, "CN"), (_AMERICAN, "US"), (_BRITISH, "GB")):
        for match in form.finditer(text):
            normal = in_plan(match.group(), region)
            if normal and (_is_clear(text, match, region) or _is_named(text, match)):
                yield from _found(match, normal)
    for match in _NATIONAL.finditer(text):
        yield from _led(text, match)


def _chinese(text: str) -> Iterator[Found]:
    for match in _MOBILE.finditer(text):
        if _is_phone_by_form(text, match):
            yield from _found(match, in_plan(match.group(), "CN"))
    for match in _MOBILE_SPACED.finditer(text):
        if _is_named(text, match):
            yield from _found(match, in_plan(match.group(), "CN"))
    for match in _LANDLINE.finditer(text):
        if not (_may_be_british(text, match) or in_mathematics(text, *match.span()) or says_other(text, *match.span())):
            yield from _found(match, in_plan(match["number"], "CN"))
    for match in _LANDLINE_LOCAL.finditer(text):
        number = match["number"]
        yield Found("phone", match.start("number"), match.end("number"), number, number)


def _may_be_british(text: str, match: re.Match[str]) -> bool:
    # 020 is London and Guangzhou; Chinese around it, or a hyphen, decides.
    around = text[max(0, match.start() - 40) : match.end() + 40]
    return " " in match.group() and not re.search("[\u4e00-\u9fff]", around)


def _is_clear(text: str, match: re.Match[str], region: str) -> bool:
    """Whether the form alone is enough: American signs, or British blanks in the British places."""
    if region == "US":
        return match[1] != " " and _is_phone_by_form(text, match)
    clear = region == "GB" and (is_written(match.group(), "GB") or _BRITISH_MOBILE.fullmatch(match.group()))
    return bool(clear) and _is_phone_by_form(text, match)


def _is_named(text: str, match: re.Match[str]) -> bool:
    return near_words(PHONE_WORDS, text, *match.span(), after=16) or _is_led(text, match)


def _is_led(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    return leads_to_phone(text[max(0, start - LEAD) : start]) or is_said_behind(text[end : end + LEAD])


def _is_phone_by_form(text: str, match: re.Match[str]) -> bool:
    if near_words(PHONE_WORDS, text, *match.span(), before=16):
        return True
    return not (in_mathematics(text, *match.span()) or says_other(text, *match.span()))


def _international(text: str) -> Iterator[Found]:
    for match in _PLUS.finditer(text):
        unclear = in_mathematics(text, *match.span()) or re.match("00[^8]", match.group())
        if unclear and not _is_named(text, match):
            continue
        value = re.sub(r" [0-9]$", "", match.group())  # no plan ends in a group of one digit; "5 days" does
        normal = _plus_normal(value)
        # "+1 202-555-0143 50 people": the last groups are dropped until a number is left.
        while value and not normal:
            value = re.sub(r"[ \-./()]*[0-9]+$", "", value) if re.search(r"[0-9][ \-./()]+[0-9]+$", value) else ""
            normal = _plus_normal(value)
        if value and not _SERVICE.match(normal):
            yield Found("phone", match.start(), match.start() + len(value), value, normal)


def _plus_normal(value: str) -> str:
    return in_plan("+" + value[2:] if value.startswith("00") else value)


def _led(text: str, match: re.Match[str]) -> Iterator[Found]:
    """A number in the form of any country, if words lead up to it."""
    value, digits = match.group(), digits_of(match.group())
    if not 7 <= len(digits) <= 12 or _NO_PHONE.fullmatch(value) or _PLACEHOLDER.fullmatch(digits):
        return
    if (len(digits) < 9 and digits == value) or _IS_SUM.match(text, match.end()):
        return
    if _is_led(text, match):
        yield from _found(match, digits if _LOCAL.fullmatch(value) else in_some_plan(value))
    elif value[0] in "0(" and digits != value and near_words(PHONE_WORDS, text, *match.span(), before=60, after=24):
        yield from _found(match, in_some_plan(value, as_written=True))


def _found(match: re.Match[str], normal: str) -> Iterator[Found]:
    if normal and not _SERVICE.match(normal):
        yield Found("phone", *match.span(), match.group(), normal)
