"""What a finished run of the curation stage gave to train on: each text that a model learned to write, piece by piece.

    training = training_texts(open_run(Path("runs/medical")))
    for piece in training.pieces():
        texts, rows = training.read(piece)

These are the turns of the assistant in kept rows of the training side (of preference data the chosen side's), and the
texts of pre-training rows. A row that was dropped, or kept for validation, taught nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import KEPT
from tunesmith.curate.records import Record, to_batch
from tunesmith.curate.row_texts import Piece, RowTexts
from tunesmith.curate.rundata import RunData, stage_files
from tunesmith.curate.stages import CACHE
from tunesmith.curate.tokens import Places
from tunesmith.errors import InputError


class Learned(NamedTuple):
    """Texts that the model learned to write, of type large_string, and the number of each one's row, ascending but for
    edited rows."""

    texts: pa.Array
    rows: Places


class TrainingTexts(NamedTuple):
    """The rows of a run, of which those of `trained` were trained on, shape `(n_rows,)`; edits by row number."""

    shards: RowTexts
    trained: npt.NDArray[np.bool_]
    edited: Mapping[int, Record]

    def pieces(self) -> list[Piece]:
        """The rows in order, about a thousand at a time."""
        return self.shards.pieces()

    def read(self, piece: Piece) -> Learned:
        """The texts of a piece."""
        mine = np.arange(piece.start, piece.start + piece.n_rows)
        rows = piece.read()
        edits = sorted(number for number in self.edited if self.trained[number] and piece.start <= number <= mine[-1])
        plain = self.trained[mine] & ~np.isin(mine, list(self.edited))
        found = _learned(rows.filter(pa.array(plain)), mine[plain])
        if not edits:
            return found
        more = _learned(pa.Table.from_batches([to_batch([self.edited[number] for number in edits])]), np.array(edits))
        return Learned(pa.concat_arrays([found.texts, more.texts]), np.concatenate([found.rows, more.rows]))


def training_texts(run: RunData) -> TrainingTexts:
    """The training side of a finished run.

    :raises InputError: where the rows are gone, or nothing was kept to train on.
    """
    where = str(run.folder)
    missing = [name for name in stage_files(run.manifest) if not (run.folder / CACHE / name).exists()]
    if missing:
        what = f"the rows of this run are gone ({CACHE}/{missing[0]} is missing)"
        raise InputError(what, where=where, remedy="run the recipe again into this folder")
    kept = pc.and_(pc.equal(run.ledger["verdict"], KEPT), pc.equal(run.ledger["split"], "train"))
    trained = pc.fill_null(kept, False).to_numpy(zero_copy_only=False)
    if not trained.any():
        raise InputError("this run kept no row to train on", where=where, remedy="name the run that was trained on")
    shards = [run.folder / CACHE / name for source in run.manifest["inputs"] for name in source["shards"]]
    decisions = ((number, run.decision(number)) for number in range(len(trained)))
    edited = {number: found.record for number, found in decisions if found and found.record is not None}
    return TrainingTexts(RowTexts(shards, {}), trained, edited)


def _learned(rows: pa.Table, numbers: Places) -> Learned:
    """The texts of some rows that have the columns of `RECORD_SCHEMA`."""
    parts = [_turns(rows[name], numbers) for name in ("messages", "chosen")]
    text = rows["text"].combine_chunks()
    has_text = text.is_valid().to_numpy(zero_copy_only=False)
    parts.append((text.filter(pa.array(has_text)), numbers[has_text]))
    texts = pa.concat_arrays([part.cast(pa.large_string()) for part, _ in parts])
    return Learned(texts, np.concatenate([owners for _, owners in parts]))


def _turns(column: Any, numbers: Places) -> tuple[pa.Array, Places]:
    """What the assistant says in each row, and whose row it is."""
    lists = column.combine_chunks()
    turns = lists.flatten()
    owners = np.repeat(numbers, pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False))
    spoken = pc.and_(pc.equal(turns.field(0), "assistant"), turns.field(1).is_valid())
    mask = pc.fill_null(spoken, False)
    return turns.field(1).filter(mask), owners[mask.to_numpy(zero_copy_only=False)]


class Said(NamedTuple):
    """The last answer of a row, and all that stands before it."""

    prompt: str
    answer: str


def last_said(run: RunData, number: int) -> Said | None:
    """What one row teaches to answer; None where it teaches nothing."""
    record = run.record(number)
    turns = [*record.turns, *(record.chosen or ())]
    spoken = [place for place, turn in enumerate(turns) if turn.role == "assistant" and turn.content]
    if not spoken:
        return Said("", record.text) if record.text else None
    before = (turn.content for turn in turns[: spoken[-1]] if turn.content)
    return Said("\n".join(before), turns[spoken[-1]].content or "")


def learned_text(run: RunData, number: int) -> str:
    """What one row of a run gave to learn, as a person reads it."""
    record = run.record(number)
    turns = (*record.turns, *(record.chosen or ()))
    texts = [turn.content for turn in turns if turn.role == "assistant" and turn.content]
    return "\n\n".join([*texts, *([record.text] if record.text else [])])
