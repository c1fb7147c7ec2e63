"""The columns that a recipe adds to what is measured of every row: token counts, and scores of a model by content id.

They are there before the rules judge, so that expressions, selection and the report can use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.curate.progress import Progress
from tunesmith.curate.records import to_batch
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.scores import read_scores, score_columns
from tunesmith.curate.token_counts import Tokenizer, count_tokens

#: The name of the stage and of its column.
TOKENS = "tokens"


def count_row_tokens(texts: RowTexts, tokenizer: Tokenizer, progress: Progress) -> pa.Table:
    """The tokens of every row, an edited one's as edited: one column, `tokens`, int32."""
    pieces = texts.pieces()
    counts = []
    with progress.stage(
        f"count tokens of {tokenizer.name}", total=sum(one.n_rows for one in pieces), unit="rows"
    ) as on:
        for piece in pieces:
            counts += [count_tokens(batch, tokenizer) for batch in piece.read().to_batches()]
            on(piece.n_rows)
    column = pa.chunked_array(counts, pa.int32()).to_numpy().copy()
    if texts.edited:
        rows = sorted(texts.edited)
        column[rows] = count_tokens(to_batch([texts.edited[row] for row in rows]), tokenizer).to_numpy()
    return pa.table({TOKENS: pa.array(column.astype(np.int32))})


def with_scores(columns: pa.Table, files: Sequence[Path]) -> pa.Table:
    """The columns of all rows with those of the score files, null where a row has no score.

    :raises InputError: with every line of the files that holds no scores.
    """
    if not files:
        return columns
    for name, values in score_columns(columns["content_id"], read_scores(files)).items():
        columns = columns.append_column(name, values)
    return columns
