"""Every format by name, and the two calls that all else uses: `read_row` and `write_row`.

>>> record = read_row({"instruction": "Hi", "output": "Hello", "id": 7}, FORMATS["alpaca"])
>>> record.extra
{'id': 7, '_tunesmith': {'alpaca': {'absent': ['input']}}}
>>> write_row(record, FORMATS["alpaca"])
{'instruction': 'Hi', 'output': 'Hello', 'id': 7}
>>> write_row(record, FORMATS["alpaca"], keep_extra=False)
{'instruction': 'Hi', 'output': 'Hello'}
"""

from __future__ import annotations

from typing import Any

from tunesmith.curate.formats import (
    alpaca,
    columns,
    kto,
    multiple_choice,
    openai,
    preference,
    sharegpt,
    siliconflow,
    text,
)
from tunesmith.curate.formats.base import FORM, Form, Format, Row, apply, describe, difference
from tunesmith.curate.records import Record
from tunesmith.errors import CannotHold, RowError

#: Columns of LLaMA-Factory and others that hold pictures, sound or film.
MEDIA = ("image", "images", "audio", "audios", "video", "videos")


def read_row(row: Any, form: Format) -> Record:
    """Convert one parsed row; unknown fields and what the plain spelling would lose go to `extra`.

    :raises RowError: where the row is none of this format, with what is wrong in it.
    """
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"the row is {describe(row)} where an object belongs")
    refuse_media(row)
    ours = {key: value for key, value in row.items() if key in form.keys}
    extra = {key: value for key, value in row.items() if key not in form.keys}
    travelled = _take_form(extra)
    record, hints = form.read(ours, travelled)
    plain, _ = form.write(record, hints)
    if plain != ours or _has_numbers(ours):
        hints = {**hints, **difference(ours, plain)}
    if hints:
        travelled[form.name] = hints
    extra.update(travelled.pop("fields", {}))
    if travelled:
        extra[FORM] = travelled
    return record._replace(extra=extra) if extra else record


def _has_numbers(row: Row) -> bool:
    """Python says 1 == True; only a row with such values needs the stricter comparison."""
    return any(isinstance(value, int | float | list) for value in row.values())


def _take_form(extra: Row) -> Form:
    """The row's own form, taken out of its fields. A stranger's field of that name is a field like any other."""
    found = extra.get(FORM)
    if not isinstance(found, dict):
        return {}
    del extra[FORM]
    return dict(found)


def refuse_media(row: Row) -> None:
    """:raises RowError: `multimodal` where the row names pictures, sound or film."""
    for key in MEDIA:
        if row.get(key):
            raise RowError("multimodal", f"the row has {key} ({describe(row[key])}); only text can be trained here")


def write_row(record: Record, form: Format, *, keep_extra: bool = True) -> Row:
    """Write one record. Without `keep_extra` only the format's own keys stand in the row.

    :raises CannotHold: where the format has no place for the record.
    """
    if record.kind not in form.kinds:
        raise CannotHold(f"{form.name} has no place for rows of kind {record.kind}")
    extra = dict(record.extra or {})
    travelled = _take_form(extra)
    hints = travelled.pop(form.name, {})
    row, more = form.write(record, hints)
    row = _as_it_came(record, form, row, hints, more)
    if not keep_extra:
        return strip_forms(row)
    travelled |= more
    if form.open:
        return _with_fields(row, form, extra, travelled)
    if extra or travelled:
        lost = "the fields " + ", ".join(f"`{key}`" for key in extra) if extra else f"the spelling of {', '.join(travelled)}"
        raise CannotHold(f"{form.name} has no place for {lost}", remedy="leave it out with --drop-extra")
    return strip_forms(row)


def _as_it_came(record: Record, form: Format, plain: Row, hints: Form, more: Form) -> Row:
    """The row with its hints applied, unless the record no longer says the same (an edit, a redaction, a fill)."""
    if not hints.keys() & {"set", "absent", "turns"}:
        return plain
    row = apply(hints, plain)
    try:
        again, _ = form.read(row, dict(more))
    except RowError:
        return plain
    return row if again == record._replace(extra=None) else plain


def _with_fields(row: Row, form: Format, extra: Row, travelled: Form) -> Row:
    hidden = {key: value for key, value in extra.items() if key in form.keys}  # would be read as the format's own
    if hidden:
        travelled = {**travelled, "fields": hidden}
    row = {**row, **{key: value for key, value in extra.items() if key not in form.keys}}
    return {**row, FORM: travelled} if travelled else row


def strip_forms(value: Any) -> Any:
    """A row without our reserved fields, in its turns too."""
    if isinstance(value, dict):
        return {key: strip_forms(item) for key, item in value.items() if key != FORM}
    if isinstance(value, list):
        return [strip_forms(item) for item in value]
    return value


_ALL = (
    alpaca.ALPACA,
    sharegpt.SHAREGPT,
    openai.OPENAI,
    siliconflow.SILICONFLOW,
    columns.PROMPT_COMPLETION,
    columns.QUESTION_ANSWER,
    multiple_choice.MULTIPLE_CHOICE,
    preference.ALPACA_PREFERENCE,
    preference.SHAREGPT_PREFERENCE,
    preference.TRL_PREFERENCE,
    kto.KTO,
    kto.TRL_KTO,
    kto.ALPACA_KTO,
    kto.SHAREGPT_KTO,
    text.TEXT,
)

FORMATS = {form.name: form for form in _ALL}
