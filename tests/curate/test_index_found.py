"""What an index finds, against slow and obvious versions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.index_file import new_file, open_index
from tunesmith.curate.index_form import IndexForm, form_of, sketch_batch, sketches_of
from tunesmith.curate.index_query import matches_of
from tunesmith.curate.io import open_input
from tunesmith.curate.near import near_duplicates
from tunesmith.curate.records import Record, content_id, to_batch
from tunesmith.curate.sketch import sketch

LONG = "one two three four five six seven eight nine ten eleven twelve"


def test_threads_do_not_change_what_is_found(tmp_path: Path) -> None:
    form = form_of(on="whole", threshold=0.7, ngram=5)
    texts = [f"{LONG} {number % 5}" for number in range(20)]
    with new_file(tmp_path / "index.arrow", form) as add:
        for text in texts:
            add(_batch(form, [text]))
    delivery = sketches_of(_batch(form, [LONG, texts[3]]))
    index = open_index(tmp_path / "index.arrow")
    found = [index.search(delivery, threads=threads).partner.tolist() for threads in (1, 2, 5)]
    assert found == [[0, 3]] * 3


def _batch(form: IndexForm, texts: Sequence[str]) -> pa.RecordBatch:
    records = [Record("text", text=text) for text in texts]
    return sketch_batch(to_batch(records), form, [str(i) for i in range(len(texts))], [*map(content_id, records)])


# Sets of few shingles: with bands of one slot (low thresholds) a pair at the threshold shares one with certainty enough
# for this test (1 - 1e-6 and more), so the index has to agree with all pairs.
SETS = st.lists(st.frozensets(st.integers(0, 9), max_size=8), max_size=12)


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one and other else float(one == other)


@settings(max_examples=100, deadline=None)
@given(SETS, SETS, st.sampled_from([0.2, 0.25, 1 / 3, 0.4, 0.5]))
def test_the_index_agrees_with_all_pairs(
    tmp_path_factory: pytest.TempPathFactory,
    train: list[frozenset[int]],
    delivery: list[frozenset[int]],
    threshold: float,
) -> None:
    form = form_of(on="whole", threshold=threshold, ngram=1)
    path = tmp_path_factory.mktemp("index") / "index.arrow"
    with new_file(path, form) as add:
        add(_batch(form, [" ".join(map(str, sorted(row))) for row in train]))
    found = matches_of(open_index(path), _batch(form, [" ".join(map(str, sorted(row))) for row in delivery]))
    expected = {}
    for row, mine in enumerate(delivery):
        alike = [(-_jaccard(mine, other), number) for number, other in enumerate(train)]
        best = min((pair for pair in alike if -pair[0] >= threshold), default=None)
        if best is not None:
            expected[row] = (str(best[1]), -best[0])
    assert {row: (line["partner"], line["similarity"]) for row, line in found.items()} == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8), st.lists(st.text(max_size=30), max_size=8))
def test_copies_of_any_text_are_found_and_nothing_found_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, train: list[str], delivery: list[str]
) -> None:
    form = form_of(on="whole", threshold=0.7, ngram=2)
    path = tmp_path_factory.mktemp("index") / "index.arrow"
    with new_file(path, form) as add:
        add(_batch(form, train))
    found = matches_of(open_index(path), _batch(form, delivery))
    sets = [frozenset(row) for row in _shingles([*train, *delivery], 2)]
    for row, line in found.items():
        mine, other = sets[len(train) + row], sets[int(line["partner"])]
        exact = len(mine & other) / len(mine | other) if mine else 1.0
        assert line["similarity"] == exact >= 0.7
    assert {row for row, text in enumerate(delivery) if text in train} <= found.keys()


def _shingles(texts: Sequence[str], ngram: int) -> list[list[int]]:
    sets = sketch(pa.array(texts, pa.string()), ngram=ngram, n_slots=0).sets
    return [sets.row(number).tolist() for number in range(len(texts))]


def test_an_index_of_the_survivors_finds_what_the_near_duplicate_stage_drops(shared_data: Path, tmp_path: Path) -> None:
    rows = islice(open_input(str(shared_data / "t0_50k.jsonl.xz")).rows(), 3000)
    texts = [row.data.decode() for row in rows if isinstance(row.data, bytes)]
    found = near_duplicates(sketch(pa.array(texts)), rank=np.arange(len(texts)))
    stays, dropped = np.flatnonzero(found.partner < 0), np.flatnonzero(found.partner >= 0)
    form = form_of(on="whole", threshold=0.7, ngram=5)
    with new_file(tmp_path / "index.arrow", form) as add:
        add(_batch(form, [texts[row] for row in stays]))
    matches = matches_of(open_index(tmp_path / "index.arrow"), _batch(form, [texts[row] for row in dropped]))
    assert len(matches) == len(dropped) > 100
    assert all(matches[place]["similarity"] >= found.similarity[row] for place, row in enumerate(dropped.tolist()))
