"""Two columns, a prompt and an answer, under the names that data sets give them, and any columns by an explicit mapping.

`prompt_completion` also reads TRL's lists of messages under these names. `mapped({"prompt": "ask", "answer": "reply"})` makes a
format for columns that no name here covers; what may be mapped stands in `MAPPABLE`.

>>> from tunesmith.curate.formats.catalog import read_row
>>> [m.content for m in read_row({"ask": "Hi", "reply": "Hello"}, mapped({"prompt": "ask", "answer": "reply"})).messages]
['Hi', 'Hello']
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from tunesmith.curate.formats import alpaca, openai, preference, sharegpt, text
from tunesmith.curate.formats.base import Form, Format, Row, text_at
from tunesmith.curate.formats.turns import bare_string, lift, lower, read_inline
from tunesmith.curate.records import Message, Record
from tunesmith.errors import CannotHold, InputError, RowError

#: Names of a question and its answer, lower case, most common first. `prompt` + `completion` is a format of its own.
QUESTION_NAMES = ("question", "query", "prompt", "instruction", "problem", "ask", "问题", "提问")
ANSWER_NAMES = ("answer", "response", "output", "ground_truth", "solution", "reply", "target", "回答", "答案")


def pair_of(row: Mapping[str, object]) -> tuple[str, str] | None:
    """The names of the question and the answer column, as the row spells them; None where there are none."""
    spelled = {key.lower(): key for key in reversed([*row])}
    question = next((spelled[name] for name in QUESTION_NAMES if name in spelled), None)
    answer = next((spelled[name] for name in ANSWER_NAMES if name in spelled), None)
    return (question, answer) if question and answer else None


def _two_turns(row: Row, question: str, answer: str, form: Form) -> Record:
    reply = text_at(row, answer)
    turns = [Message("user", text_at(row, question) or "")]
    if reply is not None:
        turns.append(read_inline(Message("assistant", reply)))
    return Record("sft", lower(tuple(turns), form))


def _two_texts(record: Record) -> tuple[str, str | None, Form]:
    messages = record.messages or ()
    roles = [turn.role for turn in messages]
    if roles not in (["user"], ["user", "assistant"]) or record.tools is not None:
        raise CannotHold("it is not one question with one answer", remedy="use openai or sharegpt")
    answer = bare_string(messages[1]) if len(messages) == 2 else None
    return bare_string(messages[0]), answer, lift(messages)


def _read_pair(row: Row, form: Form) -> tuple[Record, Form]:
    names = pair_of(row)
    if names is None:
        raise RowError("missing_column", f"has the fields {', '.join(row)}; a question and an answer were expected")
    return _two_turns(row, *names, form), {} if names == ("question", "answer") else {"columns": list(names)}


def _write_pair(record: Record, hints: Form) -> tuple[Row, Form]:
    question, answer, form = _two_texts(record)
    names = hints.get("columns", ("question", "answer"))
    return {names[0]: question, names[1]: answer}, form


def _read_completion(row: Row, form: Form) -> tuple[Record, Form]:
    prompt, completion = row.get("prompt"), row.get("completion")
    if not isinstance(prompt, list) and not isinstance(completion, list):
        return _two_turns(row, "prompt", "completion", form), {}
    before = openai.read_messages(prompt, "prompt")
    messages = before + openai.read_messages(completion, "completion")
    return Record("sft", messages, tools=openai.read_tools(row.get("tools"), form)), {"cut": len(before)}


def _write_completion(record: Record, hints: Form) -> tuple[Row, Form]:
    cut = hints.get("cut")
    if isinstance(cut, int):
        return write_lists(record, cut)
    question, answer, form = _two_texts(record)
    return {"prompt": question, "completion": answer}, form


def write_lists(record: Record, cut: int) -> tuple[Row, Form]:
    """TRL's conversational shape: the first `cut` turns are the prompt, the others the completion."""
    turns = openai.write_messages(record.messages or ())
    row: Row = {"prompt": turns[:cut], "completion": turns[cut:]}
    if record.tools is None:
        return row, {}
    row["tools"], form = openai.write_tools(record.tools)
    return row, form


PROMPT_COMPLETION = Format(
    "prompt_completion", ("sft",), frozenset({"prompt", "completion", "tools"}), _read_completion, _write_completion
)
_SPELLINGS = frozenset(spelled for name in (*QUESTION_NAMES, *ANSWER_NAMES) for spelled in (name, name.title(), name.upper()))
QUESTION_ANSWER = Format("question_answer", ("sft",), _SPELLINGS, _read_pair, _write_pair)

#: What a mapping may name, and the column of the inner format that it stands for.
MAPPABLE = {
    "prompt": "instruction",
    "input": "input",
    "answer": "output",
    "system": "system",
    "history": "history",
    "tools": "tools",
    "chosen": "chosen",
    "rejected": "rejected",
    "label": "label",
    "messages": "messages",
    "conversations": "conversations",
    "text": "text",
}
_OPTIONAL = frozenset({"input", "system", "history", "tools"})


def mapped(columns: Mapping[str, str], name: str = "columns") -> Format:
    """A format for explicitly mapped columns: `{"prompt": "ask", "answer": "reply"}`.

    :raises InputError: for a key that means nothing here, or a set of keys that makes no record.
    """
    for key in columns:
        if key not in MAPPABLE:
            near = difflib.get_close_matches(key, MAPPABLE, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(MAPPABLE)}"
            raise InputError(f"a mapping cannot name {key!r}", where="columns", remedy=remedy)
    inner = _inner_format(columns)
    theirs = {MAPPABLE[key]: column for key, column in columns.items()}

    def read(row: Row, form: Form) -> tuple[Record, Form]:
        for key, column in columns.items():
            if key not in _OPTIONAL and column not in row:
                raise RowError("missing_column", f"has no column `{column}`, which the mapping names as {key}")
        return inner.read({ours: row[column] for ours, column in theirs.items() if column in row}, form)

    def write(record: Record, hints: Form) -> tuple[Row, Form]:
        row, form = inner.write(record, hints)
        unplaced = [key for key, value in row.items() if key not in theirs and value not in ("", None)]
        if unplaced:
            raise CannotHold(f"the mapping has no column for {', '.join(unplaced)}")
        return {theirs[key]: value for key, value in row.items() if key in theirs}, form

    return Format(name, inner.kinds, frozenset(columns.values()), read, write)


def _inner_format(columns: Mapping[str, str]) -> Format:
    from tunesmith.curate.formats import kto  # kto builds on this file

    given = columns.keys()
    pair, label = given >= {"chosen", "rejected"}, "label" in given
    if "conversations" in given:
        return preference.SHAREGPT_PREFERENCE if pair else kto.SHAREGPT_KTO if label else sharegpt.SHAREGPT
    if "messages" in given:
        return kto.KTO if label else openai.OPENAI
    if "prompt" in given and (pair or "answer" in given):
        return preference.ALPACA_PREFERENCE if pair else kto.ALPACA_KTO if label else alpaca.ALPACA
    if given == {"text"}:
        return text.TEXT
    named = ", ".join(given) or "nothing"
    remedy = "name prompt and answer, or prompt, chosen and rejected, or messages, or conversations, or text"
    raise InputError(f"a mapping of {named} makes no record", where="columns", remedy=remedy)


def check_columns(columns: Mapping[str, str], rows: list[Row], where: str) -> None:
    """Refuse a mapping that names a column which none of these rows has.

    :raises InputError: with the columns that there are.
    """
    seen = {key: None for row in rows for key in row}
    missing = [f"`{column}` ({key})" for key, column in columns.items() if column not in seen]
    if missing and rows:
        near = difflib.get_close_matches(missing[0].split("`")[1], seen, n=1)
        remedy = f"did you mean `{near[0]}`?" if near else f"its columns are {', '.join(map(str, seen))}"
        raise InputError(f"has no column {', '.join(missing)}", where=where, remedy=remedy)


