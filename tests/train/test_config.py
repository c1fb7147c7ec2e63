"""Settings of a run: defaults with reasons, all mistakes at once with their lines, what is not carried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tunesmith.errors import InputError
from tunesmith.train.config import TrainConfig, config_hash, explained, parse_config, read_config, settings_text
from tunesmith.train.config_checks import FIXED, OWNED
from tunesmith.train.config_defaults import defaults
from tunesmith.train.config_errors import FOREIGN, NOT_CARRIED_VALUES
from tunesmith.train.config_models import PARTS
from tunesmith.train.config_size import n_parameters
from tunesmith.train.types import METHODS, STAGES

LEAST: dict[str, Any] = {"stage": "sft", "model": "m", "data": ["d"]}


def config(**more: Any) -> TrainConfig:
    given = {**LEAST, **({"rewards": ["r.py:f"]} if more.get("stage") == "grpo" else {}), **more}
    return parse_config(given, "a test")


def sized(n: int, **more: Any) -> TrainConfig:
    return TrainConfig.model_validate({**LEAST, **more}, context={"n_parameters": n})


def said(text: str, folder: Path, **overrides: Any) -> list[str]:
    """The mistakes in a file."""
    path = folder / "train.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_config(path, overrides)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("method", METHODS)
def test_every_setting_of_every_stage_and_method_has_a_value_and_a_reason(stage: str, method: str) -> None:
    made = config(stage=stage, method=method)
    settings = explained(made)

    assert all(one.why for one in settings)
    keys = [one.key for one in settings]
    assert len(keys) == len(set(keys))
    assert set(keys) <= defaults(LEAST, None).keys() | {"stage", "model", "data"}
    assert settings_text(settings).count("\n") == len(settings) - 1


def test_every_key_has_a_default_but_those_that_must_be_given() -> None:
    known = defaults(LEAST, None).keys()
    keys = {key for key in TrainConfig.model_fields if key not in PARTS} - {"stage", "model", "data"}
    assert keys - known == set()


@pytest.mark.parametrize(
    ("more", "rate"),
    [
        ({"method": "full"}, 1e-5),
        ({"method": "freeze"}, 1e-5),
        ({"method": "lora"}, 1e-4),
        ({"method": "qlora"}, 2e-4),
        ({"stage": "dpo", "method": "full"}, 1e-6),
        ({"stage": "dpo", "method": "lora"}, 1e-5),
        ({"stage": "reward", "method": "lora"}, 1e-4),
    ],
)
def test_the_learning_rate_follows_stage_and_method(more: dict[str, Any], rate: float) -> None:
    assert config(**more).learning_rate == rate


def test_defaults_follow_the_size_of_the_model() -> None:
    small, large = sized(500_000_000), sized(32_000_000_000)
    assert (small.learning_rate, small.batch, small.accumulation, small.activation_checkpointing) == (5e-4, 8, 4, False)
    assert (large.learning_rate, large.batch, large.accumulation, large.activation_checkpointing) == (1e-4, 2, 16, True)
    assert sized(500_000_000, method="full").learning_rate == 1e-5


def test_the_size_of_a_model_is_read_from_its_weights(tiny_model: Path) -> None:
    from safetensors.torch import load_file

    whole = sum(value.numel() for value in load_file(str(tiny_model / "model.safetensors")).values())
    assert n_parameters(str(tiny_model)) == whole
    assert n_parameters("nobody/no-such-model") is None


def test_accumulation_makes_up_for_a_small_batch() -> None:
    assert [config(batch=batch).accumulation for batch in (1, 2, 5, 64)] == [32, 16, 6, 1]


def test_alpha_follows_the_rank_and_the_variant() -> None:
    assert config(lora={"rank": 64}).lora.alpha == 128
    assert config(lora={"rank": 64, "variant": "rslora"}).lora.alpha == 16
    assert config(lora={"variant": "pissa"}).lora.alpha == 16


def test_pretraining_trains_every_token_and_splits_documents() -> None:
    encoding = config(stage="pretrain").encoding
    assert (encoding.train_on, encoding.over_long) == ("all", "split")


def test_what_a_person_wrote_is_told_with_the_default_beside_it() -> None:
    [rate] = [one for one in explained(config(learning_rate=0.01)) if one.key == "learning_rate"]
    assert rate.value == 0.01
    assert rate.why.startswith("given; the default is 0.0001: ")
    [alpha] = [one for one in explained(config(lora={"rank": 8})) if one.key == "lora.alpha"]
    assert (alpha.value, alpha.why.startswith("twice")) == (16, True)


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """stage: sft
model: m
data: d
cutoff_len: 4
lora:
  rnk: 4
  rank: high
batch: 0
guard: 7
validation: 2
optimizer: adam
trl: {learning_rate: 3}
"""
    found = said(text, tmp_path)
    assert [line.partition(":")[0] for line in found] == [f"line {n}" for n in (4, 6, 7, 8, 9, 10, 11, 12)]
    assert "unknown key `cutoff_len`; did you mean `max_length`?" in found[0]
    assert "lora: unknown key `rnk`; did you mean `rank`?" in found[1]
    assert "lora.rank: expected a whole number, saw 'high'" in found[2]
    assert "batch: expected a number of at least 1, saw 0" in found[3]
    assert "guard: expected off or a mapping" in found[4]
    assert "validation: expected a share from 0 to below 1, or a list of files, saw 2" in found[5]
    assert "optimizer: 'adam' is unknown; did you mean `adamw`?" in found[6]
    assert "`learning_rate` is `learning_rate` here" in found[7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stage: ppo", "PPO left TRL (last in 1.12.0); use `stage: grpo`"),
        ("stage: sft\nuse_unsloth: true", "`use_unsloth` is not carried"),
        ("stage: sft\nuse_badam: true", "`use_badam` is not carried"),
        ("stage: sft\nmethod: badam", "BAdam trains blocks by turns"),
        ("stage: sft\nmethod: hqq", "HQQ has no training here"),
        ("stage: sft\nmethod: qlora\nbits: 2", "two-bit weights cannot be trained well"),
    ],
)
def test_what_is_not_carried_has_a_clear_answer(tmp_path: Path, text: str, message: str) -> None:
    found = said(f"{text}\nmodel: m\ndata: d\n", tmp_path)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("key", sorted(FOREIGN))
def test_keys_of_other_trainers_are_translated_to_ones_that_exist(tmp_path: Path, key: str) -> None:
    part, _, name = FOREIGN[key].rpartition(".")
    if key == "r":
        return
    assert name in PARTS[part].model_fields
    if key in TrainConfig.model_fields:
        return
    [found] = said(f"stage: sft\nmodel: m\ndata: d\n{key}: 1\n", tmp_path)
    assert f"did you mean `{FOREIGN[key]}`?" in found


def test_values_that_are_not_carried_are_no_values_of_ours() -> None:
    for key, value in NOT_CARRIED_VALUES:
        if key != "optimizer":
            with pytest.raises(ValidationError):
                TrainConfig.model_validate({**LEAST, key: value})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"bits": 4}, "only `method: qlora` has bits"),
        ({"freeze": {"layers": 1}}, "only `method: freeze` reads this"),
        ({"method": "full", "lora": {"rank": 4}}, "only `method: lora` reads this"),
        ({"stage": "dpo", "train_on": "all"}, "only sft reads this"),
        ({"stage": "dpo", "lora": {"variant": "pissa"}}, "the reference model would not be whole"),
        ({"method": "qlora", "lora": {"variant": "pissa"}}, "which quantised ones are not"),
        ({"lora": {"rank": 8, "alpha": 128}}, "16 times the rank"),
        ({"epochs": 1, "steps": 5}, "both given; keep one"),
        ({"stage": "kto", "batch": 1}, "it needs 2 or more"),
        ({"stage": "grpo", "rewards": []}, "needs reward functions"),
        ({"stage": "grpo", "rewards": ["score"]}, "expected `file.py:function`"),
        ({"stage": "grpo", "batch": 3, "accumulation": 1, "generations": 2}, "is no multiple of 2 answers"),
        ({"stage": "dpo", "over_long": "split"}, "a comparison cannot be split"),
        ({"optimizer": "galore"}, "use it with `method: full`"),
        ({"method": "full", "optimizer": "apollo_layerwise", "accumulation": 4}, "cannot accumulate"),
        ({"method": "full", "optimizer": "apollo_layerwise", "clip": 1}, "cannot clip"),
        ({"validation": 0.0, "early_stopping": {"patience": 2}}, "needs a validation set"),
        ({"evaluation": 50, "checkpoints": 75}, "no multiple of `evaluation`"),
        ({"warmup": 2.5}, "a share below 1 or a whole number of steps"),
    ],
)
def test_settings_that_contradict_each_other_are_told(more: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        config(**more)
    assert message in str(caught.value)


@pytest.mark.parametrize("key", sorted(OWNED | FIXED))
def test_a_key_of_trl_that_has_one_of_ours_is_refused(key: str) -> None:
    with pytest.raises(InputError, match=f"`{key}`"):
        config(trl={key: 1})


def test_overrides_take_the_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("stage: sft\nmodel: m\ndata: d\nepochs: 3\nlora: {rank: 4, dropout: 0.1}\n", encoding="utf-8")
    made = read_config(path, {"lora.rank": 32, "steps": 7, "trl.adam_beta2": 0.95})

    assert (made.lora.rank, made.lora.alpha, made.lora.dropout) == (32, 64, 0.1)
    assert (made.steps, made.epochs) == (7, None)
    assert made.trl == {"adam_beta2": 0.95}


def test_a_mistake_in_an_override_has_no_line_of_the_file(tmp_path: Path) -> None:
    [found] = said("stage: sft\nmodel: m\ndata: d\nbatch: 4\n", tmp_path, batch=0)
    assert found == "batch: expected a number of at least 1, saw 0"


def test_a_command_of_another_stage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("stage: dpo\nmodel: m\ndata: d\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1: .*call `train dpo`"):
        read_config(path, {}, stage="sft")


def test_paths_are_looked_for_beside_the_file_first(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / "rewards.py").write_text("")
    path = tmp_path / "train.yaml"
    data = "data: [rows.jsonl, general=rows.jsonl, elsewhere.jsonl]"
    path.write_text(f"stage: grpo\nmodel: owner/name\n{data}\nrewards: rewards.py:f\n", encoding="utf-8")
    made = read_config(path)

    rows = str(tmp_path / "rows.jsonl")
    assert made.data == (rows, f"general={rows}", "elsewhere.jsonl")
    assert made.model == "owner/name"
    assert made.rewards == (f"{tmp_path / 'rewards.py'}:f",)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n", "stage: [\n", "a: 1\na: 2\n"])
def test_a_file_that_is_no_settings_is_told(tmp_path: Path, text: str) -> None:
    assert said(text, tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_config(tmp_path / "nowhere.yaml")


def test_where_results_go_does_not_make_another_run() -> None:
    one = config_hash(config())
    assert one == config_hash(config(out="elsewhere", report_to="wandb", merge=True))
    assert one != config_hash(config(seed=1))


def test_settings_written_as_data_are_the_same_settings(tmp_path: Path) -> None:
    made = config(method="qlora", validation=["v.jsonl"], early_stopping={"patience": 2})
    again = TrainConfig.model_validate(json.loads(made.model_dump_json()))
    assert again.model_dump() == made.model_dump()
