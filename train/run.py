"""A training run from its settings to its folder: rows read, encoded and booked, a model trained, watched and written.

>>> config = read_config(Path("sft.yaml"), {"lora.rank": 8})  # doctest: +SKIP
>>> result = train_run(config, Path("runs/medical"), progress=progress)  # doctest: +SKIP
>>> result["outcome"], result["losses"]["train"]["last"], result["model_folder"]  # doctest: +SKIP
('finished', 1.0432, 'runs/medical/model')

A folder with the same settings and data goes on from its last checkpoint, to the same losses as if it had never
stopped; with others it is refused, with what differs.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.config import TrainConfig, explained
from tunesmith.train.fingerprint import fingerprint
from tunesmith.train.guard import Guard
from tunesmith.train.kept import read_kept
from tunesmith.train.run_data import Prepared, prepare
from tunesmith.train.run_folder import claimed, write_manifest
from tunesmith.train.run_manifest import hardware, manifest_of, results_of, versions, write_times
from tunesmith.train.run_start import Place, check_outside, place_of, start_of, weights_of
from tunesmith.train.run_steps import Steps, left_over, steps_of
from tunesmith.train.sets import read_sets
from tunesmith.train.supervisor import Attempt, Ended, checkpoints_of, supervise
from tunesmith.train.template import Template, open_template
from tunesmith.train.trainer_memory import estimated_bytes
from tunesmith.train.trainer_plan import Plan, Start, best_by
from tunesmith.train.types import Language, RunPaths, Sets
from tunesmith.train.watch import EarlyStop, Watch

#: Settings that may differ between a run and the one that goes on with it.
_FREE: Any = {"out": True, "report_to": True, "merge": True, "guard": {"attempts"}}


@dataclass(frozen=True)
class Opened:
    """A run before anything is written: what it reads, and what tells it from others.

    :param weights: of the model's files, see `fingerprint`.
    """

    config: TrainConfig
    paths: RunPaths
    place: Place
    sets: Sets
    template: Template
    rewards: Sequence[Callable[..., Any]]
    weights: str
    progress: Progress

    @property
    def mark(self) -> dict[str, Any]:
        """What a run that goes on in the folder must have in common with it."""
        settings = self.config.model_dump(mode="json", exclude=_FREE)
        marks = {"data": self.sets.fingerprint, "template": self.template.hash, "model files": self.weights}
        return {"settings": settings, **marks}


def train_run(
    config: TrainConfig,
    out: Path,
    *,
    replace: bool = False,
    resume: bool = True,
    progress: Progress | None = None,
    callbacks: Sequence[Any] = (),
    language: Language = "en",
) -> dict[str, Any]:
    """Train, and write everything of it into a folder; returns the manifest, with `seconds`.

    :param replace: write over a run with other data or settings in that folder.
    :param resume: go on from the last checkpoint of the same run; without it, it starts anew.
    :param callbacks: more of transformers' trainer, such as a sweep's; what they raise ends the run.
    :param language: of the report.
    :raises InputError: for anything in the settings, the data or the model that training cannot go with, and where
        incidents do not end or memory does not suffice.
    :raises OutputError: for a folder of something else, or a full disk; the last whole checkpoint stays.
    """
    started = datetime.now(UTC)
    opened = open_run(config, out, progress=progress)
    with ExitStack() as stack:
        with _main_first():  # what the others find is what the main process left in the folder
            before = stack.enter_context(claimed(opened.paths, opened.mark, replace=replace, resume=resume))
        if before is not None and "model_folder" in before and opened.paths.model.is_dir():
            return _done_before(opened, before)
        return _train(opened, started, callbacks, language)


def _done_before(opened: Opened, manifest: dict[str, Any]) -> dict[str, Any]:
    """A run that is finished: said, not trained again; merged, where that is asked for only now."""
    out = opened.paths.out
    opened.progress.say(
        f"{out} holds this run, {manifest['outcome']} at step {manifest['step']}: nothing was trained; "
        "add --replace to train it anew"
    )
    if opened.config.merge and not manifest.get("merged_folder") and _is_main():
        _merge(opened)
        manifest = {**manifest, **results_of(opened.config, opened.paths)}
        write_manifest(opened.paths, manifest)
    return {**manifest, "seconds": 0.0, "is_new": False}


def _merge(opened: Opened) -> None:
    from tunesmith.train.trainer import merge_adapter

    config, paths = opened.config, opened.paths
    if config.has_adapter and not paths.merged.is_dir():
        merge_adapter(paths.model, paths.merged, trust_remote_code=config.trust_remote_code)


def open_run(config: TrainConfig, out: Path, *, progress: Progress | None = None) -> Opened:
    """Read and check all that a run needs, and write nothing.

    :raises InputError: as `train_run`.
    """
    from tunesmith.train.trainer import check_settings
    from tunesmith.train.trainer_rewards import read_rewards

    check_settings(config)
    check_outside(config.model, out)
    rewards = read_rewards(config.rewards)
    if config.kept is not None:
        read_kept(config.kept, limit=Watch().kept_limit)  # what is wrong with it is told before a model is loaded
    place = place_of(config.model)
    template = open_template(
        place.words,
        template=config.template,
        revision=config.revision,
        trust_remote_code=config.trust_remote_code,
        chat=config.stage != "pretrain",
    )
    share = config.validation if isinstance(config.validation, float | int) else 0.0
    paths = () if isinstance(config.validation, float | int) else config.validation
    sets = read_sets(config.data, validation=paths, share=share, seed=config.seed)
    if share == 0.0 and not paths:  # a run's own validation rows were asked to stay away
        sets = Sets(sets.train, {}, sets.fingerprint, sets.unread)
    if config.early_stopping and not sets.validation:
        raise InputError("early stopping needs a validation set", remedy="give `validation: 0.1` or files")
    weights = fingerprint(weights_of(config.model, place), revision=config.revision)
    return Opened(config, RunPaths(out), place, sets, template, rewards, weights, progress or Progress())


def _train(opened: Opened, started: datetime, callbacks: Sequence[Any], language: Language) -> dict[str, Any]:
    config, paths, progress = opened.config, opened.paths, opened.progress
    with _main_first():
        start = start_of(
            config.model, opened.place, paths, trust_remote_code=config.trust_remote_code, progress=progress
        )
        prepared = prepare(config, opened.sets, opened.template, paths, progress=progress)
    _check_prepared(opened, prepared)
    steps = steps_of(config, len(prepared.train), validates=bool(prepared.validation))
    if unused := left_over(config, len(prepared.train)):
        progress.say(f"{unused} prompts do not fill a step: each epoch leaves out as many, others each time")
    plan = _plan(opened, start, prepared, steps, callbacks)
    ended = _supervised(plan)
    return _finished(opened, plan, prepared, ended, steps, started, language)


def _check_prepared(opened: Opened, prepared: Prepared) -> None:
    """What only the rows can tell: whether reward functions work on them, whether the group that tells the best is
    there."""
    config = opened.config
    if opened.rewards:
        from tunesmith.train.trainer_rewards import try_rewards

        try_rewards(opened.rewards, config.rewards, [prepared.train[row] for row in range(min(3, len(prepared.train)))])
    if config.best_by and config.best_by not in prepared.validation:
        there = ", ".join(prepared.validation) or "none"
        raise InputError(f"no validation set is called {config.best_by!r}; there is {there}", where="best_by")
    if config.early_stopping and not prepared.validation:
        raise InputError("early stopping needs a validation set, and none of its rows is left", where="early_stopping")


def _plan(opened: Opened, start: Start, prepared: Prepared, steps: Steps, callbacks: Sequence[Any]) -> Plan:
    config = opened.config
    return Plan(
        config=config,
        paths=opened.paths,
        template=opened.template,
        start=start,
        train=prepared.train,
        validation=prepared.validation,
        evaluation=steps.evaluation,
        checkpoints=steps.checkpoints,
        watch=watch_of(config, [*prepared.validation]),
        rewards=opened.rewards,
        callbacks=callbacks,
        progress=opened.progress,
    )


def watch_of(config: TrainConfig, groups: Sequence[str]) -> Watch:
    """What is watched: the settings of the guard, of early stopping and of the run's own questions."""
    guard = None if config.guard == "off" else Guard(**config.guard.model_dump())
    if guard and config.stage == "grpo":  # its loss is near nothing by construction, and a rise of it no harm
        guard = dataclasses.replace(guard, warmup=sys.maxsize)
    metric = best_by(config, groups)
    early = None
    if config.early_stopping and metric:
        early = EarlyStop(metric, config.early_stopping.patience, config.early_stopping.least)
    return Watch(guard=guard, early=early, shallow_scale=config.shallow_scale, kept=config.kept)


def _supervised(plan: Plan) -> Ended:
    from tunesmith.train.trainer import fit

    def start(attempt: Attempt) -> Ended:
        return fit(dataclasses.replace(plan, attempt=attempt))

    guard = plan.watch.guard or Guard()
    try:
        return supervise(start, paths=plan.paths, guard=guard, resume=True, progress=plan.progress)
    except KeyboardInterrupt:
        good = checkpoints_of(plan.paths)
        place = good[-1].name if good else "the beginning, for no checkpoint was written yet"
        plan.progress.say(f"stopped; the same command goes on from {place}")
        raise


def _finished(
    opened: Opened,
    plan: Plan,
    prepared: Prepared,
    ended: Ended,
    steps: Steps,
    started: datetime,
    language: Language,
) -> dict[str, Any]:
    """Everything that stands in the folder beside the model."""
    from tunesmith.train.loss_plot import draw_losses
    from tunesmith.train.report import write_report

    config, paths = opened.config, opened.paths
    if not _is_main():
        return {}
    if config.merge:
        _merge(opened)
    manifest = manifest_of(config, paths, opened.mark, prepared.facts, ended, plan.start.model, steps.total)
    seconds = (datetime.now(UTC) - started).total_seconds()
    draw_losses(paths, language=language)
    write_report(paths, _for_report(opened, plan.start.model, manifest, ended, seconds), language)
    write_times(paths, started, ended.facts)
    write_manifest(paths, manifest)
    return {**manifest, "seconds": round(seconds, 3), "is_new": True}


def _for_report(opened: Opened, model: str, manifest: dict[str, Any], ended: Ended, seconds: float) -> dict[str, Any]:
    config = opened.config
    validation = {group: facts["n_rows"] for group, facts in manifest["data"]["validation"].items()}
    return {
        **ended.facts,
        **manifest,
        "title": opened.paths.out.name,
        "seed": config.seed,
        "epochs": config.epochs,
        "seconds": seconds,
        "data": {**manifest["data"], "sources": list(config.data), "validation": validation},
        "settings": explained(config),
        "hardware": hardware(),
        "versions": versions(),
        "estimate_bytes": estimated_bytes(config, model),
        "next": [manifest["serve"]] if manifest["serve"] else [],
    }


def _is_main() -> bool:
    import os

    return os.environ.get("RANK", "0") == "0"


@contextmanager
def _main_first() -> Iterator[None]:
    """Of several processes the main one prepares, and the others then find it done."""
    import os

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        context: Any = nullcontext()
    else:
        from accelerate import PartialState

        context = cast(Any, PartialState()).main_process_first()
    with context:
        yield
