"""Two columns, a prompt and an answer, under the names that data sets give them.

`prompt_completion` also reads TRL's lists of messages under these names. Columns that no name here covers are mapped
explicitly, see `columns.py`.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> [m.content for m in read_row({"query": "Hi", "response": "Hello"}, FORMATS["question_answer"]).messages]
['Hi', 'Hello']
"""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.curate.formats import openai
from tunesmith.curate.formats.base import Form, Format, Row, need_one_of, text_at
from tunesmith.curate.formats.turns import THINK, bare_string, lift, lower, read_inline
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import CannotHold, RowError

#: Names of a question and its answer, lower case, most common first. `prompt` + `completion` is a format of its own.
QUESTION_NAMES = ("question", "query", "prompt", "instruction", "problem", "ask", "问题", "提问")
ANSWER_NAMES = ("answer", "response", "output", "ground_truth", "solution", "reply", "target", "回答", "答案")


def _ranks(names: tuple[str, ...]) -> dict[str, int]:
    return {spelled: rank for rank, name in enumerate(names) for spelled in (name, name.title(), name.upper())}


_QUESTIONS, _ANSWERS = _ranks(QUESTION_NAMES), _ranks(ANSWER_NAMES)


def pair_of(row: Mapping[str, object]) -> tuple[str, str] | None:
    """The names of the question and the answer column, as the row spells them; None where there are none."""
    question = min(filter(_QUESTIONS.__contains__, row), key=_QUESTIONS.__getitem__, default=None)
    answer = min(filter(_ANSWERS.__contains__, row), key=_ANSWERS.__getitem__, default=None)
    return (question, answer) if question and answer else None


def _two_turns(row: Row, question: str, answer: str, form: Form, tools: str | None = None) -> Record:
    reply = text_at(row, answer)
    turns = [Message("user", text_at(row, question) or "")]
    if reply is not None:
        turns.append(read_inline(Message("assistant", reply)))
    return Record("sft", lower(tuple(turns), form), tools=tools)


def two_texts(record: Record) -> tuple[str, str | None, Form]:
    """Question, answer (None where there is none) and what the bare texts cannot say of their turns.

    :raises CannotHold: where the record is not one question with one answer.
    """
    messages = record.turns
    if [turn.role for turn in messages] not in (["user"], ["user", "assistant"]):
        raise CannotHold("it is not one question with one answer", remedy="use openai or sharegpt")
    answer = bare_string(messages[1]) if len(messages) == 2 else None
    return bare_string(messages[0]), answer, lift(messages)


def _choose_pair(row: Row) -> frozenset[str]:
    return frozenset(pair_of(row) or ())


def _read_pair(row: Row, form: Form) -> tuple[Record, Form]:
    names = pair_of(row)
    if names is None:
        remedy = f"name the columns: one of {', '.join(QUESTION_NAMES)} and one of {', '.join(ANSWER_NAMES)}"
        raise RowError("missing_column", "has no columns of a question and its answer", remedy=remedy)
    return _two_turns(row, *names, form), {} if names == ("question", "answer") else {"pair": list(names)}


def _write_pair(record: Record, hints: Form) -> tuple[Row, Form]:
    question, answer, form = two_texts(record)
    if record.tools is not None:
        raise CannotHold("there is no column for tools", remedy="use openai or sharegpt")
    row: Row = dict(zip(hints.get("pair", ()), (question, answer)))
    return row if pair_of(row) == (*row,) else {"question": question, "answer": answer}, form


def _read_completion(row: Row, form: Form) -> tuple[Record, Form]:
    need_one_of(row, "prompt")
    prompt, completion = row.get("prompt"), row.get("completion")
    tools = openai.read_tools(row, form)
    if not isinstance(prompt, list) and not isinstance(completion, list):
        return _two_turns(row, "prompt", "completion", form, tools), {}
    before = openai.read_messages(prompt, "prompt")
    messages = before + openai.read_messages(completion, "completion")
    return Record("sft", messages, tools=tools), {"cut": len(before)}


def _write_completion(record: Record, hints: Form) -> tuple[Row, Form]:
    cut = hints.get("cut")
    if isinstance(cut, int):
        return write_lists(record, cut)
    question, answer, form = two_texts(record)
    return openai.with_tools({"prompt": question, "completion": answer}, record, form)


def write_lists(record: Record, cut: int) -> tuple[Row, Form]:
    """TRL's conversational shape: the first `cut` turns are the prompt, the others the completion."""
    turns = openai.write_messages(record.turns)
    return openai.with_tools({"prompt": turns[:cut], "completion": turns[cut:]}, record, {})


def _plain_completion(row: Row) -> Messages | None:
    prompt, completion = row.get("prompt"), row.get("completion")
    if type(prompt) is not str or type(completion) is not str or "tools" in row or completion.startswith(THINK):
        return None
    return Message("user", prompt), Message("assistant", completion)


PROMPT_COMPLETION = Format(
    "prompt_completion",
    ("sft",),
    frozenset({"prompt", "completion", "tools"}),
    _read_completion,
    _write_completion,
    plain=_plain_completion,
)
QUESTION_ANSWER = Format(
    "question_answer", ("sft",), frozenset(_QUESTIONS | _ANSWERS), _read_pair, _write_pair, choose=_choose_pair
)
