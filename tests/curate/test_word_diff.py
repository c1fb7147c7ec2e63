"""Words that differ are marked on both sides, and nothing of a text is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.word_diff import GAP, MOST_WORDS, Piece, around_differences, in_brackets, mark_differences

TEXTS = st.text("ab 1.2,用药。\n\u0301é\u200d", max_size=30)


@given(TEXTS, TEXTS)
def test_the_pieces_of_a_side_are_its_text(one: str, other: str) -> None:
    ours, theirs = mark_differences(one, other)
    assert "".join(piece.text for piece in ours) == one
    assert "".join(piece.text for piece in theirs) == other


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(one: str, other: str) -> None:
    ours, theirs = mark_differences(one, other)
    same = ["".join("".join(text for text, differs in side if not differs).split()) for side in (ours, theirs)]
    assert same[0] == same[1]
    assert sum(piece.differs for piece in ours) == sum(piece.differs for piece in theirs)


@given(TEXTS)
def test_equal_texts_have_no_differences(text: str) -> None:
    assert mark_differences(text, text) == (((Piece(text, False),) if text else ()),) * 2


@pytest.mark.parametrize(
    ("one", "other", "marked"),
    [
        ("take 3.14 mg", "take 3.15 mg", "take [3.14] mg"),
        ("第1,000名患者", "第1,001名患者", "第[1,000]名患者"),
        ("每天服用两次", "每天服用三次", "每天服用[两]次"),
        ("5mg now.", "6mg now.", "[5]mg now."),
        ("run x1 and x3", "run x2 and x3", "run [x1] and x3"),
        ("cafe\u0301 bar", "cafe bar", "[cafe\u0301] bar"),
        ("👩\u200d🔬 ok", "👨\u200d🔬 ok", "[👩\u200d🔬] ok"),
        ("a  b", "a b", "a  b"),
        ("x = -5", "x = 5", "x = [-]5"),
        ("糖尿病人应怎样饮食", "高血压者应如何治疗", "[糖尿病人应怎样饮食]"),
    ],
)
def test_words_are_whole(one: str, other: str, marked: str) -> None:
    assert in_brackets(mark_differences(one, other)[0]) == marked


def test_where_only_one_side_has_something_the_other_has_an_empty_piece() -> None:
    ours, theirs = mark_differences("eat less", "eat a little less")
    assert ours == (Piece("eat ", False), Piece("", True), Piece("less", False))
    assert theirs == (Piece("eat ", False), Piece("a little", True), Piece(" less", False))


def test_behind_the_bound_a_word_is_marked_that_the_other_text_lacks() -> None:
    one, other = (" ".join(f"{side}{i}" for i in range(MOST_WORDS)) for side in "ab")
    ours, theirs = mark_differences(f"{one} the dose is 5 mg", f"{other} of it the dose is 6 mg 7")
    assert [piece.text for piece in ours if piece.differs][-1:] == ["5"]
    assert [piece.text for piece in theirs if piece.differs][-3:] == ["of it", "6", "7"]


def test_what_is_far_from_a_difference_becomes_a_gap() -> None:
    ours, _ = mark_differences("word " * 50 + "old " + "word " * 50, "word " * 50 + "new " + "word " * 50)
    shown = around_differences(ours, context=10)
    assert [piece.text for piece in shown] == [" … ", "word word ", "old", " word word", " … "]
    assert [piece.differs for piece in shown] == [False, False, True, False, False]


def test_a_text_without_differences_shows_its_beginning() -> None:
    ours, _ = mark_differences("一" * 500, "一" * 500)
    assert around_differences(ours, context=20) == (Piece("一" * 20, False), GAP)


def test_no_more_is_shown_than_was_asked_for() -> None:
    ours, _ = mark_differences("旧" * 900, "新" * 900)
    assert around_differences(ours, most=300) == (Piece("旧" * 300, True), GAP)


@given(TEXTS, TEXTS, st.integers(1, 8), st.integers(1, 40))
def test_a_gap_hides_no_difference_before_the_end(one: str, other: str, context: int, most: int) -> None:
    pieces = mark_differences(one, other)[0]
    marked = [piece for piece in pieces if piece.differs]
    shown = [piece for piece in around_differences(pieces, context=context, most=10_000) if piece.differs]
    assert shown == marked
    assert sum(len(piece.text) for piece in around_differences(pieces, most=most) if piece != GAP) <= most
