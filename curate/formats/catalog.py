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

import difflib
from typing import Any

from tunesmith.curate.formats import (
    alpaca,
    kto,
    multiple_choice,
    openai,
    pairs,
    preference,
    sharegpt,
    siliconflow,
    text,
)
from tunesmith.curate.formats.base import FORM, Form, Format, Row, describe, equal
from tunesmith.curate.formats.notes import apply, beside, difference, others
from tunesmith.curate.formats.turns import is_plain
from tunesmith.curate.records import Record, canonical_tools
from tunesmith.errors import CannotHold, InputError, RowError

#: Columns of LLaMA-Factory and others that hold pictures, sound or film.
MEDIA = frozenset({"image", "images", "audio", "audios", "video", "videos"})


_NUMBERS = frozenset({bool, int, float})
_UNUSUAL = MEDIA | {FORM}


def read_row(row: Any, form: Format) -> Record:
    """Convert one parsed row; unknown fields and what the plain spelling would lose go to `extra`.

    :raises RowError: where the row is none of this format, with what is wrong in it.
    """
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"the row is {describe(row)} where an object belongs")
    if form.plain is not None and _UNUSUAL.isdisjoint(row) and (messages := form.plain(row)) is not None:
        further = {key: value for key, value in row.items() if key not in form.keys}
        return Record("sft", messages, extra=further or None)
    refuse_media(row)
    own = form.own(row)
    ours, extra, travelled = row, None, Form()
    if not own.issuperset(row):
        ours, extra = {key: value for key, value in row.items() if key in own}, others(row, own)
        travelled = extra.pop(FORM, {}) if extra else {}
        travelled.pop(form.name, None)  # it is read again here
    record, hints = form.read(ours, travelled)
    plain = _plainly(record, form, hints)
    if plain != ours or _has_numbers(ours):
        hints |= difference(ours, plain)
    if hints:
        travelled[form.name] = hints
    if travelled:
        extra = {**(extra or {}), FORM: travelled}
    return Record(*record[:-1], extra) if extra else record


def _plainly(record: Record, form: Format, hints: Form) -> Row:
    """The row as it would be written plainly; nothing where it cannot be, so that the whole row travels in its form."""
    try:
        return form.write(record, hints)[0]
    except CannotHold:
        return {}


def _has_numbers(row: Row) -> bool:
    """Python says 1 == True, so a row with a label needs the strict comparison. Nested values are the very objects."""
    return not _NUMBERS.isdisjoint(map(type, row.values()))


def refuse_media(row: Row, columns: frozenset[str] = MEDIA) -> None:
    """:raises RowError: `multimodal` where the row names pictures, sound or film."""
    for key in () if columns.isdisjoint(row) else sorted(columns):
        if row.get(key):
            raise RowError("multimodal", f"the row has {key} ({describe(row[key])}); only text can be trained here")


def write_row(record: Record, form: Format, *, keep_extra: bool = True) -> Row:
    """Write one record. Without `keep_extra` only the format's own keys stand in the row.

    :raises CannotHold: where the format has no place for the record.
    """
    if record.kind not in form.kinds:
        raise CannotHold(f"{form.name} has no place for rows of kind {record.kind}")
    if not record.extra:
        row, more = form.write(record, {})
        return _finished(row, form, {FORM: more} if more else {}, keep_extra)
    travelled = dict(record.extra.get(FORM, ()))
    row, more = _as_it_came(record, form, travelled.pop(form.name, {}))
    extra = {key: value for key, value in record.extra.items() if key != FORM}
    if travelled or more:
        extra[FORM] = travelled | more
    if not keep_extra and _has_plain_turns(record):
        return row
    return _finished(row, form, extra, keep_extra)


def _as_it_came(record: Record, form: Format, hints: Form) -> tuple[Row, Form]:
    """The row with its hints applied, unless the record no longer says the same (an edit, a redaction, a fill)."""
    refused, plain, more = None, Row(), Form()
    try:
        plain, more = form.write(record, hints)
    except CannotHold as error:
        refused = error
    if not refused and not hints.keys() & {"set", "absent", "turns"}:
        return plain, more
    row = apply(hints, plain)
    for kept in ({}, more) if more else ({},):
        if row.keys() <= form.keys and _says(row, form, kept, record):
            return row, kept
    if refused:
        raise refused
    return plain, more


def _says(row: Row, form: Format, more: Form, record: Record) -> bool:
    try:
        again, _ = form.read(row, dict(more))
    except RowError:
        return False
    if again.tools and record.tools and canonical_tools(again.tools) == canonical_tools(record.tools):
        again = again._replace(tools=record.tools)  # a hint may give the fields of a tool in another order
    return equal(again, record._replace(extra=None))


def _finished(row: Row, form: Format, extra: Row, keep_extra: bool) -> Row:
    """The written row with its further fields, where it may have any."""
    if keep_extra and form.open:
        own = form.own(row)
        # a further field may change which keys the format takes (`prompt` beside `question`): then none may stand open
        return beside(row, extra, own if form.own(row | extra) == own else form.keys) if extra else row
    if keep_extra and extra:
        lost = ", ".join(f"`{key}`" for key in extra if key != FORM) or "the spelling of the row as it came"
        raise CannotHold(f"{form.name} has no place for {lost}", remedy="leave it out with --drop-extra")
    plain: Row = strip_forms(row)
    return plain


def _has_plain_turns(record: Record) -> bool:
    """Whether all turns are role and text: of any other (a null text, a call) the row may hold our reserved field."""
    sides = (record.messages, record.chosen, record.rejected)
    return all(is_plain(message) for side in sides if side for message in side)


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
    pairs.PROMPT_COMPLETION,
    pairs.QUESTION_ANSWER,
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


def format_named(name: str) -> Format:
    """The format of this name.

    :raises InputError: with the nearest name, where there is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name, FORMATS, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(FORMATS)}"
    raise InputError(f"no format is called {name!r}", remedy=remedy)
