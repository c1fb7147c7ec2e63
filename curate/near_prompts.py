"""Groups of rows whose prompts are near each other: what must not straddle train and validation."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.bands import Bands
from tunesmith.curate.compact import Compact, compact_sketch
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.keys import Keys, number_keys
from tunesmith.curate.near import Column, components_of
from tunesmith.curate.near_texts import TextSets, shingle_text
from tunesmith.curate.row_arrays import table_of
from tunesmith.curate.stage_input import StageInput

#: Prompts that are alike to this degree tell each other's answers.
THRESHOLD = 0.5
#: Room for 64 bands of three slots, which find 99.98 % of the pairs at the threshold. With 64 slots they would have
#: two, and prompts that share a tenth of their shingles would meet so often that time grew with their square.
N_SLOTS = 192


def group_keys(keys: Keys, rows: StageInput, *, ngram: int) -> Keys:
    """The key of each row's group: the smallest prompt key in it, shape `(n_rows, 2)`.

    :param keys: prompt keys. A prompt without tokens is near its equals only.
    """
    if not len(keys):
        return keys
    compact = Compact.room(len(keys), threshold=THRESHOLD, n_slots=N_SLOTS, scratch=rows.scratch)
    rows.each_row("compare prompts", partial(look_at_prompts, ngram=ngram, bands=compact.bands), compact.put)
    prompts = TextSets(rows, "prompt", compact.sizes, ngram)
    column = Column(compact, prompts.read, scratch=rows.scratch, group=rows.engine.buckets)
    labels = components_of(column, alive=rows.alive, threshold=THRESHOLD, threads=rows.texts.threads)
    blank = _blank_labels(keys, labels)
    order = np.lexsort((keys[:, 1], keys[:, 0], blank))
    first = np.ones(len(order), bool)
    first[1:] = blank[order[1:]] != blank[order[:-1]]
    named = np.empty_like(keys)
    named[order] = keys[order[first]][np.cumsum(first) - 1]
    return named


def look_at_prompts(records: pa.Table, *, ngram: int, bands: Bands) -> pa.Table:
    """What is kept of the prompts of some rows to compare them, columns of `Compact`."""
    prompts = compared_texts(records).prompt
    return table_of(compact_sketch(shingle_text(prompts, "prompt", ngram, N_SLOTS), bands))


def _blank_labels(keys: Keys, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Components of one row, with rows of equal keys brought together."""
    which = number_keys(keys)
    first = np.full(len(labels), len(labels))
    np.minimum.at(first, which, np.arange(len(labels)))
    alone = np.bincount(labels[labels >= 0], minlength=len(labels))[labels] == 1
    return np.where(alone, first[which], labels)
