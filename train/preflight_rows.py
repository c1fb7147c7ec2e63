"""Rows that a person sees token by token: the one that was asked for, and one for each outcome.

A row that was dropped or cut is shown as it is, with the place where the cutoff falls.

>>> chosen = Chosen("medical:17")
>>> chosen.check(sets)  # doctest: +SKIP
Traceback (most recent call last):
tunesmith.errors.InputError: no row is called medical:17; did you mean medical:1?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tunesmith.errors import InputError
from tunesmith.train.preflight_tokens import TokenBytes, pieces_of
from tunesmith.train.preflight_types import OUTCOMES, Piece, Shown
from tunesmith.train.types import MASKED, Encoded, Encoding, Example, Fate, Row, Sets, Stage

if TYPE_CHECKING:
    from tunesmith.train.template import Template

MOST_ROWS = 20
MOST_TOKENS = 1200  # of one row: a page for people
_WHOLE = 1 << 30  # a length that cuts nothing


class _Kept(NamedTuple):
    split: str
    row: Row
    fate: Fate


class Chosen:
    """Remembers the rows to show while all rows pass.

    :param row_id: of the one that was asked for; None for the first with more than one answer.
    """

    def __init__(self, row_id: str | None) -> None:
        self._asked = row_id
        self._first: _Kept | None = None
        self._kinds: dict[tuple[str, str | None, bool], _Kept] = {}
        self._fallback: _Kept | None = None

    def offer(self, split: str, encoded: Encoded) -> None:
        """Keep the row if it is the one asked for, or the first of its kind."""
        row, _, fate = encoded
        kept = _Kept(split, row, fate)
        if self._first is None and self._is_wanted(row, fate):
            self._first = kept
        if self._fallback is None and fate.outcome != "dropped":
            self._fallback = kept
        kind = (fate.outcome, fate.reason, bool(fate.flags))
        if kind not in self._kinds and len(self._kinds) < MOST_ROWS - 1:
            self._kinds[kind] = kept

    def merge(self, other: Chosen) -> None:
        """Go on with what another remembers of the rows behind these."""
        self._first = self._first or other._first
        self._fallback = self._fallback or other._fallback
        for kind, kept in other._kinds.items():
            if len(self._kinds) < MOST_ROWS - 1:
                self._kinds.setdefault(kind, kept)

    def _is_wanted(self, row: Row, fate: Fate) -> bool:
        if self._asked is not None:
            return row.row_id == self._asked
        answers = sum(turn.role == "assistant" for turn in row.record.turns)
        return answers > 1 and fate.outcome != "dropped"

    def check(self, sets: Sets) -> None:
        """:raises InputError: where no row has the name that was asked for."""
        if self._asked is None or self._first is not None:
            return
        names = [row.row_id for rows in (sets.train, *sets.validation.values()) for row in rows]
        near = get_close_matches(self._asked, names, n=1, cutoff=0.0) if len(names) <= 50_000 else names[:1]
        remedy = f"did you mean {near[0]}?" if near else None
        raise InputError(f"no row of these sets is called {self._asked!r}", where="--row", remedy=remedy)

    def rows(self) -> list[_Kept]:
        """The one that was asked for first, then one of each kind, dropped ones last."""
        first = self._first or self._fallback
        kinds = sorted(self._kinds.values(), key=lambda kept: OUTCOMES.index(kept.fate.outcome))
        return [*([first] if first else []), *(kept for kept in kinds if kept is not first and not _same(kept, first))]


def _same(kept: _Kept, first: _Kept | None) -> bool:
    return first is not None and (kept.split, kept.row.row_id) == (first.split, first.row.row_id)


def show_rows(chosen: Chosen, template: Template, encoding: Encoding, stage: Stage) -> Iterator[Shown]:
    """The chosen rows token by token."""
    reader = TokenBytes(template.tokenizer)
    for split, row, fate in chosen.rows():
        examples, cutoff = examples_of(row, fate, template, encoding, stage)
        pieces: list[tuple[Piece, ...]] = []
        room = MOST_TOKENS
        for example in examples:
            pieces.append(pieces_of(example, reader, most=room))
            room -= min(room, len(example.input_ids))
        left_out = max(0, sum(len(example.input_ids) for example in examples) - MOST_TOKENS)
        told = (fate.outcome, fate.reason, fate.detail, fate.n_tokens, fate.n_trained)
        shown = tuple(part for part in pieces if part)
        yield Shown(row.row_id, split, *told, shown, cutoff, left_out)


def examples_of(
    row: Row, fate: Fate, template: Template, encoding: Encoding, stage: Stage
) -> tuple[tuple[Example, ...], int | None]:
    """The sequences of a row, whole where it was cut or dropped, and the place of the cutoff in the first one.

    A row that the template refuses has none.
    """

    def encoded(settings: Encoding) -> tuple[Example, ...]:
        return next(iter(encoded_rows([row], template, settings, stage))).examples

    if fate.outcome in ("trained", "split") or stage == "pretrain":
        return encoded(encoding), None
    whole = replace(encoding, max_length=_WHOLE, over_long="drop", special="escape")
    examples = encoded(whole)
    if not examples:  # nothing in it is trained, so nothing was made of it
        examples = tuple(_masked(example) for example in encoded(replace(whole, train_on="all")))
    is_cut = bool(examples) and len(examples[0].input_ids) > encoding.max_length
    return examples, encoding.max_length if is_cut else None


def _masked(example: Example) -> Example:
    return example._replace(labels=np.full_like(example.labels, MASKED))


def encoded_rows(rows: Iterable[Row], template: Template, encoding: Encoding, stage: Stage) -> Iterator[Encoded]:
    """Rows as the stage encodes them: conversations under the template, documents in chunks."""
    from tunesmith.train.encode import encode, encode_text

    return (encode_text if stage == "pretrain" else encode)(rows, template, encoding)
