"""The duplicates stage on rows of a run: every drop is proved, whatever the threads, the pieces, and the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.engines.local import Local
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, parse_recipe
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.rows import ingest_all, open_sources
from tunesmith.curate.signal_table import BASICS
from tunesmith.curate.signals import measure
from tunesmith.curate.stage_duplicates import find_duplicates
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_split import group_pairs, split_sides
from tunesmith.curate.stages import write_table

FILES = (
    "alpaca_en_demo.json", "alpaca_zh_demo.json", "c4_demo.jsonl", "cmmlu", "dpo_en_demo.json", "dpo_zh_demo.json",
    "glaive_toolcall_en_demo.json", "glaive_toolcall_zh_demo.json", "gsm8k_train.jsonl", "gsm8k_test.jsonl",
    "huatuo_med_zh.json", "identity.json", "kto_en_demo.json", "wiki_demo.txt", "t0_50k.jsonl.xz",
)  # fmt: skip


def _sft(prompt: str, answer: str, **message: Any) -> Record:
    return Record("sft", (Message("user", prompt), Message("assistant", answer, **message)))


def _stage(folder: Path, records: Sequence[Record], edited: dict[int, Record] | None = None) -> StageInput:
    """Rows as the ingest would leave them, in shards of three."""
    shards, columns = [], []
    for first in range(0, len(records), 3):
        part = records[first : first + 3]
        shards.append(folder / f"rows-{first:05d}.arrow")
        write_table(shards[-1], to_batch(part))
    now = [(edited or {}).get(number, record) for number, record in enumerate(records)]
    values = list(zip(*map(measure, now)))
    columns = {name: pa.array(list(column), kind) for column, (name, kind, _) in zip(values, BASICS)}
    columns["kind"] = pa.array([record.kind for record in now])
    n_rows = len(records)
    return StageInput(
        pa.table({name: pa.chunked_array([column]) for name, column in columns.items()}),
        np.ones(n_rows, bool),
        np.zeros(n_rows, bool),
        RowTexts(shards, edited or {}),
    )


def _found(rows: StageInput, **near: Any) -> dict[str, list[Any]]:
    wish = parse_recipe({"sources": ["a"], "duplicates": {"near": near}}, "a test").duplicates
    return find_duplicates(wish, rows).to_pydict()


def _shingles(text: str, ngram: int = 5) -> set[tuple[str, ...]]:
    tokens = tokens_of(text)
    if len(tokens) < ngram:
        return {tuple(tokens)} if tokens else set()
    return {tuple(tokens[i : i + ngram]) for i in range(len(tokens) - ngram + 1)}


def _jaccard(one: str, other: str) -> float:
    a, b = _shingles(one), _shingles(other)
    if not a and not b:
        return float(one == other)
    return len(a & b) / len(a | b)


LONG = "the quick brown fox jumps over the lazy dog and runs away into the dark green forest before night"
OTHER = "water boils at one hundred degrees at sea level and at less than that on top of a high mountain"


def test_two_questions_about_one_long_passage_are_no_duplicates(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [_sft(f"{LONG} {OTHER} {LONG} who?", "the fox"), _sft(f"{LONG} {OTHER} {LONG} who?", "it")])
    assert _found(rows, on="row")["partner"] == [-1, -1]
    assert _found(rows, on="row")["variant"] == [-1, 0]
    whole = _found(rows, on="whole")
    assert whole["partner"] == [-1, 0]
    assert whole["answer_similarity"][1] == 0.0


def test_the_longer_answer_stays_then_the_earlier_row(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [_sft(LONG, OTHER), _sft(LONG, OTHER + " indeed"), _sft(LONG + "!", OTHER + " indeed")])
    assert _found(rows)["partner"] == [1, -1, 1]
    assert _found(rows)["exact"] == [False, False, False]


def test_an_exact_duplicate_follows_its_survivor_to_the_row_that_stays(tmp_path: Path) -> None:
    short = _sft(LONG, OTHER)
    found = _found(_stage(tmp_path, [short, short, _sft(LONG, OTHER + " indeed")]))
    assert found["partner"] == [2, 2, -1]
    assert found["exact"] == [False, False, False]
    assert found["similarity"][0] == found["similarity"][1] == _jaccard(f"{LONG}\n{OTHER}", f"{LONG}\n{OTHER} indeed")


def test_where_near_duplicates_are_only_flagged_an_exact_one_keeps_its_partner(tmp_path: Path) -> None:
    short = _sft(LONG, OTHER)
    found = _found(_stage(tmp_path, [short, short, _sft(LONG, OTHER + " indeed")]), policy="flag")
    assert (found["partner"], found["exact"]) == ([2, 0, -1], [False, True, False])


def test_rows_that_a_person_keeps_all_stay(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [_sft(LONG, OTHER), _sft(LONG, OTHER + " indeed"), _sft(LONG, OTHER + " again")])
    kept = rows._replace(keep=np.array([True, False, True]))
    assert _found(kept)["partner"] == [-1, 0, -1]


def test_rows_without_a_token_are_compared_by_their_normal_form_only(tmp_path: Path) -> None:
    rows = _stage(tmp_path, [_sft("+", "-"), _sft("+", "!"), _sft("+", "-"), _sft("??", "-")])
    found = _found(rows)
    assert found["partner"] == [-1, -1, 0, -1]
    assert found["conflict"] == [1, 0, -1, -1]


def test_kinds_and_labels_are_never_mixed(tmp_path: Path) -> None:
    turns = _sft(LONG, OTHER).messages
    good, bad = Record("kto", turns, label=True), Record("kto", turns, label=False)
    found = _found(_stage(tmp_path, [good, bad, Record("sft", turns), Record("text", text=f"{LONG}\n{OTHER}"), good]))
    assert found["partner"] == [-1, -1, -1, -1, 0]
    assert found["conflict"] == [1, 0, -1, -1, -1]


def test_an_edited_row_is_compared_as_edited(tmp_path: Path) -> None:
    records = [_sft(LONG, OTHER), _sft("something else", "entirely"), _sft(LONG + " too", OTHER)]
    rows = _stage(tmp_path, records, {1: _sft(LONG + " too", OTHER), 2: _sft("no longer", "alike")})
    assert _found(rows)["partner"] == [-1, 0, -1]


def test_a_conflict_is_one_prompt_in_one_context_with_another_answer(tmp_path: Path) -> None:
    system = Message("system", "You are a pirate.")
    persona = Record("sft", (system, Message("user", "Who are you?"), Message("assistant", "Arr!")))
    rows = [
        _sft("Who are you?", "A model."),
        _sft("who  are you?", "A person."),
        persona,
        _sft("Who are we?", "A model"),
    ]
    assert _found(_stage(tmp_path, rows))["conflict"] == [1, 0, -1, -1]


def test_a_stock_answer_needs_four_prompts_and_some_length(tmp_path: Path) -> None:
    prompts = ["How tall?", "How wide?", "How deep?", "How far?"]
    rows = [_sft(prompt, OTHER) for prompt in prompts] + [_sft(prompt + " Now?", "yes") for prompt in prompts]
    found = _found(_stage(tmp_path, rows), on="prompt")["stock_answer"]
    assert found == [0, 0, 0, 0, -1, -1, -1, -1]
    assert set(_found(_stage(tmp_path, rows[:3]))["stock_answer"]) == {-1}


def test_a_skeleton_is_found_at_either_end_of_the_prompt(tmp_path: Path) -> None:
    things = ["a red kite", "one cup", "the old lamp by the door", "pens"]
    heads = [f"Write a short and honest little advertisement for {thing}" for thing in things]
    tails = [f"{thing}：请用三句话向一位完全不懂的人解释清楚" for thing in ("量子", "光合作用", "通货膨胀", "黑洞")]
    rows = [_sft(prompt, f"answer {i}") for i, prompt in enumerate([*heads, *tails, "Who?"])]
    assert _found(_stage(tmp_path, rows))["skeleton"] == [0, 0, 0, 0, 4, 4, 4, 4, -1]


def test_one_prompt_repeated_is_no_skeleton(tmp_path: Path) -> None:
    rows = [_sft("Write a short and honest little advertisement for pens and ink", f"answer {i}") for i in range(6)]
    assert set(_found(_stage(tmp_path, rows))["skeleton"]) == {-1}


WORDS = st.sampled_from(["a", "b", "cat", "猫", "が", "한", "10²", "102", "É", "é", "!", "ß", "ﬁ", "#"])
COMPARED = ("row", "whole", "prompt", "answer")
TEXTS = st.lists(WORDS, max_size=14).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), st.sampled_from(["row", "whole", "prompt", "answer"])
)
def test_every_drop_is_proved_and_no_partner_left(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], on: str
) -> None:
    records = [_sft(*row) for row in rows]
    found = _found(_stage(tmp_path_factory.mktemp("rows"), records), on=on)
    texts = {name: column.to_pylist() for name, column in compared_texts(to_batch(records))._asdict().items()}
    for number, partner in enumerate(found["partner"]):
        if partner < 0:
            continue
        assert found["partner"][partner] == -1
        if found["exact"][number]:
            assert found["similarity"][number] == 1.0
            continue
        compared = texts["whole" if on == "row" else on]
        assert found["similarity"][number] == _jaccard(compared[number], compared[partner]) >= 0.7
        answers = _jaccard(texts["answer"][number], texts["answer"][partner])
        assert found["answer_similarity"][number] == answers
        assert on != "row" or answers >= 0.7


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), st.integers(1, 5), st.integers(1, 2))
def test_pieces_and_threads_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], piece_rows: int, threads: int
) -> None:
    stage = _stage(tmp_path_factory.mktemp("rows"), [_sft(*row) for row in rows])
    other = stage._replace(texts=stage.texts._replace(piece_rows=piece_rows, threads=threads))
    assert str(_found(other)) == str(_found(stage))  # as text: NaN equals itself


@pytest.fixture(scope="module")
def all_rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> StageInput:
    """Every row of the shared data."""
    recipe = parse_recipe({"sources": [str(shared_data / name) for name in FILES]}, "a test")
    sources = open_sources(LoadedRecipe(recipe, Path()))
    rows, _ = ingest_all(sources, tmp_path_factory.mktemp("cache"), Progress(), Local())
    shards = [path for source in rows.ingested for path in source.shards]
    alive = rows.columns["invalid"].is_null().to_numpy()
    return StageInput(rows.columns, alive, np.zeros(len(alive), bool), RowTexts(shards, {}))


@pytest.mark.parametrize("on", ["row", "whole"])
def test_on_all_real_data_every_drop_is_proved(all_rows: StageInput, on: str) -> None:
    found = _found(all_rows, on=on)
    partner = np.array(found["partner"])
    texts = [all_rows.texts.texts(piece) for piece in all_rows.texts.pieces()]
    whole = pa.chunked_array([part.whole for part in texts])
    answer = pa.chunked_array([part.answer for part in texts])
    left = np.flatnonzero(partner >= 0)
    assert len(left) > 20_000
    assert (partner[partner[left]] == -1).all()
    near = left[~np.array(found["exact"])[left]]
    assert (np.array(found["similarity"])[near] >= 0.7).all()
    for number in near[:: max(1, len(near) // 400)].tolist():  # 400 of them again, by the slow definition
        one, other = (str(whole[i]) for i in (number, partner[number]))
        assert found["similarity"][number] == _jaccard(one, other) >= 0.7
        answers = _jaccard(str(answer[number]), str(answer[int(partner[number])]))
        assert found["answer_similarity"][number] == answers
        assert on == "whole" or answers >= 0.7


def test_on_all_real_data_threads_and_pieces_change_nothing(all_rows: StageInput) -> None:
    one = all_rows._replace(texts=all_rows.texts._replace(piece_rows=3001, threads=1))
    assert str(_found(one)) == str(_found(all_rows))


def test_on_all_real_data_like_prompts_share_a_side(all_rows: StageInput) -> None:
    recipe = parse_recipe({"sources": ["a"], "duplicates": {"exact": False, "near": "off"}}, "a test")
    sides = split_sides(recipe, all_rows, np.zeros(len(all_rows.alive), np.int32))
    groups, chosen = group_pairs(sides), sides["validation"].to_numpy()
    validating = set(map(bytes, groups[chosen]))
    assert chosen.sum() == 2000
    assert not validating & set(map(bytes, groups[all_rows.alive & ~chosen]))
