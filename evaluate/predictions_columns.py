"""Which column of a file holds what: our own names, another tool's, or those that a person maps.

>>> column_names(["prompt", "predict", "label"], None, where="generated_predictions.jsonl")["reference"]
'label'
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from tunesmith.errors import InputError

#: What a line may hold under a name of ours; everything else is a field.
NAMES = ("id", "messages", "prompt", "prediction", "reference", "failure", "meta")
#: What a mapping of a file of predictions may name.
MAPPABLE = (*NAMES, "correct")

_LLAMAFACTORY = {"prediction": "predict", "reference": "label"}
_SHOWN = 12


def column_names(
    seen: Collection[str],
    columns: Mapping[str, str] | None,
    *,
    where: str,
    mappable: Collection[str] = MAPPABLE,
    needed: Collection[str] = ("prediction",),
) -> dict[str, str]:
    """Our name to the file's column, for every name of ours.

    :param seen: the fields of all lines.
    :param needed: names whose column has to be there, beside those that are mapped.
    :raises InputError: for a mapping of an unknown name or to a column that no line has, and where a needed one lacks.
    """
    for key in columns or ():
        if key not in mappable:
            near = difflib.get_close_matches(key, mappable, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(mappable)}"
            raise InputError(f"a mapping cannot name {key!r}", where="columns", remedy=remedy)
    if len(set((columns or {}).values())) < len(columns or {}):
        raise InputError(f"names one column twice: {', '.join((columns or {}).values())}", where="columns")
    theirs = _llamafactory(seen) if not columns else dict(columns)
    names = {name: name for name in NAMES} | theirs
    _check(names, [name for name in dict.fromkeys((*(columns or ()), *needed)) if names[name] not in seen], seen, where)
    return names


def _llamafactory(seen: Collection[str]) -> dict[str, str]:
    """Its `generated_predictions.jsonl` has `prompt`, `predict` and `label`; older versions wrote no prompt."""
    if "prediction" in seen or "predict" not in seen:
        return {}
    return {name: column for name, column in _LLAMAFACTORY.items() if column in seen}


def _check(names: Mapping[str, str], lacking: list[str], seen: Collection[str], where: str) -> None:
    if not lacking:
        return
    told = ", ".join(f"`{names[name]}`" for name in lacking)
    fields = ", ".join(f"`{key}`" for key in list(seen)[:_SHOWN]) + (" …" if len(seen) > _SHOWN else "")
    near = difflib.get_close_matches(names[lacking[0]], seen, n=1)
    remedy = f"map it, such as --columns {lacking[0]}={near[0] if near else 'COLUMN'}"
    raise InputError(f"no line has {told}; the fields are {fields or 'none'}", where=where, remedy=remedy)
