"""What a sweep leaves for people and programs: `sweep.json`, `trials.csv`, `best.yaml`, `report.html`.

>>> result = write_results(Path("sweep"), sweep, study, "en", maximise=False)  # doctest: +SKIP
>>> result["counts"]  # doctest: +SKIP
{'complete': 17, 'pruned': 2, 'failed': 1}
"""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.spreadsheet import for_spreadsheet
from tunesmith.curate.io import write_bytes
from tunesmith.train.sweep_config import settings_of, write_settings
from tunesmith.train.sweep_study import Study
from tunesmith.train.sweep_types import Sweep, Trial
from tunesmith.train.types import Language, RunPaths

BEST = "best.yaml"


def write_results(out: Path, sweep: Sweep, study: Study, language: Language, *, maximise: bool) -> dict[str, Any]:
    """Write the files; gives back what stands in `sweep.json`."""
    from tunesmith.train.sweep_report import render_sweep

    trials, best = study.trials(), study.best()
    facts = _facts(out, sweep, trials, best, study.importances(), maximise=maximise)
    if best is not None:
        _write_best(out, sweep, best, facts)
    write_bytes(out / "trials.csv", _table(sweep, trials).encode())
    write_bytes(out / "sweep.json", (jsontext.dumps_indented(facts) + "\n").encode())
    write_bytes(out / "report.html", render_sweep(facts, trials, sweep, language).encode())
    return facts


def _facts(
    out: Path,
    sweep: Sweep,
    trials: Sequence[Trial],
    best: Trial | None,
    importances: Mapping[str, float],
    *,
    maximise: bool,
) -> dict[str, Any]:
    model = RunPaths(out / "trials" / f"{best.number:03}").model if best is not None else None
    return {
        "objective": sweep.objective.told,
        "direction": "maximise" if maximise else "minimise",
        "seed": sweep.seed,
        "grid": sweep.grid,
        "space": [*sweep.space],
        "counts": {state: sum(one.state == state for one in trials) for state in ("complete", "pruned", "failed")},
        "best": None if best is None else {"number": best.number, "value": best.value, "values": dict(best.values)},
        "best_model": str(model) if model is not None and model.is_dir() else None,
        "importance": {key: round(share, 4) for key, share in importances.items()},
        "trials": [{**one._asdict(), "values": dict(one.values)} for one in trials],
        "report": str(out / "report.html"),
        "next": None if best is None else _next(out, sweep),
    }


def _next(out: Path, sweep: Sweep) -> str:
    return shlex.join(["tunesmith", "train", str(sweep.base["stage"]), str(out / BEST), "--out", str(out / "trained")])


def _write_best(out: Path, sweep: Sweep, best: Trial, facts: Mapping[str, Any]) -> None:
    told = f"trial {best.number} of the sweep {out.name}: {sweep.objective.told} {best.value:.6g}\n{facts['next']}"
    write_settings(out / BEST, settings_of(sweep, best.values), told)


def _table(sweep: Sweep, trials: Sequence[Trial]) -> str:
    """One line a trial, as spreadsheets read it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["trial", "state", "value", *sweep.space, "evaluations", "seconds", "reason"])
    for one in trials:
        values = [_cell(one.values[key]) for key in sweep.space]
        value = "" if one.value is None else one.value
        rows.writerow(
            [one.number, one.state, value, *values, len(one.losses), round(one.seconds, 1), _cell(one.reason)]
        )
    return text.getvalue()


def _cell(value: Any) -> Any:
    return for_spreadsheet(value if isinstance(value, (int, float)) else str(value))
