"""Loops and repetition: what repeats, what only looks so, and how long it takes on the worst text."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.statistics_repeats import measure_repeats
from tunesmith.curate.statistics_spans import find_spans
from tunesmith.curate.statistics_tables import SEEN
from tunesmith.curate.statistics_words import read_words
from tunesmith.curate.tokens import TextRows


class Found(NamedTuple):
    word: float
    ngram: float
    share: float
    copies: int
    line: float
    sentence: float


def of(text: str) -> Found:
    texts = TextRows.of(pa.array([text]))
    words = read_words(texts)
    spans = find_spans(texts, np.ascontiguousarray(words.counts[:, SEEN]))
    return Found(*(column[0].item() for column in measure_repeats(texts, words, spans)))


def longest_loop(words: list[str]) -> int:
    """Words in the longest stretch of three or more copies, by trying every start and every period."""
    best = 0
    for start in range(len(words)):
        for period in range(1, (len(words) - start) // 3 + 1):
            end = start + period
            while end < len(words) and words[end] == words[end - period]:
                end += 1
            if end - start >= 3 * period:
                best = max(best, end - start)
    return best


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "betas", "gamma"]), max_size=40))
def test_the_longest_loop_is_found(words: list[str]) -> None:
    text = " ".join(words)
    found = of(text)
    wanted = longest_loop(words)
    assert round(found.share * len(text) / 6 + 0.2) == wanted  # each word has five letters and a space
    assert (found.copies > 0) == (wanted > 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "betas", "gamma", "delta"]), min_size=1, max_size=70), st.integers(3, 5))
def test_a_loop_of_any_period_is_found(unit: list[str], copies: int) -> None:
    found = of(" ".join(["start", *unit * copies]))
    assert found.copies >= copies
    assert found.share > 0.4


def test_units_of_both_languages_from_words_to_paragraphs() -> None:
    assert of("好的好的好的").copies == 3
    assert of("多喝水，多喝水，多喝水。").share == pytest.approx(1)
    assert of("I see. I see. I see. I see.").copies == 4
    assert of("First line\nsecond line\n" * 3).copies == 3
    assert of("的的的的的的的的").copies == 8


def test_two_copies_are_no_loop() -> None:
    assert of("好的好的").copies == 0
    assert of("Rest well, rest well.").share == 0


@pytest.mark.parametrize(
    "text",
    [
        "-" * 50,
        "." * 50,
        "0 " * 50,
        "| --- | --- | --- |",
        "哈哈哈哈哈哈哈哈哈",
        "ha ha ha ha ha",
        "非非非",
        "a a a",
        "```\n" + "</div>\n" * 9 + "```",
        "000000",
        "1, 2, 1, 2, 1, 2",
    ],
)
def test_rules_digits_laughter_and_code_are_no_loops(text: str) -> None:
    assert of(text).copies == 0


def test_items_that_differ_in_their_number_repeat_as_lines_and_sentences() -> None:
    english = of("1. Drink a lot.\n2. Drink a lot.\n3. Drink a lot.\n")
    chinese = of("1、多喝水。\n2、多喝水。\n3、多喝水。")
    for found in (english, chinese):
        assert found.copies == 3
        assert found.line == pytest.approx(2 / 3)
        assert found.sentence == pytest.approx(2 / 3)


def test_numbers_that_only_count_are_no_loop_but_one_that_comes_again_is() -> None:
    assert of("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14").copies == 0
    assert of("1. Oslo\n2. Rome\n3. Bern\n4. Kyiv").copies == 0
    assert of("It is " + "3.14, " * 20).copies >= 12


def test_a_piece_of_a_word_that_follows_on_itself_is_a_loop() -> None:
    assert of("They are go" + "ing" * 30 + " and so on").copies == 30
    assert of("No" + "o" * 60).copies == 0


def test_lines_in_code_do_not_count() -> None:
    assert of("```\nreturn x\nreturn x\n```\nOne more line").line == 0


@pytest.mark.parametrize("unit", ["a b ", "aa aa bb bb ", "a\n", "ab cd ef. ", "好的", "的", "$$ ", "` "])
def test_a_text_of_a_megabyte_takes_no_more_than_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit.encode()))
    of(unit * 40)  # compiled
    start = time.process_time()
    of(text)
    assert time.process_time() - start < 5
