"""One trial for real: training, reports, pruning, an objective from answers, and processes that die."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.train.sweep_config import write_settings
from tunesmith.train.sweep_trial import log_of, run_here, run_in_process
from tunesmith.train.sweep_types import Job, Losses, Objective
from tunesmith.train.types import RunPaths


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> dict[str, Any]:
    for name in ("domain", "general"):
        rows = [{"instruction": f"{name} {n}?", "output": f"It is {n}."} for n in range(8)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {
        "stage": "sft",
        "model": str(tiny_model),
        "data": [str(tmp_path / "domain.jsonl"), f"general={tmp_path / 'general.jsonl'}"],
        "validation": [str(tmp_path / "domain.jsonl"), f"general={tmp_path / 'general.jsonl'}"],
        "method": "full",
        "steps": 4,
        "evaluation": 2,
        "batch": 4,
        "accumulation": 1,
        "max_length": 128,
        "learning_rate": 1e-3,
    }


def job_of(tmp_path: Path, settings: dict[str, Any], objective: Objective | None = None) -> Job:
    folder = tmp_path / "trials" / "001"
    folder.parent.mkdir(exist_ok=True)
    write_settings(folder.with_suffix(".yaml"), settings, "a trial")
    return Job(1, folder, folder.with_suffix(".yaml"), objective or Objective())


def test_every_evaluation_is_reported_once_with_all_groups(tmp_path: Path, settings: dict[str, Any]) -> None:
    seen: list[tuple[int, Losses]] = []

    def report(step: int, losses: Losses) -> bool:
        seen.append((step, losses))
        return False

    ended = run_here(job_of(tmp_path, settings, Objective(loss={"domain": 1, "general": 3})), report)
    assert (ended.state, ended.reason) == ("complete", "")
    assert [step for step, _ in seen] == [2, 4]
    assert all({*losses} == {"domain", "general"} for _, losses in seen)
    best = min(seen, key=lambda one: one[1]["domain"])[1]
    assert ended.value == pytest.approx((best["domain"] + 3 * best["general"]) / 4)
    assert RunPaths(tmp_path / "trials" / "001").model.is_dir()


def test_a_pruned_trial_stops_at_once_and_saves_no_model(tmp_path: Path, settings: dict[str, Any]) -> None:
    ended = run_here(job_of(tmp_path, settings), lambda step, losses: True)
    assert (ended.state, ended.value, len(ended.evaluations)) == ("pruned", None, 1)
    assert not RunPaths(tmp_path / "trials" / "001").model.exists()


def test_a_metric_is_measured_on_the_answers_to_the_validation_rows(tmp_path: Path, settings: dict[str, Any]) -> None:
    objective = Objective(metric="rougeL", group="general", limit=3, max_tokens=6)
    ended = run_here(job_of(tmp_path, settings, objective), lambda step, losses: False)
    assert ended.state == "complete", ended.reason
    answers = tmp_path / "trials" / "001-answers" / "answers.jsonl"
    lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [line["reference"] for line in lines] == ["It is 0.", "It is 1.", "It is 2."]
    scores = json.loads((answers.parent / "scores" / "scores.json").read_text())
    assert ended.value == scores["metrics"]["rougeL"]["value"]


def test_a_mistake_fails_the_trial_with_its_message(tmp_path: Path, settings: dict[str, Any]) -> None:
    ended = run_here(job_of(tmp_path, {**settings, "data": "nowhere.jsonl"}), lambda step, losses: False)
    assert ended.state == "failed"
    assert "nowhere.jsonl" in ended.reason
    nothing = run_here(job_of(tmp_path, {**settings, "validation": 0.0}), lambda step, losses: False)
    assert "nothing was validated" in nothing.reason
    other = run_here(job_of(tmp_path, settings, Objective(loss={"law": 1})), lambda step, losses: False)
    assert "no validation set is called 'law'" in other.reason


def test_a_trial_in_its_own_process_gives_the_same_and_keeps_its_output_to_a_file(
    tmp_path: Path, settings: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    job = job_of(tmp_path, settings)
    here = run_here(job, lambda step, losses: False)
    capfd.readouterr()
    there = run_in_process(job, lambda step, losses: False)
    assert (there.state, there.evaluations) == (here.state, here.evaluations)
    assert there.value == here.value
    assert capfd.readouterr() == ("", "")
    assert log_of(job).is_file()


def test_a_process_that_dies_is_a_failed_trial_that_says_how(tmp_path: Path) -> None:
    job = Job(1, tmp_path / "001", tmp_path / "no.yaml", Objective())
    broken = run_in_process(job._replace(config=3), lambda step, losses: False)  # type: ignore[arg-type]
    assert broken.state == "failed"
    assert broken.reason.startswith("its process broke off: ")
    assert str(log_of(job)) in broken.reason
    assert "Traceback" in log_of(job).read_text(encoding="utf-8")


def test_a_sweep_in_which_no_trial_came_to_an_end_ends_with_1(tmp_path: Path, tiny_model: Path) -> None:
    base = {"stage": "sft", "model": str(tiny_model), "data": "nowhere.jsonl"}
    (tmp_path / "s.yaml").write_text(json.dumps({"base": base, "space": {"lora.rank": [8, 16]}, "trials": 1}))
    done = CliRunner().invoke(app, ["train", "sweep", str(tmp_path / "s.yaml"), "--out", str(tmp_path / "s")])
    assert done.exit_code == 1, done.output
    assert "No trial came to an end" in done.stdout
    assert "nowhere.jsonl" in done.stdout


SWEEP = """
import os, sys, time
from pathlib import Path
from typing import Any
from tunesmith.train.sweep_trial import run_in_process
from tunesmith.train.sweep_types import Job, Objective

class Endless:
    "Settings that a trial never has read; the number of its process stands in a file."
    def __init__(self, place: str) -> None:
        self.place = place
    def __fspath__(self) -> str:
        Path(self.place).write_text(str(os.getpid()))
        time.sleep(600)
        return self.place
    __str__ = __fspath__

if __name__ == "__main__":
    run_in_process(Job(1, Path(sys.argv[1]), Endless(sys.argv[2]), Objective()), lambda step, losses: False)
"""


def test_a_sweep_that_is_killed_takes_its_trial_along(tmp_path: Path) -> None:
    script, place = tmp_path / "sweep.py", tmp_path / "number"
    script.write_text(SWEEP)
    with subprocess.Popen([sys.executable, str(script), str(tmp_path / "001"), str(place)]) as sweep:
        while not (place.is_file() and place.read_text()):
            assert sweep.poll() is None
            time.sleep(0.05)
        sweep.kill()
    trial, until = int(place.read_text()), time.monotonic() + 60
    while is_running(trial):
        assert time.monotonic() < until
        time.sleep(0.05)


def is_running(number: int) -> bool:
    """A process that has ended and that nobody asks for stays in the list as a zombie."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
