"""The texts that duplicates are judged by are cut right out of every kind of row."""

from __future__ import annotations

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.records import Message, Record, to_batch

CALL = {"function": {"name": "f", "arguments": "{}"}}
RECORDS = [
    Record(
        "sft",
        (
            Message("system", "s"),
            Message("user", "a"),
            Message("assistant", None, tool_calls=[CALL]),
            Message("tool", "r"),
            Message("user", "b"),
            Message("assistant", "z"),
        ),
    ),
    Record("text", text="once upon a time"),
    Record("preference", (Message("user", "p"),), (Message("assistant", "c"),), (Message("assistant", "d"),)),
    Record("kto", (Message("user", "q"), Message("assistant", "no")), label=False),
    Record("sft", (Message("user", "unanswered"),)),
    Record("sft", ()),
    Record("invalid"),
]
EXPECTED = [
    (
        's\na\n[{"function":{"name":"f","arguments":"{}"}}]\nr\nb\nz',
        "a\nb",
        "z",
        's\n[{"function":{"name":"f","arguments":"{}"}}]\nr',
    ),
    ("once upon a time", "once upon a time", "once upon a time", ""),
    ("p\nc\nd", "p", "c", ""),
    ("q\nno", "q", "no", ""),
    ("unanswered", "unanswered", "", ""),
    ("", "", "", ""),
    ("", "", "", ""),
]


def test_each_kind_of_row_gives_its_three_texts() -> None:
    found = compared_texts(to_batch(RECORDS))
    assert list(zip(*(column.to_pylist() for column in found), strict=True)) == EXPECTED


def test_a_row_alone_and_a_slice_give_the_same_as_the_whole() -> None:
    for first in range(len(RECORDS)):
        for rows in (1, 3):
            found = compared_texts(to_batch(RECORDS).slice(first, rows))
            assert list(zip(*(column.to_pylist() for column in found), strict=True)) == EXPECTED[first : first + rows]


def test_no_rows_give_no_texts() -> None:
    assert [len(column) for column in compared_texts(to_batch([]))] == [0, 0, 0, 0]
