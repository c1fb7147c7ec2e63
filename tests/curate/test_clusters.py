"""Clusters: deterministic, sensible on rows that are plainly grouped, with titles that a person can read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import clusters
from tunesmith.curate.cluster_titles import title_clusters
from tunesmith.curate.clusters import cluster_count, describe_clusters, find_clusters
from tunesmith.curate.embedding_grid import Grid, cosines, products, to_grid

SEEDS = st.integers(0, 2**32 - 1)


def _grouped(seed: int, sizes: tuple[int, ...] = (12, 9, 5)) -> tuple[Grid, list[int]]:
    """Rows close to as many directions, in a mixed order, and their groups."""
    random = np.random.default_rng(seed)
    groups = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = np.eye(len(sizes), 8)[groups] + 0.1 * random.standard_normal((len(groups), 8))
    return to_grid(vectors), groups.tolist()


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_plain_groups_are_found_and_numbered_by_size(seed: int) -> None:
    grid, groups = _grouped(seed)
    assert find_clusters(grid, 3, seed=seed).labels.tolist() == groups


@given(SEEDS, st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_every_row_is_in_the_group_of_its_nearest_centre(seed: int, k: int) -> None:
    grid = to_grid(np.random.default_rng(seed).standard_normal((30, 3)))
    found = find_clusters(grid, k, seed=seed)
    both = Grid(np.vstack([grid.steps, found.centres.steps]), np.concatenate([grid.squares, found.centres.squares]))
    own = cosines(both, np.arange(30), 30 + found.labels)
    every = [cosines(both, np.arange(30), np.full(30, 30 + centre)) for centre in range(len(found.centres.squares))]
    assert found.similarity.tolist() == own.tolist() == np.max(every, axis=0).tolist()


@given(SEEDS, st.integers(1, 7))
@settings(max_examples=20, deadline=None)
def test_blocks_change_nothing(seed: int, chunk: int) -> None:
    grid = to_grid(np.random.default_rng(seed).standard_normal((30, 3)))
    whole = find_clusters(grid, 4, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "CHUNK", chunk)
        cut = find_clusters(grid, 4, seed=seed)
    assert whole.labels.tolist() == cut.labels.tolist()
    assert whole.similarity.tolist() == cut.similarity.tolist()


def test_the_order_of_summation_changes_nothing() -> None:
    grid = to_grid(np.random.default_rng(0).standard_normal((300, 384)))
    rows = np.arange(300)
    reference = products(grid, rows, rows)
    for first in range(0, 300, 7):
        assert (products(grid, rows[first : first + 7], rows) == reference[first : first + 7]).all()


def test_rows_without_an_embedding_or_that_left_are_in_no_group() -> None:
    grid = to_grid(np.array([[1.0, 0], [0, 0], [0, 1], [1, 0]]))
    alive = np.array([True, True, True, False])
    assert find_clusters(grid, 2, seed=0, alive=alive).labels.tolist().count(-1) == 2


def test_fewer_different_rows_than_groups_make_fewer_groups() -> None:
    found = find_clusters(to_grid(np.array([[1.0, 0], [1, 0], [0, 1]])), 3, seed=0)
    assert found.labels.tolist() == [0, 0, 1]
    assert len(found.centres.squares) == 2


def test_no_rows_are_no_groups() -> None:
    assert len(find_clusters(to_grid(np.zeros((2, 3))), seed=0).centres.squares) == 0


def test_the_number_of_groups_follows_the_stated_rule() -> None:
    assert [cluster_count(n_rows) for n_rows in (1, 8, 200, 5000, 10**6)] == [2, 2, 10, 50, 50]


def test_a_group_is_described_by_size_shares_and_examples() -> None:
    angles = np.radians([0, 2, 4, 30, -20, 90])
    grid = to_grid(np.column_stack([np.cos(angles), np.sin(angles)]))
    found = find_clusters(grid, 2, seed=0)
    first, second = describe_clusters(found, ["zh", "zh", "zh", "en", "zh", "en"], ["a"] * 6)
    assert (first.size, first.share, first.languages, first.sources) == (5, 5 / 6, {"zh": 0.8, "en": 0.2}, {"a": 1.0})
    assert set(first.central) == {0, 1, 2}
    assert first.fringe == (3, 4)
    assert (second.size, second.central, second.fringe, second.languages) == (1, (5,), (), {"en": 1.0})


ENGLISH = [
    ("How do I treat a fever in children?", 0),
    ("My fever does not go down, what should I do?", 0),
    ("Explain how vaccines work against fever.", 0),
    ("Write a python function that sorts a list.", 1),
    ("Fix this python code.", 1),
    ("What does this python error mean?", 1),
]
CHINESE = [
    ("高血压患者应该怎么吃药？", 0),
    ("请介绍高血压的治疗方法", 0),
    ("我有高血压，能喝咖啡吗？", 0),
    ("什么是高血压？", 0),
    ("写一首关于秋天的诗歌", 1),
    ("把这首诗歌翻译成英文", 1),
    ("请分析李白的诗歌", 1),
    ("诗歌的押韵规则是什么", 1),
]


@pytest.mark.parametrize(("rows", "words"), [(ENGLISH, ["fever", "python"]), (CHINESE, ["高血压", "诗歌"])])
def test_a_title_opens_with_what_its_rows_share_and_others_lack(rows: list[tuple[str, int]], words: list[str]) -> None:
    titles = title_clusters([text for text, _ in rows], [label for _, label in rows], n_clusters=2)
    assert [title[0] for title in titles] == words


def test_a_title_holds_no_function_words_and_no_part_of_another_word() -> None:
    for title in title_clusters([text for text, _ in ENGLISH + CHINESE], [0] * 6 + [1] * 8, n_clusters=2):
        assert not {"the", "what", "how", "血压", "高血", "怎么", "什么"} & set(title)


def test_a_cluster_without_words_has_an_empty_title() -> None:
    assert title_clusters(["1 + 1 = ?", "fever"], [0, 1], n_clusters=3) == ((), ("fever",), ())
