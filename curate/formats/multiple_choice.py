"""Multiple choice in columns, the way CMMLU and C-Eval come: `Question`, `A`, `B`, `C`, `D` (and more), `Answer`.

The question and its choices become the prompt, the letter the answer; without this the choices would be left out of the prompt.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> row = {"Question": "2 + 2 = ?", "A": "3", "B": "4", "Answer": "B"}
>>> read_row(row, FORMATS["multiple_choice"]).messages[0].content
'2 + 2 = ?\\nA. 3\\nB. 4'
"""

from __future__ import annotations

import re

from tunesmith.curate.formats.base import Form, Format, Row, text_at
from tunesmith.curate.formats.turns import bare_string, lift, lower
from tunesmith.curate.records import Message, Record
from tunesmith.errors import CannotHold

LETTERS = "ABCDEFGHIJ"
_CHOICE = re.compile(r"\n([A-J])\. ")


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    capital = "Question" in row
    question, answer = ("Question", "Answer") if capital else ("question", "answer")
    choices = [f"\n{letter}. {text_at(row, letter) or ''}" for letter in LETTERS if letter in row]
    prompt = Message("user", (text_at(row, question) or "") + "".join(choices))
    messages = lower((prompt, Message("assistant", text_at(row, answer) or "")), form)
    return Record("sft", messages), {} if capital else {"case": "lower"}


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    messages = record.messages or ()
    if [turn.role for turn in messages] != ["user", "assistant"] or record.tools is not None:
        raise CannotHold("it is not one question with one answer")
    question, *parts = _CHOICE.split(bare_string(messages[0]))
    letters = parts[::2]
    if len(letters) < 2 or letters != list(LETTERS[: len(letters)]):
        raise CannotHold("the prompt does not end in choices A., B., …")
    names = ("question", "answer") if hints.get("case") == "lower" else ("Question", "Answer")
    row: Row = {names[0]: question, **dict(zip(letters, parts[1::2])), names[1]: bare_string(messages[1])}
    return row, lift(messages)


KEYS = frozenset({"Question", "question", "Answer", "answer", *LETTERS})
MULTIPLE_CHOICE = Format("multiple_choice", ("sft",), KEYS, _read, _write)
