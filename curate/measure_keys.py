"""What the keys of conversations are hashes of: for each row one run of bytes, made of the normal forms of its turns.

An opening, then for each turn its role, its form and what else it says, with separators between; and the forms of the
turns that ask, for the prompt's key. `_row_key` in `signals.py` says it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.normal_forms import Booleans, Forms
from tunesmith.curate.tokens import Bytes, Places, TextRows

_SEPARATOR = 0x1F


class Turns(NamedTuple):
    """Rows of turns: row i has the turns `firsts[i]` to `lasts[i]`, exclusive.

    `openings[i]` is what its key starts with, and `roles[role]` what stands before the form of a turn of this role.
    Where `said[turn]`, its `reasoning` and `name` belong to the key. The turns of the role `user` ask.
    """

    firsts: Places
    lasts: Places
    role: npt.NDArray[np.int8]
    user: int
    openings: TextRows
    roles: TextRows
    said: Booleans
    reasoning: TextRows
    name: TextRows


class KeyTexts(NamedTuple):
    """Pieces of `data`, one for the key of each row, one for that of its prompt."""

    data: Bytes
    row_starts: Places
    row_ends: Places
    prompt_starts: Places
    prompt_ends: Places


def key_texts(turns: Turns, forms: Forms) -> KeyTexts:
    """What the keys of these rows are hashes of; nothing of use for a row with a form that was given up."""
    n_rows = len(turns.firsts)
    columns = (turns.reasoning, turns.name, turns.openings)
    sizes = [int((texts.ends - texts.starts).sum()) for texts in columns]
    longest_role = int((turns.roles.ends - turns.roles.starts).max())
    room = 2 * int((forms.ends - forms.starts).sum()) + sum(sizes) + (longest_role + 4) * len(turns.role)
    found = KeyTexts(np.empty(room, np.uint8), *(np.zeros(n_rows, np.int64) for _ in range(4)))
    _write_rows(turns, forms, found)
    return found


@inlined
def _copy(out: Bytes, at: Scalar, data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Write bytes as they are; the place behind them. Indices from 0 on let the compiler copy 32 bytes at once."""
    source, target = data[start:end], out[at : at + end - start]
    for i in range(len(source)):
        target[i] = source[i]
    return at + end - start


@inlined
def _write_row(row: Scalar, turns: Turns, forms: Forms, found: KeyTexts, at: Scalar) -> Scalar:
    """Write what the row's key is the hash of; the place behind it. The prompt is in it where one turn asks."""
    out, roles = found.data, turns.roles
    at = _copy(out, at, turns.openings.data, turns.openings.starts[row], turns.openings.ends[row])
    for turn in range(turns.firsts[row], turns.lasts[row]):
        role = turns.role[turn]
        at = _copy(out, at, roles.data, roles.starts[role], roles.ends[role])
        begin = at
        at = _copy(out, at, forms.data, forms.starts[turn], forms.ends[turn])
        if role == turns.user:
            found.prompt_starts[row], found.prompt_ends[row] = begin, at
        if turns.said[turn]:
            out[at] = _SEPARATOR
            at = _copy(out, at + 1, turns.reasoning.data, turns.reasoning.starts[turn], turns.reasoning.ends[turn])
            out[at] = _SEPARATOR
            at = _copy(out, at + 1, turns.name.data, turns.name.starts[turn], turns.name.ends[turn])
    return at


@inlined
def _write_prompt(row: Scalar, turns: Turns, forms: Forms, found: KeyTexts, at: Scalar) -> Scalar:
    """Write what the prompt's key is the hash of, where several turns ask; the place behind it."""
    n_asked, begin = 0, at
    for turn in range(turns.firsts[row], turns.lasts[row]):
        n_asked += turns.role[turn] == turns.user
    if n_asked < 2:
        return at
    for turn in range(turns.firsts[row], turns.lasts[row]):
        if turns.role[turn] != turns.user:
            continue
        if at > begin or n_asked < 0:
            found.data[at] = _SEPARATOR
            at += 1
        n_asked = -1
        at = _copy(found.data, at, forms.data, forms.starts[turn], forms.ends[turn])
    found.prompt_starts[row], found.prompt_ends[row] = begin, at
    return at


@compiled
def _write_rows(turns: Turns, forms: Forms, found: KeyTexts) -> None:
    """Fill `found`."""
    at = 0
    for row in range(len(turns.firsts)):
        found.row_starts[row] = at
        at = _write_row(row, turns, forms, found, at)
        found.row_ends[row] = at
        at = _write_prompt(row, turns, forms, found, at)
