"""Decisions: the last line about a row counts, all mistakes are told at once, and an edited row is measured again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.decisions import (
    Decided,
    Decision,
    append_decision,
    applied_of,
    applied_table,
    apply_decisions,
    read_decisions,
)
from tunesmith.curate.measured import measure_batch
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.shards import COLUMNS_SCHEMA
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.stages import read_table, write_table
from tunesmith.errors import InputError

ONE, TWO, THREE = (f"{number:032x}" for number in (1, 2, 3))
CHAT = {
    "messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because {{name}} says so."}]
}


def _sft(question: str, answer: str) -> Record:
    return Record("sft", (Message("user", question), Message("assistant", answer)))


def _columns(ids: list[str | None]) -> pa.Table:
    records = [_sft(f"Question {number}?", "Yes.") for number in range(len(ids))]
    known = dict(zip((name for name, _, _ in SIGNALS), measure_batch(to_batch(records))))
    known |= {"content_id": pa.array(ids, pa.string()), "kind": pa.array([record.kind for record in records])}
    nothing = {field.name: pa.nulls(len(ids), field.type) for field in COLUMNS_SCHEMA}
    whole = nothing | known
    return pa.table([whole[name] for name in COLUMNS_SCHEMA.names], schema=COLUMNS_SCHEMA)


def _file(folder: Path, *lines: Any) -> Path:
    path = folder / "decisions.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def _keep(content_id: str, **more: Any) -> dict[str, Any]:
    return {"content_id": content_id, "action": "keep", **more}


def test_the_last_decision_about_a_row_counts_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    first = _file(
        tmp_path, _keep(ONE), {"content_id": ONE, "action": "drop"}, "\n", _keep(TWO, reason="right", by="Li")
    )
    second = _file(tmp_path / "later", {"content_id": TWO, "action": "drop"})
    assert {name: found.action for name, found in read_decisions([first]).items()} == {ONE: "drop", TWO: "keep"}
    assert read_decisions([first])[TWO] == Decision(TWO, "keep", None, "right", "Li")
    assert read_decisions([first, second])[TWO].action == "drop"


def test_every_line_that_is_no_decision_is_told(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "{\n",
        {"content_id": "abc", "action": "keep"},
        {"content_id": ONE, "action": "kep"},
        {"content_id": ONE, "action": "edit"},
        {"content_id": ONE, "action": "edit", "row": {"colour": "red"}},
        "[1]\n",
    )
    with pytest.raises(InputError) as caught:
        read_decisions([path])
    text = str(caught.value)
    assert all(f"decisions.jsonl:{line}: " in text for line in range(1, 7))
    assert "action 'kep' is unknown; known are keep, drop, edit" in text


def test_a_decision_is_added_to_what_is_there(tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps(_keep(ONE)))  # without a line break at its end
    append_decision(path, {"content_id": TWO, "action": "drop", "reason": "错"})
    append_decision(path, {"content_id": ONE, "action": "edit", "row": CHAT})
    assert {name: found.action for name, found in read_decisions([path]).items()} == {ONE: "edit", TWO: "drop"}
    assert "错" in path.read_text("utf-8")


def test_what_is_no_decision_is_not_added(tmp_path: Path) -> None:
    path = _file(tmp_path, _keep(ONE))
    before = path.read_bytes()
    with pytest.raises(InputError, match="32 hex digits"):
        append_decision(path, {"content_id": "1", "action": "keep"})
    assert path.read_bytes() == before


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "decisions.jsonl"
    row = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": f"\u2028{text}\x85"}]}
    append_decision(path, {"content_id": ONE, "action": "edit", "row": row, "reason": text})
    found = read_decisions([path])[ONE]
    assert found.reason == text
    assert found.record == _sft(text, f"\u2028{text}\x85")


def _applied(*decisions: Decision, ids: list[str | None] | None = None) -> Decided:
    return apply_decisions(_columns(ids or [ONE, TWO, None, TWO]), {one.content_id: one for one in decisions})


def test_a_decision_applies_to_every_row_with_its_content() -> None:
    found = _applied(Decision(ONE, "keep"), Decision(TWO, "drop"))
    assert found.keep.tolist() == [True, False, False, False]
    assert found.drop.tolist() == [False, True, False, True]
    assert sorted(found.about) == [0, 1, 3]


def test_decisions_about_rows_that_are_not_there_are_counted() -> None:
    assert _applied(Decision(THREE, "keep"), Decision(ONE, "keep")).unmatched == 1
    assert _applied().unmatched == 0


def test_an_edited_row_is_measured_again_and_only_it() -> None:
    before = _columns([ONE, TWO, None, TWO])
    found = _applied(Decision(TWO, "edit", _sft("Why?", "Because {{name}} says so.")))
    changed = found.columns
    assert sorted(found.edited) == [1, 3]
    assert changed["placeholders"].to_pylist() == [0, 1, 0, 1]
    assert changed["answer_characters"].to_pylist() == [4, 25, 4, 25]
    assert changed["row_key"][0] == before["row_key"][0]
    assert changed["row_key"][1] == changed["row_key"][3] != before["row_key"][1]
    assert changed["content_id"] == before["content_id"]
    assert before["placeholders"].to_pylist() == [0, 0, 0, 0]


def test_an_edit_may_change_the_kind() -> None:
    found = _applied(Decision(ONE, "edit", Record("text", text="Once upon a time.")))
    assert found.columns["kind"].to_pylist() == ["text", "sft", "sft", "sft"]


def test_an_edit_reaches_rows_in_every_chunk() -> None:
    columns = pa.concat_tables([_columns([ONE, TWO]), _columns([TWO, ONE])])
    found = apply_decisions(columns, {ONE: Decision(ONE, "edit", _sft("Why?", "So."))})
    assert found.columns["answer_characters"].to_pylist() == [3, 4, 4, 3]


def test_applied_decisions_are_read_back_from_their_stage_file(tmp_path: Path) -> None:
    about = {
        3: Decision(ONE, "keep", None, "short, but right", "Li"),
        7: Decision(TWO, "edit", Record("sft", (Message("user", "问"), Message("assistant", None, "想")))),
        9: Decision(THREE, "drop"),
    }
    write_table(tmp_path / "decided.arrow", applied_table(about))
    assert applied_of(read_table(tmp_path / "decided.arrow")) == about


def test_decisions_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    decisions = [{"content_id": f"{number:032x}", "action": "keep"} for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda decision: append_decision(path, decision), decisions))
    assert set(read_decisions([path])) == {decision["content_id"] for decision in decisions}
