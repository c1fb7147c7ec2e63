"""KTO, one answer and whether it was wanted: messages with a `label`, TRL's `prompt` + `completion`, Alpaca, ShareGPT.

A label is a boolean; 1, 0, "true" and "false" are read too and written back as they came (a trainer drops them: LLaMA-Factory
wants a boolean). `kto_tag` is LLaMA-Factory's name of the same column.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"prompt": "1+1?", "completion": "3", "label": False}, FORMATS["trl_kto"]).label
False
"""

from __future__ import annotations

from tunesmith.curate.formats import alpaca, openai, sharegpt
from tunesmith.curate.formats.base import Form, Format, Row, describe
from tunesmith.curate.formats.columns import PROMPT_COMPLETION, write_lists
from tunesmith.curate.records import Record
from tunesmith.errors import CannotHold, RowError

_LABELS = {"true": True, "false": False, "True": True, "False": False, "1": True, "0": False}
_NAMES = frozenset({"label", "kto_tag"})


def _label(row: Row) -> tuple[bool, Form]:
    name = "label" if "label" in row else "kto_tag"
    hints: Form = {} if name == "label" else {"label": name}
    value = row.get(name)
    if isinstance(value, bool):
        return value, hints
    if str(value) in _LABELS:
        return _LABELS[str(value)], hints
    raise RowError("wrong_type", f"`{name}` is {describe(value)} where true or false belongs")


def _read_trl(row: Row, form: Form) -> tuple[Record, Form]:
    record, hints = PROMPT_COMPLETION.read(row, form)
    plain_cut = len(record.messages or ()) - 1
    return record, {} if hints == {"cut": plain_cut} else hints or {"shape": "texts"}


def _write_trl(record: Record, hints: Form) -> tuple[Row, Form]:
    """Lists of messages, which TRL templates rightly and which hold every conversation; texts where they came so."""
    if hints.get("shape") == "texts":
        return PROMPT_COMPLETION.write(record, {})
    return write_lists(record, hints.get("cut", len(record.messages or ()) - 1))


def _labelled(name: str, plain: Format) -> Format:
    """A format of conversations with a label beside it."""

    def read(row: Row, form: Form) -> tuple[Record, Form]:
        label, hints = _label(row)
        record, more = plain.read({key: value for key, value in row.items() if key not in _NAMES}, form)
        return record._replace(kind="kto", label=label), hints | more

    def write(record: Record, hints: Form) -> tuple[Row, Form]:
        if not record.messages or record.messages[-1].role != "assistant":
            raise CannotHold("there is no answer to label")
        row, form = plain.write(record._replace(kind="sft"), hints)
        return row | {hints.get("label", "label"): record.label}, form

    return Format(name, ("kto",), plain.keys | _NAMES, read, write)


KTO = _labelled("kto", openai.OPENAI)
TRL_KTO = _labelled("trl_kto", PROMPT_COMPLETION._replace(read=_read_trl, write=_write_trl))
ALPACA_KTO = _labelled("alpaca_kto", alpaca.ALPACA)
SHAREGPT_KTO = _labelled("sharegpt_kto", sharegpt.SHAREGPT)
