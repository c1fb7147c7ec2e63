"""A seeded share of rows that validate, as stage 6 of a run draws it: rows of like prompts stay on one side.

>>> chosen = validation_share(rows, share=0.05, seed=7)  # doctest: +SKIP
>>> int(chosen.sum())  # doctest: +SKIP
50
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.keys import Keys
from tunesmith.curate.near_prompts import group_keys
from tunesmith.curate.normalform import normal_form
from tunesmith.curate.recipe_models import Split
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.split import split_rows, target_rows
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stages import read_table
from tunesmith.train.sets_files import shard_path, write_rows
from tunesmith.train.sets_rows import StoredRows

#: Tokens in a shingle, as duplicates and the split of a run have it by default.
_NGRAM = 5


def validation_share(rows: StoredRows, *, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Which rows validate, shape `(n_rows,)`: stratified by source, never the last row of training."""
    wished = Split()
    target = target_rows(len(rows), share, least=wished.min_rows, most=wished.max_rows)
    with TemporaryDirectory(prefix="tunesmith-share-") as name:
        sizes = write_rows(Path(name), (row.record for row in rows))
        shards = [shard_path(Path(name), number) for number in range(len(sizes))]
        everyone = np.ones(len(rows), bool)
        texts = RowTexts(shards, {})
        stage = StageInput(pa.table({}), everyone, ~everyone, texts)
        keys = group_keys(_prompt_keys(shards), stage, ngram=_NGRAM)
    return split_rows(keys, rows.codes[rows.numbers], everyone, target=target, seed=seed).validation


def _prompt_keys(shards: list[Path]) -> Keys:
    """128 bits of what each row asks, without width, case and spaces; shape `(n_rows, 2)`."""
    digests = b"".join(
        xxhash.xxh3_128_digest(normal_form(text).encode())
        for path in shards
        for text in compared_texts(read_table(path)).prompt.to_pylist()
    )
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)
