"""One look at some rows for what they might share with evaluation items: all that `contamination.py` needs to know of
every row, so that no text is held. Rows can be looked at in any order, on any machine.

>>> import pyarrow as pa
>>> from tunesmith.curate.contamination_items import Item
>>> sought = seek([Item("e1", "How many legs does a healthy adult spider have?")])
>>> table = look(pa.array(["Hi! How many legs does a healthy adult spider have?", "Hi!"]), None, sought)
>>> [len(words) for words in table["prompt"].to_pylist()]
[5, 0]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.contamination_items import Item
from tunesmith.curate.contamination_kernels import look_up
from tunesmith.curate.contamination_patterns import Patterns, make_patterns, text_keys
from tunesmith.curate.contamination_wordings import Wordings, find_rewordings, make_wordings
from tunesmith.curate.sketch import sketch
from tunesmith.curate.tokens import Hashes, Places


class Sought(NamedTuple):
    """What is looked for: made once, and carried to wherever rows are looked at."""

    patterns: Patterns
    buckets: Places
    shift: np.uint64
    wordings: Wordings
    ngram: int


def seek(items: Sequence[Item], *, ngram: int = 5) -> Sought:
    """What rows are looked at for.

    :param ngram: tokens in a shingle, 1 to 8, which is the shortest question that is looked for inside a prompt.
    :raises ValueError: where `ngram` is out of range.
    """
    if not 1 <= ngram <= 8:
        raise ValueError(f"expected ngram of 1 to 8, saw {ngram}")
    patterns = make_patterns(items, ngram=ngram)
    return Sought(patterns, *_buckets(patterns.vocabulary), make_wordings(items), ngram)


def look(prompts: Any, answers: Any, sought: Sought) -> pa.Table:
    """What the rows hold: `prompt` and `answer`, the words of the vocabulary in each; `key` and `has_tokens` of the
    whole prompt; `reworded`, the items that it asks in other words. Without answers there is no such column.

    :param prompts: an Arrow column of string or large_string; a null holds nothing.
    """
    keys, has_tokens = text_keys(prompts, threads=1)
    found = {
        "prompt": _words(prompts, sought),
        "key": pa.array(keys),
        "has_tokens": pa.array(has_tokens),
        "reworded": _reworded(prompts, sought.wordings),
    }
    return pa.table(found | ({} if answers is None else {"answer": _words(answers, sought)}))


def look_at_records(records: pa.Table, *, sought: Sought, with_answers: bool) -> pa.Table:
    """The same of records (`RECORD_SCHEMA`)."""
    texts = compared_texts(records)
    return look(texts.prompt, texts.answer if with_answers else None, sought)


def _words(column: Any, sought: Sought) -> pa.Array:
    sets = sketch(column, ngram=sought.ngram, n_slots=0, threads=1).sets
    words, offsets = np.empty(len(sets.shingles), np.int64), np.zeros(len(sets.offsets), np.int64)
    look_up(sets.shingles, sets.offsets, sought.patterns.vocabulary, sought.buckets, sought.shift, words, offsets)
    return _lists(words[: offsets[-1]].copy(), offsets)


def _reworded(prompts: Any, wordings: Wordings) -> pa.Array:
    rows, items = find_rewordings(prompts, wordings)
    return _lists(items, np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(prompts)))]).astype(np.int64))


def _lists(values: Places, offsets: Places) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values))


def lists_of(column: pa.ChunkedArray) -> tuple[Places, npt.NDArray[np.int64]]:
    """Values and offsets, from 0, of a column of lists."""
    (chunk,) = column.chunks if column.num_chunks == 1 else (column.combine_chunks(),)
    offsets = chunk.offsets.to_numpy()
    return chunk.flatten().to_numpy(), offsets - offsets[0]


def _buckets(vocabulary: Hashes) -> tuple[Places, np.uint64]:
    """Where to look for a shingle by its top bits: about one word a bucket."""
    bits = max(1, len(vocabulary).bit_length())
    shift = np.uint64(64 - bits)
    counts = np.bincount((vocabulary >> shift).astype(np.int64), minlength=1 << bits)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]), shift
