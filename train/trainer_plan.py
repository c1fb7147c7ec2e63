"""What one attempt at training is given, and what it gives back.

>>> Fitted("finished", 12, None, {"trainable_parameters": 1024}).facts["trainable_parameters"]
1024
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.curate.progress import Progress
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.supervisor import Attempt, Ended
from tunesmith.train.template import Template
from tunesmith.train.types import RunPaths
from tunesmith.train.watch import Watch

#: `fit` gives back what the supervisor asks for: outcome, step, incident, facts.
Fitted = Ended


@dataclass(frozen=True)
class Start:
    """The weights that training starts from.

    :param model: a folder or a name on the hub.
    :param came_from: the training run that made them, where one did.
    """

    model: str
    came_from: Path | None = None


@dataclass(frozen=True)
class Plan:
    """One attempt.

    :param train: a `datasets.Dataset`: `input_ids`, `labels`, `row_ids` and perhaps `seq_lengths` of frozen stages, or
        the columns that the stage's trainer wants.
    :param validation: likewise, by group.
    :param evaluation: steps from one evaluation to the next; 0 where nothing validates.
    :param rewards: functions of grpo.
    :param callbacks: more of them, such as a sweep's that prunes.
    """

    config: TrainConfig
    paths: RunPaths
    template: Template
    start: Start
    train: Any
    validation: Mapping[str, Any]
    evaluation: int
    checkpoints: int
    watch: Watch
    attempt: Attempt = field(default_factory=Attempt)
    rewards: Sequence[Callable[..., Any]] = ()
    callbacks: Sequence[Any] = ()
    progress: Progress = field(default_factory=Progress)

    @property
    def best_by(self) -> str | None:
        """The metric that tells the best checkpoint, as it is logged."""
        return best_by(self.config, self.validation)


def best_by(config: TrainConfig, groups: Mapping[str, Any] | Sequence[str]) -> str | None:
    """`eval_domain_loss` for the group `domain`; None where nothing validates."""
    names = [*groups]
    if not names:
        return None
    group = config.best_by or ("domain" if "domain" in names else names[0])
    return f"eval_{group}_loss"
