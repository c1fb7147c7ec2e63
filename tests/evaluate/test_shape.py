"""What answers look like: language, refusals, length, endings, repetition, and the words that all of them use."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.shape import (
    distinct_of,
    score_characters,
    score_distinct,
    score_language,
    score_phrases,
    score_repetition,
    score_truncated,
)


def items(*answers: str | None, prompt: str = "What is the capital of France?") -> Items:
    n = len(answers)
    turns = ({"role": "user", "content": prompt},)
    return Items([*map(str, range(n))], [*answers], [()] * n, ["en"] * n, [turns] * n, [{}] * n)


ENGLISH = "The capital of France is Paris, on the river Seine."
CHINESE = "法国的首都是巴黎，位于塞纳河畔。"


def test_an_answer_in_another_language_than_the_prompt_is_no_match() -> None:
    values = score_language(items(ENGLISH, CHINESE, "42", None)).values
    np.testing.assert_array_equal(values, [1, 0, np.nan, np.nan])


def test_the_language_asked_for_goes_before_that_of_the_prompt() -> None:
    asked = items(ENGLISH, CHINESE, prompt="What is the capital of France? Answer in Chinese.")
    assert score_language(asked).values.tolist() == [0, 1]


def test_refusals_and_not_knowing_are_told_apart() -> None:
    found = score_phrases(items("I'm sorry, but I can't help with that.", "I don't know.", ENGLISH, None, ""))
    np.testing.assert_array_equal(found["refusal"].values, [1, 0, 0, np.nan, 0])
    np.testing.assert_array_equal(found["unknown"].values, [0, 1, 0, np.nan, 0])


def test_length_is_counted_in_characters_of_any_script() -> None:
    np.testing.assert_array_equal(score_characters(items(" 巴黎 \n", "Paris", "", None)).values, [2, 5, 0, np.nan])


def test_an_answer_that_breaks_off_or_hit_the_limit_is_truncated() -> None:
    broken = "Paris is the capital of France, and it lies on the river Seine, which flows thr"
    some = items(ENGLISH, broken, ENGLISH, None)
    some.fields[2] = {"finish_reason": "length"}
    np.testing.assert_array_equal(score_truncated(some).values[[0, 2, 3]], [0, 1, np.nan])


def test_repetition_is_the_share_of_runs_of_four_words_that_stood_before() -> None:
    values = score_repetition(items("a b c d a b c d", "a b c d e", "a b c", None)).values
    assert values[0] == pytest.approx(1 - 4 / 5)
    assert values[1] == 0
    assert np.isnan(values[2:]).all()


def test_distinct_words_over_all_words_of_all_answers() -> None:
    answers = ["a b c a", "a d", "天 天", None, ""]
    found = score_distinct(items(*answers))
    one, two = found["distinct_1"], found["distinct_2"]
    assert one.statistics is not None
    assert two.statistics is not None
    assert distinct_of(one.statistics.sum(axis=0)) == pytest.approx(5 / 8)  # a b c d 天, of 8 words
    assert distinct_of(two.statistics.sum(axis=0)) == pytest.approx(1)
    np.testing.assert_array_equal(one.values, [2 / 4, 1 / 2, 1 / 2, np.nan, np.nan])
    assert not one.statistics[3:].any()


def test_leaving_answers_out_one_by_one_spreads_distinct_as_scoring_the_others_anew() -> None:
    answers = [f"common words and {number} {number % 3} " + "more " * (number % 5) for number in range(40)]
    statistics = score_distinct(items(*answers))["distinct_1"].statistics
    assert statistics is not None
    kept = np.array([distinct_of(statistics.sum(axis=0) - row) for row in statistics])
    anew = np.array([_figure(answers[:number] + answers[number + 1 :]) for number in range(40)])
    np.testing.assert_allclose(kept - kept.mean(), anew - anew.mean(), atol=2e-4)
    assert anew.std() > 5 * 2e-4  # the tolerance is a small part of it


def _figure(answers: list[str]) -> float:
    statistics = score_distinct(items(*answers))["distinct_1"].statistics
    assert statistics is not None
    return float(distinct_of(statistics.sum(axis=0)))


def test_no_answer_at_all_has_no_figure() -> None:
    empty = score_distinct(items("", None))["distinct_1"]
    assert empty.statistics is not None
    assert math.isnan(distinct_of(empty.statistics.sum(axis=0)))
    assert len(score_repetition(items()).values) == 0
    assert len(score_distinct(items())["distinct_2"].values) == 0
