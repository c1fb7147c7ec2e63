"""What a token is, by example, and the tables against Unicode's own names."""

from __future__ import annotations

import unicodedata

import pytest

from tunesmith.curate import codepoints
from tunesmith.curate.codepoints import ALONE, HARD, code_points, fold, kind_of, tokens_of

CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The sum of 17 and 25", ["the", "sum", "of", "17", "and", "25"]),
        ("用GPT-4写 3.14!", ["用", "gpt", "4", "写", "3", "14"]),
        ("ＡＩ ｱﾊﾟｰﾄ", ["ai", "ア", "パ", "ー", "ト"]),
        ("한국어 テスト", ["한", "국", "어", "テ", "ス", "ト"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("10² ≠ 102, ① ≠ 1", ["10²", "102", "①", "1"]),
        ("ΟΔΟΣ οδός İ", ["οδοσ", "οδόσ", "i̇"]),
        ("हिन्दी ไทย", ["हिन्दी", "ไทย"]),
        ("snake_case don't 汉\ufe00字 \u0301x", ["snake", "case", "don", "t", "汉", "字", "x"]),
        ("", []),
        ("?!… 🙂", []),
    ],
)
def test_tokens_by_example(text: str, tokens: list[str]) -> None:
    assert tokens_of(text) == tokens


@pytest.fixture(scope="module")
def folded() -> list[str]:
    """Each of CHARACTERS, folded."""
    return [fold(character) for character in CHARACTERS]


def test_the_fold_of_a_folded_character_is_itself(folded: list[str]) -> None:
    assert [new for old, new in zip(CHARACTERS, folded) if old != new and fold(new) != new] == []


def test_han_kana_and_hangul_stand_alone_by_their_names_and_nothing_else_does(folded: list[str]) -> None:
    names = (
        "CJK UNIFIED",
        "CJK COMPATIBILITY IDEOGRAPH",
        "HIRAGANA",
        "KATAKANA",
        "HANGUL",
        "HENTAIGANA",
        "IDEOGRAPHIC",
    )
    more = {"〻", "〱", "〲", "〳", "〴", "〵"}  # vertical marks: the first repeats Han, the others are a word's own
    letters = [c for c in set(folded) - more if len(c) == 1 and unicodedata.category(c)[0] == "L"]
    named = [c for c in letters if unicodedata.name(c, "")]  # Python has no names for Tangut and some new ideographs
    assert {c for c in named if kind_of(c) == ALONE} == {c for c in named if unicodedata.name(c).startswith(names)}


def test_nothing_folds_or_combines_outside_the_blocks_that_are_looked_at(folded: list[str]) -> None:
    inside = {code for first, end in codepoints._FOLDING_BLOCKS for code in range(first, end)}
    changing = [old for old, new in zip(CHARACTERS, folded) if old != new or unicodedata.combining(old)]
    assert [c for c in changing if ord(c) not in inside] == []


def test_the_tables_agree_with_the_definition_on_every_code_point() -> None:
    tables = code_points()
    assert [c for c in CHARACTERS if tables.plain[ord(c)] != (ord(c) << 3 | kind_of(c))] == []
    hard = [c for c in CHARACTERS if tables.entries[ord(c)] & 7 == HARD]
    assert all(unicodedata.category(c)[0] in "ML" or unicodedata.decomposition(c) for c in hard)


def test_letters_of_the_two_languages_are_never_hard() -> None:
    text = "ABCabc0129éüß汉字，。“”——ＡＢＣ１２３㎏℃①²½…"
    assert [c for c in text if code_points().entries[ord(c)] & 7 == HARD] == []


def test_a_long_text_is_folded_in_pieces_as_it_would_be_in_one() -> None:
    text = ("Ｃafe\u0301 が か\u3099 ｶﾞ 각 \u1112\u1161\u11ab 中文，ﬁne " * 700)[:20_001]
    assert fold(text) == unicodedata.normalize("NFKC", text).lower()
    assert fold("a" + "\u0301\u0316" * 200_000).startswith("\xe1")  # marks alone would take minutes
