"""What will be trained, before it costs anything: every row tokenised, counted, and accounted for.

>>> found = preflight(read_sets(["runs/medical"]), open_template("Qwen/Qwen3-0.6B"), Encoding(2048))  # doctest: +SKIP
>>> found.train.outcomes, found.cutoff.advised  # doctest: +SKIP
({'trained': 9120, 'truncated': 0, 'split': 0, 'dropped': 37}, 1088)

Rows are read, encoded and forgotten a part after the other: what grows with them is a few bytes of lengths a row. The
ledger is written meanwhile, a line for each row, those that could not be read too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, InternalError
from tunesmith.train.preflight_found import Preflight
from tunesmith.train.preflight_lengths import cutoff_of, histogram_of, packing_of
from tunesmith.train.preflight_output import stream_fates
from tunesmith.train.preflight_parts import Part, Seen, each_seen, parts_of
from tunesmith.train.preflight_rows import Chosen, encoded_rows, show_rows
from tunesmith.train.preflight_serving import Compared, PromptCheck, served_template, serving_of
from tunesmith.train.preflight_tally import Tally, TokenIds
from tunesmith.train.preflight_types import Reason
from tunesmith.train.types import Encoding, Fate, Sets, Stage

if TYPE_CHECKING:
    from tunesmith.train.template import Template

#: Sequences of a batch, for the padding that packing would save.
BATCH_SIZE = 8
UNREADABLE = "unreadable"


def preflight(
    sets: Sets,
    template: Template,
    encoding: Encoding,
    *,
    progress: Progress | None = None,
    stage: Stage = "sft",
    batch_size: int = BATCH_SIZE,
    ledger: Path | None = None,
    row: str | None = None,
    watch: Callable[[str, Fate], None] | None = None,
    workers: int | None = None,
) -> Preflight:
    """Every row encoded as training would encode it, counted, and compared with what a server would ask.

    :param stage: `sft`, or `pretrain` for documents.
    :param batch_size: sequences that would be padded to the longest of them.
    :param ledger: where a line for each row is written, `rows.parquet`.
    :param row: the id of a row to be shown token by token, beside one for each outcome.
    :param watch: is told the fate of every row that could be read, in order, and its set, `train` or `validation`.
    :param workers: processes, one for each core where there are many rows; 1 is none but this.
    :raises InputError: no row is left to train on, or none is called `row`.
    :raises InternalError: a row went missing.
    """
    look = _Look(sets, template, encoding, stage, row)
    parts = parts_of(sets)
    with (
        each_seen(look.seen, parts, workers=workers) as found,
        (progress or Progress()).stage("encoding", total=_size(sets), unit="rows") as advance,
    ):
        fates = _counted(look.fates(zip(parts, found), watch), advance)
        if ledger is None:
            deque(fates, maxlen=0)
        else:
            stream_fates(ledger, fates)
    look.chosen.check(sets)
    look.check()
    return look.result(batch_size)


def _size(sets: Sets) -> int:
    return len(sets.train) + sum(map(len, sets.validation.values())) + len(sets.unread)


def _counted(fates: Iterator[Fate], advance: Any) -> Iterator[Fate]:
    for fate in fates:
        advance(1)
        yield fate


class _Look:
    """One pass over all sets."""

    def __init__(self, sets: Sets, template: Template, encoding: Encoding, stage: Stage, row: str | None) -> None:
        self._sets, self._template, self._encoding = sets, template, encoding
        self._stage: Stage = stage
        self._row = row
        self._served = served_template(template) if stage == "sft" else None
        self._ids = token_ids(template)
        self._tallies: dict[tuple[str, str, str], Tally] = {}
        self._compared = Compared()
        self._n_seen = 0
        self.chosen = Chosen(row)

    def seen(self, part: Part) -> Seen:
        """One part by itself, in whatever process."""
        prompts = PromptCheck(self._template, self._served, last_only=self._encoding.train_on == "last-answer")
        fates: list[Fate] = []
        tallies: dict[str, Tally] = {}
        chosen = Chosen(self._row)
        for encoded in encoded_rows(part.rows, self._template, self._encoding, self._stage):
            source = encoded.row.source
            if source not in tallies:
                tallies[source] = Tally(self._ids)
            tallies[source].add(*encoded)
            chosen.offer(part.split, encoded)
            if self._stage == "sft":
                prompts.add(encoded)
            fates.append(encoded.fate)
        return Seen(fates, tallies, chosen, prompts.found())

    def fates(self, found: Iterable[tuple[Part, Seen]], watch: Callable[[str, Fate], None] | None) -> Iterator[Fate]:
        """What became of each row; what was seen of it is put together on the way."""
        for place, what in self._sets.unread:
            self._n_seen += 1
            yield Fate(place, place, "", "dropped", UNREADABLE, detail=what)
        for part, seen in found:
            self._take(part, seen)
            for fate in seen.fates:
                if watch is not None:
                    watch(part.split, fate)
                yield fate

    def _take(self, part: Part, seen: Seen) -> None:
        self._n_seen += len(seen.fates)
        for source, tally in seen.tallies.items():
            self._tallies.setdefault((part.split, part.group, source), Tally(self._ids)).merge(tally)
        self.chosen.merge(seen.chosen)
        self._compared.merge(seen.compared)

    def check(self) -> None:
        """Every row has a fate, and some of them are trained."""
        if self._n_seen != _size(self._sets):
            what = f"expected {_size(self._sets):,} rows accounted for, found {self._n_seen:,}"
            raise InternalError(what, where="preflight")
        train = self._merged("train", "").account("train")
        if not train.examples:
            advised = cutoff_of(np.array(self._merged("train", "").lengths, np.int64), used=0).advised
            raise nothing_left(train.reasons, train.rows, self._encoding, advised=advised)

    def _merged(self, split: str, group: str) -> Tally:
        whole = Tally(self._ids)
        for (part, of, _), tally in self._tallies.items():
            if (part, of) == (split, group):
                whole.merge(tally)
        return whole

    def result(self, batch_size: int) -> Preflight:
        """Everything that was counted."""
        train, template, encoding = self._merged("train", ""), self._template, self._encoding
        lengths = np.array(train.lengths, np.int64)
        sequences, copies = (np.array(values, np.int64) for values in (train.sequences, train.copies))
        sources = [(source, tally) for (split, _, source), tally in self._tallies.items() if split == "train"]
        return Preflight(
            model=template.name,
            stage=self._stage,
            encoding=asdict(encoding),
            fingerprint=self._sets.fingerprint,
            rows_in=_size(self._sets),
            unread=tuple(self._sets.unread),
            train=train.account("train"),
            sources=tuple(tally.account("train", source=source) for source, tally in sources),
            validation=tuple(
                self._merged("validation", group).account("validation", group=group) for group in self._sets.validation
            ),
            serving=serving_of(template, self._served, self._compared),
            cutoff=cutoff_of(lengths, used=encoding.max_length),
            packing=packing_of(sequences, copies, max_length=encoding.max_length, batch_size=batch_size),
            histogram=histogram_of(lengths, np.array(train.kept, bool), cutoff=encoding.max_length),
            rows=tuple(show_rows(self.chosen, template, encoding, self._stage)),
        )


def token_ids(template: Template) -> TokenIds:
    """What is counted of a tokenizer's special tokens."""
    return TokenIds(frozenset(template.end_ids), template.bos_id, template.special)


#: What took the rows -> what a person can do about it.
_REMEDIES = {
    "too_long": "raise --max-length to {advised}, or choose --over-long truncate or split",
    "no_trained_token": "check that the rows have assistant turns; --train-on all trains every token",
    "template_refused": "see what the template said above; another model or --template FILE may take these turns",
    "special_tokens_in_text": "choose --special escape, which encodes such text as plain text; orpo and simpo cannot, "
    "so clean the text there",
}


def nothing_left(reasons: Sequence[Reason], rows: int, encoding: Encoding, *, advised: int) -> InputError:
    """The message where no row would be trained: which reason took them, and what to change.

    :param advised: the cutoff that would keep nearly all.
    """
    told = ", ".join(f"{one.reason} {one.rows:,}" for one in reasons) or "there was none"
    first = reasons[0] if reasons else None
    detail = f" ({first.detail})" if first and first.detail else ""
    remedy = _REMEDIES.get(first.reason if first else "", "look at the rows with --row ID").format(advised=advised)
    what = f"no row is left to train on; of {rows:,} rows: {told}{detail}"
    return InputError(what, where=f"--max-length {encoding.max_length}", remedy=remedy)
