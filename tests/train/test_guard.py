"""The guard over the loss: what it cries at, and above all what it does not."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.train.guard import Guard, NotFinite, Quiet, Spike, SpikeGuard


def verdicts(losses: list[float], settings: Guard | None = None) -> list[object]:
    guard = SpikeGuard(settings)
    return [guard.see(step, loss) for step, loss in enumerate(losses, 1)]


def cries(losses: list[float], settings: Guard | None = None) -> list[Spike]:
    return [one for one in verdicts(losses, settings) if isinstance(one, Spike)]


@given(st.floats(0.01, 100), st.lists(st.floats(0.95, 1.05), min_size=1, max_size=150))
def test_noise_within_the_floor_never_cries_however_it_is_arranged(level: float, noise: list[float]) -> None:
    assert cries([level * factor for factor in noise], Guard(patience=1)) == []


@given(st.lists(st.tuples(st.floats(0, 0.05), st.floats(0.97, 1.03)), min_size=1, max_size=150), st.integers(5, 60))
def test_a_falling_loss_with_such_noise_never_cries(falls: list[tuple[float, float]], window: int) -> None:
    level, losses = 8.0, []
    for fall, noise in falls:
        level *= 1 - fall
        losses.append(level * noise)
    assert cries(losses, Guard(window=window, warmup=3, patience=1)) == []


@given(
    st.lists(st.floats(0.1, 10), max_size=60),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.sampled_from(["loss", "grad_norm"]),
)
def test_what_is_not_finite_is_told_at_once_even_in_the_warm_up(before: list[float], bad: float, what: str) -> None:
    guard = SpikeGuard(Guard(patience=10))
    for step, loss in enumerate(before, 1):
        guard.see(step, loss)
    loss, norm = (bad, 1.0) if what == "loss" else (1.0, bad)
    assert guard.see(len(before) + 1, loss, norm) == NotFinite(
        len(before) + 1, "loss" if what == "loss" else "grad_norm"
    )


@given(st.lists(st.floats(0.5, 50), min_size=1, max_size=120), st.sampled_from([2.0**-20, 0.5, 4.0, 2.0**20]))
def test_the_guard_does_not_depend_on_the_scale(losses: list[float], scale: float) -> None:
    settings = Guard(warmup=5, window=30, patience=2, least=0)
    plain, scaled = cries(losses, settings), cries([loss * scale for loss in losses], settings)
    assert [(one.step, one.last) for one in plain] == [(one.step, one.last) for one in scaled]


def test_a_spike_is_told_after_as_many_steps_as_the_patience_has_and_names_the_first() -> None:
    found = verdicts([2.0] * 30 + [5.0, 6.0, 7.0], Guard(patience=3))
    assert found[-3:-1] == [Quiet(31), Quiet(32)]
    assert found[-1] == Spike(31, 5.0, 2.24, 33)


def test_one_hard_batch_is_no_spike_and_does_not_raise_the_limit() -> None:
    guard = SpikeGuard(Guard(patience=2))
    for step in range(1, 31):
        guard.see(step, 2.0)
    limit = guard.limit
    assert isinstance(guard.see(31, 50.0), Quiet)
    assert guard.suspects
    assert guard.limit == limit
    guard.see(32, 2.0)
    assert not guard.suspects


def test_during_the_warm_up_a_loss_may_do_what_it_likes() -> None:
    assert cries([1.0, 90.0] * 10, Guard(warmup=20, patience=1)) == []
    assert SpikeGuard().limit is None


def curve(seed: int, n_steps: int) -> list[float]:
    """A loss as fine-tuning has it: falls fast, then slowly; noise of 8 % and long tails to the right."""
    draw = random.Random(seed)
    noise = [draw.gauss(0, 0.08) + 0.03 * max(0.0, draw.expovariate(1) - 1) for _ in range(n_steps)]
    return [(1.0 + 1.5 * math.exp(-step / 60)) * math.exp(noise[step]) for step in range(n_steps)]


def test_false_alarms_on_normal_curves_are_rarer_than_one_in_a_hundred_runs() -> None:
    """200 runs of 400 steps with the default settings: not one is stopped; even without patience few steps are over."""
    runs = [curve(seed, 400) for seed in range(200)]
    assert sum(bool(cries(run)) for run in runs) == 0
    hasty = sum(len(cries(run, Guard(patience=1))) for run in runs)
    assert hasty / (200 * 400) < 1 / 2000


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_a_run_that_breaks_is_stopped_within_its_patience(factor: float) -> None:
    for seed in range(30):
        run = curve(seed, 300)
        broken = run[:200] + [loss * factor for loss in run[200:]]
        assert cries(broken)[0].step in range(201, 206)


@pytest.mark.parametrize("level", [0.0, 1e-9, 1e-3])
def test_a_loss_that_has_come_to_nothing_may_come_back_a_little(level: float) -> None:
    """A constant loss has no deviation at all, and 2 % of nothing is nothing."""
    assert cries([level] * 60 + [level + 0.05] * 5) == []
    assert cries([level] * 60 + [level + 0.5] * 5)


def test_a_window_that_is_shorter_than_the_warm_up_does_not_switch_the_guard_off() -> None:
    assert cries([2.0] * 40 + [9.0] * 3, Guard(window=10, warmup=20))[0].step == 41
    assert cries([2.0] * 18 + [9.0] * 3, Guard(window=10, warmup=20)) == []
