"""A finished run, opened: rows by id and by content, as they came and as they are, and where they stood."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.decisions import append_decision
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.records import Message, Record, content_id
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError

MakeRun = Callable[..., RunData]
PAIRS = [{"instruction": f"Question {i}?", "input": "", "output": f"Answer {i}."} for i in range(8)]
CHAT = {"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]}


def _sft(question: str, answer: str) -> Record:
    return Record("sft", (Message("user", question), Message("assistant", answer)))


def _texts(record: Record) -> list[str | None]:
    return [message.content for message in record.turns]


def test_a_row_is_found_by_its_id_and_read(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": PAIRS[:3], "b.jsonl": ["{broken", *PAIRS[3:]]}, "sources: [a.jsonl, b.jsonl]")
    number = opened.number_of("b:2")
    assert _texts(opened.record(number)) == ["Question 3?", "Answer 3."]
    assert json.loads(opened.raw(number)) == PAIRS[3]
    assert opened.raw(opened.number_of("b:1")) == b"{broken"
    assert opened.line(number)["row_id"] == "b:2"


def test_rows_are_found_by_their_content_or_its_first_six_digits(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [*PAIRS, PAIRS[2]]}, "sources: [a.jsonl]")
    content = opened.line(2)["content_id"]
    assert opened.numbers_with(content) == opened.numbers_with(content[:6]) == (2, 8)
    assert opened.numbers_with(content.upper()) == (2, 8)
    assert opened.find("a:3") == (2,)
    assert opened.find(content[:12]) == (2, 8)


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("a:99", "source a has a:1 to a:9; nearest: a:8, a:9"),
        ("a:5", "nearest: a:4, a:6"),  # a blank line
        ("a:x", "the part after the colon is the row's number"),
        ("aa:3", "no source 'aa'; did you mean a:3?"),
        ("zebra:3", "its sources are a"),
        ("abc", "'abc' is neither a row id nor a content id; give a row id such as a:1"),
        ("zzzzzzzz", "neither a row id nor a content id"),
        ("0123456789", "no row of this run has the content id 0123456789"),
    ],
)
def test_a_row_that_is_not_there_is_told_with_what_is(make_run: MakeRun, which: str, message: str) -> None:
    opened = make_run({"a.jsonl": [*PAIRS[:4], "", *PAIRS[4:]]}, "sources: [a.jsonl]")
    with pytest.raises(InputError) as caught:
        opened.find(which)
    assert message in str(caught.value)


def test_two_contents_with_one_beginning_are_told_apart(make_run: MakeRun) -> None:
    texts = _alike()
    opened = make_run({"a.jsonl": [{"text": text} for text in texts]}, "sources: [a.jsonl]")
    first, second = sorted(opened.ledger["content_id"].to_pylist())
    with pytest.raises(InputError, match=f"2 contents begin with {first[:6]}: {first}, {second}; give more digits"):
        opened.numbers_with(first[:6])
    assert len(opened.numbers_with(first[:12])) == 1


def _alike() -> tuple[str, str]:
    """Two texts whose content ids begin with the same six digits."""
    seen: dict[str, str] = {}
    for number in count():
        text = f"text {number}"
        start = content_id(Record("text", text=text))[:6]
        if start in seen:
            return seen[start], text
        seen[start] = text
    raise AssertionError


def test_the_place_is_the_file_and_the_line_in_it(make_run: MakeRun) -> None:
    files = {"shards/a.jsonl": PAIRS[:3], "shards/b.jsonl": ["", *PAIRS[3:5]], "shards/c.jsonl": PAIRS[5:]}
    opened = make_run(files, "sources: [shards]")
    assert [str(opened.place(number)) for number in range(8)] == [
        "a.jsonl, line 1",
        "a.jsonl, line 2",
        "a.jsonl, line 3",
        "b.jsonl, line 2",
        "b.jsonl, line 3",
        "c.jsonl, line 1",
        "c.jsonl, line 2",
        "c.jsonl, line 3",
    ]


def test_an_element_of_an_array_is_called_so(make_run: MakeRun, tmp_path: Path) -> None:
    opened = make_run({"a.json": [json.dumps(PAIRS)]}, "sources: [a.json]")
    assert str(opened.place(6)) == "a.json, element 7"


def test_places_are_the_same_in_a_run_whose_rows_were_read_before(make_run: MakeRun, tmp_path: Path) -> None:
    opened = make_run({"shards/a.jsonl": PAIRS[:3], "shards/b.jsonl": PAIRS[3:]}, "sources: [shards]")
    first = (opened.folder / "manifest.json").read_bytes()
    (opened.folder / "manifest.json").unlink()  # killed just before the end
    again = run(load_recipe(tmp_path / "recipe.yaml"), opened.folder)
    assert (again.out / "manifest.json").read_bytes() == first


def _decided(make_run: MakeRun, tmp_path: Path, *decisions: dict[str, Any]) -> RunData:
    files = {"a.jsonl": [{"instruction": "Who?", "output": "I am {{name}}."}, *PAIRS]}
    recipe = "sources: [{path: a.jsonl, fill: {name: Ann}}]\n"
    first = make_run(files, recipe, out="first")
    for decision in decisions:
        content = first.line(first.number_of(decision.pop("row_id")))["content_id"]
        append_decision(tmp_path / "decisions.jsonl", {"content_id": content, **decision})
    return make_run(files, recipe + "decisions: [decisions.jsonl]\n")


def test_an_edited_row_reads_as_its_edit_and_its_original_stays(make_run: MakeRun, tmp_path: Path) -> None:
    opened = _decided(make_run, tmp_path, {"row_id": "a:1", "action": "edit", "row": CHAT, "by": "Li"})
    assert opened.record(0) == _sft("Why?", "So.")
    assert _texts(opened.original(0)) == ["Who?", "I am Ann."]
    converted = opened.as_converted(0)
    assert converted is not None
    assert _texts(converted) == ["Who?", "I am {{name}}."]
    decision = opened.decision(0)
    assert decision is not None
    assert (decision.action, decision.by) == ("edit", "Li")
    assert opened.decision(1) is None


def test_an_edited_row_shares_a_side_with_the_rows_of_its_new_prompt(make_run: MakeRun, tmp_path: Path) -> None:
    row = {"instruction": "Question 3?", "output": "Another answer."}
    opened = _decided(make_run, tmp_path, {"row_id": "a:1", "action": "edit", "row": row})
    keys = [key.tobytes() for key in opened.prompt_groups]
    assert keys[0] == keys[4]
    assert len(set(keys)) == 8
    assert opened.line(0)["split"] == opened.line(4)["split"]


def test_decisions_are_kept_with_the_run_and_two_runs_still_agree(make_run: MakeRun, tmp_path: Path) -> None:
    opened = _decided(make_run, tmp_path, {"row_id": "a:2", "action": "keep", "reason": "right"})
    again = run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "again")
    for name in ("manifest.json", f".stages/{opened.manifest['applied']}"):
        assert (again.out / name).read_bytes() == (opened.folder / name).read_bytes()


def test_columns_that_were_mapped_are_read_again_before_the_fill(make_run: MakeRun) -> None:
    opened = make_run(
        {"a.jsonl": [{"ask": "Who?", "reply": "I am {{name}}."}]},
        "sources: [{path: a.jsonl, columns: {prompt: ask, answer: reply}, fill: {name: Ann}}]",
    )
    before = opened.as_converted(0)
    assert before is not None
    assert _texts(before)[-1] == "I am {{name}}."


def test_rows_that_left_as_duplicates_are_listed_under_their_partner(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [*PAIRS, PAIRS[0], PAIRS[0]]}, "sources: [a.jsonl]")
    assert opened.named_as_partner == {"a:1": ["a:9", "a:10"]}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "expected the folder of a run, found nothing"),
        (lambda folder: folder.write_text("x"), "saw a file"),
        (lambda folder: folder.mkdir(), "it has no manifest.json; name the folder given to"),
        (lambda folder: (folder / ".stages").mkdir(parents=True), "was not finished; run its recipe again"),
    ],
)
def test_what_is_no_finished_run_is_said(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    make(tmp_path / "out")
    with pytest.raises(InputError) as caught:
        open_run(tmp_path / "out")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["manifest.json", "ledger.parquet", "signals.parquet"])
def test_a_damaged_run_is_said(make_run: MakeRun, name: str) -> None:
    opened = make_run({"a.jsonl": PAIRS}, "sources: [a.jsonl]")
    (opened.folder / name).write_text("{}")
    with pytest.raises(InputError, match="the files of this run cannot be read"):
        open_run(opened.folder)


def test_a_run_whose_rows_are_gone_says_so_and_running_again_brings_them_back(
    make_run: MakeRun, tmp_path: Path
) -> None:
    opened = make_run({"a.jsonl": PAIRS}, "sources: [a.jsonl]")
    for folder in (opened.folder / ".stages").glob("ingest-*"):
        shutil.rmtree(folder)
    with pytest.raises(InputError, match="the rows of this run are gone"):
        open_run(opened.folder).record(0)
    again = run(load_recipe(tmp_path / "recipe.yaml"), opened.folder)
    assert not again.continued
    assert _texts(open_run(opened.folder).record(0)) == ["Question 0?", "Answer 0."]
