"""What a run writes down about itself while it trains: with a real trainer and a tiny model."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.train.watching import N_ROWS, rows, train
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, InternalError
from tunesmith.train.guard import Guard
from tunesmith.train.supervisor import Attempt, checkpoints_of
from tunesmith.train.types import RunPaths
from tunesmith.train.watch import EarlyStop, Watch
from tunesmith.train.watch_log import read_log


def steps(paths: RunPaths) -> dict[int, list[str]]:
    lines = (paths.out / "steps.jsonl").read_text().splitlines()
    return {one["step"]: one["row_ids"] for one in map(json.loads, lines)}


def without_clock(paths: RunPaths) -> list[dict[str, Any]]:
    found = [{key: value for key, value in one.items() if "second" not in key} for one in read_log(paths.log)]
    return [{key: value for key, value in one.items() if "runtime" not in key} for one in found]


def test_rows_of_each_step_are_those_that_it_trained_on(tiny_model: Path, tmp_path: Path) -> None:
    """Against what the model itself was given: accumulation, two epochs, a last step that is not full."""
    data, given = rows(n_rows=10), list[list[str]]()
    by_tokens = {tuple(one["input_ids"]): one["row_ids"][0] for one in data}

    def listen(model: Any) -> None:
        def heard(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
            given.append([by_tokens[tuple(one)] for one in kwargs["input_ids"].tolist()])
            assert set(kwargs) <= {"input_ids", "labels", "num_items_in_batch", "use_cache", "return_dict"}

        model.register_forward_pre_hook(heard, with_kwargs=True)

    train(tiny_model, RunPaths(tmp_path), data, prepare=listen, max_steps=-1, num_train_epochs=2)
    # ten rows: per epoch two steps of 2 x 2 rows and one of 2
    batches = iter(given)
    parts = [[name for _ in range(n) for name in next(batches)] for n in (2, 2, 1, 2, 2, 1)]
    assert steps(RunPaths(tmp_path)) == dict(enumerate(parts, 1))
    for epoch in (parts[:3], parts[3:]):
        assert sorted(name for part in epoch for name in part) == sorted(by_tokens.values())


def test_workers_in_other_processes_change_no_name(tiny_model: Path, tmp_path: Path) -> None:
    plain, other = RunPaths(tmp_path / "plain"), RunPaths(tmp_path / "workers")
    train(tiny_model, plain, rows(n_rows=12), max_steps=4)
    train(tiny_model, other, rows(n_rows=12), max_steps=4, dataloader_num_workers=2, remove_unused_columns=False)
    assert steps(plain) == steps(other)


def test_a_run_that_goes_on_has_the_log_of_one_that_never_stopped(tiny_model: Path, tmp_path: Path) -> None:
    whole, stopped = RunPaths(tmp_path / "whole"), RunPaths(tmp_path / "stopped")
    data: dict[str, Any] = {"validation": {"domain": rows(n_rows=4), "general": rows(n_rows=2)}}
    train(tiny_model, whole, rows(), **data)
    train(tiny_model, stopped, rows(), **data)
    with stopped.log.open("ab") as file:
        file.write(b'{"step":13,"loss":7.0}\n{"step":14,"lo')  # as a kill leaves it
    train(tiny_model, stopped, rows(), attempt=Attempt(1, stopped.checkpoints / "checkpoint-6"), **data)
    ours, theirs = without_clock(stopped), without_clock(whole)
    ends = [one for one in ours if "train_loss" in one] + [one for one in theirs if "train_loss" in one]
    assert [one for one in ours if one not in ends and "peak_memory_bytes" not in one] == [
        one for one in theirs if one not in ends and "peak_memory_bytes" not in one
    ]
    assert steps(stopped) == steps(whole)
    seconds = [one["seconds"] for one in read_log(stopped.log)]
    assert seconds == sorted(seconds)


def test_both_validation_losses_stand_apart_in_the_log(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    train(tiny_model, paths, rows(), validation={"domain": rows(n_rows=4), "general": rows(n_rows=8)}, max_steps=6)
    log = read_log(paths.log)
    assert [one["step"] for one in log if "eval_domain_loss" in one] == [3, 6]
    assert [one["step"] for one in log if "eval_general_loss" in one] == [3, 6]
    assert all({"step", "epoch", "seconds"} <= set(one) for one in log[:-1])


def test_speed_and_memory_are_facts_of_the_run_and_stand_in_its_log(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    ended = train(tiny_model, paths, rows(), max_steps=6)
    last = read_log(paths.log)[-1]
    assert ended.facts["peak_memory_bytes"] == last["peak_memory_bytes"] > 10**7
    # five steps of 4 rows of 12 tokens: the first does not count
    assert ended.facts["tokens_per_second"] == pytest.approx(5 * 4 * 12 / ended.facts["training_seconds"])
    assert (ended.facts["max_steps"], ended.facts["best"]) == (6, {})


def test_tensorboard_has_all_figures_and_histograms_of_lora_weights(tiny_model: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def adapt(model: Any) -> None:
        """The names that PEFT gives, without PEFT, which only the trainer imports."""
        import torch

        layer = model.model.layers[0].self_attn.q_proj
        layer.lora_A = torch.nn.Linear(64, 2, bias=False)
        layer.register_forward_hook(lambda module, args, output: output + module.lora_A(args[0]).sum() * 1e-3)

    paths = RunPaths(tmp_path)
    data: dict[str, Any] = {"validation": {"domain": rows(n_rows=2), "general": rows(n_rows=2)}}
    train(tiny_model, paths, rows(), prepare=adapt, watch=Watch(histogram_steps=3), max_steps=7, **data)
    board: Any = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"histograms": 0})
    board.Reload()
    scalars = set(board.Tags()["scalars"])
    assert {"train/loss", "train/grad_norm", "train/learning_rate", "eval/domain_loss", "eval/general_loss"} <= scalars
    assert [one.step for one in board.Scalars("train/loss")] == list(range(1, 8))
    (name,) = board.Tags()["histograms"]
    assert name == "model.layers.0.self_attn.q_proj.lora_A.weight"
    assert [one.step for one in board.Histograms(name)] == [3, 6, 7]
    logged = {one["step"]: one["loss"] for one in read_log(paths.log) if "loss" in one}
    assert {one.step: one.value for one in board.Scalars("train/loss")} == pytest.approx(logged)


def test_progress_counts_the_steps_that_are_left(tiny_model: Path, tmp_path: Path) -> None:
    class Counting(Progress):
        def __init__(self) -> None:
            self.stages: list[tuple[int | None, int]] = []

        @contextmanager
        def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
            done = 0

            def advance(count: int) -> None:
                nonlocal done
                done += count

            yield advance
            self.stages.append((total, done))

    counting, paths = Counting(), RunPaths(tmp_path)
    train(tiny_model, paths, rows(), max_steps=6, progress=counting)
    again = Attempt(1, paths.checkpoints / "checkpoint-3")
    train(tiny_model, paths, rows(), max_steps=6, progress=counting, attempt=again)
    assert counting.stages == [(6, 6), (3, 3)]


def test_the_trainer_prints_nothing(tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    train(tiny_model, RunPaths(tmp_path), rows(), max_steps=2)
    assert capfd.readouterr().out == ""


def test_a_nan_that_would_be_logged_as_zero_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="logging_nan_inf_filter=False"):
        train(tiny_model, RunPaths(tmp_path), rows(), logging_nan_inf_filter=True)


def test_a_nan_between_two_logs_is_seen_at_its_step(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    ended = train(tiny_model, paths, rows(poisoned=[17]), logging_steps=5, save_steps=1)
    assert ended.incident is not None
    assert ended.incident.row_ids == ("d:17",)
    assert "d:17" in steps(paths)[ended.incident.step]
    assert [folder.name for folder in checkpoints_of(paths)] == [
        f"checkpoint-{step}" for step in range(1, ended.incident.step)
    ]


def test_of_a_batch_that_cannot_be_taken_apart_all_rows_are_named(tiny_model: Path, tmp_path: Path) -> None:
    def flat(features: list[dict[str, Any]]) -> dict[str, Any]:
        """Padding-free: one line for all rows."""
        import torch

        return {key: torch.tensor([[one for some in features for one in some[key]]]) for key in features[0]}

    ended = train(tiny_model, RunPaths(tmp_path), rows(poisoned=[17]), collator=flat)
    assert ended.incident is not None
    assert not ended.incident.exact
    assert len(ended.incident.row_ids) == 2  # of the micro-batch, not of the whole step
    assert "d:17" in ended.incident.row_ids


def test_without_a_guard_a_nan_stops_nothing(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    ended = train(tiny_model, paths, rows(poisoned=[17]), watch=Watch(guard=None))
    assert (ended.outcome, ended.step) == ("finished", 12)
    assert any("loss" in one.get("not_finite", ()) for one in read_log(paths.log))


def test_nothing_is_saved_while_the_loss_is_suspicious_and_what_was_put_off_is_done_after(
    tiny_model: Path, tmp_path: Path
) -> None:
    """One step of nine times the loss, at the step of a checkpoint: patience lasts, and it comes a step later."""

    def spoil(model: Any) -> None:
        calls = [0]

        def spiking(module: Any, args: Any, output: Any) -> Any:
            calls[0] += module.training
            if module.training and calls[0] in (17, 18):  # step 9
                output["loss"] = output.loss * 9
            return output

        model.register_forward_hook(spiking)

    paths = RunPaths(tmp_path)
    watch = Watch(guard=Guard(warmup=4, patience=3))
    validation = {"domain": rows(n_rows=2)}
    ended = train(tiny_model, paths, rows(), watch=watch, prepare=spoil, validation=validation)
    assert ended.outcome == "finished"
    assert [folder.name for folder in checkpoints_of(paths)] == [f"checkpoint-{step}" for step in (3, 6, 10, 12)]
    assert [one["step"] for one in read_log(paths.log) if "eval_domain_loss" in one] == [3, 6, 10, 12]


def gradients(folder: Path, out: Path, **watch: Any) -> dict[str, float]:
    """The norms of the first step's gradients, by the name of the weight."""
    from transformers import TrainerCallback

    found: dict[str, float] = {}

    class Norms(TrainerCallback):
        def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            found.update({name: float(one.grad.norm()) for name, one in kwargs["model"].named_parameters()})

    def untie(model: Any) -> None:
        import torch

        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())

    settings: dict[str, Any] = {"max_steps": 1, "max_grad_norm": 0.0, "callbacks": [Norms()], "prepare": untie}
    train(folder, RunPaths(out), rows(), watch=Watch(**watch), **settings)
    return found


def test_gradients_of_shallow_layers_are_scaled_and_no_others(tiny_model: Path, tmp_path: Path) -> None:
    plain = gradients(tiny_model, tmp_path / "plain")
    scaled = gradients(tiny_model, tmp_path / "scaled", shallow_scale=0.1, shallow_layers=1)
    shallow = re.compile(r"embed_tokens|layers\.0\.")
    for name, norm in plain.items():
        assert scaled[name] == pytest.approx(norm * (0.1 if shallow.search(name) else 1.0), rel=1e-4), name
    assert sum(bool(shallow.search(name)) for name in plain) > 5


def test_shallow_scaling_is_refused_where_gradients_are_in_pieces(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunesmith.train.watch_board import Shallow

    class Arguments:
        fsdp, deepspeed = "", {"zero_optimization": {"stage": 2}}

    with pytest.raises(InputError, match="shallow_scale works on whole gradients"):
        Shallow(0.1, 2).on_train_begin(Arguments(), None, None)


def falling(paths: RunPaths, folder: Path, losses: list[float], *, attempt: Attempt | None = None) -> Any:
    """A run whose validation losses are given."""
    left = iter(losses)

    def said(model: Any) -> None:
        def spoil(module: Any, args: Any, output: Any) -> Any:
            if not module.training:
                output["loss"] = output.loss * 0 + next(left)
            return output

        model.register_forward_hook(spoil)

    watch = Watch(early=EarlyStop("eval_domain_loss", patience=2, least=0.01))
    choice = {"load_best_model_at_end": True, "metric_for_best_model": "eval_domain_loss", "greater_is_better": False}
    settings: dict[str, Any] = {"validation": {"domain": rows(n_rows=2)}, "attempt": attempt, "watch": watch, **choice}
    return train(folder, paths, rows(), prepare=said, max_steps=30, save_steps=2, **settings)


def test_a_run_that_gets_no_better_stops_and_keeps_the_best(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    ended = falling(paths, tiny_model, [3.0, 2.0, 1.5, 1.495, 1.6, 1.0, 0.5])
    # 1.495 is better by less than the least, 1.6 is worse: patience is used up at the fifth evaluation
    assert (ended.outcome, ended.step) == ("stopped_early", 10)
    assert ended.facts["best"] == {"metric": "eval_domain_loss", "value": pytest.approx(1.495), "step": 8}


def test_early_stopping_counts_on_after_a_resume(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    falling(paths, tiny_model, [3.0, 2.0, 2.5, 2.5, 2.5])
    ended = falling(paths, tiny_model, [2.5, 1.0, 1.0], attempt=Attempt(1, paths.checkpoints / "checkpoint-6"))
    assert (ended.outcome, ended.step) == ("stopped_early", 8)


def test_the_row_that_is_poisoned_trains_well_where_nothing_spoils_it(tiny_model: Path, tmp_path: Path) -> None:
    """The other tests stand on this: it is the hook that breaks the loss, not the row."""
    ended = train(tiny_model, RunPaths(tmp_path), rows(poisoned=[17]), prepare=lambda model: None, max_steps=10)
    assert ended.outcome == "finished"
    assert all(math.isfinite(one["loss"]) for one in read_log(tmp_path / "log.jsonl") if "loss" in one)
    assert len({name for names in steps(RunPaths(tmp_path)).values() for name in names}) == N_ROWS


def test_a_run_that_was_stopped_early_and_killed_stops_again() -> None:
    from types import SimpleNamespace

    from tunesmith.train.early import Early

    early = Early("eval_loss", patience=2)
    for losses, stops in (([1.0, 2.0], False), ([1.0, 2.0, 3.0], True)):
        state = SimpleNamespace(log_history=[{"eval_loss": loss} for loss in losses])
        control = SimpleNamespace(should_training_stop=False)
        early.on_train_begin(None, state, control)
        assert (early.stopped, control.should_training_stop) == (stops, stops)
