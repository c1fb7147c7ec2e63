"""Fuzzing the kernels: texts of arbitrary bytes, right before a page that nobody may touch.

The texts of a batch lie at the end of a buffer whose next page is closed: a kernel that reads one byte too far ends the
process, which the supervisor sees. A part of the same inputs goes through kernels with checked bounds too, where an
index beyond any array raises. What a text gives must not depend on the texts around it.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from fuzz_bytes import mutated
from fuzz_kernel_oracles import check_sets, check_signatures
from fuzz_seeds import texts as seed_texts
from fuzz_types import Target, hold

from tunesmith.curate.first_look_kernels import mark_texts
from tunesmith.curate.language_scripts import count_scripts
from tunesmith.curate.measure_scripts import count_characters
from tunesmith.curate.normal_forms import normal_forms
from tunesmith.curate.normalform import normal_form
from tunesmith.curate.phrase_automaton import masks_of
from tunesmith.curate.phrase_cues import automaton
from tunesmith.curate.shingles import shingle_rows
from tunesmith.curate.skeletons import edge_hashes
from tunesmith.curate.sketch import round_multipliers, sign_rows
from tunesmith.curate.statistics import _measure_block, _Sides
from tunesmith.curate.statistics_clauses import score_clauses
from tunesmith.curate.statistics_lines import find_lines
from tunesmith.curate.statistics_spans import find_spans
from tunesmith.curate.statistics_tables import SEEN
from tunesmith.curate.statistics_tails import read_tails
from tunesmith.curate.statistics_words import read_words
from tunesmith.curate.task_ends import ends_of
from tunesmith.curate.tokens import TextRows, hash_tokens

_NGRAM, _N_SLOTS = 3, 16
_ROOM = 1 << 20


class Guarded:
    """Memory whose end is followed by a closed page. Where the system has no such thing, plain memory."""

    def __init__(self, n_bytes: int) -> None:
        self._pages = mmap.mmap(-1, n_bytes + mmap.PAGESIZE)
        self.end = n_bytes
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._pages))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(ctypes.c_void_p(self._address + n_bytes), mmap.PAGESIZE, 0):
            raise OSError(ctypes.get_errno(), "the page cannot be closed")

    def filled(self, data: bytes) -> tuple[Any, Any]:
        """The bytes at the very end, as an array and as an Arrow buffer."""
        start = self.end - len(data)
        self._pages[start : self.end] = data
        array = np.frombuffer(self._pages, np.uint8, len(data), start)
        array.flags.writeable = False
        return array, pa.foreign_buffer(self._address + start, len(data), self)


@lru_cache(maxsize=1)
def guarded() -> Guarded:
    """One for the process."""
    return Guarded(_ROOM)


def make_text(random: Random) -> bytes:
    """A text: real, cut out of a real one, or of bytes at random."""
    move = random.randrange(20)
    if move == 0:
        return random.randbytes(random.randrange(40))
    text = random.choice(seed_texts())
    if move < 12 and len(text) > 200:
        start = random.randrange(len(text) - 100)
        text = text[start : start + random.randrange(200)]
    return mutated(text, random, seed_texts())


def texts_of(inputs: Sequence[bytes]) -> tuple[TextRows, pa.Array]:
    """The inputs as one chunk of a string column, at the end of the guarded memory."""
    data, buffer = guarded().filled(b"".join(inputs))
    offsets = np.cumsum([0, *map(len, inputs)]).astype(np.int32)
    column = pa.Array.from_buffers(pa.string(), len(inputs), [None, pa.py_buffer(offsets), buffer])
    ends = offsets.astype(np.int64)
    return TextRows(data, ends[:-1].copy(), ends[1:].copy()), column


def check_texts(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Every kernel that reads text, on the batch, on the batch turned round, and on its first text alone."""
    inputs = [*inputs]
    while sum(map(len, inputs)) > _ROOM // 2:
        inputs[inputs.index(max(inputs, key=len))] = b""
    whole = measured(inputs)
    turned = measured(inputs[::-1])
    alone = measured(inputs[:1])
    for name, values in whole.items():
        hold(_same(values, turned[name][::-1]), f"{name}: a text gives something else among other texts")
        hold(_same(values[:1], alone[name]), f"{name}: a text gives something else alone")
    return [True] * len(inputs)


def _same(ones: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(ones) == len(others) and all(map(np.array_equal, ones, others))


def measured(inputs: Sequence[bytes]) -> dict[str, list[Any]]:
    """What each kernel says of each text, by its name."""
    texts, column = texts_of(inputs)
    found: dict[str, list[Any]] = {
        "mark_texts": [*mark_texts(texts.data, texts.starts, texts.ends)],
        "count_scripts": [*count_scripts(texts)],
        "count_characters": [*count_characters(texts)],
        "masks_of": [*masks_of(texts, automaton())],
        "normal_forms": [*_forms(texts, inputs)],
        "tokens": [*_tokens(texts, inputs)],
        "clauses": [*_clauses(texts)],
        "ends_of": [part.as_buffer().to_pybytes() for part in ends_of(column, head=20, tail=20).cast(pa.binary())],
    }
    edges = edge_hashes(column)
    found["edges"] = [*np.hstack([edges.heads, edges.tails])]
    sides = _Sides(*[texts] * 4)
    found["statistics"] = [*np.column_stack([values.astype(np.float64) for values in _measure_block(sides)])]
    return found


def _clauses(texts: TextRows) -> Any:
    words = read_words(texts)
    spans = find_spans(texts, np.ascontiguousarray(words.counts[:, SEEN]))
    return score_clauses(texts, words, find_lines(texts, words), read_tails(texts, words, spans))


def _forms(texts: TextRows, inputs: Sequence[bytes]) -> Iterator[Any]:
    forms = normal_forms(texts)
    for number, data in enumerate(inputs):
        form = b"" if forms.hard[number] else bytes(forms.data[forms.starts[number] : forms.ends[number]])
        if not forms.hard[number] and number % 4 == 0 and len(data) < 2000 and _is_text(data):
            hold(form == normal_form(data.decode()).encode(), "normal_forms: not the normal form")
        yield np.frombuffer(form, np.uint8)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _tokens(texts: TextRows, inputs: Sequence[bytes]) -> Iterator[Any]:
    tokens = hash_tokens(texts, 0, len(inputs), keep_blank=True)
    sets = shingle_rows(tokens, ngram=_NGRAM)
    signatures = np.empty((len(inputs), _N_SLOTS), np.uint32)
    sign_rows(*sets, round_multipliers(_N_SLOTS), signatures)
    sample = [number for number in range(0, len(inputs), 16) if len(inputs[number]) < 500]
    check_sets(inputs, tokens, sets, sample, ngram=_NGRAM, keep_blank=True)
    check_signatures(sets, signatures, sample[-1:])
    for number in range(len(inputs)):
        yield np.concatenate([sets.row(number), signatures[number].astype(np.uint64)])


TARGETS = (Target("text kernels", make_text, check_texts, share=152, batch=64, kernels=True),)
