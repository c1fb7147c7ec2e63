"""Preference pairs in three shapes: Alpaca columns, ShareGPT turns, and TRL's `prompt`, `chosen`, `rejected`.

TRL's comes as texts, as lists of messages, or without a prompt (both conversations whole, their common beginning is the
prompt); each is written back as it came, a record from elsewhere as lists of messages, which TRL templates rightly.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"prompt": "1+1?", "chosen": "2", "rejected": "3"}, FORMATS["trl_preference"]).rejected[0].content
'3'
"""

from __future__ import annotations

from typing import Any

from tunesmith.curate.formats import alpaca, openai, sharegpt
from tunesmith.curate.formats.base import Form, Format, Row, describe, text_at
from tunesmith.curate.formats.turns import bare_string, lift, lower, read_inline
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import CannotHold, RowError

_SIDES = ("chosen", "rejected")


def _required_text(row: Row, key: str) -> str:
    text = text_at(row, key)
    if text is None:
        raise RowError("wrong_type", f"`{key}` is missing; a pair needs both answers")
    return text


def _single(messages: Messages | None, side: str) -> Message:
    if not messages or len(messages) != 1 or messages[0].role != "assistant":
        raise CannotHold(f"`{side}` is not one assistant turn", remedy="use trl_preference")
    return messages[0]


def _bare_answer(messages: Messages | None, side: str) -> str:
    return bare_string(_single(messages, side))


def _whole(record: Record) -> Messages:
    """Prompt, chosen, rejected in one row: the order in which hints number the turns."""
    return (*(record.messages or ()), *(record.chosen or ()), *(record.rejected or ()))


def _lowered(prompt: Messages, chosen: Messages, rejected: Messages, form: Form) -> Record:
    turns = lower((*prompt, *chosen, *rejected), form)
    cut = len(prompt) + len(chosen)
    return Record("preference", turns[: len(prompt)], turns[len(prompt) : cut], turns[cut:])


def _read_alpaca(row: Row, form: Form) -> tuple[Record, Form]:
    prompt, hints = alpaca.read_prompt(row)
    chosen, rejected = (read_inline(Message("assistant", _required_text(row, side))) for side in _SIDES)
    record = _lowered(tuple(prompt), (chosen,), (rejected,), form)
    return record._replace(tools=text_at(row, "tools") or None), hints


def _write_alpaca(record: Record, hints: Form) -> tuple[Row, Form]:
    row = alpaca.write_prompt(record.messages or (), hints)
    pair = {side: _bare_answer(getattr(record, side), side) for side in _SIDES}
    if record.tools is not None:
        row["tools"] = record.tools
    return row | pair, lift(_whole(record))


def _read_sharegpt(row: Row, form: Form) -> tuple[Record, Form]:
    record, hints = sharegpt.SHAREGPT.read(row, form)
    sides = []
    for side in _SIDES:
        if not isinstance(row.get(side), dict):
            raise RowError("wrong_nesting", f"`{side}` is {describe(row.get(side))} where one turn belongs")
        messages, spelled = sharegpt.read_turns([row[side]], side)
        sides.append(messages)
        hints = hints | {f"{side}_{name}": value for name, value in spelled.items()}
    return record._replace(kind="preference", chosen=sides[0], rejected=sides[1]), hints


def _write_sharegpt(record: Record, hints: Form) -> tuple[Row, Form]:
    row, form = sharegpt.SHAREGPT.write(record, hints)
    for side in _SIDES:
        answer = getattr(record, side)
        if len(answer or ()) != 1:
            raise CannotHold(f"`{side}` is not one turn", remedy="use trl_preference")
        row[side] = sharegpt.write_turns(answer, {"spelling": hints.get(f"{side}_spelling")})[0]
    return row, form


def _read_trl(row: Row, form: Form) -> tuple[Record, Form]:
    prompt, chosen, rejected = (row.get(key) for key in ("prompt", *_SIDES))
    if isinstance(chosen, str) or isinstance(rejected, str):
        turns = (Message("user", text_at(row, "prompt") or ""),)
        sides = [(read_inline(Message("assistant", _required_text(row, side))),) for side in _SIDES]
        return _lowered(turns, sides[0], sides[1], form), {"shape": "texts"}
    whole = [openai.read_messages(value, side) for value, side in zip((chosen, rejected), _SIDES)]
    if isinstance(prompt, list):
        record = Record("preference", openai.read_messages(prompt, "prompt"), whole[0], whole[1])
        return record._replace(tools=openai.read_tools(row.get("tools"), form)), {}
    shared = _common_prefix(*whole)
    if not shared:
        raise RowError("wrong_nesting", "`chosen` and `rejected` have no common beginning and there is no `prompt`")
    record = Record("preference", whole[0][:shared], whole[0][shared:], whole[1][shared:])
    return record._replace(tools=openai.read_tools(row.get("tools"), form)), {"shape": "whole"}


def _common_prefix(chosen: Messages, rejected: Messages) -> int:
    """The number of shared first turns; the last turn of each stays an answer even where both are equal."""
    shared = 0
    while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
        shared += 1
    return shared


def _write_trl(record: Record, hints: Form) -> tuple[Row, Form]:
    prompt = record.messages or ()
    if hints.get("shape") == "texts" and [turn.role for turn in prompt] == ["user"] and record.tools is None:
        row: Row = {"prompt": bare_string(prompt[0])}
        return row | {side: _bare_answer(getattr(record, side), side) for side in _SIDES}, lift(_whole(record))
    sides: dict[str, Any] = {side: openai.write_messages(getattr(record, side) or ()) for side in _SIDES}
    start = openai.write_messages(prompt)
    if hints.get("shape") == "whole":
        row = {side: start + turns for side, turns in sides.items()}
    else:
        row = {"prompt": start, **sides}
    if record.tools is None:
        return row, {}
    row["tools"], form = openai.write_tools(record.tools)
    return row, form


_PAIR = frozenset(_SIDES)
ALPACA_PREFERENCE = Format("alpaca_preference", ("preference",), alpaca.PROMPT_KEYS | _PAIR, _read_alpaca, _write_alpaca)
SHAREGPT_PREFERENCE = Format(
    "sharegpt_preference", ("preference",), sharegpt.SHAREGPT.keys | _PAIR, _read_sharegpt, _write_sharegpt
)
TRL_PREFERENCE = Format("trl_preference", ("preference",), _PAIR | {"prompt", "tools"}, _read_trl, _write_trl)
