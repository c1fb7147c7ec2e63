"""Incidents of real trainings: named, stepped back from, survived, or given up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.train.watching import rows, train
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.guard import Guard
from tunesmith.train.supervisor import Attempt, Ended, Incident, checkpoints_of, read_incidents, supervise
from tunesmith.train.types import RunPaths
from tunesmith.train.watch import Watch
from tunesmith.train.watch_log import read_log


class Told(Progress):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def losses(paths: RunPaths) -> dict[int, float]:
    return {one["step"]: one["loss"] for one in read_log(paths.log) if "loss" in one}


def test_an_injected_nan_row_is_named_and_survived(tiny_model: Path, tmp_path: Path) -> None:
    paths, told, attempts = RunPaths(tmp_path / "run"), Told(), list[Attempt]()

    def start(attempt: Attempt) -> Ended:
        attempts.append(attempt)
        return train(tiny_model, paths, rows(poisoned=[17]), attempt=attempt, max_steps=24)

    ended = supervise(start, paths=paths, guard=Guard(), progress=told)
    (incident,) = read_incidents(paths.out)
    assert (incident["kind"], incident["row_ids"], incident["exact"]) == ("not_finite", ["d:17"], True)
    assert (incident["left_out"], incident["halved"]) == (["d:17"], False)
    assert (
        f"step {incident['step']}: the loss is not a finite number; the broken row of that step: d:17" in told.said[0]
    )
    # the second attempt began at the last checkpoint before the step, and never saw the row
    assert [one.leave_out for one in attempts] == [frozenset(), frozenset({"d:17"})]
    before = (incident["step"] - 1) // 3 * 3
    assert attempts[1].resume_from == (paths.checkpoints / f"checkpoint-{before}" if before else None)
    assert (ended.outcome, ended.step) == ("finished", 24)
    steps = losses(paths)
    assert sorted(steps) == list(range(1, 25))
    assert all(map(math.isfinite, steps.values()))
    trained = [json.loads(line) for line in (paths.out / "steps.jsonl").read_text().splitlines()]
    assert [one["step"] for one in trained] == list(range(1, 25))
    assert "d:17" not in {name for one in trained for name in one["row_ids"]}


def test_the_steps_before_an_incident_and_the_order_of_other_rows_stay_as_they_were(
    tiny_model: Path, tmp_path: Path
) -> None:
    clean, broken = RunPaths(tmp_path / "clean"), RunPaths(tmp_path / "broken")
    train(tiny_model, clean, rows(), max_steps=24)
    supervise(
        lambda attempt: train(tiny_model, broken, rows(poisoned=[17]), attempt=attempt, max_steps=24),
        paths=broken,
        guard=Guard(),
    )
    step = read_incidents(broken.out)[0]["step"]
    assert {n: loss for n, loss in losses(broken).items() if n < step} == {
        n: loss for n, loss in losses(clean).items() if n < step
    }
    named = [
        [json.loads(line)["row_ids"] for line in (paths.out / "steps.jsonl").read_text().splitlines()]
        for paths in (clean, broken)
    ]
    differ = {(ours, theirs) for one, two in zip(*named) for ours, theirs in zip(one, two) if ours != theirs}
    assert differ == {("d:17", "d:18")}  # the next row stands in its place, everywhere


def test_a_nan_reaches_neither_the_weights_nor_a_checkpoint(tiny_model: Path, tmp_path: Path) -> None:
    import torch

    paths, seen = RunPaths(tmp_path), list[Any]()
    ended = train(tiny_model, paths, rows(poisoned=range(40)), save_steps=1, seen=seen)
    assert ended.incident is not None
    assert (ended.outcome, ended.step, checkpoints_of(paths)) == ("not_finite", 1, [])
    assert all(torch.isfinite(weight).all() for weight in seen[0].model.parameters())


def test_a_gradient_that_is_not_finite_stops_the_run_before_it_is_saved(tiny_model: Path, tmp_path: Path) -> None:
    def explode(model: Any) -> None:
        model.get_input_embeddings().weight.register_hook(lambda gradient: gradient * math.inf)

    paths = RunPaths(tmp_path)
    ended = train(tiny_model, paths, rows(), prepare=explode, save_strategy="epoch", save_steps=1)
    assert ended.incident is not None
    assert (ended.incident.what, ended.step, len(ended.incident.row_ids)) == ("grad_norm", 1, 4)
    assert not ended.incident.exact
    assert checkpoints_of(paths) == []


def test_a_spike_halves_the_rate_after_the_resume_too(tiny_model: Path, tmp_path: Path) -> None:
    """From step 8 on the loss is ten times as high, until the rate is below the first one."""
    paths, attempts = RunPaths(tmp_path / "run"), list[Attempt]()

    def start(attempt: Attempt) -> Ended:
        attempts.append(attempt)

        def spoil(model: Any) -> None:
            calls = [0 if attempt.resume_from is None else 2 * int(attempt.resume_from.name.rpartition("-")[2])]

            def spiking(module: Any, args: Any, output: Any) -> Any:
                calls[0] += module.training
                if calls[0] > 14 and attempt.rate_scale == 1.0:
                    output["loss"] = output.loss * 10
                return output

            model.register_forward_hook(spiking)

        guard = Guard(warmup=4, patience=2)
        return train(tiny_model, paths, rows(), attempt=attempt, watch=Watch(guard=guard), prepare=spoil)

    ended = supervise(start, paths=paths, guard=Guard(warmup=4, patience=2))
    (incident,) = read_incidents(paths.out)
    assert (incident["kind"], incident["step"], len(incident["row_ids"])) == ("spike", 8, 4)
    assert incident["loss"] > incident["limit"]
    assert (incident["halved"], incident["left_out"], incident["goes_on_from"]) == (True, [], 6)
    assert [(one.rate_scale, one.resume_from and one.resume_from.name) for one in attempts] == [
        (1.0, None),
        (0.5, "checkpoint-6"),
    ]
    rates = {one["step"]: one["learning_rate"] for one in read_log(paths.log) if "loss" in one}
    linear = {step: 1e-3 * (13 - step) / 12 * (0.5 if step > 6 else 1.0) for step in range(1, 13)}
    assert rates == pytest.approx(linear)
    assert ended.outcome == "finished"


def test_a_rate_that_is_halved_twice_is_a_quarter_and_not_an_eighth(tiny_model: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path / "run")
    train(tiny_model, paths, rows(), max_steps=12)
    halved = Attempt(2, paths.checkpoints / "checkpoint-3", 0.5)
    train(tiny_model, paths, rows(), attempt=halved, max_steps=12)
    quartered = Attempt(3, paths.checkpoints / "checkpoint-9", 0.25)
    train(tiny_model, paths, rows(), attempt=quartered, max_steps=12)
    rates = {one["step"]: one["learning_rate"] for one in read_log(paths.log) if "loss" in one}
    scales = {step: rate / (1e-3 * (13 - step) / 12) for step, rate in rates.items()}
    assert scales == pytest.approx({step: 1.0 if step <= 3 else 0.5 if step <= 9 else 0.25 for step in range(1, 13)})


# from here on attempts are played: what the supervisor does needs no model


class Played:
    """Attempts that end as told, and save a checkpoint every 10 steps on their way."""

    def __init__(self, paths: RunPaths, *incidents: Incident | None) -> None:
        self.paths, self.left, self.attempts = paths, list(incidents), list[Attempt]()

    def __call__(self, attempt: Attempt) -> Ended:
        self.attempts.append(attempt)
        incident = self.left.pop(0)
        begin = int(attempt.resume_from.name.rpartition("-")[2]) if attempt.resume_from else 0
        last = (incident.step + 5) if incident else 100
        for step in range(begin // 10 * 10 + 10, last + 1, 10):
            folder = self.paths.checkpoints / f"checkpoint-{step}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "trainer_state.json").write_text("{}")
        return Ended(incident.kind if incident else "finished", last, incident)


def spike(step: int, *names: str) -> Incident:
    return Incident("spike", step, names or (f"d:{step}",), loss=9.0, limit=3.0)


def broken(step: int, *names: str) -> Incident:
    return Incident("not_finite", step, names, what="loss", exact=True)


def begins(played: Played) -> list[int]:
    return [int(one.resume_from.name.rpartition("-")[2]) if one.resume_from else 0 for one in played.attempts]


def test_checkpoints_from_the_incident_on_are_removed(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    played = Played(paths, spike(40), None)
    assert supervise(played, paths=paths, guard=Guard()).outcome == "finished"
    assert begins(played) == [0, 30]
    assert read_incidents(tmp_path)[0]["removed_checkpoints"] == [40]


def test_what_did_not_help_alone_is_done_with_the_other_and_from_an_earlier_checkpoint(tmp_path: Path) -> None:
    played = Played(RunPaths(tmp_path), spike(45, "d:1"), spike(45, "d:1"), None)
    supervise(played, paths=RunPaths(tmp_path), guard=Guard())
    assert begins(played) == [0, 40, 30]
    assert [one.rate_scale for one in played.attempts] == [1.0, 0.5, 0.25]
    assert [sorted(one.leave_out) for one in played.attempts] == [[], [], ["d:1"]]


def test_another_incident_later_in_the_run_is_met_as_the_first_was(tmp_path: Path) -> None:
    played = Played(RunPaths(tmp_path), broken(15, "d:1"), broken(55, "d:2"), None)
    supervise(played, paths=RunPaths(tmp_path), guard=Guard())
    assert begins(played) == [0, 10, 50]
    assert [one.rate_scale for one in played.attempts] == [1.0, 1.0, 1.0]
    assert sorted(played.attempts[-1].leave_out) == ["d:1", "d:2"]


def test_the_only_checkpoint_is_not_given_up_for_nothing(tmp_path: Path) -> None:
    played = Played(RunPaths(tmp_path), spike(12), spike(12), None)
    supervise(played, paths=RunPaths(tmp_path), guard=Guard())
    assert begins(played) == [0, 10, 10]


def test_a_nan_whose_rows_are_not_known_halves_the_rate_instead_of_skipping_nothing(tmp_path: Path) -> None:
    played = Played(RunPaths(tmp_path), broken(25), None)
    supervise(played, paths=RunPaths(tmp_path), guard=Guard(on_not_finite="skip"))
    assert (played.attempts[1].rate_scale, played.attempts[1].leave_out) == (0.5, frozenset())


def test_after_so_many_incidents_it_stops_and_names_the_last_good_model(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    played = Played(paths, *(spike(step, f"d:{step}") for step in (25, 45, 65)))
    with pytest.raises(InputError, match=r"step 65.*it was incident 3, 2 are survived.*checkpoint-60"):
        supervise(played, paths=paths, guard=Guard(attempts=2))
    assert [one["gave_up"] for one in read_incidents(tmp_path)] == [False, False, True]
    assert checkpoints_of(paths)[-1].name == "checkpoint-60"


def test_stop_stops_at_the_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"`stop` was asked for.*no checkpoint was saved before it"):
        supervise(Played(RunPaths(tmp_path), spike(5)), paths=RunPaths(tmp_path), guard=Guard(on_spike="stop"))


def test_a_run_killed_between_two_attempts_goes_on_with_what_it_had_learnt(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    paths = RunPaths(tmp_path)
    first = Played(paths, spike(35), broken(55, "d:9"))

    def killed(attempt: Attempt) -> Ended:
        if len(first.attempts) == 2:
            raise Killed
        return first(attempt)

    with pytest.raises(Killed):
        supervise(killed, paths=paths, guard=Guard())
    second = Played(paths, None)
    supervise(second, paths=paths, guard=Guard())
    (attempt,) = second.attempts
    assert (attempt.number, attempt.rate_scale, sorted(attempt.leave_out), begins(second)) == (3, 0.5, ["d:9"], [50])


def test_a_fresh_start_forgets_incidents_and_checkpoints(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    supervise(Played(paths, spike(35), None), paths=paths, guard=Guard())
    again = Played(paths, None)
    supervise(again, paths=paths, guard=Guard(), resume=False)
    assert (again.attempts, read_incidents(tmp_path)) == ([Attempt()], [])


def test_a_checkpoint_that_a_kill_cut_short_is_not_gone_on_from(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    Played(paths, spike(25))(Attempt())
    (paths.checkpoints / "checkpoint-40").mkdir()
    (paths.checkpoints / "checkpoint-30" / "trainer_state.json").write_text('{"epoch": 1')
    assert [folder.name for folder in checkpoints_of(paths)] == ["checkpoint-10", "checkpoint-20"]
