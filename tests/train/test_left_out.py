"""The ledger after an incident: whatever is not trained any more is booked so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.progress import Progress
from tunesmith.curate.records import Record
from tunesmith.train.handover import open_examples, read_fates, write_examples, write_fates
from tunesmith.train.left_out import PARTLY, REASON, book_left_out, lost_rows
from tunesmith.train.types import Encoded, Encoding, Example, Fate, Row, RunPaths
from tunesmith.train.watch_rows import stand_ins

RECORD = Record(kind="text", text="a")


@given(
    st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=3), min_size=2, max_size=20), st.sets(st.integers(0, 6))
)
def test_what_is_booked_as_lost_is_what_no_sequence_trains_any_more(groups: list[set[int]], out: set[int]) -> None:
    names = [[str(one) for one in group] for group in groups]
    left_out = {str(one) for one in out}
    if all(group & out for group in groups):
        return
    trained = {name for place in stand_ins(names, left_out) for name in names[place]}
    gone, partly = lost_rows(names, left_out)
    every = {name for some in names for name in some}
    assert gone & every == every - trained
    assert partly <= trained
    assert left_out <= gone


def encoded(name: str, lengths: list[int]) -> Encoded:
    """A row of examples with so many tokens."""
    ids = [np.ones(length, np.int32) for length in lengths]
    examples = tuple(Example(name, one, one, np.zeros(len(one), np.uint8)) for one in ids)
    fate = Fate(name, "s", "domain", "trained", n_tokens=sum(lengths), n_trained=sum(lengths), n_examples=len(lengths))
    return Encoded(Row(name, RECORD, "s", "domain"), examples, fate)


def test_rows_that_shared_a_pack_with_a_broken_one_are_lost_with_it(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.data.mkdir()
    # packed to 10 tokens: d; a with b's second part; b's first part with c
    lengths = {"a": [7], "b": [6, 3], "c": [4], "d": [10]}
    rows = [encoded(name, some) for name, some in lengths.items()]
    write_examples(rows, paths.data / "train", encoding=Encoding(10, packing=True), progress=Progress())
    assert sorted(sorted(some) for some in open_examples(paths.data / "train")["row_ids"]) == [
        ["a", "b"],
        ["b", "c"],
        ["d"],
    ]
    fates = [Fate(name, "s", "domain", "trained", n_tokens=9, n_trained=5, n_examples=1) for name in "abcd"]
    write_fates(paths.rows, [*fates, Fate("e", "s", "domain", "dropped", "too_long")])
    book_left_out(paths, {"a"})
    found = {fate.row_id: fate for fate in read_fates(paths.rows)}
    assert (found["a"].outcome, found["a"].reason, found["a"].n_trained) == ("dropped", REASON, 0)
    assert (found["b"].outcome, found["b"].flags) == ("trained", (PARTLY,))
    assert [found[name] for name in "cd"] == fates[2:]
    assert found["e"].reason == "too_long"
    before = paths.rows.read_bytes()
    book_left_out(paths, {"a"})
    assert paths.rows.read_bytes() == before


def test_a_run_without_a_ledger_books_nothing(tmp_path: Path) -> None:
    book_left_out(RunPaths(tmp_path), {"a"})
    assert list(tmp_path.iterdir()) == []
