"""Balance: no name passes its cap, no row leaves without need, the best stay, and what cannot hold is said."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.balance import Balance, balance_rows, best_first, count_shares, share_level

NAMES = st.lists(st.sampled_from(["zh", "en", "ja", "ko"]), min_size=1, max_size=40)
SHARES = st.floats(0.05, 0.95)


def _balance(names: list[str], **wished: object) -> Balance:
    values = np.array(names, object)
    return balance_rows(values, np.ones(len(names), bool), order=np.arange(len(names)), by="language", **wished)  # type: ignore[arg-type]


def _left(names: list[str], found: Balance) -> Counter[str]:
    return Counter(name for name, out in zip(names, found.left_out) if not out)


@given(NAMES, st.dictionaries(st.sampled_from(["zh", "en"]), st.integers(0, 20)))
def test_a_cap_takes_what_is_beyond_it_and_no_more(names: list[str], caps: dict[str, int]) -> None:
    before, after = Counter(names), _left(names, _balance(names, caps=caps))
    assert all(after[name] == min(count, caps.get(name, count)) for name, count in before.items())


@given(NAMES, SHARES)
def test_no_name_passes_its_share_and_no_larger_level_would_do(names: list[str], max_share: float) -> None:
    counts = np.array(sorted(Counter(names).values()))
    holding = [
        level
        for level in range(1, int(counts.max()) + 1)
        if level <= max_share * np.minimum(counts, level).sum() + 1e-9
    ]
    assert share_level(counts, max_share) == max(holding, default=0)


@given(NAMES, SHARES)
def test_a_share_that_cannot_hold_leaves_all_rows_and_says_so(names: list[str], max_share: float) -> None:
    found = _balance(names, max_share=max_share)
    after = _left(names, found)
    if found.announcements:
        assert after == Counter(names)
        level = share_level(np.array([*Counter(names).values()]), max_share)
        assert sum(min(level, count) for count in after.values()) < 0.1 * len(names)
    else:
        assert max(after.values()) <= max_share * after.total() + 1e-6


def test_the_announcement_says_the_least_share_in_both_languages() -> None:
    (said,) = _balance(["zh", "en", "en"], max_share=0.3).announcements
    assert "max_share 0.3 cannot hold, as the rows have 2 names only and one of them always has 0.5 or more" in said.en
    assert "max_share 0.3 无法满足，因为只有 2 类，其中总有一类占 0.5 以上" in said.zh


def test_one_row_of_a_third_language_does_not_take_the_others_with_it() -> None:
    found = _balance(["zh"] * 100 + ["en"] * 100 + ["ja"], max_share=0.45)
    assert not found.left_out.any()
    (said,) = found.announcements
    assert "max_share 0.45 would leave 9 of 201 rows" in said.en
    assert "只会留下 201 行中的 9 行" in said.zh


def test_a_cap_of_a_name_that_no_row_has_is_said() -> None:
    (said,) = _balance(["math", "math", "code"], caps={"mth": 1}).announcements
    assert said.en == "balance by language: no row is of mth, so its cap does nothing; did you mean math?"
    assert said.zh == "按语言均衡：没有 mth 的行，它的上限不起作用；是否指 math？"


def test_a_cap_is_applied_before_the_share() -> None:
    names = ["a"] * 50 + ["b"] * 20 + ["c"] * 10
    assert _left(names, _balance(names, caps={"a": 12}, max_share=0.4)) == Counter(a=12, b=14, c=10)


def test_the_best_rows_stay() -> None:
    names = np.array(["zh"] * 4, object)
    identities = ["a", "b", "c", "d"]
    decided = np.array([False, False, False, True])
    order = best_first(np.array([1.0, 5.0, np.nan, 0.0]), identities, decided=decided, seed=0)
    assert order.tolist() == [3, 1, 0, 2]
    found = balance_rows(names, np.ones(4, bool), order=order, caps={"zh": 2})
    assert found.left_out.tolist() == [True, False, True, False]
    assert found.cap.tolist() == [2.0] * 4


@given(st.integers(0, 99))
def test_which_of_equal_rows_stays_depends_on_the_seed_and_their_content(seed: int) -> None:
    identities = [f"row {number}" for number in range(10)]
    decided = np.zeros(10, bool)
    order = best_first(None, identities, decided=decided, seed=seed)
    backwards = best_first(None, identities[::-1], decided=decided, seed=seed)
    assert [identities[row] for row in order] == [identities[::-1][row] for row in backwards]


def test_rows_that_have_left_do_not_count() -> None:
    names = np.array(["zh", "zh", "en"], object)
    alive = np.array([True, False, True])
    assert [(line.name, line.before) for line in count_shares(names, alive)] == [("en", 1), ("zh", 1)]
    assert not balance_rows(names, alive, order=np.arange(3), caps={"zh": 1}).left_out.any()


def test_shares_are_told_before_and_after() -> None:
    first, second = _balance(["zh"] * 6 + ["en"] * 2, caps={"zh": 2}).lines
    assert first == ("zh", 6, 2, 0.75, 0.5, 2)
    assert second == ("en", 2, 2, 0.25, 0.5, None)


def test_no_rows_are_balanced() -> None:
    found = balance_rows(np.array([], object), np.zeros(0, bool), order=np.arange(0), max_share=0.5)
    assert (found.lines, found.announcements) == ((), ())
