"""What every store of an index can do, whether it is a file, datasketch's tables in memory, or a Redis server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tunesmith.curate.index_form import IndexForm, Sketches
from tunesmith.curate.index_kernels import Best
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.tokens import Places


class Taken(NamedTuple):
    """Rows taken from an index by number: what two rows are compared by. No answers where they are not compared."""

    classes: npt.NDArray[np.int8]
    compared: ShingleSets
    answers: ShingleSets


class StoredRows(Protocol):
    """The rows of an index by number, from 0, in the order in which they were added."""

    def take(self, numbers: Places) -> Taken:
        """Rows by number, ascending."""
        ...

    def names(self, numbers: Places) -> list[tuple[str, str]]:
        """Row id and content id of rows by number, ascending."""
        ...

    def with_content(self, content_ids: Sequence[str]) -> dict[str, int]:
        """The first row of each of these contents that the index holds."""
        ...


class Index(StoredRows, Protocol):
    """An index that can be asked."""

    form: IndexForm

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        ...

    def search(self, delivery: Sketches) -> Best:
        """The most similar row of the index for each row of a delivery; of equally similar ones the first."""
        ...
