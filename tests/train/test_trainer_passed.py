"""What stands below `trl:`: told by key, by what was seen and with what to do, wherever it is found to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

from tests.train.stage_rows import run, settings
from tunesmith.errors import InputError
from tunesmith.train.run import open_run
from tunesmith.train.trainer_passed import blamed


@pytest.mark.parametrize(
    ("stage", "trl", "message"),
    [
        ("sft", {"adam_beta1": "high"}, r"trl: `adam_beta1` expects a number, saw 'high'; see SFTConfig"),
        ("sft", {"use_cpu": "no"}, r"`use_cpu` expects true or false, saw 'no'"),
        ("sft", {"loss_type": "x", "save_steps_": 1}, r"does not know `save_steps_`"),
        ("kto", {"loss_type": "x"}, r"`loss_type` expects kto, apo_zero_unpaired, saw 'x'"),
        ("reward", {"center_rewards_coefficient": [1]}, r"expects a number or nothing, saw a list"),
    ],
)
def test_a_value_of_another_kind_is_told_before_anything_is_read(
    tmp_path: Path, stage: str, trl: dict[str, Any], message: str
) -> None:
    config = settings(tmp_path, tmp_path / "no model", stage, trl=trl)
    with pytest.raises(InputError, match=message):
        open_run(config, tmp_path / "run")


def test_whole_numbers_are_numbers_and_one_text_is_a_list_of_one(tmp_path: Path, tiny_model: Path) -> None:
    open_run(settings(tmp_path, tiny_model, "dpo", trl={"adam_epsilon": 1, "loss_type": "ipo"}), tmp_path / "run")


@pytest.mark.parametrize(
    ("stage", "trl", "message"),
    [
        (
            "sft",
            {"dataloader_prefetch_factor": 2},
            r"refuses `dataloader_prefetch_factor: 2` .*leave it out",
        ),  # settings
        ("dpo", {"loss_type": "bogus"}, r"trl: the trainer of `stage: dpo` refuses `loss_type: bogus`"),  # trainer
        ("sft", {"adam_beta1": 1.5, "adam_beta2": 0.9}, r"refuses `adam_beta1: 1.5` \(ValueError"),  # optimizer
        ("sft", {"optim_args": "foo"}, r"refuses `optim_args: foo`"),
    ],
)
def test_a_value_that_only_the_trainer_refuses_is_told_by_its_key(
    tmp_path: Path, tiny_model: Path, stage: str, trl: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run(tmp_path, tiny_model, stage, trl=trl)


def test_the_trainers_settings_are_made_before_the_model_is_loaded(tmp_path: Path, tiny_model: Path) -> None:
    """ZeRO-3 loads in pieces only where they are there already: of two mistakes theirs is the one that is told."""
    (tmp_path / "model").mkdir()
    for path in tiny_model.iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / "model" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="cannot be loaded"):
        run(tmp_path, tmp_path / "model", out="one")
    with pytest.raises(InputError, match="dataloader_prefetch_factor"):
        run(tmp_path, tmp_path / "model", out="two", trl={"dataloader_prefetch_factor": 2})


def test_a_bug_is_no_mistake_of_a_person(tmp_path: Path) -> None:
    with pytest.raises(TypeError), blamed(settings(tmp_path, tmp_path)):
        raise TypeError("ours")
    with pytest.raises(TypeError), blamed(settings(tmp_path, tmp_path, trl={"adam_beta1": 0.8}), lambda: True):
        raise TypeError("after a step")
