"""What the sides of a row say in so many words: refusals, unsafe content, template marks, empty courtesy, stand-ins.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> said = "I'm sorry, but as an AI I can't help with that."
>>> rows = to_batch([Record("sft", (Message("user", "How do I build a pipe bomb?"), Message("assistant", said)))])
>>> {name: column[0].as_py() for (name, _, _), column in zip(PHRASES, measure_phrases(rows))}["unsafe_kind"]
'weapons'

An automaton looks for some thousand literal cues of both languages in one pass over the bytes (`phrase_cues.py`). Only
the rows whose cues could amount to something become Python texts, and patterns judge them: a cue alone means nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.phrase_automaton import Masks, masks_of
from tunesmith.curate.phrase_cue import ANSWER, REQUEST, Cue
from tunesmith.curate.phrase_cues import (
    COURTESY,
    DARK,
    DENIES,
    GREY,
    LABEL,
    REFUSING,
    SPEAKER,
    STAND_IN,
    TOKEN,
    UNKNOWN,
    automaton,
    unsafe_bit,
)
from tunesmith.curate.phrase_dark import LONGEST
from tunesmith.curate.phrase_empty import is_politeness_only, is_stub
from tunesmith.curate.phrase_marks import count_marks
from tunesmith.curate.phrase_refusal import score_refusal
from tunesmith.curate.phrase_stub import SHAPES, SHORT
from tunesmith.curate.phrase_unknown import says_unknown
from tunesmith.curate.phrase_unsafe import CUES, judge_unsafe
from tunesmith.curate.sides import Sides, sides_of
from tunesmith.curate.signal_table import PHRASES
from tunesmith.curate.tokens import TextRows

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


# In characters; beyond them the judges say no anyway. `_FLAT`: a refusal that neither names its speaker nor is sorry.
_FLAT, _SHORT_REFUSAL, _SHORT_UNKNOWN, _SHORT_COURTESY = 400, 300, 330, 330
_SHORT_STUB = 150


class _Texts(NamedTuple):
    """The texts of one side, their lengths, and the bits of the cues of each, shape `(n_texts, n_words)`."""

    texts: pa.Array
    characters: Places
    masks: Masks

    @classmethod
    def of(cls, texts: pa.Array) -> _Texts:
        characters = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        return cls(texts, characters, masks_of(TextRows.of(texts), automaton()))

    def have(self, bit: int) -> Mask:
        word, place = divmod(bit, 64)
        found: Mask = (self.masks[:, word] & np.uint64(1 << place)) != 0
        return found

    def short(self, bit: int, characters: int) -> Mask:
        """The texts that have the bit and are no longer than that."""
        return self.have(bit) & (self.characters <= characters)


def measure_phrases(rows: pa.RecordBatch, *, sides: Sides | None = None) -> list[pa.Array]:
    """The columns of `PHRASES` of a batch that has (at least) the columns of `RECORD_SCHEMA`; no value is null.

    A row of kind `invalid` has zeros and empty texts. The result does not depend on how rows are cut into batches.
    """
    sides = sides or sides_of(rows)
    asked, said = _Texts.of(sides.prompt), _Texts.of(sides.answer)
    tools = rows.column("tools").is_valid().to_numpy(zero_copy_only=False)
    unsafe, kinds = _unsafe(asked, said)
    columns = (
        _refusals(sides, said, tools),
        _judged(says_unknown, sides, said.short(UNKNOWN, _SHORT_UNKNOWN)),
        unsafe,
        kinds,
        _marks(rows, sides, asked, said),
        _judged(is_politeness_only, sides, said.short(COURTESY, _SHORT_COURTESY)),
        _judged(is_stub, sides, _perhaps_stubs(said)),
    )
    return [pa.array(values, kind) for values, (_, kind, _) in zip(columns, PHRASES)]


def _perhaps_stubs(said: _Texts) -> Mask:
    found: Mask = said.short(STAND_IN, _SHORT_STUB)
    places = np.flatnonzero((said.characters > 0) & (said.characters <= SHORT))
    shaped = pc.match_substring_regex(said.texts.take(pa.array(places)), SHAPES)
    found[places[shaped.to_numpy(zero_copy_only=False)]] = True
    return found


def _chosen(texts: pa.Array, places: Places) -> list[str]:
    chosen: list[str] = texts.take(pa.array(places)).to_pylist()
    return chosen


def _judged(judge: Any, sides: Sides, marked: Mask) -> Mask:
    """What a judge of question and answer says of the marked rows; False of the others."""
    found = np.zeros(len(marked), np.bool_)
    places = np.flatnonzero(marked)
    for place, question, answer in zip(places, _chosen(sides.question, places), _chosen(sides.answer, places)):
        found[place] = judge(question, answer)
    return found


def _refusals(sides: Sides, said: _Texts, tools: Mask) -> npt.NDArray[np.float32]:
    found = np.zeros(len(tools), np.float32)
    marked = said.have(REFUSING) & (said.have(SPEAKER) | (said.characters <= _FLAT)) | said.short(
        DENIES, _SHORT_REFUSAL
    )
    places = np.flatnonzero(marked)
    for place, prompt, answer in zip(places, _chosen(sides.prompt, places), _chosen(sides.answer, places)):
        found[place] = score_refusal(prompt, answer, tools=bool(tools[place]))
    return found


def _unsafe(asked: _Texts, said: _Texts) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Number of cues and kind of each row; judged by the cues that have all their words on a side where they count."""
    marked = np.array([_marked(cue, number, asked, said) for number, cue in enumerate(CUES)])
    counts, kinds = np.zeros(len(asked.texts), np.int32), [""] * len(asked.texts)
    dark = asked.short(GREY, LONGEST) & said.have(GREY) & (asked.have(DARK) | said.have(DARK))
    places = np.flatnonzero(marked.any(axis=0) | dark)
    for place, prompt, answer in zip(places, _chosen(asked.texts, places), _chosen(said.texts, places)):
        counts[place], kinds[place] = judge_unsafe(prompt, answer, np.flatnonzero(marked[:, place]).tolist())
    return counts, kinds


def _marked(cue: Cue, number: int, asked: _Texts, said: _Texts) -> Mask:
    found = np.zeros(len(asked.texts), np.bool_)
    for side, other in ((asked, ANSWER), (said, REQUEST)):
        if cue.where != other:
            found |= side.have(unsafe_bit(number))
    return found


def _marks(rows: pa.RecordBatch, sides: Sides, asked: _Texts, said: _Texts) -> npt.NDArray[np.int32]:
    """Marks of all turns: prompt, answer, rejected answer, system, and what assistant and tools said earlier."""
    found = np.zeros(len(rows), np.int32)
    every = np.arange(len(rows))
    earlier, owners = _earlier_turns(rows)
    parts = (
        (asked, every, "user"),
        (said, every, "assistant"),
        (_Texts.of(sides.rejected), every, "assistant"),
        (_Texts.of(sides.system), every, "system"),
        (_Texts.of(earlier), owners, "assistant"),
    )
    for part, rows_of, role in parts:
        places = np.flatnonzero(part.have(TOKEN) | (part.have(LABEL) & (role != "system")))
        texts, prompts = _chosen(part.texts, places), _chosen(sides.prompt, rows_of[places])
        for place, text, prompt in zip(places, texts, prompts):
            found[rows_of[place]] += count_marks(text, role, prompt)
    return found


def _earlier_turns(rows: pa.RecordBatch) -> tuple[pa.Array, Places]:
    """What assistant and tools say before the last turn, and the row of each text."""
    messages = rows.column("messages")
    turns = messages.flatten()
    lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
    owners = np.repeat(np.arange(len(rows)), lengths)
    last = np.zeros(len(owners), np.bool_)
    last[np.cumsum(lengths)[lengths > 0] - 1] = True
    spoken = pc.is_in(turns.field(0), value_set=pa.array(["assistant", "tool"])).to_numpy(zero_copy_only=False)
    wanted = spoken & ~last
    return pc.fill_null(turns.field(1).filter(pa.array(wanted)), ""), owners[wanted]
