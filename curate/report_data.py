"""The data of a run's report: what `summary.py` counts, and what only the whole run knows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tunesmith.curate.finished import Finished
from tunesmith.curate.masked import MaskedRows
from tunesmith.curate.recipe import Split as SplitWish
from tunesmith.curate.recipe import resolved, resolved_rules
from tunesmith.curate.said import Said, note
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.stages import versions
from tunesmith.curate.summary import Evidence, summarise
from tunesmith.curate.summary_duplicates import summarise_duplicates
from tunesmith.curate.summary_meaning import summarise_meaning
from tunesmith.curate.summary_quality import summarise_quality
from tunesmith.curate.summary_rules import only_failures


def summary_of(run: Finished) -> dict[str, Any]:
    """The data of the report."""
    recipe = run.loaded.recipe
    rows = MaskedRows(run.store, run.rows.columns["private"])
    only = only_failures(run.judged, resolved_rules(recipe))
    evidence = Evidence(run.ledger, run.rows.columns, rows, only, recipe.seed)
    return {
        "name": recipe.name,
        "language": recipe.language,
        "seed": recipe.seed,
        **summarise(evidence),
        **({} if run.judged else {"lengths": []}),  # what lengths are is a question of the rules, and none is on
        "quality": summarise_quality(run, evidence),
        "duplicates": summarise_duplicates(evidence, run.evidence, recipe.duplicates),
        "meaning": summarise_meaning(evidence, run.chosen, recipe),
        "sources": _sources(run),
        "mix": _mix_summary(run),
        "split": _split_summary(run),
        "announcements": [said.in_language(recipe.language) for said in run.announcements],
        "recipe_yaml": _yaml(resolved(recipe)),
        "versions": versions(),
        "inputs": [
            {"path": source.asked, "size_bytes": file.size_bytes, "digest": file.digest}
            for source in run.rows.sources
            for file in source.plan.input.files
        ],
    }


def _sources(run: Finished) -> list[dict[str, Any]]:
    """A line for each source: what it was read as, and what became of its rows."""
    verdicts = shared_texts(run.ledger["verdict"])
    sides = shared_texts(run.ledger["split"])
    lines = []
    for number, (source, ingested) in enumerate(zip(run.rows.sources, run.rows.ingested)):
        mine = run.rows.source == number
        verdict, side = Counter(verdicts[mine].tolist()), Counter(sides[mine].tolist())
        first = source.plan.input.files[0]
        lines.append(
            {
                "name": source.plan.name,
                "group": source.group,
                "path": source.asked,
                "container": first.container,
                "encoding": first.encoding,
                "compression": first.compression,
                "formats": ingested.formats,
                "rows": int(mine.sum()),
                **{name: verdict[name] for name in ("invalid", "dropped", "unsampled", "kept")},
                **{name: side[name] for name in ("train", "validation")},
                "notes": [note(text).in_language(run.loaded.recipe.language) for text in source.notes],
            }
        )
    return lines


def _mix_summary(run: Finished) -> dict[str, Any] | None:
    mix = run.loaded.recipe.mix
    if mix is None or run.mixed is None:
        return None
    return {
        "unit": mix.unit,
        "short": mix.short,
        "asked": dict(mix.ratio),
        "groups": run.mixed.groups,
        "announcement": _in_language(run, run.mixed.announcement),
    }


def _in_language(run: Finished, said: Said | None) -> str | None:
    return said.in_language(run.loaded.recipe.language) if said else None


def _asked_of(split: SplitWish) -> str:
    """`0.1 (1 to 2,000)`: a share has bounds, a number of rows has none."""
    bounds = f" ({split.min_rows:,}–{split.max_rows:,})" if 0 < split.validation < 1 else ""
    return f"{split.validation:g}{bounds}"


def _split_summary(run: Finished) -> dict[str, Any]:
    per_source = [
        {"source": line["name"], "train": line["train"], "validation": line["validation"]} for line in _sources(run)
    ]
    return {
        "asked": _asked_of(run.loaded.recipe.split),
        "target": run.split.target,
        "validation": int(run.split.validation.sum()),
        "groups": run.split.n_groups,
        "largest_group": run.split.largest_group,
        "per_source": per_source,
        "announcement": _in_language(run, run.split.announcement),
    }


def _yaml(value: Any) -> str:
    import yaml

    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100))
