"""Exact duplicates: every dropped row names a living partner with the same key, and one row of each key survives."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.duplicates import exact_duplicates, priority
from tunesmith.curate.keys import key_pairs

ROWS = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans(), st.integers(0, 3)), max_size=30)


def _resolve(rows: list[tuple[int, bool, bool, int]]) -> npt.NDArray[np.int64]:
    keys = np.array([[key, key % 2] for key, *_ in rows], np.uint64).reshape(-1, 2)
    alive, decided = (np.array([row[i] for row in rows], bool) for i in (1, 2))
    lengths = np.array([row[3] for row in rows], np.int64)
    return exact_duplicates(keys, alive, rank=priority(decided=decided, answer_characters=lengths)).partner


def _slowly(rows: list[tuple[int, bool, bool, int]]) -> list[int]:
    """The definition, row by row."""
    partner = [-1] * len(rows)
    for number, (key, alive, _, _) in enumerate(rows):
        if alive:
            equal = [i for i, other in enumerate(rows) if other[1] and other[0] == key]
            best = min(equal, key=lambda i: (not rows[i][2], -rows[i][3], i))
            partner[number] = -1 if best == number else best
    return partner


@given(ROWS)
def test_it_agrees_with_the_definition(rows: list[tuple[int, bool, bool, int]]) -> None:
    assert _resolve(rows).tolist() == _slowly(rows)


@given(ROWS)
def test_a_dropped_row_names_a_living_partner_with_the_same_key(rows: list[tuple[int, bool, bool, int]]) -> None:
    partner = _resolve(rows).tolist()
    for number, other in enumerate(partner):
        if other >= 0:
            assert rows[other][0] == rows[number][0]
            assert rows[other][1]
            assert partner[other] == -1


@given(ROWS)
def test_exactly_one_row_of_each_key_survives(rows: list[tuple[int, bool, bool, int]]) -> None:
    partner = _resolve(rows).tolist()
    survivors = [row[0] for row, other in zip(rows, partner) if row[1] and other == -1]
    assert sorted(survivors) == sorted({row[0] for row in rows if row[1]})


def test_a_decided_row_goes_before_a_longer_one_and_that_before_an_earlier_one() -> None:
    alive = True
    assert _resolve([(1, alive, False, 9), (1, alive, True, 2)]).tolist() == [1, -1]
    assert _resolve([(1, alive, False, 2), (1, alive, False, 9)]).tolist() == [1, -1]
    assert _resolve([(1, alive, False, 2), (1, alive, False, 2)]).tolist() == [-1, 0]


def test_rows_that_have_left_take_no_part() -> None:
    assert _resolve([(1, False, True, 9), (1, True, False, 1), (1, False, False, 1)]).tolist() == [-1, -1, -1]


def test_keys_that_differ_in_one_half_only_are_different() -> None:
    keys = np.array([[1, 2], [1, 3], [2, 2]], np.uint64)
    ones = np.ones(3, bool)
    assert exact_duplicates(keys, ones, rank=np.arange(3)).partner.max() == -1


def test_keys_are_read_from_every_chunk_and_slice() -> None:
    digests = [bytes([number]) * 16 for number in range(6)]
    column = pa.chunked_array([pa.array(digests[:4], pa.binary(16)).slice(1, 2), pa.array(digests[4:], pa.binary(16))])
    found = key_pairs(column)
    assert [row.tobytes() for row in found] == [digests[i] for i in (1, 2, 4, 5)]


def test_no_rows_have_no_keys() -> None:
    assert key_pairs(pa.chunked_array([], pa.binary(16))).shape == (0, 2)
    assert _resolve([]).tolist() == []
