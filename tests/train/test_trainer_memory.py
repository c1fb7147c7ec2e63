"""What is said where memory does not suffice: the change that costs least comes first."""

from __future__ import annotations

from typing import Any

import pytest

from tunesmith.train.config import TrainConfig
from tunesmith.train.estimate_config import load_of
from tunesmith.train.estimate_states import OPTIMIZER_STATES
from tunesmith.train.estimate_types import check_load
from tunesmith.train.trainer_memory import by_rule
from tunesmith.train.types import METHODS


def config(**more: Any) -> TrainConfig:
    return TrainConfig.model_validate({"stage": "sft", "model": "m", "data": ["d"], **more})


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({"activation_checkpointing": False}, "activation_checkpointing: true"),
        ({"batch": 8, "accumulation": 2}, "`batch: 4` and `accumulation: 4`"),
        ({"batch": 1, "method": "full"}, "method: lora"),
        ({"batch": 1, "method": "lora"}, "method: qlora"),
        ({"batch": 1, "method": "qlora"}, "max_length: 1024"),
    ],
)
def test_what_trains_the_same_is_advised_before_what_does_not(more: dict[str, Any], change: str) -> None:
    assert change in by_rule(config(**{"activation_checkpointing": True, **more}))


@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_a_load_that_can_be_estimated(method: str) -> None:
    load = load_of(config(method=method, max_length=512, batch=2))
    assert check_load(load) == load
    assert (load.method, load.n_tokens) == (method, 1024)


def test_every_optimizer_can_be_estimated() -> None:
    from tunesmith.train.config_optimizers import OPTIMIZERS

    assert set(OPTIMIZERS) <= set(OPTIMIZER_STATES)
