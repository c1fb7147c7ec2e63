"""How alike answers begin, how much they vary, and the intervals of such figures."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.codepoints import tokens_of
from tunesmith.evaluate.card_jackknife import LeftOut, compare, estimate, wider, wider_difference
from tunesmith.evaluate.openings import distinct_share, distinct_shares, shared_openings
from tunesmith.evaluate.results import Difference, Estimate

TEXTS = st.lists(st.text(alphabet="ab 好，。", max_size=12), min_size=2, max_size=6)


def _distinct(texts: list[str], size: int) -> float:
    runs = [tuple(words[i : i + size]) for words in map(tokens_of, texts) for i in range(len(words) - size + 1)]
    return len({*runs}) / len(runs) if runs else float("nan")


def _shared(texts: list[str], size: int) -> float:
    heads = [tuple(words[:size]) for words in map(tokens_of, texts) if len(words) >= size]
    return sum(heads.count(head) > 1 for head in heads) / len(heads) if heads else float("nan")


@given(TEXTS, st.integers(1, 3))
def test_distinct_n_is_that_of_its_definition_with_and_without_each_answer(texts: list[str], size: int) -> None:
    found = distinct_share(texts, size=size)
    without = [_distinct([*texts[:i], *texts[i + 1 :]], size) for i in range(len(texts))]
    np.testing.assert_allclose([found.value, *found.without], [_distinct(texts, size), *without])


@given(TEXTS, st.integers(1, 3))
def test_shared_openings_are_those_of_their_definition_with_and_without_each_answer(
    texts: list[str], size: int
) -> None:
    found = shared_openings(texts, size=size)
    long = [text for text in texts if len(tokens_of(text)) >= size]
    np.testing.assert_allclose(found.share.value, _shared(texts, size))
    assert np.isnan(found.shared).sum() == len(texts) - len(long)
    if len(long) > 1:
        without = [_shared([*long[:i], *long[i + 1 :]], size) for i in range(len(long))]
        np.testing.assert_allclose(found.share.without, without)


def test_the_most_common_openings_are_named_as_they_are_written() -> None:
    texts = [
        "根据您的描述，考虑感冒。",
        "根据您的描述：多喝水",
        "Sure, here is it: A",
        "sure here is it b",
        "根据您的描述",
    ]
    first, second = shared_openings(texts, size=4).common
    assert (first.text, first.places) == ("根据您的", (0, 1, 4))
    assert (second.text, second.places) == ("Sure, here is it", (2, 3))


def test_two_systems_are_compared_on_answers_of_equal_length() -> None:
    short, long = ["a b c", "d e f"], ["a b c a b c a b c", "d e f d e f d e f"]
    before, after = distinct_shares(long, short, size=1)
    assert before.value == after.value == 1
    assert distinct_share(long, size=1).value < 1


def test_the_jackknife_of_a_mean_is_its_textbook_error() -> None:
    values = np.array([0.1, 0.4, 0.4, 0.9, 0.2])
    figure = LeftOut(float(values.mean()), (values.sum() - values) / (len(values) - 1))
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert estimate(figure).interval == pytest.approx(
        (values.mean() - 1.959964 * error, values.mean() + 1.959964 * error)
    )


def test_the_same_figure_twice_is_no_difference() -> None:
    figure = LeftOut(0.5, np.array([0.4, 0.5, 0.6]))
    found = compare(figure, figure)
    assert (found.difference, found.p) == (0, 1)


def test_fewer_than_two_answers_have_no_interval() -> None:
    assert estimate(distinct_share(["a b"], size=1)).interval is None
    assert isnan(estimate(distinct_share([], size=2)).value)
    assert shared_openings([], size=2).common == ()


def test_where_no_answer_varies_the_other_interval_stands() -> None:
    still = shared_openings(["a b", "c d", "e f"], size=2)
    assert estimate(still.share).interval == (0, 0)
    found = wider(estimate(still.share), Estimate(0.0, 3, (0.0, 0.6), "Wilson"))
    assert found.interval == (0, 0.6)


def test_of_two_tests_the_larger_p_counts() -> None:
    one = Difference(9, 0.1, 0.3, 0.2, (0.1, 0.3), 0.01, None, "", None, None, "jackknife")
    other = one._replace(interval=(-0.1, 0.25), p=0.2)
    found = wider_difference(one, other)
    assert (found.interval, found.p) == ((-0.1, 0.3), 0.2)
