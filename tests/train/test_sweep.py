"""The loop of a sweep with hand-written trials: what it tries, prunes, keeps, survives, and says."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError
from tunesmith.train.config import read_config
from tunesmith.train.sweep import run_sweep
from tunesmith.train.sweep_report import sweep_text
from tunesmith.train.sweep_space import Choice, Range
from tunesmith.train.sweep_trial import kept_loss, losses_of
from tunesmith.train.sweep_types import Finished, Job, Losses, Objective, Sweep
from tunesmith.train.types import RunPaths

Report = Callable[[int, Losses], bool]
SPACE = {"learning_rate": Range(1e-5, 1e-2, log=True), "lora.rank": Choice((8, 16, 32))}


def sweep_of(tiny_model: Path, **more: Any) -> Sweep:
    base = {"stage": "sft", "model": str(tiny_model), "data": ["rows.jsonl"]}
    return Sweep(**{"base": base, "space": SPACE, "trials": 6, **more})


class Heard(Progress):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


class Landscape:
    """Trials whose loss is least at a rate of 1e-3; each leaves a model, checkpoints and data."""

    def __init__(self, *, fails: tuple[int, ...] = (), dies: int | None = None) -> None:
        self.fails, self.dies = fails, dies
        self.jobs: list[Job] = []
        self.values: list[tuple[float, int]] = []

    def __call__(self, job: Job, report: Report) -> Finished:
        config = read_config(job.config, {})
        self.jobs.append(job)
        self.values.append((config.learning_rate, config.lora.rank))
        if self.dies == job.number:
            self.dies = None
            raise KeyboardInterrupt
        if job.number in self.fails:
            return Finished("failed", reason="the device has too little memory")
        for name in ("model", "checkpoints", "data"):
            (job.folder / name).mkdir(parents=True, exist_ok=True)
        return self._train(config, report)

    def _train(self, config: Any, report: Report) -> Finished:
        import math

        floor = abs(math.log10(config.learning_rate) + 3) + config.lora.rank / 1000
        seen: list[tuple[int, Losses]] = []
        for number in range(1, 5):
            losses = {"domain": floor + 1 / number}
            seen.append((10 * number, losses))
            if report(10 * number, losses):
                return Finished("pruned", evaluations=tuple(seen), seconds=1.0)
        return Finished("complete", kept_loss(seen, {}), tuple(seen), seconds=2.0)


def test_a_sweep_leaves_its_table_the_best_settings_and_a_page(tiny_model: Path, tmp_path: Path) -> None:
    found = run_sweep(sweep_of(tiny_model), tmp_path / "s", runner=Landscape())
    assert sum(found["counts"].values()) == 6
    complete = [one for one in found["trials"] if one["state"] == "complete"]
    assert found["best"]["value"] == min(one["value"] for one in complete)
    rows = [*csv.DictReader((tmp_path / "s" / "trials.csv").open())]
    assert [row["trial"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    best = read_config(tmp_path / "s" / "best.yaml", {})
    assert best.learning_rate == pytest.approx(found["best"]["values"]["learning_rate"])
    assert best.lora.rank == found["best"]["values"]["lora.rank"]
    page = (tmp_path / "s" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    rate = best.learning_rate
    assert f"<bdi>{rate:.4g}</bdi>" in page
    assert f"{rate}" not in page  # seventeen digits: they stand in best.yaml
    assert "http-equiv" in page
    assert f"tunesmith train sft {tmp_path / 's' / 'best.yaml'}" in sweep_text(found)
    assert json.loads((tmp_path / "s" / "sweep.json").read_text()) == json.loads(json.dumps(found))


def test_a_page_in_chinese_has_no_english_headings(tiny_model: Path, tmp_path: Path) -> None:
    run_sweep(sweep_of(tiny_model, trials=2), tmp_path / "s", runner=Landscape(), language="zh")
    page = (tmp_path / "s" / "report.html").read_text(encoding="utf-8")
    assert "最好的设置" in page
    assert "<h1>验证损失</h1>" in page
    assert "Trial" not in page
    assert "the validation loss" not in page


def test_the_same_seed_tries_the_same_and_another_does_not(tiny_model: Path, tmp_path: Path) -> None:
    tried = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        trials = Landscape()
        run_sweep(sweep_of(tiny_model, seed=seed), tmp_path / name, runner=trials)
        tried.append(trials.values)
    assert tried[0] == tried[1] != tried[2]
    assert len({*tried[0]}) == 6


def test_a_stopped_sweep_runs_the_broken_trial_again_and_tries_what_it_would_have_tried(
    tiny_model: Path, tmp_path: Path
) -> None:
    whole = Landscape()
    run_sweep(sweep_of(tiny_model, trials=14), tmp_path / "whole", runner=whole)
    broken = Landscape(dies=12)  # behind the ten trials that TPE draws at random
    with pytest.raises(KeyboardInterrupt):
        run_sweep(sweep_of(tiny_model, trials=14), tmp_path / "broken", runner=broken)
    heard = Heard()
    found = run_sweep(sweep_of(tiny_model, trials=14), tmp_path / "broken", runner=broken, progress=heard)
    assert broken.values[:12] + broken.values[13:] == whole.values
    assert [one["number"] for one in found["trials"]] == [*range(1, 15)]
    assert "trial 12 was running when the sweep was stopped: it is run again" in heard.said


def test_more_trials_are_added_to_a_finished_sweep(tiny_model: Path, tmp_path: Path) -> None:
    trials = Landscape()
    run_sweep(sweep_of(tiny_model, trials=2), tmp_path / "s", runner=trials)
    run_sweep(sweep_of(tiny_model, trials=2), tmp_path / "s", runner=trials)
    assert len(trials.jobs) == 2
    found = run_sweep(sweep_of(tiny_model, trials=4), tmp_path / "s", runner=trials)
    assert len(trials.jobs) == 4
    assert len(found["trials"]) == 4


def test_trials_worse_than_the_median_are_pruned_after_five_and_said_to_be(tiny_model: Path, tmp_path: Path) -> None:
    found = run_sweep(sweep_of(tiny_model, trials=12), tmp_path / "s", runner=Landscape())
    pruned = [one for one in found["trials"] if one["state"] == "pruned"]
    assert pruned
    assert min(one["number"] for one in pruned) > 5
    assert all(len(one["losses"]) >= 2 and one["value"] is None for one in pruned)
    off = run_sweep(sweep_of(tiny_model, trials=12, pruning=False), tmp_path / "off", runner=Landscape())
    assert off["counts"]["pruned"] == 0


def test_only_the_best_model_is_kept_and_that_is_announced(tiny_model: Path, tmp_path: Path) -> None:
    heard = Heard()
    found = run_sweep(sweep_of(tiny_model), tmp_path / "s", runner=Landscape(), progress=heard)
    folders = [path for path in (tmp_path / "s" / "trials").iterdir() if path.is_dir()]
    models = [path.name for path in folders if RunPaths(path).model.is_dir()]
    assert models == [f"{found['best']['number']:03}"]
    assert not any(RunPaths(path).checkpoints.exists() for path in folders)
    assert heard.said[0].startswith("only the best trial's model is kept")
    run_sweep(sweep_of(tiny_model), tmp_path / "all", runner=Landscape(), keep_all=True)
    kept = [path for path in (tmp_path / "all" / "trials").iterdir() if RunPaths(path).model.is_dir()]
    assert len(kept) == 6


def test_a_failed_trial_is_told_and_the_sweep_goes_on(tiny_model: Path, tmp_path: Path) -> None:
    heard = Heard()
    found = run_sweep(sweep_of(tiny_model), tmp_path / "s", runner=Landscape(fails=(2, 3, 5)), progress=heard)
    assert found["counts"]["failed"] == 3
    assert "trial 2 failed: the device has too little memory" in sweep_text(found)
    assert sum("failed: the device has too little memory" in text for text in heard.said) == 3


def test_failures_in_a_row_end_the_sweep_with_the_reason(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="3 trials in a row failed, the last because: the device has too little"):
        run_sweep(sweep_of(tiny_model), tmp_path / "s", runner=Landscape(fails=(2, 3, 4)))
    assert (tmp_path / "s" / "report.html").is_file()


def test_a_grid_tries_every_combination_once(tiny_model: Path, tmp_path: Path) -> None:
    space = {"learning_rate": Choice((1e-4, 1e-3)), "lora.rank": Range(8, 10, whole=True)}
    trials = Landscape()
    run_sweep(sweep_of(tiny_model, space=space, trials=None, grid=True), tmp_path / "s", runner=trials)
    assert sorted(trials.values) == [(rate, rank) for rate in (1e-4, 1e-3) for rank in (8, 9, 10)]
    heard = Heard()
    fewer = Landscape()
    few = sweep_of(tiny_model, space=space, trials=2, grid=True)
    run_sweep(few, tmp_path / "few", runner=fewer, progress=heard)
    assert "2 of the grid's 6 combinations are tried, drawn by the seed" in heard.said
    assert fewer.values == trials.values[:2]


def test_a_killed_grid_goes_on_with_the_combination_that_broke(tiny_model: Path, tmp_path: Path) -> None:
    space = {"learning_rate": Choice((1e-4, 1e-3)), "lora.rank": Choice((8, 9))}
    sweep = sweep_of(tiny_model, space=space, trials=None, grid=True)
    trials = Landscape(dies=2)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(sweep, tmp_path / "s", runner=trials)
    run_sweep(sweep, tmp_path / "s", runner=trials)
    assert trials.values[1] == trials.values[2]
    assert len({*trials.values}) == 4


def test_no_trial_begins_after_the_timeout(tiny_model: Path, tmp_path: Path) -> None:
    heard = Heard()
    sweep = sweep_of(tiny_model, timeout_seconds=1e-9)
    found = run_sweep(sweep, tmp_path / "s", runner=Landscape(), progress=heard)
    assert found["trials"] == []
    assert found["best"] is None
    assert any(text.startswith("the time is up") for text in heard.said)
    assert "No trial came to an end" in (tmp_path / "s" / "report.html").read_text(encoding="utf-8")


def test_a_folder_of_another_sweep_or_of_something_else_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    run_sweep(sweep_of(tiny_model, trials=1), tmp_path / "s", runner=Landscape())
    other = sweep_of(tiny_model, trials=1, seed=9, objective=Objective(loss={"general": 1.0}))
    with pytest.raises(OutputError, match="holds a sweep with other objective, seed"):
        run_sweep(other, tmp_path / "s", runner=Landscape())
    trials = Landscape()
    run_sweep(other, tmp_path / "s", runner=trials, replace=True)
    assert [job.number for job in trials.jobs] == [1]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty and no sweep"):
        run_sweep(other, tmp_path / "mine", runner=Landscape(), replace=True)
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_importances_stand_in_the_page_from_ten_complete_trials_on(tiny_model: Path, tmp_path: Path) -> None:
    sweep = sweep_of(tiny_model, trials=10, pruning=False)
    found = run_sweep(sweep, tmp_path / "s", runner=Landscape())
    assert sum(found["importance"].values()) == pytest.approx(1, abs=0.01)
    assert found["importance"]["learning_rate"] > found["importance"]["lora.rank"]
    few = run_sweep(sweep_of(tiny_model, trials=9, pruning=False), tmp_path / "few", runner=Landscape())
    assert few["importance"] == {}


def test_the_loss_of_a_trial_is_that_of_the_weights_it_keeps() -> None:
    seen: list[tuple[int, Losses]] = [
        (1, {"domain": 2.0, "general": 1.0}),
        (2, {"domain": 1.0, "general": 4.0}),
        (3, {"domain": float("nan"), "general": 0.0}),
    ]
    assert kept_loss(seen, {}) == 1.0
    assert kept_loss(seen, {"domain": 1, "general": 3}) == pytest.approx(3.25)
    with pytest.raises(InputError, match="no validation set is called 'law'; there is domain, general"):
        kept_loss(seen, {"law": 1})
    with pytest.raises(InputError, match="nothing was validated"):
        kept_loss([], {})
    with pytest.raises(InputError, match="no number"):
        kept_loss(seen[2:], {})
    assert losses_of({"eval_a_b_loss": 1.0, "eval_loss_runtime": 3.0, "loss": 2.0}) == {"a_b": 1.0}
