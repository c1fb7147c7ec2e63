"""Conversion through real files: there and back is the identity, and what cannot go is refused or kept, never lost."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.convert import as_json, as_text, convert_file, rejected_path
from tunesmith.curate.formats.base import equal
from tunesmith.curate.reading import read_rows
from tunesmith.curate.sources import open_source
from tunesmith.errors import InputError, OutputError

ALPACA = {"instruction": "Add", "input": "1 and 1", "output": "2"}
PAIR = {"instruction": "Add", "input": "", "chosen": "2", "rejected": "3"}
CALL = {
    "messages": [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "sun", "tool_call_id": "1"},
        {"role": "assistant", "content": "Sunny."},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
}


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def rows_of(path: Path | str) -> list[Any]:
    return [got.row for got in read_rows(open_source(str(path), name="test").plan)]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_conversion_says_what_it_did(tmp_path: Path) -> None:
    source, out = write(tmp_path / "a.jsonl", ALPACA, {**ALPACA, "id": 7}), tmp_path / "b.jsonl"
    done = convert_file(source, out, to="openai")
    assert (done.rows, done.written, done.rejected, done.rejected_path) == (2, 2, 0, None)
    assert (done.formats_in, done.format_out, done.lost) == ({"alpaca": 2}, "openai", {})
    first = rows_of(out)[0]
    assert [turn["content"] for turn in first["messages"]] == ["Add\n1 and 1", "2"]
    assert json.loads(json.dumps(as_json(done)))["written"] == 2
    assert "2 of 2 rows written as openai" in as_text(done)


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".jsonl.gz", ".json.xz", ".parquet", ".arrow"])
@pytest.mark.parametrize(
    "row", [ALPACA, {**ALPACA, "id": 7, "tags": ["a", None]}, {"instruction": "Hi", "output": None}, CALL]
)
def test_there_and_back_is_the_identity(tmp_path: Path, row: dict[str, Any], ending: str) -> None:
    source = write(tmp_path / "a.jsonl", row, row)
    name = "alpaca" if "instruction" in row else "openai"
    convert_file(source, tmp_path / f"b{ending}", to="sharegpt")
    convert_file(tmp_path / f"b{ending}", tmp_path / "c.jsonl", to=name)
    assert equal(rows_of(tmp_path / "c.jsonl"), [row, row])


@pytest.mark.parametrize(
    ("row", "to", "written"),
    [
        (PAIR, "alpaca", "alpaca_preference"),
        (PAIR, "sharegpt", "sharegpt_preference"),
        (PAIR, "openai", "trl_preference"),
        ({**ALPACA, "label": True}, "sharegpt", "sharegpt_kto"),
        ({**ALPACA, "label": False}, "openai", "kto"),
        ({"text": "once"}, "auto", "text"),
    ],
)
def test_a_family_means_the_format_of_the_kind(tmp_path: Path, row: dict[str, Any], to: str, written: str) -> None:
    done = convert_file(write(tmp_path / "a.jsonl", row), tmp_path / "b.jsonl", to=to)
    assert done.format_out == written


def test_text_is_not_passed_off_as_a_conversation(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="openai has no place for rows of kind text"):
        convert_file(write(tmp_path / "a.jsonl", {"text": "once"}), tmp_path / "b.jsonl", to="openai")


def test_columns_can_be_named_on_both_sides(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", {"ask": "1+1?", "say": "2", "id": 1})
    names = {"prompt": "q", "answer": "a"}
    done = convert_file(
        source, tmp_path / "b.jsonl", to="columns", columns={"prompt": "ask", "answer": "say"}, to_columns=names
    )
    assert done.format_out == "columns"
    row = rows_of_columns(tmp_path / "b.jsonl", names)[0]
    assert (row["q"], row["a"], row["id"]) == ("1+1?", "2", 1)


def rows_of_columns(path: Path, columns: dict[str, str]) -> list[Any]:
    return [got.row for got in read_rows(open_source(str(path), name="test", columns=columns).plan)]


def test_columns_must_be_named_exactly_where_they_are_written(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA)
    with pytest.raises(InputError, match="--to-columns"):
        convert_file(source, tmp_path / "b.jsonl", to="columns")
    with pytest.raises(InputError, match="--to columns"):
        convert_file(source, tmp_path / "b.jsonl", to="openai", to_columns={"text": "t"})


def test_rows_that_cannot_go_refuse_the_whole_and_are_all_counted(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA, "{", CALL, {"text": "x"}, CALL, '{"instruction": 5}')
    with pytest.raises(InputError) as caught:
        convert_file(source, tmp_path / "b.jsonl", to="alpaca")
    told = str(caught.value)
    assert "5 of 6 rows cannot be converted" in told
    assert "2 rows, first a.jsonl:3: the turns do not alternate" in told
    assert "1 row, first a.jsonl:2: invalid_json" in told
    assert "first a.jsonl:4: alpaca has no place for rows of kind text" in told
    assert "first a.jsonl:6: wrong_type" in told
    assert "another --to" in told
    assert "--skip" in told
    assert files(tmp_path) == {"a.jsonl"}


def test_skipped_rows_are_kept_beside_with_place_and_reason(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA, "{cut", CALL, {**ALPACA, "output": "3"})
    done = convert_file(source, tmp_path / "b.jsonl.gz", to="alpaca", skip=True)
    assert (done.written, done.rejected) == (2, 2)
    assert rows_of(tmp_path / "b.jsonl.gz") == [ALPACA, {**ALPACA, "output": "3"}]
    assert done.rejected_path == tmp_path / "b.rejected.jsonl"
    first, second = (json.loads(line) for line in (tmp_path / "b.rejected.jsonl").read_text("utf-8").splitlines())
    assert (first["place"], first["code"], first["row"]) == ("a.jsonl:2", "invalid_json", {"text": "{cut"})
    assert (second["place"], second["code"], second["row"]) == ("a.jsonl:3", "cannot_hold", CALL)
    assert "alternate" in second["reason"]
    assert sum(done.reasons.values()) == 2


def test_bytes_that_are_no_text_are_kept_too(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"text": "fine"}\n{"text": "\xff"}\n')
    done = convert_file(source, tmp_path / "b.jsonl", to="text", skip=True)
    assert done.rejected_path
    assert json.loads(done.rejected_path.read_text("utf-8"))["row"].keys() == {"bytes_base64"}


def test_a_rejected_row_keeps_the_spelling_of_its_numbers(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text('[{"text": "a"}, {"foo": 1.50,\n "n": 123456789012345678901234}]', "utf-8")
    convert_file(source, tmp_path / "b.jsonl", to="text", skip=True)
    assert b'"row":{"foo": 1.50, "n": 123456789012345678901234}' in (tmp_path / "b.rejected.jsonl").read_bytes()


def test_without_rejects_there_is_no_file_of_them(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA)
    write(tmp_path / "b.rejected.jsonl", {"old": 1})
    with pytest.raises(OutputError, match=r"b\.rejected\.jsonl: exists already"):
        convert_file(source, tmp_path / "b.jsonl", to="openai", skip=True)
    convert_file(source, tmp_path / "b.jsonl", to="openai", skip=True, overwrite=True)
    assert files(tmp_path) == {"a.jsonl", "b.jsonl"}


def test_dropped_extras_are_counted_by_field(tmp_path: Path) -> None:
    chat = {
        "messages": [
            {"role": "user", "content": "Hi", "name": "Li"},
            {"role": "assistant", "content": "Yo", "weight": 0},
        ]
    }
    source = write(tmp_path / "a.jsonl", {**chat, "id": 1, "url": "x"}, {**chat, "id": 2})
    done = convert_file(source, tmp_path / "b.jsonl", to="alpaca", drop_extra=True)
    assert done.lost == {"id": 2, "turn.name": 2, "turn.weight": 2, "url": 1}
    assert rows_of(tmp_path / "b.jsonl") == [{"instruction": "Hi", "input": "", "output": "Yo"}] * 2
    strict = convert_file(source, tmp_path / "c.jsonl", to="siliconflow", drop_extra=True)
    assert strict.lost == done.lost
    assert "left out: id in 2 rows" in as_text(done)


def test_a_strict_format_says_that_drop_extra_helps(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="add --drop-extra"):
        convert_file(write(tmp_path / "a.jsonl", {**ALPACA, "id": 1}), tmp_path / "b.jsonl", to="siliconflow")


def test_nothing_is_lost_where_nothing_was_extra(tmp_path: Path) -> None:
    done = convert_file(write(tmp_path / "a.jsonl", CALL), tmp_path / "b.jsonl", to="openai", drop_extra=True)
    assert done.lost == {}


def test_the_input_is_never_written_over(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA)
    (tmp_path / "link.jsonl").symlink_to(source)
    before = source.read_bytes()
    for out in (source, tmp_path / "link.jsonl"):
        with pytest.raises(OutputError, match="is what is to be converted"):
            convert_file(source, out, to="openai", overwrite=True)
    rejected = write(tmp_path / "b.rejected.jsonl", ALPACA)
    with pytest.raises(OutputError, match="is what is to be converted"):
        convert_file(rejected, tmp_path / "b.jsonl", to="openai", overwrite=True, skip=True)
    assert source.read_bytes() == before


def test_an_existing_file_is_only_replaced_when_asked(tmp_path: Path) -> None:
    source, out = write(tmp_path / "a.jsonl", ALPACA), write(tmp_path / "b.jsonl", {"old": 1})
    with pytest.raises(OutputError, match="--overwrite"):
        convert_file(source, out, to="openai")
    assert rows_of_text(out) == [{"old": 1}]
    convert_file(source, out, to="openai", overwrite=True)
    assert "messages" in rows_of_text(out)[0]


def rows_of_text(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("ending", [".jsonl", ".parquet", ".csv"])
def test_a_failed_conversion_leaves_the_old_file_and_no_other(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"b{ending}"
    out.write_bytes(b"old")
    with pytest.raises(InputError):
        convert_file(write(tmp_path / "a.jsonl", ALPACA, "{"), out, to="question_answer", overwrite=True)
    assert out.read_bytes() == b"old"
    assert files(tmp_path) == {"a.jsonl", out.name}


def test_a_corrupt_input_writes_nothing(tmp_path: Path) -> None:
    whole = gzip.compress("".join(json.dumps({**ALPACA, "id": n}) + "\n" for n in range(5000)).encode())
    source = tmp_path / "a.jsonl.gz"
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="corrupt or cut off"):
        convert_file(source, tmp_path / "b.jsonl", to="openai", skip=True)
    assert files(tmp_path) == {"a.jsonl.gz"}


def test_unknown_names_meet_their_nearest(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", ALPACA)
    with pytest.raises(InputError, match="did you mean 'sharegpt'"):
        convert_file(source, tmp_path / "b.jsonl", to="sharegtp")
    with pytest.raises(InputError, match="did you mean 'alpaca'"):
        convert_file(source, tmp_path / "b.jsonl", to="openai", from_format="alpacca")
    with pytest.raises(OutputError, match=r"\.jsonl"):
        convert_file(source, tmp_path / "b.docx", to="openai")


def test_rejects_are_named_after_the_output() -> None:
    assert rejected_path(Path("x/a.b.jsonl.gz")) == Path("x/a.b.rejected.jsonl")
    assert rejected_path(Path("Train.parquet")) == Path("Train.rejected.jsonl")


def test_mixed_formats_become_one(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}
    done = convert_file(write(tmp_path / "a.jsonl", ALPACA, chat), tmp_path / "b.jsonl", to="sharegpt")
    assert done.formats_in == {"alpaca": 1, "openai": 1}
    assert [len(row["conversations"]) for row in rows_of(tmp_path / "b.jsonl")] == [2, 2]
