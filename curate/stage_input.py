"""What the stages that compare rows look at."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.engines.engine import Engine, Look, Put
from tunesmith.curate.engines.local import Local
from tunesmith.curate.progress import Progress
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.scratch import Scratch

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
    engine: Engine = Local()

    def each_row(self, what: str, look: Look, put: Put, rows: npt.NDArray[np.int64] | None = None) -> None:
        """Look at the texts of all rows, or of some of them (ascending), and tell how far it is."""
        one_at_a_time = Lock()
        total = len(self.alive) if rows is None else len(rows)
        with self.progress.stage(what, total=total, unit="rows") as advance:

            def take(first: int, found: pa.Table) -> None:
                put(first, found)
                with one_at_a_time:
                    advance(len(found))

            self.engine.each_row(self.texts, rows, look, take)
