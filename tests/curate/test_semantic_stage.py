"""The semantic stages on rows of a run: who leaves, who stands for them, and what is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from tunesmith.curate.duplicates import priority
from tunesmith.curate.embeddings import Reading
from tunesmith.curate.ledger import DROPPED, UNSAMPLED, Verdicts
from tunesmith.curate.progress import Progress
from tunesmith.curate.records import Message, Record, content_id, to_batch
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.stage_balance import (
    apply_balance,
    apply_selection,
    balance_stage,
    cluster_rows,
    clusters_of,
    select_rows,
)
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_semantic import apply_semantic, find_semantic_rows, said_of
from tunesmith.curate.stages import read_table, write_table

#: What means the same to the fake model.
MEANINGS = {"lower": "reduce", "cut": "reduce", "tension": "pressure", "降低": "reduce", "血压": "pressure"}


class MeaningEmbedder:
    """A fake: the sum of a direction for the meaning of each word; it reads eight words and knows no 茶."""

    name, digest, dimension = "meanings", "00000000cafe0000", 32

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        sums = np.array([sum((self._direction(word) for word in self._words(text)), np.zeros(32)) for text in texts])
        return (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)).astype(np.float32)

    def read(self, texts: list[str]) -> Reading:
        unknown = [text.count("茶") / max(len(self._words(text)), 1) for text in texts]
        return Reading(np.array([len(text.split()) > 8 for text in texts]), np.array(unknown, np.float32))

    def _words(self, text: str) -> list[str]:
        return [MEANINGS.get(word) or word for word in re.findall(r"[a-z]+|\d+|降低|血压|茶", text.lower())][:8]

    def _direction(self, word: str) -> npt.NDArray[np.float64]:
        return np.random.default_rng([*word.encode()]).standard_normal(32)


def _stage(folder: Path, rows: Sequence[tuple[str, str]], *, keep: Sequence[int] = ()) -> StageInput:
    """Rows of prompt and answer as the ingest would leave them, in shards of three."""
    records = [Record("sft", (Message("user", prompt), Message("assistant", answer))) for prompt, answer in rows]
    shards = []
    for first in range(0, len(records), 3):
        shards.append(folder / f"rows-{first:05d}.arrow")
        write_table(shards[-1], to_batch(records[first : first + 3]))
    columns: dict[str, Any] = {
        "content_id": [content_id(record) for record in records],
        "source": ["a"] * len(records),
        "language": ["zh" if re.search("[一-鿿]", prompt) else "en" for prompt, _ in rows],
        "answer_characters": pa.array([len(answer) for _, answer in rows], pa.int32()),
    }
    kept = np.zeros(len(records), bool)
    kept[list(keep)] = True
    return StageInput(pa.table(columns), np.ones(len(records), bool), kept, RowTexts(shards, {}))


def _found(folder: Path, rows: StageInput, **wished: Any) -> pa.Table:
    n_rows = len(rows.alive)
    rank = priority(decided=rows.keep, answer_characters=rows.columns["answer_characters"].to_numpy().astype(np.int64))
    settings = {"partner": np.full(n_rows, -1), "rank": rank, "classes": np.zeros(n_rows, np.int64), "threshold": 0.9}
    return find_semantic_rows(rows, MeaningEmbedder(), folder, **(settings | wished))


SAME = [
    ("lower blood pressure", "walk a lot"),
    ("reduce blood pressure", "walk a lot indeed"),
    ("降低 blood tension", "walk a lot"),
    ("reduce blood pressure", "take a pill"),
]


def test_rows_that_say_the_same_leave_with_the_longest_answer_as_partner(tmp_path: Path) -> None:
    rows = _stage(tmp_path, SAME)
    assert _found(tmp_path, rows, threshold=0.8)["semantic"].to_pylist() == [1, -1, 1, -1]


def test_by_prompt_alone_another_answer_does_not_matter(tmp_path: Path) -> None:
    found = _found(tmp_path, _stage(tmp_path, SAME), on="prompt")
    assert found["semantic"].to_pylist() == [1, -1, 1, 1]
    assert found["semantic_answer_similarity"].is_nan().to_pylist() == [True] * 4


def test_a_dropped_row_carries_its_proof_into_the_verdicts(tmp_path: Path) -> None:
    verdicts = Verdicts(4)
    evidence = _found(tmp_path, _stage(tmp_path, SAME), threshold=0.8)
    apply_semantic(evidence, verdicts, threshold=0.8)
    assert verdicts.verdict.tolist() == [DROPPED, "kept", DROPPED, "kept"]
    assert (verdicts.stage[0], verdicts.rule[0], verdicts.partner[0]) == ("duplicates", "semantic_duplicate", 1)
    assert verdicts.value[0] == verdicts.similarity[0] == 1.0
    assert verdicts.threshold[0] == 0.8 <= verdicts.answer_similarity[0]


def test_flagged_rows_stay_and_name_their_partner(tmp_path: Path) -> None:
    verdicts = Verdicts(4)
    evidence = _found(tmp_path, _stage(tmp_path, SAME), threshold=0.8, drops=False)
    apply_semantic(evidence, verdicts, threshold=0.8, drops=False)
    assert verdicts.alive.all()
    assert verdicts.partner.tolist() == [1, -1, 1, -1]


def test_rows_with_other_numbers_are_different_exercises(tmp_path: Path) -> None:
    rows = [("add 17 and twenty five plus one", "yes"), ("add 18 and twenty five plus one", "yes")]
    assert _found(tmp_path, _stage(tmp_path, rows), threshold=0.5)["semantic"].to_pylist() == [-1, -1]


def test_a_prompt_that_the_model_does_not_read_to_its_end_is_not_compared(tmp_path: Path) -> None:
    long = "one story that goes on and on and asks who"
    found = _found(tmp_path, _stage(tmp_path, [(long, "yes"), (f"{long} else", "yes")]))
    assert found["semantic"].to_pylist() == [-1, -1]
    (said,) = said_of(found)
    assert "the prompts of 2 of 2 rows are longer than" in said.en
    assert "这些行不参与比较" in said.zh


def test_rows_that_the_model_cannot_read_take_no_part_and_are_said(tmp_path: Path) -> None:
    found = _found(tmp_path, _stage(tmp_path, [("茶茶", "yes"), ("茶 茶茶", "yes")]))
    assert found["semantic"].to_pylist() == [-1, -1]
    assert "cannot read the prompts of 2 rows (Chinese: 2 of 2)" in said_of(found)[0].en


def test_what_is_said_survives_the_cache(tmp_path: Path) -> None:
    found = _found(tmp_path, _stage(tmp_path, [("茶", "yes")]))
    write_table(tmp_path / "kept.arrow", found)
    assert said_of(read_table(tmp_path / "kept.arrow")) == said_of(found)


@pytest.mark.parametrize(("orphan", "partners"), [("walk a lot", [1, -1, 1]), ("sing a song", [-1, -1, -1])])
def test_a_duplicate_of_a_row_that_leaves_gets_the_heir_or_keeps_its_partner(
    tmp_path: Path, orphan: str, partners: list[int]
) -> None:
    # row 2 left as a near-duplicate of row 0, which says the same as row 1
    rows = _stage(tmp_path, [*SAME[:2], ("lower blood pressure", orphan)])
    rows = rows._replace(alive=np.array([True, True, False]))
    found = _found(tmp_path, rows, partner=np.array([-1, -1, 0]), threshold=0.8)
    assert found["semantic"].to_pylist() == partners
    verdicts = Verdicts(3)
    verdicts.leave(~rows.alive, DROPPED, stage="duplicates", rule="near_duplicate")
    verdicts.partner[2] = 0
    apply_semantic(found, verdicts, threshold=0.8)
    left = np.flatnonzero(~verdicts.alive)
    assert verdicts.alive[verdicts.partner[left]].all()
    assert verdicts.rule[2] == ("semantic_duplicate" if partners[2] >= 0 else "near_duplicate")


def test_a_row_that_a_person_keeps_stays(tmp_path: Path) -> None:
    found = _found(tmp_path, _stage(tmp_path, SAME, keep=[0, 2]), threshold=0.8)
    assert found["semantic"].to_pylist() == [-1, 0, -1, -1]


def test_progress_counts_every_row_of_every_side(tmp_path: Path) -> None:
    done: dict[str, int] = {}

    class Counts(Progress):
        def stage(self, name: str, *, total: int | None, unit: str) -> Any:
            from contextlib import nullcontext

            done[name] = 0
            return nullcontext(lambda count: done.update({name: done[name] + count}))

    _found(tmp_path, _stage(tmp_path, SAME), progress=Counts())
    assert done == {"embedding prompt": 4, "embedding answer": 4}


TOPICS = [("lower blood pressure", "a"), ("reduce blood pressure fast", "b"), ("cut blood pressure", "c")]
TOPICS += [("python code error", "d"), ("python code error now", "e")]


def test_groups_have_titles_sizes_and_examples(tmp_path: Path) -> None:
    table = cluster_rows(_stage(tmp_path, TOPICS), MeaningEmbedder(), tmp_path, k=2, seed=0)
    first, second = clusters_of(table)
    assert table["cluster"].to_pylist() == [0, 0, 0, 1, 1]
    assert (first["size"], first["share"], first["sources"], first["languages"]) == (3, 0.6, {"a": 1.0}, {"en": 1.0})
    assert "blood" in first["title"]
    assert "python" in second["title"]
    assert {*second["central"], *second["fringe"]} == {3, 4}


def test_the_best_rows_are_taken_and_the_others_name_who_stands_for_them(tmp_path: Path) -> None:
    rows, verdicts = _stage(tmp_path, TOPICS), Verdicts(5)
    judged = rows.columns.append_column("judge", pa.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    table = select_rows(
        rows._replace(columns=judged), MeaningEmbedder(), tmp_path, method="quality", threshold=0.7, n_rows=2, seed=0
    )
    apply_selection(table, verdicts, threshold=0.7)
    assert verdicts.verdict.tolist() == [UNSAMPLED, UNSAMPLED, "kept", UNSAMPLED, "kept"]
    assert verdicts.rule.tolist() == ["too_close", "too_close", None, "too_close", None]
    assert verdicts.partner.tolist() == [2, 2, -1, 4, -1]
    assert (verdicts.value[[0, 1, 3]] > verdicts.threshold[[0, 1, 3]]).all()


def test_k_centre_takes_as_many_rows_as_asked_for_from_every_cluster(tmp_path: Path) -> None:
    rows, verdicts = _stage(tmp_path, TOPICS), Verdicts(5)
    clusters = np.array([0, 0, 0, 1, 1])
    table = select_rows(rows, MeaningEmbedder(), tmp_path, method="k_centre", n_rows=3, seed=1, clusters=clusters)
    apply_selection(table, verdicts, threshold=None)
    assert np.bincount(clusters[verdicts.alive]).tolist() == [2, 1]
    assert set(verdicts.rule[~verdicts.alive]) == {"not_selected"}


def test_rows_that_the_model_cannot_read_stay_and_do_not_count(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [("茶茶茶茶", "a"), ("茶茶茶茶茶", "b"), *TOPICS])
    table = select_rows(rows, MeaningEmbedder(), tmp_path, method="k_centre", n_rows=2, seed=0)
    assert table["selected"].to_pylist()[:2] == [True, True]
    assert sum(table["selected"].to_pylist()) == 4
    clusters = cluster_rows(rows, MeaningEmbedder(), tmp_path, k=2, seed=0)["cluster"].to_numpy()
    balance = balance_stage(rows, by="cluster", seed=0, max_share=0.5, clusters=clusters)
    assert [(line.name, line.after) for line in balance.lines] == [("0", 2), ("1", 2)]


def test_balance_by_language_needs_no_model(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [("降低血压的办法有哪些", "多走路多运动"), *TOPICS])
    verdicts = Verdicts(6)
    balance = balance_stage(rows, by="language", seed=0, max_share=0.75)
    apply_balance(balance, verdicts)
    assert [(line.name, line.before, line.after) for line in balance.lines] == [("en", 5, 3), ("zh", 1, 1)]
    assert (~verdicts.alive).sum() == 2
    assert set(verdicts.rule[~verdicts.alive]) == {"balance"}
    assert set(verdicts.threshold[~verdicts.alive]) == {3.0}


def test_balance_by_cluster_caps_the_largest_one(tmp_path: Path) -> None:
    rows = _stage(tmp_path, TOPICS)
    balance = balance_stage(rows, by="cluster", seed=0, max_share=0.5, clusters=np.array([0, 0, 0, 1, 1]))
    assert [(line.name, line.after) for line in balance.lines] == [("0", 2), ("1", 2)]
    with pytest.raises(ValueError, match="needs the clusters"):
        balance_stage(rows, by="cluster", seed=0)
