"""Tokens as small numbers, and the runs of tokens that two texts share: the kernels of ROUGE-1 and -2, BLEU and chrF.

Texts come in groups: an answer, then the references that it is compared with. Within a group equal tokens get equal
numbers from 0, found by hash and proved by their code points, so no collision can change a score.

>>> texts = codes_of(["a b a", "b a"], str)
>>> numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 2]), spaced_classes())
>>> numbered.tokens.tolist(), numbered.bounds.tolist()
([0, 1, 0, 1, 0], [0, 3, 5])
>>> count_grams(numbered, np.array([0, 2]), 2)[0].tolist()  # of runs of 1 and of 2: how many match
[2, 1]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]

#: Classes of code points. A LATIN token is a run of its class, a WORD too, with marks; ALONE is a token by itself, and
#: an UNSPACED letter with its marks.
SEPARATOR, WORD, ALONE, MARK, LATIN, UNSPACED = range(6)

_NEWLINE = np.uint32(10)
_NONE = -1
_MULTIPLIER, _HALF = np.uint64(0xD1342543DE82EF95), np.uint64(32)  # Steele and Vigna 2021, as in curate/tokens.py


class Numbered(NamedTuple):
    """The tokens of text i are `tokens[bounds[i]:bounds[i + 1]]`.

    :param tokens: numbers from 0, equal within a group where the tokens are.
    :param lines: how many line breaks stand before each token in its text.
    :param n_names: how many different tokens each group has, shape `(n_groups,)`.
    """

    tokens: Numbers
    lines: Numbers
    bounds: Places
    n_names: Places


class _Table(NamedTuple):
    """An open hash table that is emptied by taking a new stamp."""

    stamps: Numbers
    names: Numbers
    keys: Hashes


class _Runs(NamedTuple):
    """The runs of one order in a group.

    `names[i]` is the number of the run that starts at token i of the group, -1 where it can match nothing. Of each
    run: how often the answer has it (`ours`), the reference at hand (`theirs`, of text `seen_in`), and the reference
    that has it most (`best`).
    """

    names: Numbers
    ours: Numbers
    theirs: Numbers
    seen_in: Numbers
    best: Numbers


def number_tokens(codes: Codes, bounds: Places, groups: Places, classes: Classes) -> Numbered:
    """The tokens of all texts.

    :param bounds: text i is `codes[bounds[i]:bounds[i + 1]]`, shape `(n_texts + 1,)`.
    :param groups: group g has the texts `groups[g]` to `groups[g + 1]` (exclusive), shape `(n_groups + 1,)`.
    :param classes: the class of each code point, shape `(0x110000,)`.
    """
    largest = int(np.diff(bounds[groups]).max(initial=0))
    tokens, lines = np.empty(len(codes), np.int32), np.empty(len(codes), np.int32)
    token_bounds, n_names = np.zeros(len(bounds), np.int64), np.zeros(len(groups) - 1, np.int64)
    starts, lengths = np.empty(largest, np.int64), np.empty(largest, np.int32)
    _number(codes, bounds, groups, classes, _table(largest), starts, lengths, tokens, lines, token_bounds, n_names)
    n_tokens = int(token_bounds[-1])
    return Numbered(tokens[:n_tokens].copy(), lines[:n_tokens].copy(), token_bounds, n_names)


def count_grams(numbered: Numbered, groups: Places, n_orders: int) -> Places:
    """How many runs of 1 to `n_orders` tokens of each answer match its references, shape `(n_groups, n_orders)`.

    A run counts as often as the answer has it, and at most as often as the one reference that has it most.
    """
    return _count(numbered, groups, n_orders, True)[:, :, 0].copy()


def count_sets(numbered: Numbered, groups: Places, n_orders: int) -> Places:
    """How many different runs the answer has, the references have, and both: shape `(n_groups, n_orders, 3)`."""
    return _count(numbered, groups, n_orders, False)[:, :, 1:].copy()


def _count(numbered: Numbered, groups: Places, n_orders: int, only_matches: bool) -> Places:
    """Shape `(n_groups, n_orders, 4)`; with `only_matches` the last three are no use: what cannot match is left out."""
    largest = int(np.diff(numbered.bounds[groups]).max(initial=0))
    runs = _Runs(*(np.empty(largest, np.int32) for _ in _Runs._fields))
    found = np.zeros((len(groups) - 1, n_orders, 4), np.int64)
    _count_runs(numbered.tokens, numbered.bounds, numbered.n_names, groups, only_matches, _table(largest), runs, found)
    return found


def _table(n_keys: int) -> _Table:
    n_slots = _n_slots(n_keys)
    return _Table(np.zeros(n_slots, np.int32), np.empty(n_slots, np.int32), np.empty(n_slots, np.uint64))


def _n_slots(n_keys: int) -> int:
    return 2 << max(n_keys, 1).bit_length()


@inlined
def _last_slot(n_keys: Scalar) -> Scalar:
    slots = 4
    while slots < 2 * n_keys:
        slots *= 2
    return slots - 1


@inlined
def _end_of(codes: Codes, place: Scalar, end: Scalar, classes: Classes) -> Scalar:
    """Where the token that starts at `place` ends."""
    kind = classes[codes[place]]
    place += 1
    if kind == ALONE:
        return place
    while place < end:
        following = classes[codes[place]]
        if following != kind and following != MARK:
            break
        if (following == MARK and kind == LATIN) or (following != MARK and kind == UNSPACED):
            break
        place += 1
    return place


@inlined
def _same(codes: Codes, one: Scalar, other: Scalar, length: Scalar) -> Scalar:
    place = 0
    while place < length and codes[one + place] == codes[other + place]:
        place += 1
    return place == length


@inlined
def _name_of(
    codes: Codes, start: Scalar, length: Scalar, table: _Table, stamp: Scalar, last_slot: Scalar,
    starts: Places, lengths: Numbers, n_names: Scalar,
) -> Scalar:  # fmt: skip
    """The number of a token, `n_names` if it is new; it is entered then."""
    hashed = np.uint64(length)
    for i in range(start, start + length):
        hashed = (hashed ^ np.uint64(codes[i])) * _MULTIPLIER
        hashed ^= hashed >> _HALF
    slot = np.int64(hashed) & last_slot
    while table.stamps[slot] == stamp:
        name = table.names[slot]
        if table.keys[slot] == hashed and lengths[name] == length and _same(codes, starts[name], start, length):
            return name
        slot = (slot + 1) & last_slot
    table.stamps[slot], table.names[slot], table.keys[slot] = stamp, n_names, hashed
    starts[n_names], lengths[n_names] = start, length
    return n_names


@compiled
def _number(
    codes: Codes, bounds: Places, groups: Places, classes: Classes, table: _Table, starts: Places, lengths: Numbers,
    tokens: Numbers, lines: Numbers, token_bounds: Places, n_names: Places,
) -> None:  # fmt: skip
    n_tokens = 0
    for group in range(len(groups) - 1):
        found = 0
        last_slot = _last_slot(bounds[groups[group + 1]] - bounds[groups[group]])
        for text in range(groups[group], groups[group + 1]):
            place, end, line = bounds[text], bounds[text + 1], 0
            while place < end:
                kind = classes[codes[place]]
                if kind in (SEPARATOR, MARK):
                    line += codes[place] == _NEWLINE
                    place += 1
                    continue
                start, place = place, _end_of(codes, place, end, classes)
                name = _name_of(codes, start, place - start, table, group + 1, last_slot, starts, lengths, found)
                found = max(found, name + 1)
                tokens[n_tokens], lines[n_tokens] = name, line
                n_tokens += 1
            token_bounds[text + 1] = n_tokens
        n_names[group] = found


@inlined
def _run_of(key: Scalar, table: _Table, stamp: Scalar, last_slot: Scalar, n_runs: Scalar, enter: Scalar) -> Scalar:
    """The number of a run of tokens; where it is new, `n_runs` if it is to be entered and -1 if not."""
    hashed = key * _MULTIPLIER
    slot = np.int64(hashed ^ (hashed >> _HALF)) & last_slot
    while table.stamps[slot] == stamp:
        if table.keys[slot] == key:
            return table.names[slot]
        slot = (slot + 1) & last_slot
    if not enter:
        return _NONE
    table.stamps[slot], table.names[slot], table.keys[slot] = stamp, n_runs, key
    return n_runs


@inlined
def _book(run: Scalar, is_new: Scalar, text: Scalar, is_answer: Scalar, runs: _Runs) -> None:
    """Count one more occurrence of a run in a text."""
    if is_new:
        runs.ours[run], runs.theirs[run], runs.seen_in[run], runs.best[run] = 0, 0, text, 0
    if is_answer:
        runs.ours[run] += 1
        return
    if runs.seen_in[run] != text:
        runs.seen_in[run], runs.theirs[run] = text, 0
    runs.theirs[run] += 1
    runs.best[run] = max(runs.best[run], runs.theirs[run])


@inlined
def _extend(
    tokens: Numbers, first: Scalar, start: Scalar, end: Scalar, order: Scalar, n_names: Scalar, text: Scalar,
    is_answer: Scalar, enter: Scalar, table: _Table, stamp: Scalar, last_slot: Scalar, runs: _Runs, n_runs: Scalar,
) -> Scalar:  # fmt: skip
    """Make the runs that start in `tokens[start:end]` longer by one token, and count them; how many there are then.

    The number of the run before and of the token that follows are together one exact key.
    """
    for i in range(max(start, end - order), end):
        runs.names[i - first] = _NONE
    for i in range(start, end - order):
        if runs.names[i - first] == _NONE:
            continue
        key = np.uint64(runs.names[i - first]) * np.uint64(n_names) + np.uint64(tokens[i + order])
        run = _run_of(key, table, stamp, last_slot, n_runs, enter)
        runs.names[i - first] = run
        if run != _NONE:
            _book(run, run == n_runs, text, is_answer, runs)
            n_runs += run == n_runs
    return n_runs


@inlined
def _tally(runs: _Runs, n_runs: Scalar, found: Places) -> None:
    for run in range(n_runs):
        ours, best = runs.ours[run], runs.best[run]
        found[0] += min(ours, best)
        found[1] += ours > 0
        found[2] += best > 0
        found[3] += ours > 0 and best > 0


@compiled
def _count_runs(
    tokens: Numbers, bounds: Places, n_names: Places, groups: Places, only_matches: Scalar, table: _Table,
    runs: _Runs, found: Places,
) -> None:  # fmt: skip
    stamp = 0
    for group in range(len(groups) - 1):
        answer, last_text = groups[group], groups[group + 1]
        first, n_tokens = bounds[answer], bounds[last_text] - bounds[answer]
        last_slot = _last_slot(n_tokens)
        runs.names[:n_tokens] = 0
        for order in range(found.shape[1]):
            stamp += 1
            n_runs = 0
            for text in range(answer, last_text):
                is_answer = text == answer
                n_runs = _extend(
                    tokens, first, bounds[text], bounds[text + 1], order, n_names[group], text,
                    is_answer, is_answer or not only_matches, table, stamp, last_slot, runs, n_runs,
                )  # fmt: skip
            _tally(runs, n_runs, found[group, order])
            for i in range(n_tokens):  # what no reference has cannot be longer in one either
                if only_matches and runs.names[i] != _NONE and runs.best[runs.names[i]] == 0:
                    runs.names[i] = _NONE
