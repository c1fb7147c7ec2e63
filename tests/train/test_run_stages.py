"""Every stage with every method trains a tiny model, and what it leaves answers through `evaluate predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("bitsandbytes")

from tests.train.stage_rows import run, weights  # noqa: E402
from tunesmith.evaluate.predict_backend import Decoding, Prompt  # noqa: E402
from tunesmith.evaluate.predict_transformers import load_backend  # noqa: E402

ANSWERING = ("sft", "pretrain", "dpo", "kto", "orpo", "simpo", "grpo")
METHODS = ("full", "lora", "qlora")


def answer(model: Path, adapter: Path | None) -> Any:
    backend = load_backend(str(model), adapter=adapter, device="cpu")
    [[found]] = backend.generate([[Prompt(({"role": "user", "content": "1 + 1?"},))]], Decoding(max_tokens=4))
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stage", ANSWERING)
def test_what_a_stage_trained_answers(tmp_path: Path, tiny_model: Path, stage: str, method: str) -> None:
    result = run(tmp_path, tiny_model, stage, method=method)

    assert (result["outcome"], result["step"]) == ("finished", 2)
    model = tmp_path / "run" / "model"
    found = answer(model, None) if method == "full" else answer(tiny_model, model)
    assert found.tokens is not None
    assert result["losses"]["train"]["last"] is not None
    if method == "full":
        before, after = weights(tiny_model), weights(model)
        assert before.keys() == after.keys()
        assert any(not torch.equal(before[name], after[name]) for name in before)
    else:
        assert any(bool(value.any()) for name, value in weights(model).items() if "lora_B" in name)


@pytest.mark.parametrize("method", METHODS)
def test_a_reward_model_scores_when_it_is_loaded_again(tmp_path: Path, tiny_model: Path, method: str) -> None:
    from transformers import AutoModelForSequenceClassification

    result = run(tmp_path, tiny_model, "reward", method=method, merge=method != "full")

    assert result["outcome"] == "finished"
    assert result["serve"] is None
    folder = tmp_path / "run" / ("model" if method == "full" else "merged")
    model: Any = AutoModelForSequenceClassification.from_pretrained(folder)
    assert model.config.num_labels == 1
    score = model(input_ids=torch.tensor([[5, 6, 2]])).logits
    assert tuple(score.shape) == (1, 1)
    assert torch.isfinite(score).all()


def test_sft_starts_from_a_full_pretraining_run(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model, "pretrain", out="pre", method="full")
    result = run(tmp_path, tmp_path / "pre", "sft", method="full", learning_rate=1e-9)

    trained, start = weights(tmp_path / "run" / "model"), weights(tmp_path / "pre" / "model")
    assert result["base"] == str(tmp_path / "pre" / "model")
    for name in start:
        torch.testing.assert_close(trained[name], start[name], atol=1e-6, rtol=0)


def test_sft_starts_from_an_adapter_of_pretraining_which_is_merged_first(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model, "pretrain", out="pre", lora__plus=16)
    result = run(tmp_path, tmp_path / "pre", "sft")

    base = tmp_path / "run" / "base"
    assert result["base"] == str(base)
    before, merged = weights(tiny_model), weights(base)
    assert any(not torch.equal(before[name], merged[name]) for name in before)
    assert answer(base, tmp_path / "run" / "model").tokens is not None
