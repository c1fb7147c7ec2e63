"""What a rule is, what it finds, and the columns that it reads.

>>> columns = Columns(pa.table({"language": ["zh", "en"], "code_share": pa.array([0.7, None], pa.float32())}))
>>> columns.numbers("code_share").tolist(), columns.by_language({"zh": 1, "en": 2}).tolist()
([0.7, nan], [1.0, 2.0])
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.said import Said

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, Mapping[str, float]]  # parameter -> language -> number
Settings = Mapping[str, Any]  # of one active rule in plain data: its parameters and its policy, or when, policy, why

DROP, FLAG = "drop", "flag"
POLICIES = (DROP, FLAG)

_DECIMALS = 6  # that a float32 share holds: 0.7 is stored as 0.69999999 and must still reach a threshold of 0.7


class Judged(NamedTuple):
    """One rule over all rows; arrays of shape `(n_rows,)`."""

    failed: Mask
    value: Numbers
    threshold: Numbers  # NaN where a rule compares more than one signal with one number


class Columns:
    """The columns of a signals table as numpy arrays, each converted once however many rules read it."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._numbers: dict[str, Numbers] = {}
        self._codes: dict[str, tuple[list[str | None], npt.NDArray[np.int64]]] = {}

    def __len__(self) -> int:
        return len(self.table)

    def numbers(self, name: str) -> Numbers:
        """A column of numbers, or of true (1) and false (0); NaN where it is null."""
        if name not in self._numbers:
            column = self.table[name]
            single = pa.types.is_float32(column.type)
            found: Numbers = column.cast(pa.float64()).to_numpy() if _is_plain(column) else _of_flags(column)
            self._numbers[name] = np.round(found, _DECIMALS) if single else found
        return self._numbers[name]

    def is_among(self, name: str, texts: Collection[str]) -> Mask:
        """The rows whose text is one of these."""
        names, codes = self._texts(name)
        among: Mask = np.array([text in texts for text in names] or [False])[codes]
        return among

    def by_language(self, numbers: Mapping[str, float]) -> Numbers:
        """The number that applies to each row, by the row's language."""
        if len({*numbers.values()}) == 1:
            return np.full(len(self), float(next(iter(numbers.values()))))
        names, codes = self._texts("language")
        found: Numbers = np.array([float(numbers[str(name)]) for name in names] or [0.0])[codes]
        return found

    def _texts(self, name: str) -> tuple[list[str | None], npt.NDArray[np.int64]]:
        """The different texts of a column, and the place of each row's in them."""
        if name not in self._codes:
            encoded = self.table[name].combine_chunks().dictionary_encode(null_encoding="encode")
            self._codes[name] = (encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))
        return self._codes[name]


def _is_plain(column: pa.ChunkedArray) -> bool:
    return not pa.types.is_boolean(column.type)


def _of_flags(column: pa.ChunkedArray) -> Numbers:
    found: Numbers = pc.cast(column, pa.int8()).to_numpy().astype(np.float64)
    return found


Judge = Callable[[Columns, Mapping[str, Any]], Judged]


class Rule(NamedTuple):
    """A rule, the parameters that a recipe may set, and what it is for.

    A parameter's name begins with what its number does: a row fails below `min_…`, above `max_…`, and from `from_…` on.

    :param columns: the signals that it reads, besides `language` and `kind`.
    :param why: what is wrong with a row that fails, in one sentence.
    :param example: such a row, `prompt → answer`, of a pair `prompt → chosen | rejected`.
    :param policy: what happens to such a row unless the recipe says otherwise, one of `POLICIES`.
    :param on_text: whether it also judges pre-training text, which has no prompt and no turns.
    :param sign: a row passes where `value sign threshold` holds; by default the first parameter's name says it.
    """

    name: str
    defaults: dict[str, dict[str, float]]
    judge: Judge
    columns: tuple[str, ...]
    why: Said
    example: Said
    policy: str = DROP
    on_text: bool = False
    sign: str = ""

    @property
    def passes(self) -> str:
        """The sign between value and threshold of a row that passes: `≥`, `≤`, `<`, `>`, `=`, `≠`."""
        return self.sign or next((_SIGNS[name.partition("_")[0]] for name in self.defaults), "=")


_SIGNS = {"min": "≥", "max": "≤", "from": "<"}
