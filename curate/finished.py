"""What the stages of a run decided, side by side, ready for the outputs and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from tunesmith.curate.mix import Mixed
from tunesmith.curate.recipe import LoadedRecipe
from tunesmith.curate.rows import Rows
from tunesmith.curate.rules import Judged
from tunesmith.curate.run_inputs import NamedFiles
from tunesmith.curate.run_selection import Chosen
from tunesmith.curate.said import Said
from tunesmith.curate.split import Split
from tunesmith.curate.store import RowStore


class Finished(NamedTuple):
    """Everything that the stages decided, ready to be written."""

    loaded: LoadedRecipe
    mark: str
    rows: Rows
    ledger: pa.Table
    store: RowStore
    judged: Mapping[str, Judged]
    split: Split
    mixed: Mixed | None
    announcements: tuple[Said, ...]
    files: NamedFiles
    applied: str | None  # the stage file of the applied decisions
    overlap: pa.Table  # of the contamination stage
    evidence: pa.Table  # of the duplicates stage
    chosen: Chosen
    stages: Mapping[str, str]  # the files of the stages that `explain` reads
