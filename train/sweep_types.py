"""Plain data of a sweep: what is asked for, one trial, and how it ended.

>>> Objective(loss={"domain": 1.0}).told
'the loss on domain'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from tunesmith.train.sweep_space import Space

#: Validation losses by group, as they stand after one evaluation.
Losses = Mapping[str, float]


@dataclass(frozen=True)
class Objective:
    """What a trial is judged by.

    :param loss: weights by validation group: the mean of their losses. Empty: `best_by` of the configuration.
    :param metric: of `evaluate score`, on the answers to the validation rows; the losses then only prune.
    :param group: whose rows are asked; None for all.
    :param limit: ask only so many of them, from the beginning.
    """

    loss: Mapping[str, float] = field(default_factory=dict)
    metric: str | None = None
    group: str | None = None
    limit: int | None = None
    max_tokens: int = 256

    @property
    def told(self) -> str:
        """In words."""
        if self.metric is not None:
            return f"{self.metric} on {self.group or 'all validation rows'}"
        if not self.loss:
            return "the validation loss"
        weights = [f"{weight:g} × {group}" if len(self.loss) > 1 else group for group, weight in self.loss.items()]
        return ("the mean loss on " if len(weights) > 1 else "the loss on ") + " + ".join(weights)


@dataclass(frozen=True)
class Sweep:
    """A sweep as its file asks for it.

    :param base: settings of every trial, as `train sft` takes them, paths resolved.
    :param trials: how many, at most; None for all of a grid.
    :param timeout_seconds: no trial begins after this; None for no end.
    :param failures: so many failed trials in a row end the sweep.
    """

    base: Mapping[str, Any]
    space: Space
    objective: Objective = Objective()
    trials: int | None = 20
    timeout_seconds: float | None = None
    grid: bool = False
    seed: int = 0
    pruning: bool = True
    failures: int = 3


class Job(NamedTuple):
    """One trial to run.

    :param config: its settings, a YAML file in `folder`.
    """

    number: int
    folder: Path
    config: Path
    objective: Objective


@dataclass(frozen=True)
class Finished:
    """How a trial ended.

    :param value: of the objective; None where it has none.
    :param evaluations: the losses at each evaluation, in order, by training step.
    :param reason: of a failure, in words.
    """

    state: Literal["complete", "pruned", "failed"]
    value: float | None = None
    evaluations: tuple[tuple[int, Losses], ...] = ()
    reason: str = ""
    seconds: float = 0.0


class Runner(Protocol):
    """Runs a trial: in a process of its own, or, in a test, as a function."""

    def __call__(self, job: Job, report: Callable[[int, Losses], bool]) -> Finished:
        """Run it.

        :param report: told of each evaluation (training step, losses); True where the trial shall stop.
        """
        ...


class Trial(NamedTuple):
    """A trial as it stands in the table.

    :param number: from 1; one that was killed and run again keeps its number.
    :param value: None where it did not come to one.
    """

    number: int
    state: Literal["complete", "pruned", "failed"]
    values: Mapping[str, Any]
    value: float | None
    losses: tuple[float, ...]
    seconds: float
    reason: str
