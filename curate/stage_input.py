"""What the stages that compare rows look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.scratch import Scratch

Flags = npt.NDArray[np.bool_]


class StageInput(NamedTuple):
    """The columns of all rows, who is still here, whom a person keeps, the texts, and where large arrays lie."""

    columns: pa.Table
    alive: Flags
    keep: Flags
    texts: RowTexts
    scratch: Scratch = Scratch(None)
