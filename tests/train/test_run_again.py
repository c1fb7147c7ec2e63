"""A run that is started again: after a kill at an odd moment, with a changed model, beside another run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from tests.train.stage_rows import Heard, run, settings, weights  # noqa: E402
from tunesmith.errors import InputError, OutputError  # noqa: E402
from tunesmith.train.run import train_run  # noqa: E402
from tunesmith.train.watch_log import read_log  # noqa: E402


def unfinished(out: Path) -> None:
    """As if the run had been killed after its last checkpoint and before its model was there."""
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({"mark": manifest["mark"], "outcome": "started"}))
    (out / "model").rename(out / ".model.part")  # half written


def test_a_model_whose_files_changed_is_not_gone_on_from(tmp_path: Path, tiny_model: Path) -> None:
    from tests.train.conftest import make_model

    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    run(tmp_path, model)
    unfinished(tmp_path / "run")
    make_model(model, seed=1)  # the same sizes, the same head, other weights
    with pytest.raises(OutputError, match=r"holds a training run with other model files; .*--replace"):
        run(tmp_path, model)
    shutil.copytree(tiny_model, model, dirs_exist_ok=True)
    assert run(tmp_path, model)["is_new"]


def test_the_base_of_an_adapter_counts_as_a_model_file(tmp_path: Path, tiny_model: Path) -> None:
    from tests.train.conftest import make_model

    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    run(tmp_path, model, out="first")
    run(tmp_path, tmp_path / "first")
    make_model(model, seed=1)
    with pytest.raises(OutputError, match="other model files"):
        run(tmp_path, tmp_path / "first")


def test_a_run_killed_before_its_model_was_whole_ends_with_the_same_one(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model, validation=0.2)
    before = {name: value.clone() for name, value in weights(tmp_path / "run" / "model").items()}
    said = [line for line in read_log(tmp_path / "run" / "log.jsonl") if "loss" in line]
    unfinished(tmp_path / "run")
    heard = Heard()
    result = train_run(settings(tmp_path, tiny_model, validation=0.2), tmp_path / "run", progress=heard)

    after = weights(tmp_path / "run" / "model")
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert (result["outcome"], result["step"]) == ("finished", 2)
    assert [line["loss"] for line in read_log(tmp_path / "run" / "log.jsonl") if "loss" in line] == [
        line["loss"] for line in said
    ]
    assert "going on from step 2" in heard.said
    assert not (tmp_path / "run" / ".model.part").exists()


def test_a_model_inside_the_runs_own_folder_is_never_cleared_away(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model, method="full")
    for model in ("run", "run/model"):
        with pytest.raises(InputError, match="lies in the run's own folder"):
            train_run(settings(tmp_path, tmp_path / model, method="full"), tmp_path / "run", replace=True)
    assert weights(tmp_path / "run" / "model")


def test_more_attempts_may_be_asked_for_when_a_run_goes_on(tmp_path: Path, tiny_model: Path) -> None:
    run(tmp_path, tiny_model)
    assert not run(tmp_path, tiny_model, guard__attempts=9)["is_new"]
    with pytest.raises(OutputError, match=r"`guard`"):
        run(tmp_path, tiny_model, guard__patience=9)


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path, tiny_model: Path) -> None:
    from tunesmith.train.run import open_run
    from tunesmith.train.run_folder import claimed

    opened = open_run(settings(tmp_path, tiny_model), tmp_path / "run")
    held = claimed(opened.paths, opened.mark, replace=False, resume=True)
    with held, pytest.raises(OutputError, match="another run is writing here"):
        run(tmp_path, tiny_model)
    assert run(tmp_path, tiny_model)["is_new"]


def test_a_ledger_that_is_written_anew_keeps_the_rows_that_broke_the_run(tmp_path: Path, tiny_model: Path) -> None:
    """Pairs are paired again when a run goes on; what an incident cost stands in `incidents.jsonl` alone then."""
    from tunesmith.train.handover import read_fates

    run(tmp_path, tiny_model, "dpo")
    out = tmp_path / "run"
    unfinished(out)
    incident = {"step": 1, "row_ids": ["dpo:3"], "left_out": ["dpo:3"], "halved": False, "resumed_from": 0}
    (out / "incidents.jsonl").write_text(
        json.dumps(
            {**incident, "kind": "not_finite", "what": "loss", "exact": True, "gave_up": False, "goes_on_from": 1}
        )
    )
    run(tmp_path, tiny_model, "dpo")
    assert [fate.row_id for fate in read_fates(out / "rows.parquet") if fate.outcome == "dropped"] == ["dpo:3"]


def test_the_loss_of_grpo_may_rise_from_nothing(tmp_path: Path, tiny_model: Path) -> None:
    from tunesmith.train.guard import Guard, NotFinite, Quiet, SpikeGuard
    from tunesmith.train.run import watch_of

    watch = watch_of(settings(tmp_path, tiny_model, "grpo"), [])
    assert isinstance(watch.guard, Guard)
    guard = SpikeGuard(watch.guard)
    assert all(isinstance(guard.see(step, 0.0 if step < 200 else 0.9), Quiet) for step in range(1, 300))
    assert isinstance(guard.see(300, float("nan")), NotFinite)


def test_who_stops_a_run_is_told_that_the_same_command_goes_on(tmp_path: Path, tiny_model: Path) -> None:
    from transformers import TrainerCallback

    class Stop(TrainerCallback):
        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

    config, heard = settings(tmp_path, tiny_model, steps=3, checkpoints=1), Heard()
    with pytest.raises(KeyboardInterrupt):
        train_run(config, tmp_path / "run", progress=heard, callbacks=[Stop()])
    assert "stopped; the same command goes on from checkpoint-1" in heard.said
    assert train_run(config, tmp_path / "run")["step"] == 3
