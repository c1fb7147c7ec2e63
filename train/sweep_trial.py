"""One trial of a sweep, in a process of its own: a training run that reports its validation losses and may be pruned.

>>> ended = run_in_process(job, report=lambda step, losses: False)  # doctest: +SKIP
>>> ended.state, ended.value  # doctest: +SKIP
('complete', 1.0432)

Why a process: a model that fails half-way leaves memory behind that no later trial could have, a device that ran out
of memory stays fragmented, and what the kernel kills for its memory is then one trial, not the sweep. It costs the
seconds that torch takes to start.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tunesmith.errors import InputError, TunesmithError
from tunesmith.train.sweep_types import Finished, Job, Losses

Report = Callable[[int, Losses], bool]

_SHOWN = 300  # of a crash's last line


class _Pruned(Exception):  # noqa: N818 (no error: it carries a decision out of the trainer)
    """Raised in the trainer where the trial shall stop."""


def run_in_process(job: Job, report: Report) -> Finished:
    """Run a trial as a process; what it prints goes to a file beside its folder.

    A process that dies is a failed trial; its last line says why. Ctrl-C ends it with the sweep.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(theirs, job), name=f"trial {job.number}")
    started = time.monotonic()
    process.start()
    theirs.close()
    evaluations: list[tuple[int, Losses]] = []
    try:
        ended = _listen(ours, report, evaluations)
    finally:
        if sys.exc_info()[0] is not None:
            process.terminate()
        process.join()
        ours.close()
    if ended is None:
        ended = Finished("failed", reason=_death(process.exitcode or 0, log_of(job)))
    return Finished(ended.state, ended.value, tuple(evaluations), ended.reason, time.monotonic() - started)


def _listen(pipe: Connection, report: Report, evaluations: list[tuple[int, Losses]]) -> Finished | None:
    """What the trial says until its end; None where it ended without a word."""
    while True:
        try:
            kind, *said = pipe.recv()
        except (EOFError, ConnectionResetError):
            return None
        if kind == "ended":
            ended: Finished = said[0]
            return ended
        step, losses = said
        evaluations.append((step, losses))
        pipe.send(report(step, losses))


def _death(code: int, log: Path) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        hint = "; the machine's memory may have run out" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing was said")
    return f"its process broke off: {last[:_SHOWN]} (all of it: {log})"


def _process(pipe: Connection, job: Job) -> None:
    """The trial's own process. A bug of ours breaks it off with its traceback in the file."""
    _redirect(log_of(job))
    threading.Thread(target=_end_with_the_sweep, daemon=True).start()

    def report(step: int, losses: Losses) -> bool:
        pipe.send(("evaluated", step, losses))
        return bool(pipe.recv())

    pipe.send(("ended", run_here(job, report)))


def _end_with_the_sweep() -> None:
    """A sweep that is killed takes its trial along: the same trial, run again, would write in the same folder."""
    sweep = multiprocessing.parent_process()
    if sweep is not None:
        wait([sweep.sentinel])
        os._exit(1)


def _redirect(path: Path) -> None:
    """Everything that is printed, by libraries too, goes to a file: the sweep has the terminal."""
    sys.stdout.flush()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def log_of(job: Job) -> Path:
    """Where a trial's output goes."""
    return job.folder.with_suffix(".log")


def run_here(job: Job, report: Report) -> Finished:
    """Run a trial in this process."""
    from tunesmith.train.config import read_config
    from tunesmith.train.run import train_run

    started = time.monotonic()
    evaluations: list[tuple[int, Losses]] = []

    def seen(step: int, losses: Losses) -> bool:
        evaluations.append((step, losses))
        return report(step, losses)

    def ended(state: Any, value: float | None = None, reason: str = "") -> Finished:
        return Finished(state, value, tuple(evaluations), reason, time.monotonic() - started)

    try:
        config = read_config(job.config, {})
        result = train_run(config, job.folder, replace=True, resume=False, callbacks=[_reporter(seen)])
        return ended("complete", _value(job, config, result, evaluations))
    except _Pruned:
        return ended("pruned")
    except TunesmithError as error:
        return ended("failed", reason=str(error))


def _reporter(report: Report) -> Any:
    """A callback that tells of each evaluation, once all groups of it have been validated."""
    from transformers import TrainerCallback

    class Reporter(TrainerCallback):
        """Every group is validated by itself; an evaluation is over when the next step begins or training ends."""

        def __init__(self) -> None:
            self._losses: dict[str, float] = {}
            self._step = 0

        def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            self._step = int(state.global_step)
            self._losses |= losses_of(given["metrics"])

        def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            self._tell()

        def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            self._tell()

        def _tell(self) -> None:
            losses, self._losses = self._losses, {}
            if losses and report(self._step, losses):
                raise _Pruned

    return Reporter()


def losses_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The groups' losses among what the trainer measured: `eval_domain_loss` is that of `domain`.

    >>> losses_of({"eval_domain_loss": 1.5, "eval_domain_runtime": 2.0, "epoch": 1.0})
    {'domain': 1.5}
    """
    found = {}
    for key, value in metrics.items():
        group = key.removeprefix("eval_").removesuffix("_loss")
        if key == f"eval_{group}_loss":
            found[group] = float(value)
    return found


def _value(job: Job, config: Any, result: Mapping[str, Any], evaluations: list[tuple[int, Losses]]) -> float:
    """What the trial is worth.

    :raises InputError: where it cannot be said.
    """
    if job.objective.metric is not None:
        from tunesmith.train.sweep_metric import measured

        return measured(job, config)
    return kept_loss(evaluations, job.objective.loss, config.best_by)


def kept_loss(evaluations: list[tuple[int, Losses]], weights: Mapping[str, float], best_by: str | None = None) -> float:
    """The loss of the weights that the run keeps: those of the evaluation at which `best_by` was least.

    >>> kept_loss([(1, {"a": 2.0, "b": 1.0}), (2, {"a": 1.0, "b": 3.0})], {"b": 1}, "a")
    3.0

    :param best_by: a group; `domain` or the first where it is None.
    :raises InputError: where nothing validated, a group is not there, or a loss is no number.
    """
    if not evaluations:
        raise InputError("nothing was validated", remedy="give `validation` in the base, or more steps")
    groups = [*evaluations[-1][1]]
    kept_by = best_by or ("domain" if "domain" in groups else groups[0])
    weights = weights or {kept_by: 1.0}
    if missing := [group for group in (kept_by, *weights) if group not in groups]:
        raise InputError(f"no validation set is called {missing[0]!r}; there is {', '.join(groups)}")
    numbers = [one for one in evaluations if math.isfinite(one[1][kept_by])]
    _, kept = min(numbers or evaluations, key=lambda one: (one[1][kept_by], one[0]))
    value = mean_loss(kept, weights)
    if not math.isfinite(value):
        raise InputError("the validation loss is no number")
    return value


def mean_loss(losses: Losses, weights: Mapping[str, float]) -> float:
    """The weighted mean of some groups' losses."""
    return sum(losses[group] * weight for group, weight in weights.items()) / sum(weights.values())
