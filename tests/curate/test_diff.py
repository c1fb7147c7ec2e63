"""Two runs compared: what is in both sets, what in one, and the other run's own reason for each change."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.decisions import append_decision
from tunesmith.curate.diff import Diff, Group, as_json, as_text, diff_runs
from tunesmith.curate.diff_inputs import Changed, FileChange
from tunesmith.curate.rundata import RunData

MakeRun = Callable[..., RunData]
SOURCES = "sources: [a.jsonl]\nsplit: {validation: off}\n"


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


ROWS = [_pair(f"Question {i}?", "Yes." + "!" * i) for i in range(8)]


@pytest.fixture
def both(make_run: MakeRun) -> Callable[..., Diff]:
    """`both(rows, recipe, rows, recipe)`: the difference of the two runs."""

    def compare(rows_a: Sequence[Any], recipe_a: str, rows_b: Sequence[Any], recipe_b: str) -> Diff:
        first = make_run({"a.jsonl": rows_a}, recipe_a, out="v1")
        return diff_runs(first, make_run({"a.jsonl": rows_b}, recipe_b, out="v2"))

    return compare


def _reasons(groups: Sequence[Group]) -> dict[str, int]:
    return {group.reason: group.rows for group in groups}


def test_equal_runs_have_no_difference(both: Callable[..., Diff]) -> None:
    found = both(ROWS, SOURCES, ROWS, SOURCES)
    assert found.counts["in_both"] == found.counts["kept_in_a"] == found.counts["kept_in_b"] == 8
    assert found.only_in_a == found.only_in_b == found.recipe == found.files == found.versions == ()
    assert "the two sets are the same, row for row" in as_text(found)


def test_a_rule_that_drops_more_is_named_with_value_and_threshold(both: Callable[..., Diff]) -> None:
    found = both(ROWS, SOURCES, ROWS, SOURCES + "rules: {answer_too_short: {min_characters: 6}}\n")
    (group,) = found.only_in_a
    assert (group.reason, group.rows) == ("dropped by answer_too_short", 2)
    assert [(one.row_id, one.value, one.threshold) for one in group.examples] == [("a:1", 4, 6), ("a:2", 5, 6)]
    assert found.counts == {
        "kept_in_a": 8,
        "kept_in_b": 6,
        "in_both": 6,
        "only_in_a": 2,
        "only_in_b": 0,
        "moved": 0,
        "copies_changed": 0,
        "edited_differently": 0,
    }
    assert Changed("rules.answer_too_short.min_characters.en", 1.0, 6.0) in found.recipe


def test_seen_the_other_way_round_it_is_the_same_story(both: Callable[..., Diff]) -> None:
    found = both(ROWS, SOURCES + "rules: {answer_too_short: {min_characters: 6}}\n", ROWS, SOURCES)
    assert _reasons(found.only_in_b) == {"dropped by answer_too_short": 2}
    assert found.only_in_a == ()


def test_rows_that_came_and_went_with_their_file_are_not_in_the_input(both: Callable[..., Diff]) -> None:
    found = both(ROWS, SOURCES, [*ROWS[2:], _pair("New?", "Yes.")], SOURCES)
    assert _reasons(found.only_in_a) == {"not in the input: its file has changed or is not read": 2}
    assert _reasons(found.only_in_b) == {"not in the input: its file has changed or is not read": 1}
    assert found.files == (FileChange("changed", "a", "a.jsonl"),)
    assert found.counts["in_both"] == 6


def test_rows_with_the_same_content_are_matched_one_to_one(both: Callable[..., Diff]) -> None:
    off = SOURCES + "duplicates: {exact: false, near: off}\n"
    found = both([ROWS[0], ROWS[0], ROWS[0], ROWS[1]], off, [ROWS[0], ROWS[1], ROWS[0]], SOURCES)
    assert (found.counts["in_both"], found.counts["only_in_a"]) == (2, 2)
    reasons = _reasons(found.only_in_a)
    assert reasons["dropped by exact_duplicate"] == 1
    assert found.only_in_a[0].examples[0].partner or found.only_in_a[1].examples[0].partner


PASSAGE = " ".join(f"word{i}" for i in range(60))
STORIES = [
    _pair("Tell me the story again.", f"{PASSAGE} and that was the end."),
    _pair("Tell me the story again, please.", f"{PASSAGE} and that was all."),
]


def test_a_near_duplicate_is_told_with_partner_similarities_and_the_changed_threshold(
    both: Callable[..., Diff],
) -> None:
    found = both(STORIES, SOURCES + "duplicates: {near: {threshold: 0.9}}\n", STORIES, SOURCES)
    (group,) = found.only_in_a
    (example,) = group.examples
    assert (group.reason, group.rows) == ("dropped by near_duplicate: duplicates are judged otherwise", 1)
    assert (example.row_id, example.partner, example.threshold) == ("a:2", "a:1", 0.7)
    assert (example.similarity, example.answer_similarity) == (pytest.approx(60 / 72), pytest.approx(59 / 62))
    assert found.recipe == (Changed("duplicates.near.threshold", 0.9, 0.7),)
    text = " ".join(as_text(found).split())
    assert "a:2 nearly repeats a:1 (similarity 0.833, 0.951 of the answer; threshold 0.7)" in text


def test_a_near_duplicate_of_a_row_that_is_new_says_so(both: Callable[..., Diff]) -> None:
    found = both(STORIES[1:], SOURCES, STORIES, SOURCES)
    assert _reasons(found.only_in_a) == {"dropped by near_duplicate: it repeats a row that only the other set has": 1}


def test_near_duplicates_that_were_switched_off_come_back(both: Callable[..., Diff]) -> None:
    found = both(STORIES, SOURCES, STORIES, SOURCES + "duplicates: {near: off}\n")
    assert _reasons(found.only_in_b) == {"dropped by near_duplicate: duplicates are judged otherwise": 1}
    assert found.recipe[0].key == "duplicates.near"


def test_a_row_that_is_flagged_is_not_told_as_a_duplicate(make_run: MakeRun) -> None:
    split = "sources: [a.jsonl]\nsplit: {validation: 2}\nduplicates: {near: {policy: flag}}\n"
    rows = [*STORIES, *ROWS]
    found = diff_runs(
        make_run({"a.jsonl": rows}, split + "seed: 1\n", out="v1"),
        make_run(
            {"a.jsonl": rows},
            "sources: [a.jsonl]\nsplit: {validation: off}\n" + "duplicates: {near: {policy: flag}}\n",
            out="v2",
        ),
    )
    assert found.counts["moved"] == 2
    assert {example.partner for group in found.moved for example in group.examples} == {None}


def test_it_does_not_matter_which_of_equal_rows_was_kept(make_run: MakeRun) -> None:
    first = make_run(
        {"a.jsonl": ROWS, "b.jsonl": ROWS}, "sources: [a.jsonl, b.jsonl]\nsplit: {validation: off}\n", out="v1"
    )
    second = make_run({"b.jsonl": ROWS}, "sources: [b.jsonl, a.jsonl]\nsplit: {validation: off}\n", out="v2")
    found = diff_runs(first, second)
    assert (found.counts["in_both"], found.counts["only_in_a"], found.counts["only_in_b"]) == (8, 0, 0)


def test_a_file_read_otherwise_is_told_from_one_that_changed(both: Callable[..., Diff]) -> None:
    rows = [{"instruction": "Why?", "output": "So.", "system": "Be short.", "x": i} for i in range(3)]
    named = "sources: [{path: a.jsonl, columns: {prompt: instruction, answer: output}}]\nsplit: {validation: off}\n"
    off = "duplicates: {exact: false, near: off}\n"
    found = both(rows, SOURCES + off, rows, named + off)
    assert _reasons(found.only_in_a) == {"the same row was read as other content": 3}


def test_a_row_that_only_one_run_could_read_is_invalid_in_the_other(both: Callable[..., Diff]) -> None:
    rows = [*ROWS, {"messages": [{"role": "user", "content": "a?"}, {"role": "assistant", "content": "b"}]}]
    found = both(rows, SOURCES, rows, "sources: [{path: a.jsonl, format: alpaca}]\nsplit: {validation: off}\n")
    (group,) = found.only_in_a
    assert group.reason.startswith("invalid: ")
    assert group.examples[0].detail


def test_the_mix_and_its_copies_are_told(make_run: MakeRun) -> None:
    general = [_pair(f"General {i}?", "Yes.") for i in range(6)]
    sources = "sources: [a.jsonl, {path: g.jsonl, group: general}]\nsplit: {validation: off}\n"
    files = {"a.jsonl": ROWS, "g.jsonl": general}
    all_once = make_run(files, sources, out="v1")
    short = diff_runs(all_once, make_run(files, sources + "mix: {domain: 2, general: 1}\n", out="v2"))
    assert _reasons(short.only_in_a) == {"not needed by the mix": 2}
    long = diff_runs(all_once, make_run(files, sources + "mix: {domain: 2, general: 3, short: repeat}\n", out="v3"))
    assert _reasons(long.copies) == {"1 → 2 copies": 6}
    capped = diff_runs(all_once, make_run(files, sources + "mix: {domain: 1, general: 1, caps: {a: 5}}\n", out="v4"))
    assert _reasons(capped.only_in_a)["over the cap"] == 3


def test_rows_that_changed_sides_are_told_with_the_reason(both: Callable[..., Diff]) -> None:
    split = "sources: [a.jsonl]\nsplit: {validation: 3}\n"
    found = both(ROWS, split + "seed: 1\n", ROWS, split + "seed: 2\n")
    moved = _reasons(found.moved)
    assert moved["train → validation"] == moved["validation → train"] > 0
    assert found.counts["moved"] == sum(moved.values())
    assert "seed or split of the recipe changed" in as_text(found)


def test_edits_and_decisions_are_told(make_run: MakeRun, tmp_path: Path) -> None:
    rows = [_pair("Who?", "I am {{name}}."), *ROWS]
    fill = "sources: [{path: a.jsonl, fill: {name: %s}}]\nsplit: {validation: off}\n"
    first = make_run({"a.jsonl": rows}, fill % "Ann", out="v1")
    second = make_run({"a.jsonl": rows}, fill % "Bo", out="v2")
    assert _reasons(diff_runs(first, second).edited) == {"filled → filled": 1}
    contents = first.ledger["content_id"].to_pylist()
    append_decision(tmp_path / "d.jsonl", {"content_id": contents[1], "action": "edit", "row": _pair("Why?", "So.")})
    append_decision(tmp_path / "d.jsonl", {"content_id": contents[2], "action": "drop"})
    found = diff_runs(second, make_run({"a.jsonl": rows}, fill % "Bo" + "decisions: [d.jsonl]\n", out="v3"))
    assert _reasons(found.edited) == {"as it came → edited by a person": 1}
    assert _reasons(found.only_in_a) == {"dropped by a person's decision": 1}
    assert FileChange("added", "decisions", "d.jsonl") in found.files


def test_at_most_three_examples_stand_under_a_reason_and_the_most_frequent_is_first(both: Callable[..., Diff]) -> None:
    rows = [*ROWS, *(_pair(f"{{{{x}}}} {i}", "Yes.") for i in range(2))]
    lenient = SOURCES + "rules: {placeholder: off}\n"
    found = both(rows, lenient, rows, SOURCES + "rules: {answer_too_long: {max_characters: 6}}\n")
    assert [(group.reason, group.rows, len(group.examples)) for group in found.only_in_a] == [
        ("dropped by answer_too_long", 5, 3),
        ("dropped by placeholder", 2, 2),
    ]


def test_sources_that_came_and_went_are_told_by_name(make_run: MakeRun) -> None:
    first = make_run(
        {"a.jsonl": ROWS[:4], "b.jsonl": ROWS[4:]}, "sources: [a.jsonl, b.jsonl]\nsplit: {validation: off}\n", out="v1"
    )
    second = make_run(
        {"c.jsonl": ROWS[4:]},
        "sources: [a.jsonl, {path: c.jsonl, group: general}]\nsplit: {validation: off}\n",
        out="v2",
    )
    found = diff_runs(first, second)
    assert found.files == (FileChange("removed", "b", "b.jsonl"), FileChange("added", "c", "c.jsonl"))
    assert {change.key for change in found.recipe} == {"sources.b", "sources.c"}
    assert found.counts["in_both"] == 8


def test_the_difference_is_plain_data_and_a_page_without_colours(both: Callable[..., Diff]) -> None:
    found = both(ROWS, SOURCES, ROWS[1:], SOURCES + "rules: {answer_too_short: {min_characters: {en: 6}}}\n")
    assert json.loads(json.dumps(as_json(found)))["counts"] == found.counts
    text = as_text(found)
    assert "\x1b" not in text
    assert "rules.answer_too_short.min_characters: en 1 → 6, other 1 → 6" in text
    assert "\x1b[" in as_text(found, color=True)
    assert all(len(line) <= 70 for line in as_text(found, width=70).split("\n")[1:] if "/" not in line)
