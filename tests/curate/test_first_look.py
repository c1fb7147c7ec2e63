"""A row without a sign is a row that no cleaner changes and no detector finds anything in."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tunesmith.curate.cleaners import CLEANERS, DEFAULT_CLEANERS
from tunesmith.curate.first_look import CONTROL, END, EVERY, MOJIBAKE, PRIVATE, SPACE, look_at, needed_cleaners
from tunesmith.curate.ingest import Outcome, convert, treat_all
from tunesmith.curate.io import open_input
from tunesmith.curate.privacy import find_private, may_hold_private
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.records import Message, Record
from tunesmith.curate.treatment import Treatment, treat

SIGNS = {"mojibake": MOJIBAKE, "control": CONTROL, "end_marks": END, "whitespace": SPACE | CONTROL}
DEFAULT = Treatment(clean=DEFAULT_CLEANERS, private=KINDS)
ODD = (
    "\u00a0\u1680\u180e\u2000\u200a\u200b\u200f\u2013\u2028\u202a\u202f\u205f\u2060\u206f\u3000\ufeff\ufff9\U000e0041"
    "\u0085\u00ad\u061c\r\x0b\x0c\x1c\x1b\x7f锛銆鐨鍦鈥â€™Ã©È¥ÏÃ８＠．＋Ａ（）号栋，？"
)
PIECES = (
    *("  ", " \n", "\t\n", "\n\n\n\n", "\n", " ", "</s>", "<|im_end|>", "[EOS]", ">", "138-0013-8000", "010 6552", "@"),
    *("a@b.com", "10.0.0.1", "::1", "fe80:0:0:1", "sk-demo7Qv2LkXn93TzRb8WcYp4HsJd6MgFa1Ue5Ko0", "12 King Street"),
    *("5B-7 High Road", "8 号", "99弄", "-----BEGIN PRIVATE KEY-----", "E12345678", "word", "中文。", "0.5", "1,000"),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(st.sampled_from(ODD) | st.characters(codec="utf-8"), max_size=4))


def _row(text: str) -> Record:
    return Record("text", text=text)


@settings(max_examples=600, deadline=None)
@given(parts=TEXTS)
@example(parts=["a</s>  "])
@example(parts=["１３８００１３８０００"])
def test_a_text_without_a_sign_needs_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    (signs,) = look_at([_row(text)]).tolist()
    for name, sign in SIGNS.items():
        assert signs & sign or CLEANERS[name].change(text) == text, name
    assert signs & PRIVATE or not may_hold_private(text)
    assert signs & PRIVATE or not find_private(text)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(TEXTS, max_size=4), names=st.sets(st.sampled_from([*CLEANERS][:8])))
def test_what_the_look_spares_changes_no_row(rows: list[list[str]], names: set[str]) -> None:
    treatment = Treatment(clean=tuple(name for name in CLEANERS if name in names), private=KINDS)
    records = [Record("sft", (Message("user", "".join(parts)), Message("assistant", "So.</s>"))) for parts in rows]
    done = treat_all([Outcome(1, b"", record, None, None, [], [], None, None) for record in records], treatment)
    assert [(one.record, one.edits, one.private) for one in done] == [
        tuple(treat(record, treatment)) for record in records
    ]


@pytest.mark.parametrize(
    "name",
    ["alpaca_zh_demo.json", "glaive_toolcall_en_demo.json", "gsm8k_train.jsonl", "c4_demo.jsonl", "dpo_zh_demo.json"],
)
def test_real_rows_come_out_the_same_with_and_without_the_look(shared_data: Path, name: str) -> None:
    rows = [convert(row, None) for row in islice(open_input(shared_data / name).rows(), 1000)]
    done = treat_all(rows, DEFAULT)
    assert [(one.record, one.edits, one.private) for one in done] == [tuple(treat(one.record, DEFAULT)) for one in rows]
    assert any(one.edits or one.private for one in done)


def test_most_rows_of_a_tidy_set_have_no_sign(shared_data: Path) -> None:
    rows = [convert(row, None).record for row in open_input(shared_data / "huatuo_med_zh.json").rows()]
    assert (look_at(rows) == 0).mean() > 0.95


def test_a_row_with_tool_calls_is_always_looked_through() -> None:
    call = {"type": "function", "function": {"name": "dial", "arguments": json.dumps({"to": 13800138000})}}
    assert look_at([Record("sft", (Message("assistant", "", tool_calls=[call]),))]).tolist() == [EVERY]


def test_half_of_a_surrogate_pair_is_looked_through() -> None:
    assert look_at([_row("fine"), _row("\ud800")]).tolist() == [EVERY, EVERY]


def test_a_cleaner_that_has_no_signs_always_runs() -> None:
    assert needed_cleaners(("links", "whitespace"), 0) == ("links", "whitespace")
    assert needed_cleaners(DEFAULT_CLEANERS, 0) == ()
    assert needed_cleaners(DEFAULT_CLEANERS, END | PRIVATE) == ("end_marks",)
    assert needed_cleaners(DEFAULT_CLEANERS, END | SPACE) == DEFAULT_CLEANERS
