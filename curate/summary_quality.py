"""What a run did for the quality of its rows, and what they are like: the data of the report's sections about it.

`cleaning`, `privacy`, `rules`, `contamination` and `makeup`, each of the file of its name, None where there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.finished import Finished
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.recipe import resolved_rules
from tunesmith.curate.records import Record, content_id
from tunesmith.curate.summary import Evidence
from tunesmith.curate.summary_cleaning import summarise_cleaning
from tunesmith.curate.summary_contamination import read_sets, summarise_contamination
from tunesmith.curate.summary_makeup import summarise_makeup
from tunesmith.curate.summary_privacy import summarise_private
from tunesmith.curate.summary_rules import summarise_rules
from tunesmith.curate.treatment import Step, steps
from tunesmith.errors import RowError


def summarise_quality(run: Finished, evidence: Evidence) -> dict[str, Any]:
    """The data of all sections."""
    recipe = run.loaded.recipe
    return {
        "cleaning": summarise_cleaning(evidence, lambda number: steps_of(run, number)),
        "privacy": summarise_private(evidence, recipe.privacy.policy) if recipe.privacy else None,
        "rules": summarise_rules(evidence, run.judged, resolved_rules(recipe), recipe.language),
        "contamination": _contamination(run, evidence),
        "makeup": summarise_makeup(evidence, recipe.language),
    }


def _contamination(run: Finished, evidence: Evidence) -> dict[str, Any] | None:
    wish = run.loaded.recipe.contamination
    if wish is None:
        return None
    return summarise_contamination(evidence, run.store, run.overlap, wish, read_sets(wish, run.loaded.folder))


def steps_of(run: Finished, number: int) -> Iterator[Step]:
    """The steps of a row's treatment that changed it; none where it is no longer read as it was."""
    plan = run.rows.sources[run.rows.source[number]].plan
    record = _as_converted(run, number)
    if record is not None:
        yield from steps(record, plan.treatment)


def _as_converted(run: Finished, number: int) -> Record | None:
    plan = run.rows.sources[run.rows.source[number]].plan
    form = plan.form or FORMATS.get(run.rows.columns["format"][number].as_py())
    try:
        record = read_raw(run.store.raw(number), form).record
    except RowError:
        return None
    return record if content_id(record) == run.rows.columns["content_id"][number].as_py() else None
