"""A row in a line of a table: its last question and answer, cut where a cell ends, and what is wrong with it.

>>> from tunesmith.curate.records import Message, Record
>>> question_answer(Record("sft", (Message("user", "Hi"), Message("assistant", "Hello"))))
('Hi', 'Hello')
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunesmith.curate.records import Record

#: Characters of a text in a cell; the row's own view has all of it.
CELL = 240

_ANSWERS = ("assistant", "chosen", "text")


def question_answer(record: Record) -> tuple[str, str]:
    """The last question and the last answer (the chosen one, the text), for cells."""
    from tunesmith.curate.turns import turns_of

    turns = turns_of(record)
    question = next((turn.text for turn in reversed(turns) if turn.role == "user"), "")
    answer = next((turn.text for turn in reversed(turns) if turn.role in _ANSWERS), "")
    return cut(question), cut(answer)


def cut(text: str) -> str:
    """On one line, with a mark where it was cut."""
    line = " ".join(text[: CELL * 4].split())
    return line if len(line) <= CELL and len(text) <= CELL * 4 else line[:CELL].rstrip() + " …"


def raw_text(raw: bytes, most: int) -> str:
    """The beginning of a row as it came; bytes that are no text are shown as such."""
    text = raw[:most].decode("utf-8", errors="backslashreplace")
    return text if len(raw) <= most else text + " …"
