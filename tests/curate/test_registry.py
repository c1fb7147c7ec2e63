"""LLaMA-Factory's registry as a source and as an output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.formats.base import Row
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Message, Record
from tunesmith.curate.registry import (
    entry_format,
    entry_input,
    entry_named,
    entry_spec,
    read_registry,
    write_registry,
)
from tunesmith.curate.registry_entry import Entry, parse_entry
from tunesmith.curate.sources import sample_rows
from tunesmith.errors import InputError, RowError


def entry(**value: Any) -> Entry:
    return parse_entry("one", {"file_name": "rows.json"} | value)


def kind_of(found: Entry, row: Row) -> str:
    return read_row(row, entry_format(found)).kind


def test_an_entry_without_blocks_has_the_defaults() -> None:
    found = entry()
    assert (found.formatting, found.ranking, found.split, found.num_samples) == ("alpaca", False, "train", None)
    assert (found.columns["prompt"], found.columns["query"], found.columns["response"]) == (
        "instruction",
        "input",
        "output",
    )
    assert found.columns["system"] is None
    assert found.columns["history"] is None
    assert entry(formatting="sharegpt").tags["function_tag"] == "function_call"
    assert found.problems == ()


def test_a_column_that_the_block_leaves_out_is_none_and_said_with_its_remedy() -> None:
    found = entry(columns={"response": "output"})
    assert found.columns["prompt"] is None
    assert any("does not list prompt" in words and '"prompt": "instruction"' in words for words in found.problems)


def test_a_tag_that_the_block_leaves_out_is_none_and_said_with_its_remedy() -> None:
    found = entry(formatting="sharegpt", tags={"role_tag": "role", "content_tag": "content"})
    assert found.tags["system_tag"] is None
    assert any(
        "system_tag" in words and "drops each row that starts with a system turn" in words for words in found.problems
    )


@pytest.mark.parametrize(
    ("places", "used"),
    [
        ({"hf_hub_url": "a/b", "ms_hub_url": "c/d", "script_url": "e", "cloud_file_name": "f"}, ("hub", "a/b")),
        ({"ms_hub_url": "c/d", "script_url": "e"}, ("modelscope", "c/d")),
        ({"om_hub_url": "c/d"}, ("openmind", "c/d")),
        ({"script_url": "e", "cloud_file_name": "f"}, ("script", "e")),
        ({"cloud_file_name": "f"}, ("cloud", "f")),
        ({}, ("file", "rows.json")),
    ],
)
def test_a_hub_goes_before_a_script_before_a_cloud_file_before_a_file(places: Row, used: tuple[str, str]) -> None:
    found = entry(**places)
    assert (found.place, found.address) == used
    assert any("file_name is ignored" in words for words in found.problems) == (used[0] != "file")


def test_a_key_that_means_nothing_is_said_with_the_nearest_one() -> None:
    assert entry(columns={"prompt": "a", "query": "b", "respones": "c"}).problems[-1].endswith("did you mean response?")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "a list of 0 where an object belongs"),
        ({}, "names no place"),
        ({"file_name": 5}, "`file_name` is a number (5)"),
        ({"file_name": "a", "formatting": "alpca"}, "'alpca' is none of alpaca"),
        ({"file_name": "a", "columns": ["prompt"]}, "`columns` is a list"),
        ({"file_name": "a", "columns": {"prompt": 1}}, "`prompt` is a number"),
        ({"file_name": "a", "ranking": "true"}, "`ranking` is a text"),
        ({"file_name": "a", "num_samples": "10"}, "`num_samples` is a text"),
        ({"file_name": "a", "num_samples": -1}, "`num_samples` is -1 where a whole number from 1 on belongs"),
        ({"file_name": "a", "num_samples": 0}, "`num_samples` is 0 where a whole number from 1 on belongs"),
        ({"file_name": "a", "num_samples": 1.5}, "`num_samples` is a number"),
    ],
)
def test_an_entry_that_is_none_says_what_is_wrong(value: Any, said: str) -> None:
    with pytest.raises(InputError, match=r"dataset_info.json#one") as caught:
        parse_entry("one", value)
    assert said in str(caught.value)


def test_a_registry_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    for name, text in (("absent.json", None), ("broken.json", "{"), ("list.json", "[]")):
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=name):
            read_registry(tmp_path / name)


def test_a_byte_order_mark_before_a_registry_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "dataset_info.json"
    path.write_text('{"one": {"file_name": "rows.json"}}', encoding="utf-8-sig")
    assert read_registry(path) == {"one": entry()}


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    with pytest.raises(InputError, match="did you mean alpaca_en"):
        entry_named({"alpaca_en": entry(), "wiki": entry()}, "alpaca-en", Path("dataset_info.json"))


def test_only_files_that_are_there_and_hub_names_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text("[]")
    assert entry_input(entry(), tmp_path) == str(tmp_path / "rows.json")
    assert entry_input(entry(hf_hub_url="a/b", split="test", revision="v1"), tmp_path) == "hub:a/b@v1:test"
    for value in (
        {"file_name": "gone.json"},
        {"ms_hub_url": "a/b"},
        {"script_url": "x"},
        {"hf_hub_url": "a/b", "subset": "en"},
    ):
        with pytest.raises(InputError, match="entry 'one'"):
            entry_input(entry(**value), tmp_path)


def test_an_entry_reads_rows_under_its_columns() -> None:
    found = entry(columns={"prompt": "ask", "query": "more", "response": "reply", "history": "past", "system": "who"})
    row = {"ask": "b", "more": "c", "reply": "d", "past": [["x", "y"]], "who": "s", "instruction": "not read"}
    record = read_row(row, entry_format(found))
    assert [message.content for message in record.turns] == ["s", "x", "y", "b\nc", "d"]
    assert (record.extra or {})["instruction"] == "not read"
    assert write_row(record, entry_format(found)) == row


def test_an_entry_reads_turns_under_its_tags() -> None:
    tags = {"role_tag": "who", "content_tag": "says", "user_tag": "Q", "assistant_tag": "A", "function_tag": "F"}
    found = entry(formatting="sharegpt", columns={"messages": "talk", "tools": "kit"}, tags=tags)
    call = '{"name": "find", "arguments": {"a": 1}}'
    row = {
        "talk": [
            {"who": "system", "says": "s"},  # not in the tags: dropped by LLaMA-Factory, read here
            {"who": "Q", "says": "q"},
            {"who": "F", "says": call, "from": "an unknown field"},
            {"who": "observation", "says": "o"},
            {"who": "A", "says": "a"},
        ],
        "kit": '[{"name": "find"}]',
    }
    record = read_row(row, entry_format(found))
    assert [message.role for message in record.turns] == ["system", "user", "assistant", "tool", "assistant"]
    assert record.turns[2].tool_calls
    there = json.loads(json.dumps(write_row(record, FORMATS["openai"])))
    assert write_row(read_row(there, FORMATS["openai"]), entry_format(found)) == row


@pytest.mark.parametrize(
    ("value", "row", "kind"),
    [
        ({"columns": {"prompt": "body"}}, {"body": "x"}, "text"),
        ({"columns": {"prompt": "a", "response": "b"}}, {"a": "x", "b": "y"}, "sft"),
        (
            {"ranking": True, "columns": {"prompt": "a", "chosen": "b", "rejected": "c"}},
            {"a": "x", "b": "y", "c": "z"},
            "preference",
        ),
        ({"columns": {"prompt": "a", "response": "b", "kto_tag": "ok"}}, {"a": "x", "b": "y", "ok": True}, "kto"),
        (
            {"formatting": "sharegpt", "ranking": True, "columns": {"messages": "m", "chosen": "c", "rejected": "r"}},
            {
                "m": [{"from": "human", "value": "q"}],
                "c": {"from": "gpt", "value": "a"},
                "r": {"from": "gpt", "value": "b"},
            },
            "preference",
        ),
        (
            {
                "formatting": "openai",
                "columns": {"messages": "m", "kto_tag": "ok"},
                "tags": {"role_tag": "role", "content_tag": "content"},
            },
            {"m": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "ok": False},
            "kto",
        ),
        ({"formatting": "openai"}, {"conversations": [{"role": "user", "content": "q"}]}, "sft"),
    ],
)
def test_an_entry_knows_its_kind(value: Row, row: Row, kind: str) -> None:
    found = entry(**value)
    assert kind_of(found, row) == kind
    assert write_row(read_row(row, entry_format(found)), entry_format(found)) == row


def test_a_row_with_a_picture_is_multimodal_and_one_without_is_read() -> None:
    found = entry(columns={"prompt": "a", "query": "b", "response": "c", "images": "shots"})
    with pytest.raises(RowError) as caught:
        read_row({"a": "x", "b": "", "c": "y", "shots": ["1.png"]}, entry_format(found))
    assert caught.value.code == "multimodal"
    row = {"a": "x", "b": "", "c": "y", "shots": []}
    assert write_row(read_row(row, entry_format(found)), entry_format(found)) == row


def test_a_row_without_the_named_column_is_invalid() -> None:
    with pytest.raises(RowError) as caught:
        read_row({"instruction": "x"}, entry_format(entry(columns={"prompt": "ask", "response": "reply"})))
    assert caught.value.code == "missing_column"


def test_every_entry_of_the_real_registry_is_read_and_its_files_hold_its_kind(shared_data: Path) -> None:
    entries = read_registry(shared_data / "dataset_info.json")
    assert len(entries) == 104
    expected = {"dpo": "preference", "kto": "kto", "wik": "text", "c4_": "text"}
    there = [found for found in entries.values() if found.place == "file" and (shared_data / found.address).exists()]
    assert len(there) == 10
    for found in there:
        rows = sample_rows(open_input(entry_input(found, shared_data)), 100_000)
        form = entry_format(found)
        records = [read_row(row, form) for row in rows]
        assert {record.kind for record in records} == {expected.get(found.name[:3], "sft")}
        assert [write_row(record, form) for record in records] == rows


def test_the_spec_of_an_entry_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(entry_spec(entry())))["columns"]["prompt"] == "instruction"


TALK = Record("sft", (Message("system", "s"), Message("user", "q"), Message("assistant", "a")))
ONE = Record("sft", (Message("user", "q"), Message("assistant", "a")))
PAIR = Record(
    "preference", ONE.messages and ONE.messages[:1], (Message("assistant", "a"),), (Message("assistant", "b"),)
)
SAMPLES = {
    "sft": TALK,
    "preference": PAIR,
    "kto": ONE._replace(kind="kto", label=True),
    "text": Record("text", text="t"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_an_exported_entry_reads_the_exported_file_without_a_problem(name: str) -> None:
    form = FORMATS[name]
    record = ONE if name in ("prompt_completion", "question_answer") else SAMPLES[form.kinds[0]]
    value, reason = write_registry("train.jsonl", name, has_system=name == "alpaca")
    if value is None:
        assert name in ("trl_preference", "trl_kto", "multiple_choice")
        assert reason
        return
    found = parse_entry("out", value)
    assert [words for words in found.problems if "does not list query" not in words and "response" not in words] == []
    row = write_row(record, form)
    assert read_row(row, entry_format(found)) == record
    assert {"file_name", "formatting", "ranking", "columns"} <= value.keys()


def test_conversations_are_exported_as_sharegpt_with_all_seven_tags() -> None:
    value, _ = write_registry("train.jsonl", "openai")
    assert value == {
        "file_name": "train.jsonl",
        "formatting": "sharegpt",
        "ranking": False,
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "observation_tag": "tool",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }


def test_tools_that_llama_factory_cannot_read_are_refused_with_the_way_out() -> None:
    assert write_registry("train.jsonl", "openai", has_tools=True) == (
        None,
        "LLaMA-Factory cannot read the tools of openai; export as sharegpt",
    )
    value, _ = write_registry("train.jsonl", "sharegpt", has_tools=True)
    assert value is not None
    assert value["columns"] == {"messages": "conversations", "tools": "tools"}
