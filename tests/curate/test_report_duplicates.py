"""The report's section on duplicates: what a run found, as data and on the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.curate.flags import flag_lists
from tunesmith.curate.ingest import Plan, ingest
from tunesmith.curate.io import open_input
from tunesmith.curate.ledger import DROPPED, Verdicts, ledger_table
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import Duplicates
from tunesmith.curate.report_duplicates import duplicates_view
from tunesmith.curate.shards import read_columns
from tunesmith.curate.stage_duplicates import EVIDENCE, apply_duplicates, duplicate_flags
from tunesmith.curate.store import RowStore
from tunesmith.curate.summary import Evidence
from tunesmith.curate.summary_duplicates import summarise_duplicates
from tunesmith.curate.summary_templates import find_slot

LIST = [f"word{number}" for number in range(12)]
#: prompt, answer; and of the evidence what is not -1, NaN or False.
ROWS: list[tuple[str, str, dict[str, Any]]] = [
    ("Which dose?", " ".join(LIST), {}),
    ("which dose?", " ".join(LIST), {"partner": 0, "exact": True, "similarity": 1.0, "answer_similarity": 1.0}),
    ("Which dose?", " ".join([*LIST, "13"]), {"partner": 0, "similarity": 0.9, "answer_similarity": 0.7}),
    ("Which dose!", " ".join([*LIST, "14"]), {"partner": 0, "similarity": 0.9, "answer_similarity": 0.9}),
    ("多大剂量？", "每天服用250毫克。", {}),
    ("多大剂量呢？", "每天服用500毫克。", {"partner": 4, "similarity": 0.8, "answer_similarity": 0.8}),
    ("Highest lake?", "Titicaca", {"conflict": 7}),
    ("Highest lake?", "Baikal", {"conflict": 6, "variant": 6, "variant_similarity": 0.8}),
    *((f"Describe a {thing} please", "See a doctor.", {"stock_answer": 8, "skeleton": 8}) for thing in LIST[:4]),
]


def _evidence() -> pa.Table:
    columns: dict[str, Any] = {}
    for name, kind, _ in EVIDENCE:
        missing = {pa.int64(): -1, pa.bool_(): False, pa.float64(): np.nan}[kind]
        columns[name] = pa.array([known.get(name, missing) for *_, known in ROWS], kind)
    return pa.table(columns)


def _run(folder: Path, wish: Duplicates, evidence: pa.Table) -> Evidence:
    rows = [{"instruction": prompt, "output": answer} for prompt, answer, _ in ROWS]
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = ingest(Plan("a", open_input(folder / "a.jsonl"), None), folder / "shards", Progress())
    columns = read_columns(found.shards)
    sources = ["b" if number in (3, 5) else "a" for number in range(len(rows))]
    columns = columns.append_column("source", pa.array(sources)).append_column("group", pa.array(["d"] * len(rows)))
    verdicts = Verdicts(len(rows))
    apply_duplicates(wish, evidence, verdicts)
    nothing: list[list[Any]] = [[]] * len(rows)
    flags = flag_lists(duplicate_flags(evidence, verdicts.verdict != DROPPED))
    ids = [f"{source}:{number + 1}" for number, source in enumerate(sources)]
    ledger = ledger_table(verdicts, row_ids=ids, columns=columns, failed=nothing, flags=flags, edits=nothing)
    return Evidence(ledger, columns, RowStore(found.shards, columns, {}), {}, seed=0)


def _told(folder: Path, evidence: pa.Table | None = None, **wish: Any) -> dict[str, Any]:
    evidence = _evidence() if evidence is None else evidence
    told = summarise_duplicates(_run(folder, Duplicates(**wish), evidence), evidence, Duplicates(**wish))
    assert told is not None
    return told


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    return _told(tmp_path)


def _finding(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["findings"] if one["finding"] == name)
    return found


def test_every_row_that_repeats_another_stands_in_one_group(told: dict[str, Any]) -> None:
    assert told["rows"] == {"exact": 1, "near": 3, "dropped": 4}
    assert told["groups"] == 2
    assert told["sizes"] == [
        {"least": 2, "most": 2, "groups": 1, "rows": 2, "dropped": 1},
        {"least": 4, "most": 5, "groups": 1, "rows": 4, "dropped": 3},
    ]
    assert sum(line["rows"] for line in told["sizes"]) == told["rows"]["dropped"] + told["groups"]


def test_flagged_rows_are_in_groups_and_stay(tmp_path: Path) -> None:
    near = {"near": {"policy": "flag"}}
    chain = _evidence().to_pydict()
    chain["partner"][4], chain["similarity"][4] = 0, 0.7  # 5 repeats 4, which is only flagged
    chain["exact"][5] = True
    told = _told(tmp_path, pa.table(chain), **near)
    assert told["rows"] == {"exact": 2, "near": 3, "dropped": 2}
    assert told["sizes"] == [{"least": 6, "most": 10, "groups": 1, "rows": 6, "dropped": 2}]


def test_the_largest_group_comes_first_with_its_similarities_and_sources(told: dict[str, Any]) -> None:
    first, second = told["largest"]
    assert (first["row_id"], first["rows"], first["similarity"]) == ("a:1", 4, [0.9, 1.0])
    assert (first["text"], first["sources"]) == ("Which dose?", ["a", "b"])
    assert (second["row_id"], second["rows"], second["similarity"]) == ("a:5", 2, [0.8, 0.8])


def test_the_pairs_are_near_the_threshold_and_the_most_similar(told: dict[str, Any]) -> None:
    pairs = {pair["why"]: pair for pair in told["pairs"]}
    assert [*pairs] == ["threshold", "closest"]  # a third would show one of these groups again
    assert (pairs["threshold"]["row_id"], pairs["threshold"]["partner"]) == ("a:3", "a:1")
    assert (pairs["threshold"]["similarity"], pairs["threshold"]["answer_similarity"]) == (0.9, 0.7)
    assert pairs["closest"]["row_id"] == "b:6"
    assert pairs["closest"]["parts"][1] == {"part": "answer", "one": ROWS[5][1], "other": ROWS[4][1]}


def test_what_is_flagged_is_counted_and_shown(told: dict[str, Any]) -> None:
    assert [one["finding"] for one in told["findings"]] == ["variant", "conflict", "stock_answer", "skeleton"]
    conflict = _finding(told, "conflict")
    assert (conflict["rows"], len(conflict["examples"])) == (2, 1)  # each names the other: one pair
    assert [part["one"] for part in conflict["examples"][0]["parts"]] == ["Highest lake?", "Baikal"]
    (stock,) = _finding(told, "stock_answer")["examples"]
    assert (stock["rows"], stock["text"], len(stock["others"])) == (4, "See a doctor.", 4)
    (skeleton,) = _finding(told, "skeleton")["examples"]
    assert (skeleton["head"], skeleton["tail"], sorted(skeleton["others"])) == ("Describe a ", " please", LIST[:4])


def test_a_stage_that_is_off_tells_nothing(tmp_path: Path) -> None:
    evidence = _evidence()
    wish = Duplicates(exact=False, near=None)
    assert summarise_duplicates(_run(tmp_path, wish, evidence), evidence, wish) is None
    assert duplicates_view(None, "en") is None


def test_a_long_text_is_cut_to_where_it_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "same " * 5_000
    monkeypatch.setitem(globals(), "ROWS", [(long + "old", "x", {}), (long + "new", "x", {**ROWS[2][2]})])
    (pair,) = _told(tmp_path)["pairs"]
    assert len(pair["parts"][0]["one"]) < 1_000
    assert pair["parts"][0]["one"].endswith("same new")


@pytest.mark.parametrize(
    ("prompts", "found"),
    [
        (["Tell me about A now", "Tell me about B now"], ("Tell me about ", " now", ["A", "B"])),
        (["tell me about A", "Tell me about B or C"], ("tell me about ", "", ["A", "B or C"])),
        (["写一句关于猫的诗", "写一句关于狗的诗"], ("写一句关于", "的诗", ["猫", "狗"])),
        (["a a", "a a a"], ("a a", "", ["", "a"])),
        (["same"], ("same", "", [""])),
    ],
)
def test_a_slot_is_what_the_prompts_do_not_share(prompts: Sequence[str], found: tuple[Any, ...]) -> None:
    assert find_slot(prompts) == found


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({}, "the whole conversation, and the answer by itself, in runs of 5 words"),
        ({"near": {"on": "prompt", "ngram": 1, "threshold": 0.85}}, "the prompt, in runs of 1 word"),
        ({"near": {"threshold": 0.85}}, "reaches 0.85"),
        ({"near": {"policy": "flag"}}, "Flagged as near-duplicates and kept: 3 rows"),
    ],
)
def test_the_settings_are_said(tmp_path: Path, wish: dict[str, Any], said: str) -> None:
    view = duplicates_view(_told(tmp_path, **wish), "en")
    assert view is not None
    assert said in " ".join(view["sentences"])


def test_a_run_without_near_duplicates_says_that_it_did_not_look_for_them(tmp_path: Path) -> None:
    found = _evidence().to_pydict()
    found["partner"] = [0 if exact else -1 for exact in found["exact"]]
    view = duplicates_view(_told(tmp_path, pa.table(found), near=None), "en")
    assert view is not None
    assert "Near-duplicates were not looked for." in view["sentences"][0]
    assert view["sentences"][1:] == ["Dropped as exact duplicates: 1 row."]


def test_where_nothing_repeats_the_page_says_so(tmp_path: Path) -> None:
    evidence = _evidence().to_pydict()
    evidence["partner"] = [-1] * len(ROWS)
    view = duplicates_view(_told(tmp_path, pa.table(evidence)), "zh")
    assert view is not None
    assert view["sentences"][-1] == "没有发现重复：没有一行与另一行重复。"
    assert (view["sizes"], view["largest"], view["pairs"]) == ([], [], [])
