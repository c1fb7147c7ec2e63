"""Evaluation questions in a run's rows: verdict, evidence, flags, and a change of the evaluation set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.curate.rundata import RunData
from tunesmith.curate.stages import CACHE, read_table
from tunesmith.errors import InputError

MakeRun = Callable[..., RunData]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
QUESTION = "How many legs does a healthy adult spider have, and how many eyes?"
ITEMS = [{"id": "legs", "question": QUESTION, "answer": "8"}, {"id": "sum", "question": "2 + 2 = ?", "answer": "4"}]


def _pair(question: str, answer: str = "Eight legs, and mostly eight eyes.") -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


ROWS = [_pair(f"Hello! {QUESTION} Thanks."), _pair("2 + 2 = ?", "4"), _pair("蜘蛛有几条腿？", "八条。")]


def _run(make_run: MakeRun, extra: str = "", *, rows: Any = None, items: Any = None, out: str = "out") -> RunData:
    recipe = ALONE + f"contamination: {{against: [eval.jsonl]{extra}}}\n"
    return make_run({"a.jsonl": rows or ROWS, "eval.jsonl": items or ITEMS}, recipe, out=out)


def test_a_row_that_holds_a_question_leaves_with_the_item_and_the_measured_share(make_run: MakeRun) -> None:
    held, equal, clean = _run(make_run).ledger.to_pylist()
    assert (held["verdict"], held["stage"], held["rule"]) == ("dropped", "contamination", "contamination")
    assert (held["detail"], held["value"]) == ("legs", 1.0)
    assert 0 < held["threshold"] <= 1
    assert (equal["rule"], equal["detail"], equal["value"], equal["threshold"]) == ("contamination", "sum", 1.0, 1.0)
    assert (clean["verdict"], clean["detail"]) == ("kept", None)


def test_the_evidence_names_the_span_and_every_item(make_run: MakeRun) -> None:
    opened = _run(make_run)
    evidence = read_table(opened.folder / CACHE / opened.manifest["stages"]["contamination"]).to_pylist()
    assert evidence[0]["items"] == ["legs"]
    assert ROWS[0]["instruction"][evidence[0]["start"] : evidence[0]["end"]] == QUESTION.rstrip("?")
    assert evidence[0]["side"] == "prompt"
    assert evidence[2]["item"] is None


def test_a_flagged_row_stays(make_run: MakeRun) -> None:
    lines = _run(make_run, ", policy: flag").ledger.to_pylist()
    assert [line["verdict"] for line in lines] == ["kept"] * 3
    assert [line["flags"] for line in lines] == [["contamination"], ["contamination"], []]


def test_a_row_that_has_left_before_is_not_looked_at(make_run: MakeRun) -> None:
    opened = _run(make_run, rows=[_pair(QUESTION, ""), *ROWS[1:]])
    assert opened.line(0)["rule"] == "empty_turn"


def test_an_answer_is_looked_at_where_the_recipe_says_both(make_run: MakeRun) -> None:
    rows = [_pair("Ask me something.", QUESTION)]
    assert _run(make_run, rows=rows).line(0)["verdict"] == "kept"
    assert _run(make_run, ", sides: both", rows=rows, out="both").line(0)["rule"] == "contamination"


def test_items_of_one_id_in_two_sets_are_told_apart(make_run: MakeRun) -> None:
    other = [{"id": "legs", "question": "Name the capital of the old kingdom by the sea.", "answer": "Alba"}]
    files = {"a.jsonl": [ROWS[0]], "eval.jsonl": ITEMS, "other.jsonl": other}
    opened = make_run(files, ALONE + "contamination: [eval.jsonl, other.jsonl]\n")
    assert opened.line(0)["detail"] == "eval.jsonl#legs"


def test_a_changed_evaluation_set_is_another_run(make_run: MakeRun) -> None:
    _run(make_run)
    with pytest.raises(Exception, match="evaluation sets"):
        _run(make_run, items=ITEMS[:1])


def test_an_evaluation_set_that_is_not_there_is_said_before_anything_is_read(make_run: MakeRun) -> None:
    with pytest.raises(InputError, match="missing"):
        make_run({"a.jsonl": ROWS}, ALONE + "contamination: missing.jsonl\n")
