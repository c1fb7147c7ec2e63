"""The mix: whole-number ratios hold exactly, caps hold, nothing repeats too often, row order does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tunesmith.curate.mix import Mixed, MixPlan, MixRows, fill_sources, mix_rows, shares, take

COUNTS = st.integers(0, 40)
WEIGHT = st.integers(1, 6)


def _rows(domain: int, general: int, *, sources: Sequence[int] = (), sizes: Sequence[int] = ()) -> MixRows:
    """So many rows of each group; a group is one source unless `sources` says more."""
    n_rows = domain + general
    group = np.array([0] * domain + [1] * general, np.int32)
    return MixRows(
        np.ones(n_rows, bool),
        np.zeros(n_rows, bool),
        group,
        np.array(sources, np.int32) if sources else group,
        np.array(sizes, np.int64) if sizes else np.ones(n_rows, np.int64),
        [f"row {number}" for number in range(n_rows)],
        ("domain", "general"),
        ("a", "b", "c"),
    )


def _plan(
    ratio: tuple[float, float] = (1, 1),
    *,
    short: str = "shrink",
    max_copies: int = 4,
    caps: dict[str, int] | None = None,
    weights: dict[str, float] | None = None,
    unit: str = "rows",
    seed: int = 0,
) -> MixPlan:
    named = {"domain": ratio[0], "general": ratio[1]}
    return MixPlan(named, weights or {}, caps or {}, unit, short, max_copies, seed)


def _lines(mixed: Mixed) -> list[int]:
    return [group["lines"] for group in mixed.groups]


@given(COUNTS, COUNTS, WEIGHT, WEIGHT, st.sampled_from(["shrink", "repeat"]), st.integers(1, 4))
def test_a_whole_number_ratio_holds_exactly(
    domain: int, general: int, a: int, b: int, short: str, max_copies: int
) -> None:
    mixed = mix_rows(_rows(domain, general), _plan((a, b), short=short, max_copies=max_copies))
    taken = _lines(mixed)
    most = max_copies if short == "repeat" else 1
    step = gcd(a, b)
    assume(domain >= a // step and general * most >= b // step)  # else not even one step fits
    assert taken[0] * b == taken[1] * a
    # one step more does not fit: nothing is left out without need
    assert taken[0] + a // step > domain or taken[1] + b // step > general * most


@given(COUNTS, COUNTS, WEIGHT, WEIGHT, st.sampled_from(["shrink", "repeat"]), st.integers(1, 4))
def test_no_row_is_repeated_too_often_and_the_anchor_never(
    domain: int, general: int, a: int, b: int, short: str, max_copies: int
) -> None:
    mixed = mix_rows(_rows(domain, general), _plan((a, b), short=short, max_copies=max_copies))
    assert mixed.copies[:domain].max(initial=0) <= 1
    assert mixed.copies.max(initial=0) <= (max_copies if short == "repeat" else 1)


@given(COUNTS, COUNTS, WEIGHT, WEIGHT, st.randoms(), st.integers(0, 5))
def test_the_order_of_the_rows_does_not_matter(
    domain: int, general: int, a: int, b: int, random: object, seed: int
) -> None:
    rows, plan = _rows(domain, general), _plan((a, b), short="repeat", caps={"b": 30}, seed=seed)
    order = list(range(domain + general))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = rows._replace(
        group=rows.group[order], source=rows.source[order], identities=[[*rows.identities][i] for i in order]
    )
    np.testing.assert_array_equal(mix_rows(shuffled, plan).copies, mix_rows(rows, plan).copies[order])


@given(COUNTS, COUNTS, st.integers(0, 20), st.integers(0, 20))
def test_caps_of_a_source_and_of_a_group_hold(domain: int, general: int, cap_a: int, cap_general: int) -> None:
    mixed = mix_rows(_rows(domain, general), _plan((1, 2), caps={"a": cap_a, "general": cap_general}, short="repeat"))
    assert (mixed.copies[:domain] > 0).sum() <= cap_a
    assert (mixed.copies[domain:] > 0).sum() <= cap_general
    assert mixed.copies[mixed.capped].max(initial=0) == 0
    assert (~mixed.capped[:domain]).sum() == min(domain, cap_a)


def test_rows_that_are_not_alive_are_neither_counted_nor_taken() -> None:
    rows = _rows(4, 4)
    alive = np.array([True, False, True, False, True, True, True, False])
    mixed = mix_rows(rows._replace(alive=alive), _plan((1, 1)))
    assert _lines(mixed) == [2, 2]
    assert mixed.copies[~alive].max() == 0


def test_a_group_that_is_short_shrinks_all_and_says_so() -> None:
    mixed = mix_rows(_rows(100, 250), _plan((1, 5)))
    assert _lines(mixed) == [50, 250]
    assert mixed.announcement is not None
    assert mixed.announcement.en == (
        "mix domain 1 : general 5: general has 250 rows of 500; shrank to domain 50 : general 250"
    )


def test_a_group_that_is_short_repeats_up_to_the_limit_and_says_so() -> None:
    repeated = mix_rows(_rows(100, 250), _plan((1, 5), short="repeat"))
    assert _lines(repeated) == [100, 500]
    assert set(repeated.copies[100:].tolist()) == {2}
    assert repeated.announcement is not None
    assert repeated.announcement.en.endswith("general has 250 rows of 500; repeated general up to 2 times")
    limited = mix_rows(_rows(100, 50), _plan((1, 5), short="repeat"))
    assert _lines(limited) == [40, 200]
    assert limited.announcement is not None
    assert "up to 4 times and shrank to domain 40 : general 200" in limited.announcement.en


def test_a_ratio_that_can_be_filled_is_not_announced() -> None:
    mixed = mix_rows(_rows(10, 80), _plan((1, 5)))
    assert _lines(mixed) == [10, 50]
    assert mixed.announcement is None


def test_a_larger_input_keeps_the_earlier_sample() -> None:
    small = mix_rows(_rows(10, 60), _plan((1, 2)))
    large = mix_rows(_rows(10, 61), _plan((1, 2)))
    stayed = (small.copies[10:] > 0) & (large.copies[10:70] > 0)
    assert stayed.sum() >= 19


def test_another_seed_takes_other_rows() -> None:
    plans = [_plan((1, 2), seed=seed) for seed in (1, 2)]
    first, second = (mix_rows(_rows(10, 60), plan).copies.tolist() for plan in plans)
    assert first != second


def test_fractions_come_as_near_as_whole_rows_can() -> None:
    assert shares({"domain": 100, "general": 1000}, {"domain": 1, "general": 2.5}, most_copies=_once()) == {
        "domain": 100,
        "general": 250,
    }
    assert shares({"domain": 100, "general": 30}, {"domain": 0.7, "general": 0.3}, most_copies=_once()) == {
        "domain": 70,
        "general": 30,
    }


def test_the_anchor_is_the_domain_or_else_the_first_group() -> None:
    many = {"first": 1, "second": 3}
    assert shares({"first": 10, "second": 10}, {"first": 1, "second": 3}, most_copies=many) == {
        "first": 10,
        "second": 30,
    }


def _once() -> dict[str, int]:
    return {"domain": 1, "general": 1}


def test_weights_divide_a_group_among_its_sources() -> None:
    rows = _rows(12, 60, sources=[0] * 12 + [1] * 30 + [2] * 30)
    mixed = mix_rows(rows, _plan((1, 2), weights={"b": 3, "c": 1}))
    assert [int(mixed.copies[rows.source == source].sum()) for source in (1, 2)] == [18, 6]


def test_what_a_weighted_source_lacks_the_others_give() -> None:
    rows = _rows(12, 34, sources=[0] * 12 + [1] * 4 + [2] * 30)
    mixed = mix_rows(rows, _plan((1, 2), weights={"b": 3}))
    assert [int(mixed.copies[rows.source == source].sum()) for source in (1, 2)] == [4, 20]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0.5, 1.0, 2.0, 3.0])), min_size=1, max_size=5),
    st.integers(0, 120),
)
def test_an_amount_is_given_whole_where_it_is_there(sources: list[tuple[int, float]], amount: int) -> None:
    reach, weights = [size for size, _ in sources], [weight for _, weight in sources]
    given_out = fill_sources(reach, weights, amount)
    assert sum(given_out) == min(amount, sum(reach))
    assert all(0 <= given <= most for given, most in zip(given_out, reach))


def test_tokens_count_instead_of_rows_where_the_recipe_says_so() -> None:
    rows = _rows(2, 4, sizes=[50, 50, 40, 40, 40, 40])
    mixed = mix_rows(rows, _plan((1, 1), unit="tokens"))
    assert mixed.copies[:2].tolist() == [1, 1]
    assert int(mixed.copies[2:].sum()) == 2  # 80 of 100: a third row would exceed the share


@pytest.mark.parametrize("sizes", [[0, 5, 5, 5], [5, 5, 0, 5]])
def test_a_row_without_words_is_not_repeated_beyond_the_limit(sizes: list[int]) -> None:
    mixed = mix_rows(_rows(2, 2, sizes=sizes), _plan((1, 1), unit="tokens", short="repeat", max_copies=2))
    assert mixed.copies[:2].max() <= 1
    assert mixed.copies[2:].max() <= 2


def test_a_group_without_rows_leaves_nothing_and_says_so() -> None:
    mixed = mix_rows(_rows(5, 0), _plan((1, 5)))
    assert _lines(mixed) == [0, 0]
    assert mixed.announcement is not None


def test_words_are_taken_past_a_row_that_does_not_fit() -> None:
    assert take(np.array([100, 1, 1, 1, 1, 1]), np.arange(6), 50).tolist() == [0, 1, 1, 1, 1, 1]


def test_a_ratio_larger_than_the_rows_takes_as_many_as_it_can() -> None:
    taken = shares(
        {"domain": 100, "general": 2000}, {"domain": 101, "general": 500}, most_copies={"domain": 1, "general": 1}
    )
    assert taken == {"domain": 100, "general": 495}


def test_what_a_person_keeps_is_taken_first() -> None:
    rows = _rows(2, 50)
    decided = np.zeros(52, bool)
    decided[[40, 51]] = True
    mixed = mix_rows(rows._replace(decided=decided), _plan((1, 5), caps={"general": 12}))
    assert mixed.copies[decided].tolist() == [1, 1]
    assert not mixed.capped[decided].any()
