"""Alpaca: `instruction`, `input`, `output`, and where present `system`, `history` (pairs) and `tools` (JSON text).

The user's text is `instruction` + line break + `input`, as LLaMA-Factory and the original template join them; a hint
remembers where the input began. A null or absent `output` is a conversation without an answer, "" an empty answer.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> record = read_row({"instruction": "Translate", "input": "猫", "output": "cat"}, FORMATS["alpaca"])
>>> [message.content for message in record.messages]
['Translate\\n猫', 'cat']
"""

from __future__ import annotations

from tunesmith.curate.formats.base import Form, Format, Row, describe, need_one_of, text_at
from tunesmith.curate.formats.openai import read_tools
from tunesmith.curate.formats.turns import THINK, bare_string, lift, lower, read_inline
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import CannotHold, RowError

PROMPT_KEYS = frozenset({"instruction", "input", "system", "history", "tools"})
_LATER = frozenset({"system", "history", "tools"})


def read_prompt(row: Row) -> tuple[list[Message], Form]:
    """System, history and the user's turn, and the hint where the input begins."""
    turns: list[Message] = []
    if system := text_at(row, "system"):
        turns.append(Message("system", system))
    for pair in _history(row.get("history")):
        turns += [Message("user", pair[0]), read_inline(Message("assistant", pair[1]))]
    instruction, context = text_at(row, "instruction") or "", text_at(row, "input")
    if not context:
        turns.append(Message("user", instruction))
        return turns, {}
    turns.append(Message("user", f"{instruction}\n{context}" if instruction else context))
    return turns, {"input": len(instruction)} if instruction else {}


def _history(value: object) -> list[list[str]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise RowError("wrong_nesting", f"`history` is {describe(value)} where a list of pairs belongs")
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise RowError("wrong_nesting", f"`history` holds {describe(pair)} where [question, answer] belongs")
    return value


def write_prompt(messages: Messages, hints: Form) -> Row:
    """The columns before the answer.

    :raises CannotHold: where they are not a system turn at most, then questions and answers by turns, a question last.
    """
    system, turns = (messages[0], messages[1:]) if messages and messages[0].role == "system" else (None, messages)
    if [turn.role for turn in turns] != ["user", "assistant"] * (len(turns) // 2) + ["user"]:
        raise CannotHold("the turns do not alternate between user and assistant", remedy="use openai or sharegpt")
    *past, question = [bare_string(turn) for turn in turns]
    row: Row = {"instruction": question, "input": ""}
    cut = hints.get("input")
    if isinstance(cut, int) and 0 < cut < len(question) - 1 and question[cut] == "\n":
        row = {"instruction": question[:cut], "input": question[cut + 1 :]}
    if system is not None:
        row["system"] = bare_string(system)
        if not row["system"]:
            raise CannotHold("an empty system turn would vanish")
    if past:
        row["history"] = [list(pair) for pair in zip(past[::2], past[1::2])]
    return row


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    need_one_of(row, "instruction", "input", "output")
    turns, hints = read_prompt(row)
    answer = text_at(row, "output")
    if answer is not None:
        turns.append(read_inline(Message("assistant", answer)))
    return Record("sft", lower(tuple(turns), form), tools=read_tools(row, form)), hints


def _plain(row: Row) -> Messages | None:
    """A question and an answer; nothing of a conversation before them, and an `input` that has to be there."""
    if not _LATER.isdisjoint(row):
        return None
    instruction, context, answer = row.get("instruction"), row.get("input"), row.get("output")
    if type(instruction) is not str or type(context) is not str or type(answer) is not str:
        return None
    if context or answer.startswith(THINK):
        return None
    return Message("user", instruction), Message("assistant", answer)


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    messages = record.turns
    answered = bool(messages) and messages[-1].role == "assistant"
    row = write_prompt(messages[:-1] if answered else messages, hints)
    ordered: Row = {"instruction": row.pop("instruction"), "input": row.pop("input")}
    ordered["output"] = bare_string(messages[-1]) if answered else None
    if record.tools is not None:
        row["tools"] = record.tools
    return ordered | row, lift(messages)


ALPACA = Format("alpaca", ("sft",), PROMPT_KEYS | {"output"}, _read, _write, plain=_plain)
