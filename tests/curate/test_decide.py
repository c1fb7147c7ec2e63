"""`curate decide`: which file it writes to, what an edit becomes, and what cannot be decided."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.decide import as_json, as_text, decide, edited, written
from tunesmith.curate.decisions import read_decisions
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.records import Message, Record, content_id
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError

MakeRun = Callable[..., RunData]
CALL = [{"id": "c", "type": "function", "function": {"name": "dose", "arguments": '{"kg": 20}'}}]
ASKED, ANSWERED = Message("user", "Why?"), Message("assistant", "So.")


def _pair(question: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer, **more}


ROWS = [_pair("Who are you?", "I am {{name}}.", id=7), _pair("Why?", "So."), _pair("When?", "Now."), '{"broken']
RECIPE = "sources: [a.jsonl]\n"


@pytest.fixture
def opened(make_run: MakeRun) -> RunData:
    return make_run({"a.jsonl": ROWS}, RECIPE)


def _line(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8").split("\n")[-2])
    return found


def test_a_decision_is_written_beside_the_recipe_and_the_line_to_add_is_said(opened: RunData, tmp_path: Path) -> None:
    decided = decide(opened, "a:1", "keep", reason="a template on purpose", by="Li")
    assert decided.file.resolve() == tmp_path / "decisions.jsonl"
    assert _line(decided.file) == {
        "content_id": opened.line(0)["content_id"],
        "action": "keep",
        "reason": "a template on purpose",
        "by": "Li",
    }
    assert (decided.row_ids, decided.in_recipe) == (("a:1",), False)
    assert decided.add_line == "decisions: [decisions.jsonl]"
    assert "add this line to it:\n  decisions: [decisions.jsonl]" in as_text(decided)
    assert json.loads(json.dumps(as_json(decided)))["decision"]["action"] == "keep"


def test_the_decision_takes_effect_in_the_next_run(opened: RunData, tmp_path: Path) -> None:
    assert opened.line(0)["rule"] == "placeholder"
    decided = decide(opened, "a:1", "keep")
    assert decided.add_line is not None
    (tmp_path / "recipe.yaml").write_text(f"{RECIPE}{decided.add_line}\n")
    again = open_run(run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "again").out)
    assert again.line(0)["verdict"] == "kept"
    assert again.line(0)["flags"] == ["kept by decision"]


def test_a_file_that_the_recipe_names_is_used(make_run: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "ours.jsonl").write_text("")
    opened = make_run({"a.jsonl": ROWS}, RECIPE + "decisions: [ours.jsonl]\n")
    decided = decide(opened, "a:2", "drop")
    assert decided.file.resolve() == tmp_path / "ours.jsonl"
    assert (decided.in_recipe, decided.add_line) == (True, None)
    assert "add this line" not in as_text(decided)
    other = decide(opened, "a:2", "keep", file=tmp_path / "x.jsonl")
    assert other.add_line == "decisions: [ours.jsonl, x.jsonl]"


def test_without_the_recipe_the_working_folder_is_used(
    opened: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(opened.folder, moved / "run")
    (moved / "run" / "run.log.json").unlink()
    monkeypatch.chdir(moved)
    decided = decide(open_run(Path("run")), "a:2", "drop")
    assert decided.file == Path("decisions.jsonl")
    assert (moved / "decisions.jsonl").exists()


def test_a_row_is_named_by_its_content_or_the_beginning_of_it(opened: RunData) -> None:
    content = opened.line(1)["content_id"]
    assert decide(opened, content[:8], "drop").decision["content_id"] == content
    with pytest.raises(InputError, match="neither a row id nor a content id"):
        decide(opened, content[:5], "drop")


def test_all_rows_with_the_content_are_told(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [ROWS[1], ROWS[2], ROWS[1]]}, RECIPE)
    decided = decide(opened, "a:3", "keep")
    assert decided.row_ids == ("a:1", "a:3")
    assert decided.notes == ("it has the same content as a:1: one of them stays, as before",)


def test_what_keep_cannot_do_is_said_at_once(make_run: MakeRun) -> None:
    rows = {"a.jsonl": [ROWS[1]], "g.jsonl": [_pair(f"Q{i}?", "A.") for i in range(5)]}
    recipe = (
        "sources: [a.jsonl, {path: g.jsonl, group: general}]\nsplit: {validation: off}\nmix: {domain: 1, general: 1}\n"
    )
    opened = make_run(rows, recipe)
    left = opened.ledger["verdict"].to_pylist().index("unsampled")
    (note,) = decide(opened, opened.line(left)["row_id"], "keep").notes
    assert "takes it before all others" in note


def test_a_row_that_could_not_be_read_is_refused_with_what_to_do(opened: RunData, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a:4 could not be read \(invalid_json\).*correct a.jsonl, line 4"):
        decide(opened, "a:4", "keep")
    assert not (tmp_path / "decisions.jsonl").exists()


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("kep", {}, "action 'kep' is unknown; known are keep, drop, edit"),
        ("edit", {}, "saw neither"),
        ("edit", {"row": ROWS[1], "answer": "x"}, "saw both"),
        ("keep", {"answer": "x"}, "keep takes no new answer; use edit"),
        ("edit", {"row": {"colour": "red"}}, "no known format has the fields `colour`"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_written(
    opened: RunData, tmp_path: Path, action: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        decide(opened, "a:2", action, **given)
    assert message in str(caught.value)
    assert not (tmp_path / "decisions.jsonl").exists()


def test_an_edit_holds_the_whole_new_row_and_its_unknown_fields(opened: RunData, tmp_path: Path) -> None:
    decide(opened, "a:1", "edit", answer="I am Ann.", prompt="And who are you?")
    assert _line(tmp_path / "decisions.jsonl")["row"] == {
        "messages": [
            {"role": "user", "content": "And who are you?"},
            {"role": "assistant", "content": "I am Ann."},
        ],
        "id": 7,
    }


def test_a_second_edit_goes_on_from_the_first(opened: RunData, make_run: MakeRun) -> None:
    decide(opened, "a:2", "edit", answer="Because.")
    second = make_run({"a.jsonl": ROWS}, RECIPE + "decisions: [decisions.jsonl]\n", out="second")
    decided = decide(second, "a:2", "edit", prompt="Why so?")
    assert [turn["content"] for turn in decided.decision["row"]["messages"]] == ["Why so?", "Because."]
    assert decided.decision["content_id"] == opened.line(1)["content_id"]
    (found,) = read_decisions([decided.file]).values()
    assert found.record is not None


RECORDS = {
    "sft": Record("sft", (ASKED, ANSWERED)),
    "several turns": Record("sft", (Message("system", "Be short."), ASKED, ANSWERED, ASKED, ANSWERED)),
    "tools": Record(
        "sft",
        (ASKED, Message("assistant", None, tool_calls=CALL), Message("tool", "5", tool_call_id="c"), ANSWERED),
        tools='[{"name": "dose"}]',
    ),
    "reasoning": Record("sft", (ASKED, ANSWERED._replace(reasoning="hm"))),
    "preference": Record("preference", (ASKED,), (ANSWERED,), (Message("assistant", "No."),)),
    "kto": Record("kto", (ASKED, ANSWERED), label=False),
    "text": Record("text", text="Once."),
    "a field named like a format": Record("sft", (ASKED, ANSWERED), extra={"label": True, "id": 3}),
    "a field of any name": Record("sft", (ASKED, ANSWERED), extra={"conversations": [], "text": "x", "source": "web"}),
}


@pytest.mark.parametrize("name", RECORDS)
def test_an_edited_row_reads_as_the_edited_record(name: str, tmp_path: Path) -> None:
    record = RECORDS[name]
    new = edited(record, answer="Another.")
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"content_id": "0" * 32, "action": "edit", "row": written(new)}) + "\n")
    (found,) = read_decisions([path]).values()
    assert found.record is not None
    assert content_id(found.record) == content_id(new) != content_id(record)


def test_an_edit_changes_the_last_answer_and_the_last_question_alone() -> None:
    turns = RECORDS["several turns"]
    assert [message.content for message in edited(turns, answer="A", prompt="Q").messages or ()] == [
        "Be short.",
        "Why?",
        "So.",
        "Q",
        "A",
    ]
    pair = edited(RECORDS["preference"], answer="A")
    assert pair.chosen == (Message("assistant", "A"),)
    assert pair.rejected == RECORDS["preference"].rejected
    reasoned = edited(RECORDS["reasoning"], answer="A")
    assert reasoned.messages == (ASKED, Message("assistant", "A", reasoning="hm"))


def test_a_row_without_an_answer_gets_one() -> None:
    assert edited(Record("sft", (ASKED,)), answer="So.") == RECORDS["sft"]


def test_a_turn_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(InputError, match="no user turn"):
        edited(Record("sft", (ANSWERED,)), prompt="Why?")
    with pytest.raises(InputError, match="a text has no prompt"):
        edited(RECORDS["text"], prompt="Why?")
