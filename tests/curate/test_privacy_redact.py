"""Redaction: one value has one mark in a conversation, nothing found is left, and a second time changes nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.privacy import find_private, may_hold_private, redact

# Values, near-values, words that give numbers away or take them back, marks, and what stands between.
PIECES = [
    "13800138000",
    "138-0013-8000",
    "+86 13912345678",
    "１３８００１３８０００",
    "010-62345678",
    "(415) 555-2671",
    "+44 20 7946 0958",
    "202-555-0143",
    "07911 123456",
    "11010519491231002X",
    "110105491231002",
    "6222021234567890128",
    "4111 1111 1111 1111",
    "5555555555554444",
    "E12345678",
    "123456789",
    "a.b+c@mail.example.com",
    "A.B+C@mail.example.com",
    "203.0.113.77",
    "1.2.3.4",
    "2001:db8::1",
    "柳荫路88弄6号楼1203室",
    "江城市临湖区",
    "742 Evergreen Terrace",
    "Flat 3, 27 Larkspur Close",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "sk-AbCdEf1234567890GhIjKl",
    "-----BEGIN PRIVATE KEY-----\n",
    "\n-----END PRIVATE KEY-----",
    "978-1-23456-789-7",
    "3.14159265358979",
    "$",
    "= ",
    "订单号",
    "手机",
    "电话",
    "卡号",
    "card ",
    "护照",
    "passport no. ",
    "call ",
    "version ",
    "IP ",
    "住在",
    "[手机号_1]",
    "[PHONE_3]",
    "[IP_1]",
    " ",
    " ",
    "，",
    ", ",
    "\n",
    "。",
    "-",
    "(",
    "x",
    "7",
    "prime ",
    "整除",
    "MIIEowIB" * 8,
]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), max_size=4).map(tuple)
LANGUAGES = st.sampled_from(["zh", "en"])


def test_two_spellings_of_a_number_share_a_mark_and_marks_count_by_appearance() -> None:
    turns = ("联系13912345678或+86 139 1234 5678", "不行就打138-0013-8000，座机010-62345678", "13912345678吗？")
    redacted, found = redact(turns, "zh")
    assert redacted == ("联系[手机号_1]或[手机号_1]", "不行就打[手机号_2]，座机[电话_1]", "[手机号_1]吗？")
    assert len(found) == 5


def test_marks_are_english_for_any_other_language() -> None:
    assert redact(("Call +1 202-555-0143 or 13800138000",), "en")[0] == ("Call [PHONE_1] or [PHONE_2]",)


def test_a_value_that_one_turn_gives_away_is_replaced_where_it_stands_bare() -> None:
    turns = (
        "My card is 5555555555554444",
        "5555 5555-5555 4444, right?",
        "passport E12345678",
        "so E12345678, not XE123456789",
    )
    assert redact(turns, "en")[0] == (
        "My card is [BANK_CARD_1]",
        "[BANK_CARD_1], right?",
        "passport [PASSPORT_1]",
        "so [PASSPORT_1], not XE123456789",
    )


def test_numbers_go_on_behind_the_marks_that_a_text_already_holds() -> None:
    assert redact(("[PHONE_2] and 415-555-2671",), "en")[0] == ("[PHONE_2] and [PHONE_3]",)


def test_a_conversation_without_private_data_comes_back_as_it_is() -> None:
    assert redact(("1 + 1 = 2", ""), "zh") == (("1 + 1 = 2", ""), ())


@pytest.mark.parametrize(
    "text",
    [
        "1" * 20_000,
        "1-" * 10_000,
        "a@" * 10_000,
        "路1号" * 5_000,
        "A1 " * 8_000,
        "1.1." * 5_000,
        "中" * 20_000,
        "中路" * 10_000,
        "-----BEGIN PRIVATE KEY-----" * 300,
        ":" * 20_000,
        "+1 " * 5_000,
    ],
)
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    assert all(found.value == text[found.start : found.end] for found in find_private(text))


@given(TEXTS, LANGUAGES)
def test_redaction_removes_every_value_it_found(texts: tuple[str, ...], language: str) -> None:
    redacted, _ = redact(texts, language)
    assert [find_private(text) for text in redacted] == [()] * len(texts)


@given(TEXTS, LANGUAGES)
def test_redacting_twice_is_redacting_once(texts: tuple[str, ...], language: str) -> None:
    once, _ = redact(texts, language)
    assert redact(once, language) == (once, ())


@given(TEXTS, LANGUAGES)
def test_what_redaction_found_lies_in_the_turns_as_they_came(texts: tuple[str, ...], language: str) -> None:
    redacted, found = redact(texts, language)
    rest = iter(found)
    for text in texts:
        direct = find_private(text)
        mine = [next(rest) for _ in range(_count(text, redacted[texts.index(text)]))]
        assert all(text[one.start : one.end] == one.value for one in mine)
        assert {(one.start, one.end) for one in direct} <= {(one.start, one.end) for one in mine}


def _count(text: str, redacted: str) -> int:
    """How many marks redaction added, told by the brackets: no value of the pieces holds one."""
    return redacted.count("[") - text.count("[")


@given(TEXTS)
def test_spans_lie_in_the_text_in_order_and_apart(texts: tuple[str, ...]) -> None:
    for text in texts:
        found = find_private(text)
        assert all(text[one.start : one.end] == one.value and one.value for one in found)
        assert all(one.end <= following.start for one, following in pairwise(found))


@given(st.text(max_size=60))
def test_any_text_at_all_can_be_read(text: str) -> None:
    assert may_hold_private(text) or find_private(text) == ()
    assert redact((text,), "zh")[0] == redact(redact((text,), "zh")[0], "zh")[0]
