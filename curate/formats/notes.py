"""The form: what the plain way of writing cannot say of a row or of a turn, as small hints in the field `_tunesmith`.

Three things live here: the difference between a row as it came and as it would be written plainly; the fields that
stand beside a format's own, where names that would collide are put away in the form; and the check that a form is ours.

>>> difference({"instruction": "Hi", "output": "Hello"}, {"instruction": "Hi", "input": "", "output": "Hello"})
{'absent': ['input']}
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tunesmith.curate.formats.base import FORM, Form, Row, describe, equal
from tunesmith.errors import RowError


def difference(row: Row, plain: Row) -> Form:
    """The hints that turn the plainly written row into the row as it came; empty where they are equal.

    Lists of turns of equal length are compared turn by turn, so that a hint stays as small as the oddity.
    """
    changed: Row = {}
    turns: Row = {}
    for key, value in row.items():
        if key in plain and equal(plain[key], value):
            continue
        inner = _turn_differences(value, plain.get(key))
        if inner is None:
            changed[key] = value
        else:
            turns[key] = inner
    absent = [key for key in plain if key not in row]
    return {name: found for name, found in (("set", changed), ("turns", turns), ("absent", absent)) if found}


def _turn_differences(value: object, plain: object) -> Row | None:
    if not (isinstance(value, list) and isinstance(plain, list) and len(value) == len(plain)):
        return None
    if not all(isinstance(turn, dict) for turn in (*value, *plain)):
        return None
    found = {str(i): difference(value[i], plain[i]) for i in range(len(value)) if not equal(value[i], plain[i])}
    return found or None


def apply(form: Form, plain: Row) -> Row:
    """The plainly written row with the hints of `difference` applied."""
    absent = form.get("absent", ())
    row = {key: value for key, value in plain.items() if key not in absent}
    for key, turns in form.get("turns", {}).items():
        if isinstance(row.get(key), list):
            row[key] = [apply(turns[str(i)], turn) if str(i) in turns else turn for i, turn in enumerate(row[key])]
    changed: Row = form.get("set", {})
    return row | changed


def beside(row: Row, extra: Row | None, own: Collection[str]) -> Row:
    """A written row or turn with its further fields; those that would be read as its own are put away in the form."""
    if not extra:
        return row
    hidden = {key: value for key, value in extra.items() if key in own}
    if not hidden:
        return row | extra
    form = {**extra.get(FORM, {}), "fields": hidden}
    return row | {key: value for key, value in extra.items() if key not in own} | {FORM: form}


def others(row: Row, own: Collection[str]) -> Row | None:
    """The further fields of a row or turn, those that `beside` put away among them; None where there are none.

    :raises RowError: `reserved_field` where the field `_tunesmith` is not ours.
    """
    extra = {key: value for key, value in row.items() if key not in own}
    if FORM in extra:
        form = _checked(extra.pop(FORM))
        extra |= form.pop("fields", {})
        if form:
            extra[FORM] = form
    return extra or None


def _checked(form: object) -> Form:
    if not (isinstance(form, dict) and _is_sound(form)):
        what = f"the reserved field `{FORM}` is {describe(form)}, which Tunesmith did not write"
        raise RowError("reserved_field", what, remedy="rename or remove the field")
    return dict(form)


#: The types of all hints. A name that is not here is a format's, or a stranger's: an object of hints, or anything.
_TYPES: dict[str, type] = {
    "absent": list,
    "calls": list,
    "case": str,
    "cut": int,
    "extra": dict,
    "fields": dict,
    "input": int,
    "label": str,
    "lifted": dict,
    "name": str,
    "null": bool,
    "pair": list,
    "set": dict,
    "shape": str,
    "spelling": str,
    "system": str,
    "think": list,
    "tools": str,
    "turns": dict,
}
_OF_TEXTS = ("absent", "pair", "think")


def _is_sound(form: Form) -> bool:
    return all(_is_sound_hint(name, value) for name, value in form.items())


def _is_sound_hint(name: str, value: Any) -> bool:
    if name not in _TYPES:
        return not isinstance(value, dict) or _is_sound(value)
    kind = type(value)
    if kind is not _TYPES[name]:  # not isinstance: a boolean is no number here
        return False
    if name in _OF_TEXTS:
        return all(isinstance(text, str) for text in value)
    if name == "lifted":
        return _are_sound(value)
    if name == "turns":
        return all(isinstance(part, dict) and _are_sound(part) for part in value.values())
    if name == "calls":
        return all(isinstance(call, dict) and isinstance(call.get("function", call), dict) for call in value)
    inner: object = value.get(FORM, {}) if name == "extra" else {}
    return isinstance(inner, dict) and _is_sound(inner)


def _are_sound(forms: Row) -> bool:
    return all(isinstance(form, dict) and _is_sound(form) for form in forms.values())
