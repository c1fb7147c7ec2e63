"""How many steps a run takes, and how often it validates and saves.

>>> steps_of(TrainConfig(stage="sft", model="m", data=["d"], batch=4, accumulation=2, epochs=2), 41, validates=True)
Steps(total=12, evaluation=1, checkpoints=1)
"""

from __future__ import annotations

import math
import os
from typing import NamedTuple

from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig

#: Evaluations and checkpoints in a run that does not say how many.
_PARTS = 10


class Steps(NamedTuple):
    """Steps of the optimizer: in all, from one evaluation to the next, from one checkpoint to the next."""

    total: int
    evaluation: int
    checkpoints: int


def steps_of(config: TrainConfig, n_sequences: int, *, validates: bool) -> Steps:
    """The steps of a run over so many sequences.

    :raises InputError: where checkpoints would not lie where evaluations do, or grpo has too few prompts for a step.
    """
    total = config.steps or math.ceil((config.epochs or 1) * _in_an_epoch(config, n_sequences))
    part = max(1, total // _PARTS)
    evaluation = config.evaluation or (config.checkpoints if config.checkpoints else part)
    checkpoints = config.checkpoints or (evaluation if validates else part)
    if validates and checkpoints % evaluation:
        what = f"checkpoints every {checkpoints} steps and evaluations every {evaluation}: the best could not be kept"
        raise InputError(what, remedy="make `checkpoints` a multiple of `evaluation`")
    return Steps(total, evaluation, checkpoints)


def _in_an_epoch(config: TrainConfig, n_sequences: int) -> int:
    n_processes = int(os.environ.get("WORLD_SIZE", "1"))
    if config.stage == "grpo":
        n_together = config.batch * config.accumulation * n_processes // max(1, config.generations or 1)
        if n_sequences < n_together:
            what = f"{n_sequences} prompts are fewer than the {n_together} of one step"
            raise InputError(what, remedy="lower `accumulation` or `batch`, or raise `generations`")
        return n_sequences // n_together
    n_batches = math.ceil(n_sequences / (config.batch * n_processes))
    return max(1, math.ceil(n_batches / config.accumulation))


def left_over(config: TrainConfig, n_sequences: int) -> int:
    """Prompts of grpo that do not fill a step in an epoch: its sampler leaves them out, others each time."""
    if config.stage != "grpo":
        return 0
    n_together = config.batch * config.accumulation // max(1, config.generations or 1)
    return n_sequences % max(1, n_together)
