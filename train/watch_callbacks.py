"""What happens in the trainer's loop: rows of each step, the guard, the log. Imports transformers: `watch.py` does not.

>>> rows, log = StepRows(paths), LogFile(paths)  # doctest: +SKIP
>>> trainer.add_callback(Guarded(Guard(), rows))  # doctest: +SKIP

The order in a step of transformers' Trainer: micro-batches, clipping, `on_pre_optimizer_step`, the optimizer,
`on_step_end` (where the flow decides to log, to validate, to save), then log, validation, save. So a NaN is seen before
the optimizer: the gradients are taken away and the weights stay as they were. A spike is seen in `on_log`, which still
comes before the save.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, BinaryIO

from transformers import TrainerCallback

from tunesmith.curate import jsontext
from tunesmith.curate.progress import Progress
from tunesmith.errors import InternalError
from tunesmith.train.guard import Guard, NotFinite, Quiet, SpikeGuard
from tunesmith.train.supervisor import Incident
from tunesmith.train.types import RunPaths
from tunesmith.train.watch_log import cut_log, line_of
from tunesmith.train.watch_rows import Micro

#: Beside the log: the rows of each step, a line each; one file for each process of a distributed run.
STEPS = "steps.jsonl"


class StepRows(TrainerCallback):
    """Keeps the rows of the last steps, writes those of every step, and stops a NaN before the weights.

    :param guarded: whether somebody stops the run at a NaN; without a guard nothing is changed.
    """

    def __init__(self, paths: RunPaths, *, guarded: bool = True) -> None:
        self._paths, self._guarded = paths, guarded
        self._file: BinaryIO | None = None
        self._micro: list[Micro] = []
        self._by_step: dict[int, tuple[str, ...]] = {}
        self.bad: tuple[str, ...] | None = None  # rows whose loss is not finite, once there are such
        self.is_exact = False
        self.n_tokens = 0

    def micro_batch(self, micro: Micro) -> None:
        """What the trainer tells; see `watched`."""
        self._micro.append(micro)
        self.n_tokens += micro.tag.n_tokens

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        name = STEPS if args.world_size == 1 else f"steps-{args.process_index}.jsonl"
        path = self._paths.out / name
        cut_log(path, state.global_step or -1)
        self._file = path.open("ab")
        self._micro, self._by_step, self.bad = [], {}, None

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        import torch

        losses = [one.loss for one in self._micro] if self._guarded else []
        if not losses or bool(torch.isfinite(torch.stack([one.detach().float().mean() for one in losses])).all()):
            return
        kwargs["model"].zero_grad(set_to_none=True)  # the optimizer now has nothing to do
        self.bad, self.is_exact = _bad_rows([one for one in self._micro if not torch.isfinite(one.loss).all()])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        rows = tuple(name for one in self._micro for names in one.tag.row_ids for name in names)
        self._micro = []
        self._by_step[state.global_step] = rows
        if rows and self._file is not None:
            self._file.write(jsontext.dump_bytes({"step": state.global_step, "row_ids": rows}) + b"\n")
            self._file.flush()
        if self.bad is not None or control.should_save:
            control.should_log = True  # so that the guard sees this step before anything of it is saved
        return control

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def between(self, first: int, last: int) -> tuple[str, ...]:
        """Rows of these steps, each once, of all processes."""
        found = [name for step in range(first, last + 1) for name in self._by_step.get(step, ())]
        return tuple(dict.fromkeys(_of_all_processes(found)))

    def forget(self, step: int) -> None:
        """Steps up to this one are good."""
        self._by_step = {number: rows for number, rows in self._by_step.items() if number > step}


def _bad_rows(micro: list[Micro]) -> tuple[tuple[str, ...], bool]:
    """Of micro-batches that are not finite the rows, and whether each of them was found broken by itself."""
    found: list[str] = []
    is_exact = True
    for one in micro:
        rows, check = one.tag.row_ids, one.row_is_finite
        broken = [number for number in range(len(rows)) if not check(number)] if check else []
        is_exact &= bool(broken) or len(set(rows)) == 1
        found += [name for number in broken or range(len(rows)) for name in rows[number]]
    return tuple(dict.fromkeys(found)), is_exact


def _of_all_processes(names: list[str]) -> list[str]:
    import torch

    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return names
    gathered: list[list[str] | None] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(gathered, names)
    return [name for one in gathered for name in one or ()]


class Guarded(TrainerCallback):
    """Stops the run at a spike or a NaN, before it is saved."""

    def __init__(self, settings: Guard, rows: StepRows, progress: Progress | None = None) -> None:
        self._settings, self._rows = settings, rows
        self._guard = SpikeGuard(settings)
        self._progress = progress or Progress()
        self._before = 0  # the step that was logged before this one
        self._owed: tuple[bool, bool] = (False, False)
        self.incident: Incident | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if args.logging_nan_inf_filter:
            raise InternalError("the guard needs logging_nan_inf_filter=False: a NaN would be logged as 0")
        if args.logging_steps != 1 and state.is_world_process_zero:
            self._progress.say(
                f"the guard sees the mean loss of every {args.logging_steps:g} steps; 1 finds spikes sooner"
            )
        self._guard, self.incident, self._before = SpikeGuard(self._settings), None, state.global_step
        for one in state.log_history:  # of a run that goes on: the guard is where it was
            if "loss" in one:
                self._guard.see(one["step"], one["loss"])

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        logs: Mapping[str, Any] = kwargs["logs"]
        if "loss" not in logs or self.incident is not None:
            return None
        grad_norm = None if args.fp16 else logs.get("grad_norm")  # fp16's scaler skips steps that overflow, by design
        verdict = self._guard.see(state.global_step, logs["loss"], grad_norm)
        if isinstance(verdict, Quiet):
            return self._quiet(state, control)
        if isinstance(verdict, NotFinite):
            rows = self._rows.bad or self._rows.between(self._before + 1, state.global_step)
            exact = self._rows.bad is not None and self._rows.is_exact
            self.incident = Incident("not_finite", state.global_step, rows, what=verdict.what, exact=exact)
        else:
            first = verdict.step
            rows = self._rows.between(self._since(first, args), first)
            self.incident = Incident("spike", first, rows, loss=verdict.loss, limit=verdict.limit)
        self.incident = self.incident._replace(learning_rate=logs.get("learning_rate"))
        return self._stopped(control, training=True)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        return self._stopped(control, training=True) if self.incident is not None else None

    def _since(self, first: int, args: Any) -> int:
        """The first step whose loss is in the one that was logged at `first`."""
        return first - max(1, int(args.logging_steps)) + 1

    def _quiet(self, state: Any, control: Any) -> Any:
        """A suspicion puts off validation and saving, so that no last good checkpoint is rotated away for a bad one."""
        if not self._guard.suspects:
            self._rows.forget(state.global_step)
            self._before = state.global_step
            evaluate, save = self._owed
            self._owed = (False, False)
            control.should_evaluate |= evaluate
            control.should_save |= save
        elif state.global_step < state.max_steps:
            self._owed = (self._owed[0] or control.should_evaluate, self._owed[1] or control.should_save)
            self._stopped(control, training=False)
        return control

    def _stopped(self, control: Any, *, training: bool) -> Any:
        control.should_save = control.should_evaluate = False
        control.should_training_stop |= training
        return control


class LogFile(TrainerCallback):
    """Writes `log.jsonl`."""

    def __init__(self, paths: RunPaths, attempt: int = 1) -> None:
        self._path = paths.log
        self._more = {"attempt": attempt} if attempt > 1 else {}
        self._file: BinaryIO | None = None
        self._since: float | None = None
        self._before = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        import time

        if state.is_world_process_zero:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            kept = cut_log(self._path, state.global_step or -1)
            self._before = max((one.get("seconds", 0.0) for one in kept), default=0.0)
            self._since = time.monotonic()
            self._file = self._path.open("ab")

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.write(state.global_step, kwargs["logs"])

    def write(self, step: int, values: Mapping[str, Any]) -> None:
        """One line, at once on the disk's side of Python. Other callbacks log here what the trainer does not know."""
        if self._file is not None:
            self._file.write(line_of({**values, "seconds": round(self.seconds, 3), **self._more}, step=step) + b"\n")
            self._file.flush()

    @property
    def seconds(self) -> float:
        """Since the run began, without the time between two attempts."""
        import time

        return self._before + (time.monotonic() - self._since if self._since is not None else 0.0)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Rate(TrainerCallback):
    """Sets the learning rate again after a resume, whose optimizer state brings the old one with it.

    The rate that a checkpoint was made with stands in its own list of logs, so that a run that was halved twice and
    killed between is not halved once too often. Every group of parameters keeps its ratio (LoRA+ has two rates).
    """

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.log_history:
            state.log_history[-1]["base_rate"] = args.learning_rate

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        before = next((one["base_rate"] for one in reversed(state.log_history) if one.get("base_rate")), None)
        if state.global_step and before and not math.isclose(before, args.learning_rate):
            scale_rates(kwargs["optimizer"], kwargs["lr_scheduler"], args.learning_rate / before)


def scale_rates(optimizer: Any, scheduler: Any, factor: float) -> None:
    """Multiply the rates of all groups, now and in every step that the schedule has before it."""
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * factor
        if "initial_lr" in group:
            group["initial_lr"] *= factor
    for name in ("base_lrs", "_last_lr", "min_lrs"):
        if getattr(scheduler, name, None):
            setattr(scheduler, name, [rate * factor for rate in getattr(scheduler, name)])
