"""A run's folder: goes on to the same losses, refuses other data and settings, says what was done already."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from tests.train.stage_rows import ROWS, Heard, run, settings, weights  # noqa: E402
from tunesmith.errors import InputError, OutputError  # noqa: E402
from tunesmith.train.run import train_run  # noqa: E402
from tunesmith.train.run_plan import plan_run, plan_text  # noqa: E402
from tunesmith.train.watch_log import read_log  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]

#: Trains the settings of the test in another process, which the test kills.
KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
import torch
torch.set_num_threads(1)
from tests.train.stage_rows import settings
from tunesmith.train.run import train_run
folder = Path({folder!r})
train_run(settings(folder, Path({model!r}), **{more!r}), folder / "killed")
"""


def losses(out: Path) -> list[tuple[Any, ...]]:
    keys = ("step", "loss", "grad_norm", "eval_domain_loss", "learning_rate")
    return [tuple(line.get(key) for key in keys) for line in read_log(out / "log.jsonl") if "loss" in line]


@pytest.mark.parametrize(
    "more", [{"method": "full"}, {"method": "lora", "lora__variant": "pissa"}], ids=["full", "pissa"]
)
def test_a_killed_run_goes_on_to_the_same_losses_bit_by_bit(
    tmp_path: Path, tiny_model: Path, more: dict[str, Any]
) -> None:
    more = {**more, "steps": 40, "checkpoints": 3, "validation": 0.2}
    whole = train_run(settings(tmp_path, tiny_model, **more), tmp_path / "whole")

    script = KILLED.format(root=str(ROOT), folder=str(tmp_path), model=str(tiny_model), more=more)
    process = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "HF_HUB_OFFLINE": "1"})
    deadline = time.monotonic() + 240
    while not (tmp_path / "killed" / "checkpoints" / "checkpoint-6" / "trainer_state.json").is_file():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "model").exists()

    resumed = train_run(settings(tmp_path, tiny_model, **more), tmp_path / "killed")
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    assert resumed["losses"] == whole["losses"]
    one, other = weights(tmp_path / "killed" / "model"), weights(tmp_path / "whole" / "model")
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_a_finished_run_is_not_trained_twice_and_says_so(tmp_path: Path, tiny_model: Path) -> None:
    first = run(tmp_path, tiny_model)
    heard = Heard()
    second = train_run(settings(tmp_path, tiny_model), tmp_path / "run", progress=heard)

    assert any("nothing was trained" in said for said in heard.said)
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert second["losses"] == first["losses"]
    third = train_run(settings(tmp_path, tiny_model), tmp_path / "run", replace=True)
    assert third["is_new"]


def test_other_data_is_refused_and_replace_starts_anew(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model)
    config = settings(tmp_path, tiny_model)
    path = tmp_path / "sft.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("It is 3.", "It is three."), encoding="utf-8")

    with pytest.raises(OutputError, match=r"holds a training run with other data; .*--replace"):
        train_run(config, tmp_path / "run")
    assert train_run(config, tmp_path / "run", replace=True)["is_new"]


def test_other_settings_are_refused_by_name_with_both_values(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model)
    with pytest.raises(OutputError, match=r"`steps` \(2 there, 1 here\)"):
        run(tmp_path, tiny_model, steps=1)


def test_a_run_that_was_refused_before_its_first_step_leaves_the_folder_free(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match="no_such_layer"):
        run(tmp_path, tiny_model, method="lora", lora__targets=["no_such_layer"])
    assert run(tmp_path, tiny_model, method="lora")["outcome"] == "finished"


def test_a_folder_of_something_else_is_never_touched(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("ten years of work")
    for replace in (False, True):
        with pytest.raises(OutputError, match="no training run"):
            train_run(settings(tmp_path, tiny_model), tmp_path / "run", replace=replace)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_changed_tokens_in_the_folder_are_refused(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model)
    out = tmp_path / "run"
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["model_folder"]  # as if it had been killed at its end
    (out / "manifest.json").write_text(json.dumps(manifest))
    arrow = out / "data" / "train" / "examples.arrow"
    broken = bytearray(arrow.read_bytes())
    broken[len(broken) // 2] ^= 1
    arrow.write_bytes(bytes(broken))

    with pytest.raises(InputError, match=r"examples|data"):
        run(tmp_path, tiny_model)


def test_no_row_left_names_the_reasons(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match=r"no row is left to train on: 12 too_long; the longest has"):
        run(tmp_path, tiny_model, max_length=4)


def test_the_ledger_has_a_line_for_every_row_and_the_manifest_what_it_was_made_of(
    tmp_path: Path, tiny_model: Path
) -> None:
    from tunesmith.train.handover import read_fates

    result = run(tmp_path, tiny_model, validation=0.2)
    out = tmp_path / "run"
    manifest = json.loads((out / "manifest.json").read_text())

    n_rows = len(read_fates(out / "rows.parquet")) + len(read_fates(out / "rows-validation.parquet"))
    assert n_rows == len(ROWS["sft"])
    assert manifest["data"]["hash"] == result["data"]["hash"]
    assert {"torch", "trl", "transformers"} <= manifest["versions"].keys()
    assert {one["key"] for one in manifest["settings"]} >= {"learning_rate", "lora.rank"}
    assert "seconds" not in manifest
    assert json.loads((out / "run.log.json").read_text())["seconds"] > 0
    assert all((out / name).is_file() for name in ("report.html", "loss.png", "loss.svg", "log.jsonl"))
    assert (out / "model" / "chat_template.jinja").is_file()


def test_a_finished_run_is_merged_when_that_is_asked_for_later(tmp_path: Path, tiny_model: Path) -> None:
    first = run(tmp_path, tiny_model)
    assert first["merged_folder"] is None
    second = run(tmp_path, tiny_model, merge=True)

    assert not second["is_new"]
    assert (tmp_path / "run" / "merged" / "config.json").is_file()
    assert str(tmp_path / "run" / "merged") in second["serve"]


def test_a_run_that_has_not_finished_is_no_model(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model, out="first", steps=1)
    (tmp_path / "first" / "model").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="has not finished"):
        run(tmp_path, tmp_path / "first")


def test_a_plan_trains_nothing_and_writes_nothing(tmp_path: Path, tiny_model: Path) -> None:
    config = settings(tmp_path, tiny_model, validation=0.2)
    planned = plan_run(config, tmp_path / "run")

    assert not (tmp_path / "run").exists()
    assert (planned["max_steps"], planned["goes_on"]) == (2, False)
    text = plan_text(config, planned)
    assert "nothing was trained" in text
    assert "a model that learns questions too learns to ask them" in text


def test_unknown_keys_of_trl_are_named_with_close_ones_before_anything_is_read(
    tmp_path: Path, tiny_model: Path
) -> None:
    with pytest.raises(InputError, match=r"does not know `adam_beta3`; did you mean `adam_beta[12]`"):
        run(tmp_path, tiny_model, trl={"adam_beta3": 0.9})


def test_a_key_of_trl_reaches_the_trainer(tmp_path: Path, tiny_model: Path) -> None:
    plain = run(tmp_path, tiny_model, out="plain", method="full")
    other = run(tmp_path, tiny_model, out="other", method="full", trl={"label_smoothing_factor": 0.9})

    assert plain["losses"]["train"]["first"] != other["losses"]["train"]["first"]


def test_questions_that_must_be_kept_are_asked_at_every_evaluation(tmp_path: Path, tiny_model: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    rows = [{"id": f"q{n}", "prompt": f"{n} + {n}?", "reference": f"It is {n + n}."} for n in range(4)]
    kept.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run(tmp_path, tiny_model, kept=str(kept), validation=0.2, evaluation=1)

    assert any("eval_kept" in line for line in read_log(tmp_path / "run" / "log.jsonl"))


def test_a_row_whose_loss_is_no_number_is_named_left_out_and_survived(
    tmp_path: Path, tiny_model: Path, tiny_tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Qwen2Model

    config = settings(tmp_path, tiny_model, method="full", steps=4, checkpoints=1)
    path = tmp_path / "sft.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("It is 6.", "It is ẞ."), encoding="utf-8")
    poison = tiny_tokenizer("ẞ")["input_ids"][-1]
    forward: Any = Qwen2Model.forward

    def poisoned(self: Any, input_ids: Any = None, **more: Any) -> Any:
        found = forward(self, input_ids=input_ids, **more)
        if bool((input_ids == poison).any()):
            found.last_hidden_state = found.last_hidden_state * float("nan")
        return found

    monkeypatch.setattr(Qwen2Model, "forward", poisoned)
    heard = Heard()
    result = train_run(config, tmp_path / "run", progress=heard)

    assert (result["outcome"], result["step"]) == ("finished", 4)
    [incident] = [json.loads(line) for line in (tmp_path / "run" / "incidents.jsonl").read_text().splitlines()]
    assert "sft:6" in incident["left_out"]
    assert any("sft:6" in said for said in heard.said)
    assert all(torch.isfinite(value).all() for value in weights(tmp_path / "run" / "model").values())
