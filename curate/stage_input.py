"""What the stages that compare rows look at."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.progress import Progress
from tunesmith.curate.row_texts import Piece, RowTexts
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.threads import run_threads

Flags = npt.NDArray[np.bool_]


class StageInput(NamedTuple):
    """The columns of all rows, who is still here, whom a person keeps, and the texts.

    Large arrays lie in `scratch`; how far it is goes to `progress`.
    """

    columns: pa.Table
    alive: Flags
    keep: Flags
    texts: RowTexts
    scratch: Scratch = Scratch(None)
    progress: Progress = Progress()

    def each_piece(self, what: str, work: Callable[[Piece], None]) -> None:
        """Go through the texts, on all cores, and tell how far it is."""
        told = Lock()
        with self.progress.stage(what, total=len(self.alive), unit="rows") as advance:

            def look(piece: Piece) -> None:
                work(piece)
                with told:
                    advance(piece.n_rows)

            run_threads(look, self.texts.pieces(), self.texts.threads)
