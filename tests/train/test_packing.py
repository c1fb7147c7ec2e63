"""Packs: every example once, none cut, none too long, and few."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.train.packing import pack

LENGTHS = st.integers(1, 40).flatmap(lambda most: st.tuples(st.lists(st.integers(1, most), max_size=80), st.just(most)))


def first_fit(lengths: list[int], most: int) -> int:
    """How many packs, where each example goes into the first one with room."""
    rooms: list[int] = []
    for length in lengths:
        place = next((n for n, room in enumerate(rooms) if room >= length), None)
        if place is None:
            rooms.append(most - length)
        else:
            rooms[place] -= length
    return len(rooms)


def best_fit(lengths: list[int], most: int) -> list[list[int]]:
    """The slow way: the open pack with the least sufficient room, the last one that got it among equals."""
    packs: list[list[int]] = []
    rooms: list[tuple[int, int]] = []
    for time, index in enumerate(sorted(range(len(lengths)), key=lambda index: -lengths[index])):
        fitting = [(room, -put, n) for n, (room, put) in enumerate(rooms) if room >= lengths[index]]
        if fitting:
            n = min(fitting)[2]
            rooms[n] = rooms[n][0] - lengths[index], time
            packs[n].append(index)
        else:
            packs.append([index])
            rooms.append((most - lengths[index], time))
    return sorted(map(sorted, packs))


@given(LENGTHS)
def test_every_example_is_in_one_pack_and_no_pack_is_too_long(given: tuple[list[int], int]) -> None:
    lengths, most = given
    packs = pack(lengths, most)
    assert sorted(itertools.chain.from_iterable(packs)) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in some) <= most for some in packs)
    assert packs == pack(lengths, most)


@given(LENGTHS)
def test_packs_are_those_of_the_slow_way_and_at_most_eleven_ninths_of_the_fewest(given: tuple[list[int], int]) -> None:
    lengths, most = given
    packs = pack(lengths, most)
    assert packs == best_fit(lengths, most)
    in_order = sorted(lengths, reverse=True)
    # first-fit decreasing and best-fit decreasing share the bound; no order of examples can do better than the fewest
    assert 9 * len(packs) <= 11 * first_fit(in_order, most) + 6


def test_packs_of_real_looking_lengths_are_fewer_than_first_fit_makes() -> None:
    random.seed(7)
    lengths = [min(2048, 1 + int(random.lognormvariate(5.5, 0.9))) for _ in range(3000)]
    packs = pack(lengths, 2048)
    assert len(packs) <= first_fit(lengths, 2048)
    assert sum(lengths) / (2048 * len(packs)) > 0.99


def test_an_example_that_cannot_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="from 1 to 7, saw 2 to 8"):
        pack([2, 8], 7)
    assert pack([], 7) == []
