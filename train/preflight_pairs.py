"""The preflight of preferences: what the trainer of TRL gets of each row, and what it makes of it, token by token.

>>> done, page = look_at_pairs(asked, sets, template, Progress())  # doctest: +SKIP

DPO, KTO, ORPO, CPO, Reward and GRPO tokenise for themselves; `preferences.py` knows how, and takes out what they would
cut or drop in silence. Here that is counted and shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, InternalError
from tunesmith.train.preferences_fates import judged
from tunesmith.train.preferences_tokens import sequences_of, tokens_of
from tunesmith.train.preflight import UNREADABLE, nothing_left
from tunesmith.train.preflight_asked import Asked, Done
from tunesmith.train.preflight_for import Ours, predicted, told_text
from tunesmith.train.preflight_found import PairPreflight
from tunesmith.train.preflight_lengths import cutoff_of, histogram_of
from tunesmith.train.preflight_output import LEDGER, stream_fates
from tunesmith.train.preflight_pair_tally import PairTally, sides_of
from tunesmith.train.preflight_pair_text import pairs_page, pairs_text
from tunesmith.train.preflight_rows import Chosen
from tunesmith.train.preflight_tokens import TokenBytes, pieces_of
from tunesmith.train.preflight_types import Shown
from tunesmith.train.types import MASKED, PARTS, Encoded, Example, Fate, Row, Sets, Stage

if TYPE_CHECKING:
    from tunesmith.train.template import Template

_MOST_TOKENS = 600  # of one sequence that is shown
_WHOLE = 1 << 30  # a length that cuts nothing


def look_at_pairs(asked: Asked, sets: Sets, template: Template, progress: Progress) -> tuple[Done, Callable[[], str]]:
    """What was found, and the page, which is drawn only where it is wanted.

    :raises InputError: no row is left, none is called as `--row` says, or rows would have to be split.
    """
    if asked.encoding.over_long == "split":
        what = f"a row of {asked.stage} cannot be split: an answer is compared as a whole"
        raise InputError(what, where="--over-long", remedy="use drop or truncate")
    ours = Ours()
    look = _Look(asked, sets, template, ours)
    with progress.stage("encoding", total=look.size, unit="rows") as advance:
        fates = look.fates(advance)
        if asked.out is None:
            deque(fates, maxlen=0)
        else:
            stream_fates(asked.out / LEDGER, fates)
    look.chosen.check(sets)
    look.check()
    found = look.result()

    told = predicted(asked, sets, ours, template)
    figures: dict[str, Any] = found.as_json() | ({"predicted": told.figures} if told else {})

    def text(*, color: bool = False) -> str:
        return "\n".join([pairs_text(found, color=color), *told_text(asked, told, color=color)])

    view = told.view(asked.language) if told else None
    return Done(figures, text, found.problems, found.rows), lambda: pairs_page(found, asked.language, predicted=view)


class _Part(NamedTuple):
    split: str
    group: str
    rows: Sequence[Row]


class _Look:
    """One pass over all sets."""

    def __init__(self, asked: Asked, sets: Sets, template: Template, ours: Ours) -> None:
        self._ours = ours
        self._asked, self._sets, self._template = asked, sets, template
        self._tallies: dict[tuple[str, str, str], PairTally] = {}
        self._seen = 0
        self.chosen = Chosen(asked.row)
        self._parts = [_Part("train", "", sets.train)]
        self._parts += [_Part("validation", group, rows) for group, rows in sets.validation.items()]
        self.size = sum(len(part.rows) for part in self._parts) + len(sets.unread)

    def fates(self, advance: Callable[[int], None]) -> Iterator[Fate]:
        """What became of each row, counted on the way."""
        for place, what in self._sets.unread:
            self._seen += 1
            yield Fate(place, place, "", "dropped", UNREADABLE, detail=what)
        for part in self._parts:
            for row in part.rows:
                self._seen += 1
                advance(1)
                yield self._fate(part, row)

    def _fate(self, part: _Part, row: Row) -> Fate:
        stage, encoding = self._asked.stage, self._asked.encoding
        settings: dict[str, Any] = {"max_length": encoding.max_length, "over_long": encoding.over_long}
        given, _, fate = judged(stage, row, self._template, **settings)
        sequences = sequences_of(stage, tokens_of(stage, given, self._template)) if given is not None else []
        key = (part.split, part.group, row.source)
        if key not in self._tallies:
            self._tallies[key] = PairTally()
        self._tallies[key].add(row, sides_of(stage, sequences), fate)
        self.chosen.offer(part.split, Encoded(row, (), fate))
        self._ours.watch(part.split, fate)
        return fate

    def check(self) -> None:
        """Every row has a fate, and some of them are trained."""
        if self._seen != self.size:
            what = f"expected {self.size:,} rows accounted for, found {self._seen:,}"
            raise InternalError(what, where="preflight")
        train = self._merged("train", "")
        account = train.account("train")
        if account.outcomes["dropped"] == account.rows:
            advised = cutoff_of(np.array(train.lengths, np.int64), used=0).advised
            raise nothing_left(account.reasons, account.rows, self._asked.encoding, advised=advised)

    def _merged(self, split: str, group: str) -> PairTally:
        whole = PairTally()
        for (part, of, _), tally in self._tallies.items():
            if (part, of) == (split, group):
                whole.merge(tally)
        return whole

    def result(self) -> PairPreflight:
        """Everything that was counted."""
        asked, train = self._asked, self._merged("train", "")
        lengths, kept = np.array(train.lengths, np.int64), np.array(train.kept, bool)
        sources = [(source, tally) for (split, _, source), tally in self._tallies.items() if split == "train"]
        return PairPreflight(
            model=self._template.name,
            stage=asked.stage,
            encoding={"max_length": asked.encoding.max_length, "over_long": asked.encoding.over_long},
            fingerprint=self._sets.fingerprint,
            rows_in=self.size,
            unread=tuple(self._sets.unread),
            train=train.account("train"),
            sources=tuple(tally.account("train", source=source) for source, tally in sources),
            validation=tuple(
                self._merged("validation", group).account("validation", group=group) for group in self._sets.validation
            ),
            cutoff=cutoff_of(lengths, used=asked.encoding.max_length),
            histogram=histogram_of(lengths, kept, cutoff=asked.encoding.max_length),
            rows=tuple(show_pairs(self.chosen, self._template, asked.stage, asked.encoding.max_length)),
        )


def show_pairs(chosen: Chosen, template: Template, stage: Stage, max_length: int) -> Iterator[Shown]:
    """The chosen rows token by token, a sequence for each answer, uncut."""
    reader = TokenBytes(template.tokenizer)
    for split, row, fate in chosen.rows():
        given = judged(stage, row, template, max_length=_WHOLE, over_long="drop").given
        sequences = sequences_of(stage, tokens_of(stage, given, template)) if given is not None else []
        made = [example_of(row, ids, start, template.end_ids) for ids, start in sequences]
        longest = max((len(one.input_ids) for one in made), default=0)
        told = (fate.outcome, fate.reason, fate.detail, fate.n_tokens, fate.n_trained)
        pieces = tuple(pieces_of(one, reader, most=_MOST_TOKENS) for one in made)
        left_out = sum(max(0, len(one.input_ids) - _MOST_TOKENS) for one in made)
        cutoff = max_length if longest > max_length else None
        names = tuple(side for side in sides_of(stage, sequences) if side != "prompt" or stage == "grpo")
        yield Shown(row.row_id, split, *told, pieces, cutoff, left_out, names)


def example_of(row: Row, ids: Sequence[int], start: int, end_ids: Sequence[int]) -> Example:
    """A sequence of TRL in our form; its prompt, `ids[:start]`, has no loss."""
    tokens = np.array(ids, np.int32)
    places = np.arange(len(tokens))
    parts = np.where(places < start, PARTS.index("user"), PARTS.index("assistant"))
    parts[(places >= start) & np.isin(tokens, end_ids)] = PARTS.index("end")
    return Example(
        row.row_id, tokens, np.where(places < start, MASKED, tokens).astype(np.int32), parts.astype(np.uint8)
    )
