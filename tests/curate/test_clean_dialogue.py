"""Dialogue: fillers of transcripts go, a long history keeps whole rounds, and a tool result its call."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.curate.clean_history import compact_history
from tunesmith.curate.cleaners import CLEANERS, clean_record
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Message, Record


def planted(folder: Path, name: str, line: int) -> Record:
    return read_raw((folder / name).read_bytes().split(b"\n")[line - 1], None).record


def answer(record: Record) -> str:
    return record.turns[-1].content or ""


def change(name: str, text: str) -> str:
    return CLEANERS[name].change(text)


def test_planted_fillers_go(bundled_data: Path) -> None:
    english = clean_record(planted(bundled_data, "general.jsonl", 520), ["fillers"])[0]
    assert answer(english).count("um,") == 0
    assert (english.turns[1].content or "").startswith(
        "Yeah, that's the yeast, you know, it makes, alcohol when it, like,"
    )
    chinese = clean_record(planted(bundled_data, "general.jsonl", 603), ["fillers"])[0]
    assert (chinese.turns[0].content or "").startswith("我想问一下啊，退休以后吧，公积金啊，那个能一次取出来不？")


@pytest.mark.parametrize(
    "text",
    [
        "我要那个，不要这个。",
        "嗯，好的。",
        "啊，多美的花。",
        "Um, yes.",
        "wir kommen, um zu lernen, um zu sehen",
        "嗯，嗯，",
    ],
)
def test_words_that_look_like_fillers_stay(text: str) -> None:
    assert change("fillers", text) == text


def test_fillers_stay_in_texts_that_are_no_dialogue() -> None:
    text = "Uh, yeah, um, that's it."
    assert clean_record(Record("text", text=text), ["fillers"])[1] == ()
    assert clean_record(Record("sft", (Message("system", text),)), ["fillers"])[1] == ()


def test_a_long_history_keeps_its_newest_rounds(bundled_data: Path) -> None:
    record = planted(bundled_data, "general.jsonl", 995)
    assert len(record.turns) == 30
    short = compact_history(record, most_turns=10)
    assert short.turns == record.turns[-10:]
    both = compact_history(record, most_turns=10, policy="first_and_recent")
    assert both.turns == (*record.turns[:2], *record.turns[-8:])
    assert compact_history(record, most_turns=30) is record


def test_a_tool_result_never_loses_its_call() -> None:
    call = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    system, ask, say = Message("system", "s"), Message("user", "q"), Message("assistant", "a")
    tools = (Message("user", "t"), Message("assistant", None, tool_calls=call), Message("tool", "r"), say)
    record = Record("sft", (system, ask, say, *tools))
    assert compact_history(record, most_turns=3).turns == (system, *tools)
    with pytest.raises(ValueError, match="one turn or more"):
        compact_history(record, most_turns=0)
