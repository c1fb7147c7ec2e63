"""Rows whose answer says that it does not know: how many a training set has, and whether that is good.

A share of such rows teaches a model to abstain where it would otherwise invent: R-Tuning (Zhang et al. 2023,
arXiv 2311.09677) trains on them for that. Too many teach it to give up on what it could answer, the over-caution that
Alignment for Honesty (Yang et al. 2023, arXiv 2312.07000) measures. Neither paper gives a share that is right for
every set: the bounds here are a rule of thumb, and the advice says so.

>>> found = UnknownAnswers(rows=60, of=1_000, factual=400, sources=())
>>> found.verdict, advise(found).en[:33]
('many', '60 of 1,000 rows (6%) answer that')
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.report_format import share
from tunesmith.curate.said import Said

#: Of the rows of a set: from here on there are many, and below the other next to none.
MANY, FEW = 0.05, 0.001
#: Rows that ask for facts, from which on a set without any such answer is worth a word.
FACTUAL_ROWS = 100
_FACTUAL = "qa"


class OfSource(NamedTuple):
    """The share of one source."""

    source: str
    rows: int
    of: int


class UnknownAnswers(NamedTuple):
    """Rows whose answer says that it does not know, of how many; rows that ask for facts; and each source's share."""

    rows: int
    of: int
    factual: int
    sources: tuple[OfSource, ...]

    @property
    def verdict(self) -> str:
        """`many`, `some`, `few` (next to none, though many rows ask for facts) or `none` (nothing to say)."""
        ratio = self.rows / self.of if self.of else 0.0
        if ratio >= MANY:
            return "many"
        if ratio < FEW and self.factual >= FACTUAL_ROWS:
            return "few"
        return "some" if self.rows else "none"


def count_unknown(columns: pa.Table, rows: npt.NDArray[np.bool_]) -> UnknownAnswers:
    """Count among some rows of a run.

    :param columns: with `unknown_answer` and `source`, and `task` where tasks are measured.
    :param rows: those that are counted, shape `(n_rows,)`.
    """
    unknown = pc.fill_null(columns["unknown_answer"], False).to_numpy(zero_copy_only=False) & rows
    sources = _by_source(columns["source"], unknown, rows)
    return UnknownAnswers(int(unknown.sum()), int(rows.sum()), int((_factual(columns) & rows).sum()), sources)


def _by_source(
    source: pa.ChunkedArray, unknown: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_]
) -> tuple[OfSource, ...]:
    """In the order of the recipe, without sources of which no row is counted."""
    names = source.to_numpy()
    counted = {name: rows & (names == name) for name in source.unique().to_pylist()}
    return tuple(
        OfSource(name, int((unknown & mine).sum()), int(mine.sum())) for name, mine in counted.items() if mine.any()
    )


def _factual(columns: pa.Table) -> npt.NDArray[np.bool_]:
    if "task" not in columns.column_names:
        return np.zeros(len(columns), bool)
    found: npt.NDArray[np.bool_] = columns["task"].to_numpy() == _FACTUAL
    return found


def advise(found: UnknownAnswers) -> Said:
    """What the count means, and what to do."""
    number = Said(
        f"{found.rows:,} of {found.of:,} rows ({share(found.rows, found.of)}) answer that they do not know. ",
        f"{found.of:,} 行中有 {found.rows:,} 行（{share(found.rows, found.of)}）回答“不知道”。",
    )
    advice = _ADVICE[found.verdict]
    factual = f"{found.factual:,}"
    return Said(number.en + advice.en.format(factual=factual), number.zh + advice.zh.format(factual=factual))


_ADVICE = {
    "many": Said(
        "That is much: a model trained on it may give up on questions that it could answer. Read the examples, and "
        "drop or rewrite the rows whose answer is known. The bound of 5% is a rule of thumb.",
        "占比偏高：模型可能学会对本来答得出的问题也放弃。请看实例，剔除或改写其实有答案的行。5% 的界限是经验值。",
    ),
    "some": Said(
        "A small share is useful: it teaches the model to say so instead of inventing an answer. Read the examples to "
        "see that the questions really have none.",
        "少量这样的数据有益：模型会学到不编造答案。请看实例，确认这些问题确实无法回答。",
    ),
    "few": Said(
        "{factual} rows ask for facts, and next to none shows the model what to do where it does not know. Consider "
        "adding some questions that cannot be answered, with an answer that says so and why.",
        "有 {factual} 行是事实类问答，但几乎没有一行示范不知道时该怎么办。"
        "可以考虑加入一些无法回答的问题，并在回答中说明原因。",
    ),
    "none": Said("", ""),
}
