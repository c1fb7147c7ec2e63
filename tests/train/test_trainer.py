"""What a method, a variant or an optimizer changes in a model, told by its weights before and after."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from tests.train.stage_rows import Heard, run, settings, weights  # noqa: E402
from tunesmith.errors import InputError, OutputError  # noqa: E402
from tunesmith.train.config_optimizers import OPTIMIZERS  # noqa: E402
from tunesmith.train.run import train_run  # noqa: E402
from tunesmith.train.trainer import merge_adapter  # noqa: E402
from tunesmith.train.trainer_model import freeze_all_but, load_model, numbers_of  # noqa: E402
from tunesmith.train.trainer_optimizers import check_optimizer  # noqa: E402
from tunesmith.train.trainer_plan import Start  # noqa: E402


def changed(before: Path, after: Path) -> set[str]:
    old, new = weights(before), weights(after)
    assert old.keys() == new.keys()
    return {name for name in old if not torch.equal(old[name], new[name])}


def logits(model: Any) -> Any:
    with torch.no_grad():
        return model.eval()(input_ids=torch.tensor([[5, 6, 7, 8, 2]])).logits


def adapted(base: Path, folder: Path) -> Any:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), folder)


def loaded(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def test_freeze_trains_the_last_layer_alone(tmp_path: Path, tiny_model: Path) -> None:
    result = run(tmp_path, tiny_model, method="freeze", freeze__layers=1)

    names = changed(tiny_model, tmp_path / "run" / "model")
    assert names
    assert all(name.startswith("model.layers.1.") for name in names)
    assert result["trainable_parameters"] < result["all_parameters"]


def test_freezing_more_layers_than_there_are_is_told(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="the model has 2 layers"):
        freeze_all_but(loaded(tiny_model), layers=3)


@pytest.mark.parametrize("variant", ["lora", "rslora", "dora", "pissa", "olora"])
def test_an_adapter_fits_the_base_as_it_is_and_merges_to_the_same_model(
    tmp_path: Path, tiny_model: Path, variant: str
) -> None:
    run(tmp_path, tiny_model, lora__variant=variant, lora__plus=8.0, lora__dropout=0.0)

    folder = tmp_path / "run" / "model"
    whole = adapted(tiny_model, folder)
    assert merge_adapter(folder, tmp_path / "merged") == "float32"
    torch.testing.assert_close(logits(whole), logits(loaded(tmp_path / "merged")), atol=1e-5, rtol=1e-4)
    assert not torch.allclose(logits(whole), logits(loaded(tiny_model)), atol=1e-4)
    assert (tmp_path / "merged" / "chat_template.jinja").is_file()


@pytest.mark.parametrize("variant", ["pissa", "olora"])
def test_a_variant_that_moves_weights_keeps_the_model_until_it_learns(
    tmp_path: Path, tiny_model: Path, variant: str
) -> None:
    run(tmp_path, tiny_model, lora__variant=variant, learning_rate=1e-12, lora__dropout=0.0)

    whole = adapted(tiny_model, tmp_path / "run" / "model")
    torch.testing.assert_close(logits(whole), logits(loaded(tiny_model)), atol=1e-4, rtol=1e-3)


def test_variants_are_what_their_names_say(tmp_path: Path, tiny_model: Path) -> None:
    import json

    told = {}
    for variant in ("lora", "rslora", "dora", "pissa"):
        run(tmp_path, tiny_model, out=variant, lora__variant=variant, steps=1)
        told[variant] = json.loads((tmp_path / variant / "model" / "adapter_config.json").read_text())

    assert [name for name, one in told.items() if one["use_rslora"]] == ["rslora"]
    assert [name for name, one in told.items() if one["use_dora"]] == ["dora"]
    assert (told["lora"]["r"], told["pissa"]["r"]) == (4, 8)  # the trained half and the half that it began with


def test_lora_plus_moves_the_second_half_of_an_adapter_faster(tmp_path: Path, tiny_model: Path) -> None:
    def size_of_b(**more: Any) -> float:
        run(tmp_path, tiny_model, out=str(len(more)), optimizer="adamw", **more)
        found = weights(tmp_path / str(len(more)) / "model")
        return float(sum(value.norm() for name, value in found.items() if "lora_B" in name))

    assert size_of_b(lora__plus=16.0) > 5 * size_of_b()


def test_neftune_changes_the_training_loss_and_nothing_that_is_saved(tmp_path: Path, tiny_model: Path) -> None:
    plain = run(tmp_path, tiny_model, out="plain", method="full")
    noisy = run(tmp_path, tiny_model, out="noisy", method="full", neftune=20.0)

    assert plain["losses"]["train"]["first"] != noisy["losses"]["train"]["first"]
    assert weights(tmp_path / "plain" / "model").keys() == weights(tmp_path / "noisy" / "model").keys()


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_an_optimizer_that_is_listed_moves_the_weights(tmp_path: Path, tiny_model: Path, name: str) -> None:
    known = OPTIMIZERS[name]
    if known.package:
        pytest.importorskip(known.package)
    if known.needs_gpu:
        with pytest.raises(InputError, match="needs a CUDA GPU"):
            check_optimizer(name)
        return
    run(tmp_path, tiny_model, method="full", optimizer=name, steps=2)

    assert changed(tiny_model, tmp_path / "run" / "model")


def test_a_missing_package_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'tunesmith\[optimizers\]'"):
        check_optimizer("galore")


@pytest.mark.parametrize("key", ["flash_attention", "liger"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_key_that_needs_a_gpu_says_so_where_there_is_none(tmp_path: Path, tiny_model: Path, key: str) -> None:
    wish: dict[str, Any] = {key: True}
    with pytest.raises(InputError, match=f"`{key}: true` needs a CUDA GPU"):
        run(tmp_path, tiny_model, **wish)
    assert not (tmp_path / "run").exists()


def test_a_cpu_trains_in_float32_unless_asked(tmp_path: Path, tiny_model: Path) -> None:
    def numbers(**more: Any) -> tuple[Any, Any]:
        weights, autocast = numbers_of(settings(tmp_path, tiny_model, **more), "cpu")
        return weights, autocast

    assert numbers() == (torch.float32, None)
    assert numbers(precision="mixed", method="full") == (torch.float32, torch.bfloat16)
    assert numbers(precision="mixed", method="lora") == (torch.bfloat16, torch.bfloat16)
    assert numbers(precision="bfloat16") == (torch.bfloat16, None)


def test_a_model_that_is_not_here_offline_is_told(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    config = settings(tmp_path, tiny_model)
    with pytest.raises(InputError, match="nobody/no-such-model"):
        load_model(config, Start("nobody/no-such-model"), "causal")


def test_checkpointing_of_activations_trains_to_the_same_losses(tmp_path: Path, tiny_model: Path) -> None:
    found = [
        run(tmp_path, tiny_model, out=str(is_on), method="freeze", freeze__layers=1, activation_checkpointing=is_on)
        for is_on in (True, False)
    ]
    assert found[0]["losses"] == found[1]["losses"]


def test_packed_rows_have_the_losses_of_unpacked_ones(tmp_path: Path, tiny_model: Path) -> None:
    found = [
        run(tmp_path, tiny_model, out=str(is_packed), method="full", packing=is_packed, batch=12, steps=1)
        for is_packed in (True, False)
    ]
    assert found[0]["data"]["n_sequences"] < found[1]["data"]["n_sequences"]
    assert abs(found[0]["losses"]["train"]["first"] - found[1]["losses"]["train"]["first"]) < 1e-4


def test_the_best_model_is_kept_not_the_last(tmp_path: Path, tiny_model: Path) -> None:
    rows = [str(tmp_path / "sft.jsonl")]
    result = run(
        tmp_path,
        tiny_model,
        method="full",
        validation=rows,
        learning_rate=0.5,
        schedule="constant",
        steps=4,
        checkpoints=1,
        guard="off",
    )

    from tunesmith.train.watch_log import read_log

    lines = read_log(tmp_path / "run" / "log.jsonl")
    logged = {line["step"]: line["eval_domain_loss"] for line in lines if "eval_domain_loss" in line}
    assert result["best_step"] == min(logged, key=lambda step: logged[step])
    best = tmp_path / "run" / "checkpoints" / f"checkpoint-{result['best_step']}"
    assert not changed(best, tmp_path / "run" / "model")


def test_groups_of_validation_have_losses_of_their_own(tmp_path: Path, tiny_model: Path) -> None:
    settings(tmp_path, tiny_model)
    files = [f"domain={tmp_path}/sft.jsonl", f"general={tmp_path}/sft.jsonl"]
    result = run(tmp_path, tiny_model, validation=files, best_by="general", evaluation=1)

    assert {"validation domain", "validation general"} <= result["losses"].keys()


def test_a_full_disk_at_a_checkpoint_keeps_the_one_before(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = torch.save, []

    def full(thing: Any, path: Any, *args: Any, **more: Any) -> Any:
        calls.append(str(path))
        if "checkpoint-2" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(thing, path, *args, **more)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match=r"the disk is full; checkpoint-1 is whole") as caught:
        run(tmp_path, tiny_model, checkpoints=1, steps=3)
    assert "free some space" in str(caught.value)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").glob("checkpoint-*")] == ["checkpoint-1"]

    monkeypatch.undo()
    heard = Heard()
    result = train_run(settings(tmp_path, tiny_model, checkpoints=1, steps=3), tmp_path / "run", progress=heard)
    assert (result["outcome"], result["step"]) == ("finished", 3)


def test_too_little_memory_is_told_with_the_smallest_change(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Qwen2Model

    def too_much(self: Any, *args: Any, **more: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Qwen2Model, "forward", too_much)
    with pytest.raises(InputError, match=r"memory did not suffice .*`batch: 2` and `accumulation: 2`"):
        run(tmp_path, tiny_model, activation_checkpointing=True)


def test_a_folder_without_an_adapter_cannot_be_merged(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match="expected an adapter"):
        merge_adapter(tiny_model, tmp_path / "merged")


@pytest.mark.parametrize("targets", [["q_proj", "v_porj"], [], "layers.9"])
def test_an_adapter_for_layers_that_are_not_there_is_refused_with_those_that_are(
    tmp_path: Path, tiny_model: Path, targets: Any
) -> None:
    message = r"v_porj.*or some of down_proj, .*v_proj" if len(targets) == 2 else "lora.targets: n"
    with pytest.raises(InputError, match=message):
        run(tmp_path, tiny_model, lora__targets=targets)


def test_a_machine_with_a_gpu_trains_on_it(tmp_path: Path, tiny_model: Path) -> None:
    """A model lies in the processor's memory until the trainer moves it: where it lies says nothing."""
    from tunesmith.train.run import open_run
    from tunesmith.train.trainer_arguments import arguments_of
    from tunesmith.train.trainer_plan import Plan, Start
    from tunesmith.train.watch import Watch

    opened = open_run(settings(tmp_path, tiny_model), tmp_path / "run")
    paths, watch = opened.paths, Watch()
    plan = Plan(opened.config, paths, opened.template, Start(str(tiny_model)), [], {}, 1, 1, watch)
    assert arguments_of(plan, device="cpu").use_cpu
    assert not arguments_of(plan, device="cuda").use_cpu
