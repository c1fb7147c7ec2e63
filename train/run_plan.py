"""What a run would do, without doing it: settings with reasons, what becomes of the rows, steps.

>>> planned = plan_run(config, Path("runs/medical"))  # doctest: +SKIP
>>> planned["max_steps"], planned["data"]["outcomes"]  # doctest: +SKIP
(4239, {'trained': 45102, 'dropped: too_long': 108})
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tunesmith.curate.progress import Progress
from tunesmith.train.config import TrainConfig, explained, settings_text
from tunesmith.train.run import open_run
from tunesmith.train.run_data import prepare
from tunesmith.train.run_folder import check_folder
from tunesmith.train.run_steps import steps_of
from tunesmith.train.types import RunPaths


def plan_run(
    config: TrainConfig, out: Path, *, replace: bool = False, progress: Progress | None = None
) -> dict[str, Any]:
    """Read and encode everything as `train_run` would, into a folder that goes away, and train nothing.

    :raises InputError: and OutputError as `train_run`.
    """
    opened = open_run(config, out, progress=progress)
    before = check_folder(opened.paths, opened.mark, replace=replace)
    with TemporaryDirectory(prefix="tunesmith-plan-") as name:
        prepared = prepare(config, opened.sets, opened.template, RunPaths(Path(name)), progress=opened.progress)
        steps = steps_of(config, len(prepared.train), validates=bool(prepared.validation))
        facts = prepared.facts
        del prepared
    return {
        "out": str(out),
        "goes_on": before is not None and not replace,
        "stage": config.stage,
        "method": config.method,
        "model": config.model,
        "data": facts,
        "max_steps": steps.total,
        "evaluation": steps.evaluation if facts["validation"] else None,
        "checkpoints": steps.checkpoints,
        "settings": [one._asdict() for one in explained(config)],
    }


def plan_text(config: TrainConfig, planned: Mapping[str, Any]) -> str:
    """A plan as text."""
    data = planned["data"]
    share = data["n_trained"] / data["n_tokens"] if data["n_tokens"] else 0.0
    lines = [
        settings_text(explained(config)),
        "",
        f"would train {data['n_sequences']:,} sequences from {data['n_rows']:,} rows: {data['n_tokens']:,} tokens, "
        f"{share:.0%} of them with a label",
        *(f"  {count:,} {outcome}" for outcome, count in data["outcomes"].items()),
        *(f"validates {facts['n_rows']:,} rows of {group}" for group, facts in data["validation"].items()),
        f"{planned['max_steps']:,} steps, a checkpoint every {planned['checkpoints']:,}"
        + (f", an evaluation every {planned['evaluation']:,}" if planned["evaluation"] else ", nothing validates"),
        f"{planned['out']} holds this run, which would go on"
        if planned["goes_on"]
        else f"would write {planned['out']}",
        "nothing was trained (--dry-run)",
    ]
    return "\n".join(lines)
