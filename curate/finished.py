"""What the stages of a run decided, side by side, ready for the outputs and the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from tunesmith.curate.mix import Mixed
from tunesmith.curate.recipe import LoadedRecipe
from tunesmith.curate.records import Record
from tunesmith.curate.rows import Rows
from tunesmith.curate.run_inputs import NamedFiles
from tunesmith.curate.run_selection import Chosen
from tunesmith.curate.said import Said
from tunesmith.curate.split import Split
from tunesmith.curate.stage_rules import Failing
from tunesmith.curate.store import RowStore


class Finished(NamedTuple):
    """Everything that the stages decided, ready to be written."""

    loaded: LoadedRecipe
    mark: str
    rows: Rows
    ledger: pa.Table
    ledger_file: Path  # of the stage cache, where it is mapped from
    store: RowStore
    edited: Mapping[int, Record]  # what stands in place of rows, by row number
    judged: Mapping[str, Failing]
    split: Split
    mixed: Mixed | None
    announcements: tuple[Said, ...]
    files: NamedFiles
    applied: str | None  # the stage file of the applied decisions
    overlap: pa.Table  # of the contamination stage
    evidence: pa.Table  # of the duplicates stage
    chosen: Chosen
    stages: Mapping[str, str]  # the files of the stages that `explain` reads
