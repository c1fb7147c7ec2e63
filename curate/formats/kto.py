"""KTO, one answer and whether it was wanted: messages with a `label`, TRL's `prompt` + `completion`, Alpaca, ShareGPT.

A label is a boolean; 1, 0, "true" and "false" are read too and written back as they came (a trainer drops them:
LLaMA-Factory wants a boolean). `kto_tag` is LLaMA-Factory's name of the same column.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"prompt": "1+1?", "completion": "3", "label": False}, FORMATS["trl_kto"]).label
False
"""

from __future__ import annotations

from functools import partial

from tunesmith.curate.formats import alpaca, openai, sharegpt
from tunesmith.curate.formats.base import Form, Format, Row, describe
from tunesmith.curate.formats.pairs import PROMPT_COMPLETION, write_lists
from tunesmith.curate.records import Record
from tunesmith.errors import CannotHold, RowError

_LABELS = {"true": True, "false": False, "True": True, "False": False, "1": True, "0": False}


def is_label(value: object) -> bool:
    """Whether a value can be a label; a text such as "positive" belongs to some other task."""
    return isinstance(value, bool) or str(value) in _LABELS


def _label_name(row: Row) -> str:
    return "kto_tag" if "kto_tag" in row and "label" not in row else "label"


def _label(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if is_label(value):
        return _LABELS[str(value)]
    raise RowError("wrong_type", f"`{name}` is {describe(value)} where true or false belongs")


def _read_trl(row: Row, form: Form) -> tuple[Record, Form]:
    record, hints = PROMPT_COMPLETION.read(row, form)
    plain_cut = len(record.turns) - 1
    return record, {} if hints == {"cut": plain_cut} else hints or {"shape": "texts"}


def _write_trl(record: Record, hints: Form) -> tuple[Row, Form]:
    """Lists of messages, which TRL templates rightly and which hold every conversation; texts where they came so."""
    if hints.get("shape") == "texts":
        return PROMPT_COMPLETION.write(record, {})
    return write_lists(record, hints.get("cut", len(record.turns) - 1))


def labelled(name: str, plain: Format) -> Format:
    """A format of conversations with a label beside it."""
    read, write, choose = partial(_read, plain), partial(_write, plain), partial(_choose, plain)
    return Format(name, ("kto",), plain.keys | {"label", "kto_tag"}, read, write, choose=choose)


def _read(plain: Format, row: Row, form: Form) -> tuple[Record, Form]:
    column = _label_name(row)
    label = _label(row.get(column), column)
    record, hints = plain.read({key: value for key, value in row.items() if key != column}, form)
    return record._replace(kind="kto", label=label), hints | ({} if column == "label" else {"label": column})


def _write(plain: Format, record: Record, hints: Form) -> tuple[Row, Form]:
    if not record.messages or record.messages[-1].role != "assistant":
        raise CannotHold("there is no answer to label")
    row, form = plain.write(record._replace(kind="sft"), hints)
    return row | {"kto_tag" if hints.get("label") == "kto_tag" else "label": record.label}, form


def _choose(plain: Format, row: Row) -> frozenset[str]:
    return plain.keys | {_label_name(row)}


KTO = labelled("kto", openai.OPENAI)
TRL_KTO = labelled("trl_kto", PROMPT_COMPLETION._replace(read=_read_trl, write=_write_trl))
ALPACA_KTO = labelled("alpaca_kto", alpaca.ALPACA)
SHAREGPT_KTO = labelled("sharegpt_kto", sharegpt.SHAREGPT)
