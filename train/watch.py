"""Everything that looks at a run while it trains, as callbacks of transformers' Trainer.

>>> callbacks = watchers(Watch(), RunPaths(Path("runs/medical")), attempt=attempt)  # doctest: +SKIP
>>> trainer = watched(SFTTrainer)(model=model, args=args, train_dataset=examples, callbacks=callbacks)  # doctest: +SKIP
>>> trainer.train(resume_from_checkpoint=attempt.resume_from)  # doctest: +SKIP
>>> ended = how_it_ended(callbacks)  # doctest: +SKIP

What the trainer must do for it (helper 4's `trainer.py`):

- make its class by `watched(SFTTrainer)` (any subclass of transformers' Trainer): it carries the column `row_ids`
  (a list of str for each sequence; a str is taken too) from the data set through the collator to the step, and takes
  it away before the model sees it. `remove_unused_columns` may be on or off; without the column no row is named.
- `logging_nan_inf_filter=False` (else a NaN is logged as 0: refused), `logging_steps=1` (else spikes are seen late),
  `report_to` without "tensorboard" (ours writes always).
- `learning_rate = rate * attempt.rate_scale`: the callbacks set it again after a resume, which restores the old one.
- `train = data.select(stand_ins(data["row_ids"], attempt.leave_out))` where rows are left out.
- after `train()`: `how_it_ended(callbacks)`; with an incident save no model.
- early stopping (`config.early`): `load_best_model_at_end=True, metric_for_best_model=config.early.metric,
  greater_is_better=config.early.higher_is_better`, so that the best is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.curate.progress import Progress
from tunesmith.train.guard import Guard
from tunesmith.train.types import RunPaths
from tunesmith.train.watch_rows import stand_ins as stand_ins
from tunesmith.train.watch_rows import watched as watched

if TYPE_CHECKING:
    from tunesmith.train.supervisor import Attempt, Ended, Incident


@dataclass(frozen=True)
class EarlyStop:
    """When to stop because nothing gets better.

    :param metric: as it is logged, such as `eval_domain_loss`.
    :param patience: evaluations in a row without an improvement.
    :param least: an improvement that is not larger than this counts as none.
    :param higher_is_better: of `eval_kept` and other shares; losses fall.
    """

    metric: str = "eval_loss"
    patience: int = 3
    least: float = 0.0
    higher_is_better: bool = False


@dataclass(frozen=True)
class Watch:
    """What is watched.

    :param guard: None: no guard over the loss.
    :param histogram_steps: how often the weights that are trained go to TensorBoard as histograms; 0 for never.
    :param early: None: train to the end.
    :param shallow_scale: what the gradients of the embedding and of the first `shallow_layers` layers are multiplied
        with (GLM-130B, section 3.3, shrinks the embedding's to 0.1 against spikes); None or 1 leaves them.
    :param kept: a file of general questions, asked before training and at every evaluation (`eval_kept`).
    :param kept_limit: how many of them are asked.
    """

    guard: Guard | None = field(default_factory=Guard)
    histogram_steps: int = 50
    early: EarlyStop | None = None
    shallow_scale: float | None = None
    shallow_layers: int = 2
    kept: Path | None = None
    kept_limit: int = 200


def watchers(
    config: Watch,
    paths: RunPaths,
    *,
    attempt: Attempt | None = None,
    tokenizer: Any = None,
    progress: Progress | None = None,
) -> list[Any]:
    """The callbacks of one attempt, in the order that they need.

    :param attempt: the supervisor's; its number stands in the lines of the log from the second on.
    :param tokenizer: needed for `config.kept`.
    :raises InputError: where the questions of `config.kept` cannot be read.
    """
    from tunesmith.train import watch_board, watch_callbacks

    paths.out.mkdir(parents=True, exist_ok=True)
    rows, log = (
        watch_callbacks.StepRows(paths, guarded=config.guard is not None),
        watch_callbacks.LogFile(paths, attempt.number if attempt else 1),
    )
    board = watch_board.Board(paths, histogram_steps=config.histogram_steps)
    sinks = [log.write, board.write]
    found: list[Any] = [rows, watch_callbacks.Rate()]
    if config.shallow_scale not in (None, 1.0):
        found.append(watch_board.Shallow(float(config.shallow_scale or 0), config.shallow_layers))
    found += [watch_board.Speed(rows, sinks), log, board]
    if config.kept is not None:
        found.append(_kept(config.kept, config.kept_limit, tokenizer, sinks, progress or Progress()))
    if config.guard is not None:
        found.append(watch_callbacks.Guarded(config.guard, rows, progress))
    found.append(watch_board.Ready(progress or Progress()))
    if config.early is not None:
        from tunesmith.train.early import Early

        found.append(Early(**asdict(config.early)))
    return found


def _kept(path: Path, limit: int, tokenizer: Any, sinks: list[Any], progress: Progress) -> Any:
    from tunesmith.train.kept import read_kept
    from tunesmith.train.kept_callback import Kept

    return Kept(read_kept(path, limit=limit), tokenizer, sinks, progress)


def incident_of(callbacks: Sequence[Any]) -> Incident | None:
    """What stopped the run, or None."""
    return next((one.incident for one in callbacks if getattr(one, "incident", None) is not None), None)


def has_begun(callbacks: Sequence[Any]) -> bool:
    """Whether a step was trained in this attempt."""
    from tunesmith.train.watch_board import Speed

    return any(isinstance(one, Speed) and one.n_steps > 0 for one in callbacks)


def how_it_ended(callbacks: Sequence[Any]) -> Ended:
    """After `train()`: outcome, step, incident, and the facts of the attempt.

    `facts`: `tokens_per_second`, `training_seconds` (validation and saving left out), `peak_memory_bytes` with
    `memory_kind` (`cuda`, `rss`), `max_steps`, `best` ({metric, value, step}, empty where nothing was chosen).
    """
    from tunesmith.train.supervisor import Ended
    from tunesmith.train.watch_board import Speed

    incident = incident_of(callbacks)
    speed = next(one for one in callbacks if isinstance(one, Speed))
    facts: Mapping[str, Any] = {**speed.facts(), "max_steps": speed.max_steps, "best": speed.best}
    if incident is not None:
        return Ended(incident.kind, speed.step, incident, facts)
    early = any(getattr(one, "stopped", False) for one in callbacks)
    return Ended("stopped_early" if early else "finished", speed.step, None, facts)
