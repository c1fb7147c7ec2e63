"""Whatever a run reads and writes, an untouched one is whole: no check may cry wolf."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.verify import Verified, verify

CALL = {"type": "function", "id": "c1", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


SFT: list[Any] = [{"instruction": f"Name river {i}", "input": "", "output": f"It is river {i}."} for i in range(5)]
THINKING = {"messages": [*asked("Why?"), *answer("<think>\nHm.\n</think>\n\nBecause it is so.")], "id": 10**25}
PAIRS = [{"prompt": asked(f"Pick {i}"), "chosen": answer(f"Take {i}."), "rejected": answer("No.")} for i in range(3)]
JUDGED = [{"prompt": asked(f"Rate {i}"), "completion": answer(f"Rated {i}."), "label": i > 0} for i in range(3)]
TOOLS = {
    "messages": [
        *asked("Weather in Paris?"),
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "18 degrees"},
        *answer("It has 18 degrees."),
    ],
    "tools": [TOOL],
}
TEXTS = [{"text": f"Prose number {i}, about nothing in particular."} for i in range(3)]


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def checked(folder: Path, recipe: str) -> Verified:
    (folder / "recipe.yaml").write_text(recipe)
    return verify(run(load_recipe(folder / "recipe.yaml"), folder / "out").out)


@pytest.mark.parametrize("extra", ["false", "true"])
@pytest.mark.parametrize("name", ["auto", "openai", "sharegpt"])
def test_a_run_of_all_kinds_is_whole_in_every_format(tmp_path: Path, name: str, extra: str) -> None:
    (tmp_path / "a.jsonl").write_text(lines([*SFT, THINKING, *PAIRS, *JUDGED, TOOLS, *TEXTS]), encoding="utf-8")
    found = checked(tmp_path, f"sources: [a.jsonl]\nexport: {{format: {name}, extra: {extra}}}\n")
    assert (found.findings, found.notes, found.rows) == ((), (), 16)


@pytest.mark.parametrize("name", ["alpaca", "siliconflow", "prompt_completion", "question_answer"])
def test_a_run_of_plain_rows_is_whole_in_every_format(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jsonl").write_text(lines([*SFT, SFT[0]]), encoding="utf-8")
    assert checked(tmp_path, f"sources: [a.jsonl]\nexport: {{format: {name}}}\n").findings == ()


INPUTS: dict[str, tuple[dict[str, bytes], str]] = {
    "mapped columns": (
        {"a.csv": b"ask,reply\n" + b'"What, now?","Go\non."\n' * 3},
        "{path: a.csv, columns: {prompt: ask, answer: reply}}",
    ),
    "a packed file": ({"a.jsonl.gz": gzip.compress(lines([*SFT, SFT[1]]).encode())}, "a.jsonl.gz"),
    "another encoding": ({"a.jsonl": lines([*SFT, SFT[1]]).encode("utf-16")}, "a.jsonl"),
    "an array": ({"a.json": json.dumps([*SFT, SFT[1]], indent=2).encode()}, "a.json"),
    "a folder with blank lines": (
        {"in/1.jsonl": lines(SFT[:3]).replace("\n", "\n\n").encode(), "in/2.jsonl": lines(SFT[1:]).encode()},
        "in",
    ),
    "a registry": (
        {
            "dataset_info.json": json.dumps(
                {"e": {"file_name": "a.json", "num_samples": 3, "columns": {"prompt": "p", "response": "r"}}}
            ).encode(),
            "a.json": json.dumps([{"p": f"Name it, {i}", "r": f"It is {i}."} for i in range(6)]).encode(),
        },
        "'dataset_info.json#e'",
    ),
    "broken bytes": ({"a.jsonl": lines(SFT).encode() + b'{"text": "\xff"}\n{"text": 1}\n[]\n{\r\n'}, "a.jsonl"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_a_run_of_any_input_is_whole(tmp_path: Path, name: str) -> None:
    files, source = INPUTS[name]
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found = checked(tmp_path, f"sources: [{source}]\nprivacy: redact\n")
    assert (found.findings, found.notes) == ((), ())
    assert [one.state for one in found.inputs] == ["unchanged"]


def test_a_run_that_keeps_nothing_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(SFT))
    found = checked(tmp_path, "sources: [a.jsonl]\nrules: {answer_too_short: {min_characters: 1000}}\n")
    assert (found.findings, found.rows) == ((), 5)


def test_two_sources_of_the_same_bytes_are_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(SFT))
    found = checked(tmp_path, "sources: [{path: a.jsonl, name: x}, {path: a.jsonl, name: y}]\n")
    assert (found.findings, found.rows) == ((), 10)
