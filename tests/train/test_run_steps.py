"""Steps of a run as the trainer counts them."""

from __future__ import annotations

from typing import Any

import pytest

from tunesmith.errors import InputError
from tunesmith.train.config import TrainConfig
from tunesmith.train.run_steps import left_over, steps_of


def config(stage: str = "sft", **more: Any) -> TrainConfig:
    given: dict[str, Any] = {"stage": stage, "model": "m", "data": ["d"], "batch": 4, "accumulation": 2}
    return TrainConfig.model_validate(given | more)


@pytest.mark.parametrize(("n_rows", "total"), [(8, 1), (9, 2), (41, 6), (1, 1)])
def test_a_last_batch_that_is_not_full_is_a_step_too(n_rows: int, total: int) -> None:
    assert steps_of(config(epochs=1), n_rows, validates=False).total == total


def test_epochs_may_be_a_part() -> None:
    assert steps_of(config(epochs=0.5), 80, validates=False).total == 5


def test_ten_evaluations_and_checkpoints_unless_asked() -> None:
    assert steps_of(config(steps=200), 80, validates=True)[1:] == (20, 20)
    assert steps_of(config(steps=200, evaluation=50), 80, validates=True)[1:] == (50, 50)
    assert steps_of(config(steps=200, checkpoints=40), 80, validates=False).checkpoints == 40


def test_checkpoints_that_miss_the_evaluations_are_refused() -> None:
    with pytest.raises(InputError, match="a multiple of `evaluation`"):
        steps_of(config(steps=200, evaluation=50, checkpoints=75), 80, validates=True)


def test_grpo_counts_prompts_and_names_those_that_fill_no_step() -> None:
    one = config("grpo", rewards=["r.py:f"], generations=4, epochs=1)
    assert steps_of(one, 11, validates=False).total == 5
    assert left_over(one, 11) == 1
    with pytest.raises(InputError, match="1 prompts are fewer than the 2 of one step"):
        steps_of(one, 1, validates=False)
