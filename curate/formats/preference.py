"""Preference pairs in three shapes: Alpaca columns, ShareGPT turns, and TRL's `prompt`, `chosen`, `rejected`.

TRL's comes as texts, as lists of messages, or without a prompt (both conversations whole, their common beginning is the
prompt); each is written back as it came, a record from elsewhere as lists of messages, which TRL templates rightly.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"prompt": "1+1?", "chosen": "2", "rejected": "3"}, FORMATS["trl_preference"]).rejected[0].content
'3'
"""

from __future__ import annotations

from functools import partial

from tunesmith.curate.formats import alpaca, openai, sharegpt
from tunesmith.curate.formats.base import Form, Format, Row, describe, equal, text_at
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
    return (*record.turns, *(record.chosen or ()), *(record.rejected or ()))


def _lowered(prompt: Messages, chosen: Messages, rejected: Messages, form: Form) -> Record:
    turns = lower((*prompt, *chosen, *rejected), form)
    cut = len(prompt) + len(chosen)
    return Record("preference", turns[: len(prompt)], turns[len(prompt) : cut], turns[cut:])


def _read_alpaca(row: Row, form: Form) -> tuple[Record, Form]:
    prompt, hints = alpaca.read_prompt(row)
    chosen, rejected = (read_inline(Message("assistant", _required_text(row, side))) for side in _SIDES)
    record = _lowered(tuple(prompt), (chosen,), (rejected,), form)
    return record._replace(tools=openai.read_tools(row, form)), hints


def _write_alpaca(record: Record, hints: Form) -> tuple[Row, Form]:
    row = alpaca.write_prompt(record.turns, hints)
    pair = {side: _bare_answer(getattr(record, side), side) for side in _SIDES}
    if record.tools is not None:
        row["tools"] = record.tools
    return row | pair, lift(_whole(record))


def sharegpt_pairs(tags: sharegpt.Tags, name: str = "sharegpt_preference") -> Format:
    """ShareGPT turns with one turn each in `chosen` and `rejected`."""
    plain = sharegpt.sharegpt_as(tags)
    read, write = partial(_read_sharegpt, plain, tags), partial(_write_sharegpt, plain, tags)
    return Format(name, ("preference",), plain.keys | _PAIR, read, write)


def _read_sharegpt(plain: Format, tags: sharegpt.Tags, row: Row, form: Form) -> tuple[Record, Form]:
    record, hints = plain.read(row, form)
    sides = []
    for side in _SIDES:
        if not isinstance(row.get(side), dict):
            raise RowError("wrong_nesting", f"`{side}` is {describe(row.get(side))} where one turn belongs")
        messages, spelled = sharegpt.read_turns([row[side]], tags, side)
        sides.append(messages)
        hints |= {f"{side}_{key}": value for key, value in spelled.items()}
    return record._replace(kind="preference", chosen=sides[0], rejected=sides[1]), hints


def _write_sharegpt(plain: Format, tags: sharegpt.Tags, record: Record, hints: Form) -> tuple[Row, Form]:
    row, form = plain.write(record, hints)
    for side, answer in zip(_SIDES, (record.chosen or (), record.rejected or ())):
        if len(answer) != 1:
            raise CannotHold(f"`{side}` is not one turn", remedy="use trl_preference")
        row[side] = sharegpt.write_turns(answer, tags, hints.get(f"{side}_spelling"))[0]
    return row, form


def _read_trl(row: Row, form: Form) -> tuple[Record, Form]:
    chosen, rejected = row.get("chosen"), row.get("rejected")
    if isinstance(chosen, str) or isinstance(rejected, str):
        record, hints = _read_texts(row, form), {"shape": "texts"}
    else:
        sides = openai.read_messages(chosen, "chosen"), openai.read_messages(rejected, "rejected")
        record, hints = _read_lists(row.get("prompt"), *sides)
    return record._replace(tools=openai.read_tools(row, form)), hints


def _read_texts(row: Row, form: Form) -> Record:
    prompt = text_at(row, "prompt")  # TRL's pairs of whole texts have none
    turns = () if prompt is None else (Message("user", prompt),)
    chosen, rejected = ((read_inline(Message("assistant", _required_text(row, side))),) for side in _SIDES)
    return _lowered(turns, chosen, rejected, form)


def _read_lists(prompt: object, chosen: Messages, rejected: Messages) -> tuple[Record, Form]:
    if isinstance(prompt, list):
        return Record("preference", openai.read_messages(prompt, "prompt"), chosen, rejected), {}
    shared = _common_prefix(chosen, rejected)
    if shared:  # a `prompt` text beside whole conversations repeats their first question
        return Record("preference", chosen[:shared], chosen[shared:], rejected[shared:]), {"shape": "whole"}
    if isinstance(prompt, str):
        return Record("preference", (Message("user", prompt),), chosen, rejected), {}
    raise RowError("wrong_nesting", "`chosen` and `rejected` have no common beginning and there is no `prompt`")


def _common_prefix(chosen: Messages, rejected: Messages) -> int:
    """The number of shared first turns; the last turn of each stays an answer even where both are equal."""
    shared = 0
    while shared < min(len(chosen), len(rejected)) - 1 and equal(chosen[shared], rejected[shared]):
        shared += 1
    return shared


def _write_trl(record: Record, hints: Form) -> tuple[Row, Form]:
    row, form = _write_texts(record) if _are_texts(record, hints) else (_write_lists(record, hints), Form())
    return openai.with_tools(row, record, form)


def _are_texts(record: Record, hints: Form) -> bool:
    return hints.get("shape") == "texts" and [turn.role for turn in record.turns] in ([], ["user"])


def _write_texts(record: Record) -> tuple[Row, Form]:
    row: Row = {"prompt": bare_string(record.messages[0])} if record.messages else {}
    return row | {side: _bare_answer(getattr(record, side), side) for side in _SIDES}, lift(_whole(record))


def _write_lists(record: Record, hints: Form) -> Row:
    prompt, chosen, rejected = record.turns, record.chosen or (), record.rejected or ()
    start, *sides = (openai.write_messages(turns) for turns in (prompt, chosen, rejected))
    whole = hints.get("shape") == "whole" and _common_prefix(prompt + chosen, prompt + rejected) == len(prompt)
    if whole:
        return {"chosen": start + sides[0], "rejected": start + sides[1]}
    return {"prompt": start, "chosen": sides[0], "rejected": sides[1]}


_PAIR = frozenset(_SIDES)
ALPACA_PREFERENCE = Format(
    "alpaca_preference", ("preference",), alpaca.PROMPT_KEYS | _PAIR, _read_alpaca, _write_alpaca
)
SHAREGPT_PREFERENCE = sharegpt_pairs(sharegpt.FROM_VALUE)
TRL_PREFERENCE = Format("trl_preference", ("preference",), _PAIR | {"prompt", "tools"}, _read_trl, _write_trl)
