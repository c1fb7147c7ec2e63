"""The form in which two texts are the same: what may differ, and what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.normalform import normal_form

WORDS = st.text(st.sampled_from("aBc中文Ａ1。 "), min_size=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is AI?", "what is ai?"),
        ("What  is\tAI?\n", "What is AI?"),
        ("ＡＩ是什么？", "AI是什么?"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("run `x` now", "run  `x`\nnow"),
        ("run `x`", "run `x`\n"),
        (" `x` runs", "`x` runs"),
        ("`x` `y`", "`x`   `y`"),
    ],
)
def test_width_case_and_white_space_do_not_count(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17 + 25", "3 + 9"),
        ("17 + 25", "1725 +"),
        ("`Foo`", "`foo`"),
        ("`a  b`", "`a b`"),
        ("```\nif x:\n  y\n```", "```\nif x:\n    y\n```"),
        ("```python\nX = 1", "```python\nx = 1"),  # a fence that nobody closed is code to the end
        ("没有发烧", "有发烧"),
        ("1.5 mg", "15 mg"),
    ],
)
def test_digits_code_and_negations_do_count(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_a_lone_backtick_makes_no_code() -> None:
    assert normal_form("it`s FINE") == normal_form("it`s fine")


@given(WORDS)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


@given(WORDS, st.sampled_from([" ", "\n", "\t", "  ", "\u3000"]))
def test_outer_white_space_never_counts(text: str, space: str) -> None:
    assert normal_form(f"{space}{text}{space}") == normal_form(text)
    assert normal_form(f"{space}`C` {text}{space}") == normal_form(f"`C` {text}")


def test_nothing_but_white_space_is_empty() -> None:
    assert normal_form(" \n\u3000") == ""


@pytest.mark.parametrize(("raised", "flat"), [("10²", "102"), ("x₁", "x1"), ("①", "1"), ("1½", "11⁄2"), ("⑴", "(1)")])
def test_raised_and_enclosed_numbers_are_not_digits(raised: str, flat: str) -> None:
    assert normal_form(raised) != normal_form(flat)
