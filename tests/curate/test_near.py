"""Near-duplicates and components against slow, obvious versions, and the guarantee on real data."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.bands import RECALL, Bands, fill_band_keys, find_buckets, solve_bands
from tunesmith.curate.near import components, near_duplicates
from tunesmith.curate.pairs import NearDuplicates
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch, sketch

# Sets of few shingles: with bands of one slot (low thresholds) a pair at the threshold shares one with certainty enough
# for these tests (1 - 1e-6 and more), so the kernel has to agree with all pairs.
SETS = st.lists(st.frozensets(st.integers(0, 9), max_size=8), max_size=14)
THRESHOLDS = st.sampled_from([0.2, 0.25, 1 / 3, 0.4, 0.5])


def _sketch_of(sets: list[frozenset[int]]) -> Sketch:
    """One-token shingles, so that a set of numbers is a row's set."""
    return sketch(pa.array([" ".join(map(str, row)) for row in sets], pa.string()), ngram=1)


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one and other else -1.0


def _greedy(
    wholes: list[frozenset[int]], answers: list[frozenset[int]], order: list[int], threshold: float
) -> tuple[dict[int, int], dict[int, int]]:
    """Partner of each dropped row and variant of each survivor, by comparing with every survivor."""
    survivors: list[int] = []
    partners: dict[int, int] = {}
    variants: dict[int, int] = {}
    for row in order:
        alike = [other for other in survivors if _jaccard(wholes[row], wholes[other]) >= threshold]
        both = [other for other in alike if _jaccard(answers[row], answers[other]) >= threshold]
        chosen = sorted(both or alike, key=lambda other: -_jaccard(wholes[row], wholes[other]))[:1]
        (partners if both else variants).update((row, other) for other in chosen)
        if not both:
            survivors.append(row)
    return partners, variants


def _partners(found: NearDuplicates) -> dict[int, int]:
    return {row: partner for row, partner in enumerate(found.partner.tolist()) if partner >= 0}


@settings(max_examples=150, deadline=None)
@given(SETS, THRESHOLDS, st.randoms(use_true_random=False))
def test_drops_and_partners_are_those_of_comparing_with_every_survivor(
    sets: list[frozenset[int]], threshold: float, random: object
) -> None:
    order = list(range(len(sets)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = near_duplicates(_sketch_of(sets), rank=np.argsort(order), threshold=threshold, recall=0.999999)
    partners, _ = _greedy(sets, sets, order, threshold)
    assert _partners(found) == partners
    assert all(found.similarity[row] == _jaccard(sets[row], sets[other]) for row, other in partners.items())
    assert np.isnan(found.similarity[found.partner < 0]).all()
    assert (found.variant == -1).all()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(*[st.frozensets(st.integers(0, 9), max_size=6)] * 2), max_size=12), THRESHOLDS)
def test_a_partner_reaches_the_threshold_in_the_answer_too_and_a_variant_does_not(
    rows: list[tuple[frozenset[int], frozenset[int]]], threshold: float
) -> None:
    wholes, answers = [row[0] for row in rows], [row[1] for row in rows]
    found = near_duplicates(
        _sketch_of(wholes), _sketch_of(answers).sets, rank=np.arange(len(rows)), threshold=threshold, recall=0.999999
    )
    partners, variants = _greedy(wholes, answers, list(range(len(rows))), threshold)
    assert _partners(found) == partners
    assert {row: other for row, other in enumerate(found.variant.tolist()) if other >= 0} == variants
    for row, other in partners.items():
        assert found.answer_similarity[row] == _jaccard(answers[row], answers[other])
    for row, other in variants.items():
        assert found.variant_similarity[row] == _jaccard(wholes[row], wholes[other])
        assert found.variant_answer_similarity[row] == max(_jaccard(answers[row], answers[other]), 0.0)


@settings(max_examples=150, deadline=None)
@given(SETS, THRESHOLDS)
def test_components_are_those_of_all_pairs(sets: list[frozenset[int]], threshold: float) -> None:
    labels = list(range(len(sets)))
    for row, one in enumerate(sets):
        for other in range(row):
            if _jaccard(one, sets[other]) >= threshold:
                old, new = max(labels[row], labels[other]), min(labels[row], labels[other])
                labels = [new if label == old else label for label in labels]
    assert components(_sketch_of(sets), threshold=threshold, recall=0.999999).tolist() == labels


BASE = "one two three four five six seven eight nine ten eleven twelve"


def _near(texts: Sequence[str | None], *, threshold: float = 0.7) -> list[int]:
    found = near_duplicates(sketch(pa.array(texts)), rank=np.arange(len(texts)), threshold=threshold)
    return list(found.partner)


def test_short_empty_and_identical_rows() -> None:
    assert _near(["", None, "", "?!", "..."]) == [-1] * 5
    assert _near(["yes", "no", "Yes!", "yes no", "yes  no"]) == [-1, -1, 0, -1, 3]
    assert _near([BASE] * 4 + ["other"]) == [-1, 0, 0, 0, -1]
    assert _near(["the sum of 17 and 25", "the sum of 3 and 9"]) == [-1, -1]
    assert _near(["今天天气很好我们去公园", "今天天气很好我们去公园吧", "明天下雨"]) == [-1, 0, -1]


def test_there_are_no_chains() -> None:
    words = BASE.split()
    texts = [" ".join(words[i : i + 9]) for i in (0, 1, 2)]  # neighbours share 4 of 6 shingles, the ends 3 of 7
    assert _near(texts, threshold=0.6) == [-1, 0, -1]


def test_a_similarity_equal_to_the_threshold_reaches_it() -> None:
    numbers = [str(i) for i in range(100, 110)]
    texts = pa.array([" ".join(numbers), " ".join(numbers[:7])])  # 7 of 10
    for threshold, partner in ((0.7, 0), (np.nextafter(0.7, 1), -1)):
        found = near_duplicates(sketch(texts, ngram=1), rank=np.arange(2), threshold=threshold, recall=0.9999)
        assert found.partner[1] == partner


def test_the_most_similar_survivor_is_the_partner_and_of_equal_ones_the_first_in_rank() -> None:
    sets = [frozenset(range(8)), frozenset(range(2, 10)), frozenset(range(1, 9)), frozenset(range(10))]
    found = near_duplicates(_sketch_of(sets), rank=np.array([1, 0, 5, 5]), threshold=0.61)
    assert found.partner.tolist() == [-1, -1, 1, 1]
    found = near_duplicates(_sketch_of([*sets[:3], frozenset(range(7))]), rank=np.arange(4), threshold=0.5)
    assert found.partner.tolist() == [-1, 0, 0, 0]


def test_rows_that_take_no_part_are_nobodys_partner() -> None:
    found = near_duplicates(sketch(pa.array([BASE] * 3)), rank=np.arange(3), alive=np.array([False, True, True]))
    assert found.partner.tolist() == [-1, -1, 1]
    assert components(sketch(pa.array([BASE] * 3)), alive=np.array([False, True, True])).tolist() == [-1, 1, 1]


def test_one_question_with_two_answers_is_a_variant_and_no_duplicate() -> None:
    passage = " ".join(f"word{i}" for i in range(60))
    answers = ["alpha", "beta", "Alpha"]
    whole, answer = sketch(pa.array([f"{passage} {text}" for text in answers])), sketch(pa.array(answers)).sets
    found = near_duplicates(whole, answer, rank=np.arange(3))
    assert found.partner.tolist() == [-1, -1, 0]
    assert found.variant.tolist() == [-1, 0, -1]
    assert found.variant_answer_similarity.tolist()[1] == 0.0


def test_thousands_of_rows_from_one_template_are_compared_exactly() -> None:
    """Pairs at about .4: nearly all share a bucket at .7 or .5, and none is alike."""
    random = np.random.default_rng(1)
    template = [f"w{i}" for i in range(200)]
    texts = []
    for number in range(1500):
        words = list(template)
        for slot in random.choice(200, 18, replace=False).tolist():
            words[slot] = f"x{number}y{slot}"
        texts.append(" ".join(words))
    found = sketch(pa.array(texts))
    sets = [set(found.sets.row(i).tolist()) for i in (0, 1)]
    assert 0.2 < len(sets[0] & sets[1]) / len(sets[0] | sets[1]) < 0.5
    assert (near_duplicates(found, rank=np.arange(1500)).partner == -1).all()


@pytest.mark.parametrize(("threshold", "bands"), [(0.7, (32, 4)), (0.5, (30, 2)), (0.9, (16, 8)), (1.0, (1, 128))])
def test_the_bands_reach_the_recall_with_the_longest_band_and_the_fewest_of_them(
    threshold: float, bands: tuple[int, int]
) -> None:
    found = solve_bands(threshold)
    assert found == bands
    assert found.recall(threshold) >= RECALL
    assert threshold == 1 or found._replace(n_bands=found.n_bands - 1).recall(threshold) < RECALL
    longer = Bands(128 // (found.n_rows + 1), found.n_rows + 1)
    assert threshold == 1 or longer.recall(threshold) < RECALL


def test_bands_that_cannot_reach_the_recall_are_refused() -> None:
    with pytest.raises(ValueError, match="16 slots"):
        solve_bands(0.2, n_slots=16)
    with pytest.raises(ValueError, match="expected"):
        solve_bands(0.0)


@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), max_size=30))
@settings(deadline=None)
def test_buckets_hold_the_rows_that_share_a_band_and_no_others(rows: list[list[int]]) -> None:
    signatures = np.array(rows, np.uint32).reshape(-1, 4)
    numbers, keys = np.arange(len(rows)), np.empty((2, len(rows)), np.uint64)
    for band in range(2):
        fill_band_keys(signatures, numbers, 2 * band, 2 * band + 2, keys[band])
    buckets = find_buckets(keys, numbers, scratch=Scratch(None), threads=2)
    for band, first in enumerate((0, 2)):
        keys = [tuple(row[first : first + 2]) for row in rows]
        for i, group in enumerate(buckets.groups[band].tolist()):
            same = [j for j, key in enumerate(keys) if key == keys[i]]
            assert (group == -1) == (len(same) == 1)
            if group >= 0:
                assert [j for j, other in enumerate(buckets.groups[band]) if other == group] == same
                assert buckets.starts[group + 1] - buckets.starts[group] == len(same)


def _real(path: Path) -> tuple[pa.Array, pa.Array]:
    """Whole and answer of each row, whatever the columns are called."""
    text = lzma.decompress(path.read_bytes()).decode() if path.suffix == ".xz" else path.read_text("utf-8")
    rows = (
        json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.split("\n") if line]
    )
    wholes = ["\n".join(map(str, row.values())) for row in rows]
    return pa.array(wholes), pa.array([str([*row.values()][-1]) for row in rows])


@pytest.mark.parametrize(
    "name",
    [
        "t0_50k.jsonl.xz", "huatuo_med_zh.json", "alpaca_en_demo.json", "alpaca_zh_demo.json", "identity.json",
        "dpo_en_demo.json", "dpo_zh_demo.json", "kto_en_demo.json", "glaive_toolcall_en_demo.json",
        "glaive_toolcall_zh_demo.json", "c4_demo.jsonl", "gsm8k_train.jsonl", "gsm8k_test.jsonl",
    ],
)  # fmt: skip
def test_on_real_data_each_dropped_row_has_a_surviving_partner_that_reaches_the_threshold(
    name: str, shared_data: Path
) -> None:
    texts, answers = _real(shared_data / name)
    whole, answer = sketch(texts), sketch(answers, n_slots=0, keep_blank=True).sets
    rank = np.random.default_rng(0).permutation(len(texts))
    found = near_duplicates(whole, answer, rank=rank, threads=2)
    for row in np.flatnonzero(found.partner >= 0).tolist():
        partner = int(found.partner[row])
        assert found.partner[partner] == -1
        assert rank[partner] < rank[row]
        assert _recomputed(whole.sets, row, partner) == found.similarity[row] >= 0.7
        assert _recomputed(answer, row, partner) == found.answer_similarity[row] >= 0.7
    again = near_duplicates(whole, answer, rank=rank, threads=1)
    assert all(np.array_equal(one, other, equal_nan=True) for one, other in zip(found, again))


def _recomputed(sets: ShingleSets, row: int, other: int) -> float:
    assert all((np.diff(sets.row(i)) > 0).all() for i in (row, other))
    common = len(np.intersect1d(sets.row(row), sets.row(other)))
    return common / (len(sets.row(row)) + len(sets.row(other)) - common)


def test_components_join_neighbours_of_neighbours() -> None:
    words = [f"w{i}" for i in range(40)]
    texts = [" ".join(words[i : i + 20]) for i in range(0, 16, 4)]  # neighbours share 12 of 20 shingles
    labels = components(sketch(pa.array([*texts, "apart", "", None])))
    assert labels.tolist() == [0, 0, 0, 0, 4, 5, 6]
    assert all(one <= other for one, other in pairwise(labels.tolist()))
