"""The wordings that are planted, in two sets: `tuning`, which the authors of the rules know, and `held-out`.

Nobody who writes rules reads the held-out set: a figure measured with it says what the rules do with phrases that they
were not written for. Both sets have the same tables.

>>> sorted(WORDINGS)
['held-out', 'tuning']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from fault_wordings import held_out, tuning

Drawn = Callable[[Random], str]


class Wordings(NamedTuple):
    """One set. A mapping's first key is a language; `empty`, `phones` and `keys` then have variants."""

    name: str
    refusals: Mapping[str, tuple[str, ...]]
    empty: Mapping[str, Mapping[str, tuple[str, ...]]]
    markup: tuple[tuple[str, str, str], ...]  # family, where it stands, the text with {} for the turn
    next_turns: Mapping[str, tuple[str, ...]]  # what markup opens that stands between two turns
    unsafe: Mapping[str, str]  # blocks of `> category: request` and on the next line the answer
    echo_prefixes: Mapping[str, tuple[str, ...]]
    loop_units: tuple[str, ...]
    loop_places: tuple[str, ...]
    phones: Mapping[str, Mapping[str, Drawn]]
    address: Drawn
    keys: Mapping[str, Drawn]
    sayings: Mapping[str, Mapping[str, tuple[str, ...]]]  # by what is said (phone, id, mail, key) and language


def written(wordings: Wordings) -> list[str]:
    """Every phrase that is long enough to be told from a common one: refusals, unsafe rows, sayings, politeness."""
    found = [phrase for phrases in wordings.refusals.values() for phrase in phrases]
    found += [line.split(": ", 1)[-1].strip() for text in wordings.unsafe.values() for line in text.strip().split("\n")]
    found += [phrase for by_language in wordings.sayings.values() for some in by_language.values() for phrase in some]
    found += [phrase for variants in wordings.empty.values() for phrase in variants["politeness"]]
    parts = (max(phrase.split("@@"), key=len).strip() for phrase in found)
    return [part for part in parts if len(part.encode()) >= 16]


WORDINGS = {
    "held-out": Wordings(
        "held-out",
        held_out.REFUSALS,
        held_out.EMPTY,
        held_out.MARKUP,
        held_out.NEXT,
        held_out.UNSAFE,
        held_out.ECHO_PREFIXES,
        held_out.LOOP_UNITS,
        held_out.LOOP_PLACES,
        held_out.PHONES,
        held_out.address,
        held_out.KEYS,
        held_out.SAYINGS,
    ),
    "tuning": Wordings(
        "tuning",
        tuning.REFUSALS,
        tuning.EMPTY,
        tuning.MARKUP,
        tuning.NEXT,
        tuning.UNSAFE,
        tuning.ECHO_PREFIXES,
        tuning.LOOP_UNITS,
        tuning.LOOP_PLACES,
        tuning.PHONES,
        tuning.address,
        tuning.KEYS,
        tuning.SAYINGS,
    ),
}
