"""Answers that are the reference, hold it, or share words with it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.codepoints import tokens_of
from tunesmith.evaluate.exact import holds, normalised, score_contains, score_exact, score_token_f1
from tunesmith.evaluate.metric_types import Items


def items(*pairs: tuple[str | None, tuple[str, ...]]) -> Items:
    n = len(pairs)
    predictions, references = [one for one, _ in pairs], [one for _, one in pairs]
    return Items([*map(str, range(n))], predictions, references, ["en"] * n, [()] * n, [{}] * n)


def test_width_case_space_and_a_final_mark_do_not_count() -> None:
    found = score_exact(
        items(
            ("  Ｐａｒｉｓ。", ("Paris",)),
            ("北京 大学", ("北京大学",)),
            ("New   York", ("new york.",)),
            ("New York City", ("New York",)),
            ("C++", ("C",)),
            ("", ("Paris",)),
        )
    )
    assert found.values.tolist() == [1, 1, 1, 0, 0, 0]


def test_any_of_several_references_will_do() -> None:
    one = items(("colour", ("color", "colour")), ("x", ("color", "colour")))
    assert score_exact(one).values.tolist() == [1, 0]
    assert score_token_f1(one).values.tolist() == [1, 0]


def test_a_failed_answer_and_a_missing_reference_have_no_value() -> None:
    for score in (score_exact, score_contains, score_token_f1):
        values = score(items((None, ("a",)), ("a", ()), ("a", ("…",)), ("a", ("a",)))).values.tolist()
        assert [math.isnan(value) for value in values] == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("the answer is 5 apples", "5", True),
        ("15 apples", "5", False),
        ("2.5 apples", "5", False),
        ("5.5 apples", "5", False),
        ("5,000 apples", "5", False),
        ("it is -5", "5", False),
        ("covid-19", "19", True),
        ("a classic", "class", False),
        ("I use C++ daily", "C", True),
        ("I use C++ daily", "C++", True),
        ("服用42毫克", "42", True),
        ("首都是北京。", "北京", True),
        ("首都是 北 京", "北京", True),
        ("用Python写", "python", True),
        ("PARIS!", "paris", True),
    ],
)
def test_a_part_is_held_as_whole_words_and_numbers(text: str, part: str, found: bool) -> None:
    assert holds(normalised(text), normalised(part)) is found


@given(st.text(max_size=30), st.text(max_size=30))
def test_token_f1_counts_the_words_that_both_have(one: str, other: str) -> None:
    said, wanted = tokens_of(one), tokens_of(other)
    value = score_token_f1(items((one, (other,)))).values[0]
    if not wanted:
        assert math.isnan(value)
        return
    left = list(wanted)
    shared = sum(word in left and left.remove(word) is None for word in said)
    precision, recall = shared / max(1, len(said)), shared / len(wanted)
    assert value == pytest.approx(2 * precision * recall / (precision + recall) if shared else 0)


@given(st.text(max_size=40))
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
