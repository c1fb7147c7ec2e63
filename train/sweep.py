"""`tunesmith train sweep`: the same training with other settings, again and again, towards the best ones.

>>> sweep = read_sweep(Path("sweep.yaml"))  # doctest: +SKIP
>>> result = run_sweep(sweep, Path("sweeps/medical"), progress=progress)  # doctest: +SKIP
>>> result["best"]["values"], result["best"]["value"]  # doctest: +SKIP
({'learning_rate': 0.00018, 'lora.rank': 16}, 1.0432)

The folder: `study.db` (SQLite, every trial), `trials/003.yaml` (settings of a trial), `trials/003/` (its run),
`trials/003.log` (what it printed), `best.yaml` (for `tunesmith train sft best.yaml`), `trials.csv`, `sweep.json` and
`report.html`. A sweep that was stopped goes on by the same command; more `trials` in the file are added to it.
"""

from __future__ import annotations

import fcntl
import math
import os
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunesmith.curate.endpoint_cache import key_of
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError
from tunesmith.train.sweep_config import settings_of, write_settings
from tunesmith.train.sweep_output import BEST, write_results
from tunesmith.train.sweep_space import combinations
from tunesmith.train.sweep_study import Slot, Study, open_study
from tunesmith.train.sweep_trial import mean_loss, run_in_process
from tunesmith.train.sweep_types import Finished, Job, Losses, Runner, Sweep, Trial
from tunesmith.train.types import Language, RunPaths

STORE, TRIALS, _LOCK = "study.db", "trials", ".lock"
#: What a sweep writes, and `replace` removes.
OUTPUTS = (STORE, TRIALS, BEST, "trials.csv", "sweep.json", "report.html")


def run_sweep(
    sweep: Sweep,
    out: Path,
    *,
    keep_all: bool = False,
    replace: bool = False,
    language: Language = "en",
    runner: Runner = run_in_process,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run the trials that are still to be run; gives back what stands in `sweep.json`.

    :param keep_all: keep every trial's model, not only the best one's.
    :param replace: start anew where the folder holds another sweep.
    :param runner: how a trial is run; in a process of its own by default.
    :raises InputError: where so many trials in a row failed as `sweep.failures` says.
    :raises OutputError: where the folder holds something else or another sweep writes in it.
    """
    progress = progress or Progress()
    with _claimed(out, replace=replace):
        study = open_study(out / STORE, sweep, _mark(sweep), maximise=maximises(sweep))
        if not keep_all:
            progress.say("only the best trial's model is kept (--keep-all keeps every one)")
        for number in study.revive():
            progress.say(f"trial {number} was running when the sweep was stopped: it is run again")
        try:
            _Loop(sweep, out, study, runner, progress, keep_all=keep_all).run()
        finally:
            result = write_results(out, sweep, study, language, maximise=maximises(sweep))
    return result


def maximises(sweep: Sweep) -> bool:
    """Whether more is better: of a loss less is."""
    if sweep.objective.metric is None:
        return False
    from tunesmith.evaluate.metrics import METRICS

    return METRICS[sweep.objective.metric].better == "higher"


class _Loop:
    """Trial after trial."""

    def __init__(
        self, sweep: Sweep, out: Path, study: Study, runner: Runner, progress: Progress, *, keep_all: bool
    ) -> None:
        self._sweep, self._out, self._study = sweep, out, study
        self._runner, self._progress, self._keep_all = runner, progress, keep_all
        self._grid = _grid(sweep) if sweep.grid else None
        self._started = time.monotonic()
        self._failed = 0

    def run(self) -> None:
        done = self._study.trials()
        total = self._total()
        if len(done) >= total:
            self._progress.say(f"all {total:,} trials are done; raise `trials` for more")
        with self._progress.stage("trials", total=total, unit="trials") as advance:
            advance(len(done))
            while len(self._study.trials()) < total and not self._is_late():
                self._one(total)
                advance(1)

    def _total(self) -> int:
        if self._grid is None:
            return self._sweep.trials or 0
        total = min(len(self._grid), self._sweep.trials or len(self._grid))
        if total < len(self._grid):
            text = f"{total:,} of the grid's {len(self._grid):,} combinations are tried, drawn by the seed"
            self._progress.say(text)
        return total

    def _is_late(self) -> bool:
        limit = self._sweep.timeout_seconds
        if limit is None or time.monotonic() - self._started < limit:
            return False
        self._progress.say(f"the time is up ({limit:,.0f} s): no more trials begin; the same command goes on")
        return True

    def _one(self, total: int) -> None:
        n_done = len(self._study.trials())
        slot = self._study.next(None if self._grid is None else self._grid[n_done])
        job = _job(self._sweep, self._out, slot)
        losses: list[float] = []

        def report(step: int, found: Losses) -> bool:
            losses.append(_reported(self._sweep, found))
            return self._study.report(slot, len(losses), losses[-1]) if math.isfinite(losses[-1]) else False

        ended = self._runner(job, report)
        self._study.tell(slot, ended, losses)
        self._progress.say(f"trial {slot.number} of {total:,}: {told(slot.values)}: {_outcome(ended)}")
        if not self._keep_all:
            _forget(self._out, self._study.trials(), self._study.best())
        self._count(ended)

    def _count(self, ended: Finished) -> None:
        """:raises InputError: after too many failures in a row: something is wrong with all of them."""
        self._failed = self._failed + 1 if ended.state == "failed" else 0
        if self._failed >= self._sweep.failures:
            what = f"{self._failed} trials in a row failed, the last because: {ended.reason}"
            remedy = "correct the cause and run the same command again; what was done is kept"
            raise InputError(what, where=str(self._out), remedy=remedy)


def told(values: Mapping[str, Any]) -> str:
    """`learning_rate 0.00018, lora.rank 16`."""
    shown = {key: f"{value:.4g}" if isinstance(value, float) else str(value) for key, value in values.items()}
    return ", ".join(f"{key} {value}" for key, value in shown.items())


def _outcome(ended: Finished) -> str:
    if ended.state == "complete":
        return f"{ended.value:.4g} in {ended.seconds:,.0f} s"
    if ended.state == "pruned":
        return f"pruned after {len(ended.evaluations)} evaluations, it was worse than the median of the others"
    return f"failed: {ended.reason}"


def _reported(sweep: Sweep, losses: Losses) -> float:
    """What a trial is pruned by: the objective's losses, or all groups' mean where it has none."""
    weights = {group: weight for group, weight in sweep.objective.loss.items() if group in losses}
    if not weights and "domain" in losses and sweep.objective.metric is None:
        weights = {"domain": 1.0}
    return mean_loss(losses, weights or dict.fromkeys(losses, 1.0))


def _job(sweep: Sweep, out: Path, slot: Slot) -> Job:
    """The trial's settings as a file."""
    folder = out / TRIALS / f"{slot.number:03}"
    folder.parent.mkdir(exist_ok=True)
    config = folder.with_suffix(".yaml")
    write_settings(config, settings_of(sweep, slot.values), f"trial {slot.number} of the sweep {out.name}")
    return Job(slot.number, folder, config, sweep.objective)


def _grid(sweep: Sweep) -> list[dict[str, Any]]:
    """All combinations; in an order drawn by the seed, so that the first few are no corner of the grid."""
    found = [*combinations(sweep.space)]
    random.Random(sweep.seed).shuffle(found)  # noqa: S311 (no secret)
    return found


def _mark(sweep: Sweep) -> dict[str, Any]:
    """What a sweep that goes on must have in common with the one before: all but how long it may last."""
    return {
        "base": key_of(dict(sweep.base)),
        "space": key_of({key: repr(one) for key, one in sweep.space.items()}),
        "objective": key_of(repr(sweep.objective)),
        "grid": sweep.grid,
        "seed": sweep.seed,
        "pruning": sweep.pruning,
    }


def _forget(out: Path, trials: Sequence[Trial], best: Trial | None) -> None:
    """Remove the weights of all trials but the best, and the checkpoints of all: tables, logs and reports stay."""
    for one in trials:
        paths = RunPaths(out / TRIALS / f"{one.number:03}")
        weights = () if best is not None and one.number == best.number else (paths.model, paths.merged)
        for folder in (*weights, paths.checkpoints, paths.data, paths.out / "base", paths.out / "beginning"):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _claimed(out: Path, *, replace: bool) -> Iterator[None]:
    """:raises OutputError: where the folder is not a sweep's, or one is running in it."""
    there = [path.name for path in out.iterdir()] if out.is_dir() else []
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if set(there) - {_LOCK} and STORE not in there:
        raise OutputError("is not empty and no sweep", where=str(out), remedy="choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        remedy = "choose a folder that you may write to"
        raise OutputError(f"cannot be written ({error.strerror})", where=str(out), remedy=remedy) from error
    try:
        _lock(lock, out)
        for name in OUTPUTS if replace else ():
            path = out / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        what = "another sweep is running here"
        raise OutputError(what, where=str(out), remedy="wait for it or choose another --out") from None
