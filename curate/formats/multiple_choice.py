"""Multiple choice in columns, the way CMMLU and C-Eval come: `Question`, `A`, `B`, `C`, `D` (and more), `Answer`.

The question and its choices become the prompt, the letter the answer; without this the choices would be left out.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> row = {"Question": "2 + 2 = ?", "A": "3", "B": "4", "Answer": "B"}
>>> read_row(row, FORMATS["multiple_choice"]).messages[0].content
'2 + 2 = ?\\nA. 3\\nB. 4'
"""

from __future__ import annotations

import re

from tunesmith.curate.formats.base import Form, Format, Row, need_one_of, text_at
from tunesmith.curate.formats.pairs import two_texts
from tunesmith.curate.formats.turns import lower, read_inline
from tunesmith.curate.records import Message, Record
from tunesmith.errors import CannotHold

LETTERS = "ABCDEFGHIJ"
_CHOICE = re.compile(r"\n([A-J])\. ")


def _names(row: Row) -> tuple[str, str]:
    return ("Question", "Answer") if "Question" in row else ("question", "answer")


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    question, answer = _names(row)
    need_one_of(row, question)
    choices = [f"\n{letter}. {text_at(row, letter) or ''}" for letter in LETTERS if letter in row]
    turns = [Message("user", (text_at(row, question) or "") + "".join(choices))]
    if (reply := text_at(row, answer)) is not None:
        turns.append(read_inline(Message("assistant", reply)))
    return Record("sft", lower(tuple(turns), form)), {} if question == "Question" else {"case": "lower"}


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    prompt, reply, form = two_texts(record)
    if record.tools is not None:
        raise CannotHold("there is no column for tools", remedy="use openai or sharegpt")
    question, *parts = _CHOICE.split(prompt)
    letters = parts[::2]
    if len(letters) < 2 or letters != list(LETTERS[: len(letters)]):
        raise CannotHold("the prompt does not end in choices A., B., …", remedy="use question_answer")
    names = ("question", "answer") if hints.get("case") == "lower" else ("Question", "Answer")
    return {names[0]: question, **dict(zip(letters, parts[1::2])), names[1]: reply}, form


def _choose(row: Row) -> frozenset[str]:
    return frozenset((*_names(row), *LETTERS))


KEYS = frozenset({"Question", "question", "Answer", "answer", *LETTERS})
MULTIPLE_CHOICE = Format("multiple_choice", ("sft",), KEYS, _read, _write, choose=_choose)
