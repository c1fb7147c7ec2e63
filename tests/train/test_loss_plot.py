"""The picture of a run's losses: what is drawn, and that its letters are there."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.train.loss_curves import Point, curves_of, smoothed, thinned
from tunesmith.train.loss_plot import draw_losses, has_chinese
from tunesmith.train.loss_spec import is_cut, loss_spec
from tunesmith.train.types import RunPaths

LOG: list[dict[str, Any]] = [
    {"step": 0, "eval_kept": 0.6},
    *({"step": n, "loss": 3 - n / 10, "learning_rate": 1e-4} for n in range(1, 11)),
    {"step": 5, "eval_domain_loss": 2.0, "eval_domain_entropy": 9.0},
    {"step": 5, "eval_general_loss": 1.0},
    {"step": 10, "eval_domain_loss": 2.5},
    {"step": 10, "eval_general_loss": 1.2},
    {"step": 10, "eval_kept": 0.5},
]
INCIDENTS = [{"step": 7, "kind": "spike"}, {"step": 9, "kind": "not_finite"}]


def folder(tmp_path: Path, log: list[dict[str, Any]]) -> RunPaths:
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log))
    return RunPaths(tmp_path)


def test_curves_hold_each_group_and_the_best_of_the_domain() -> None:
    found = curves_of(LOG, INCIDENTS)
    assert found.validation == {"domain": [(5, 2.0), (10, 2.5)], "general": [(5, 1.0), (10, 1.2)]}
    assert found.best == ("domain", 5, 2.0)
    assert found.kept == [(0, 0.6), (10, 0.5)]
    assert found.incidents == [(7, "spike"), (9, "not_finite")]
    assert curves_of([{"step": 1, "eval_loss": 1.0}], []).best == ("validation", 1, 1.0)
    assert curves_of([], []).is_empty


@given(st.lists(st.one_of(st.none(), st.floats(0.1, 100)), min_size=1, max_size=5000))
def test_a_long_curve_keeps_its_extremes(values: list[float | None]) -> None:
    points: list[Point] = list(enumerate(values))
    found = thinned(points, most=50)
    assert len(found) <= max(51, 0)
    assert set(found) <= set(points)
    assert [step for step, _ in found] == sorted(step for step, _ in found)
    finite = [value for value in values if value is not None]
    if finite:
        shown = [value for _, value in found if value is not None]
        assert (min(shown), max(shown)) == (min(finite), max(finite))


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=100))
def test_a_smoothed_curve_begins_where_it_begins_and_stays_inside(values: list[float]) -> None:
    found = [value for _, value in smoothed(list(enumerate(values)))]
    assert found[0] == pytest.approx(values[0])
    assert all(min(values) * 0.999 <= one <= max(values) * 1.001 for one in found if one is not None)


def test_a_step_that_is_not_finite_leaves_a_gap_and_breaks_nothing(tmp_path: Path) -> None:
    log = [{"step": n, "loss": None if n == 3 else 2.0, "learning_rate": 1e-4} for n in range(1, 6)]
    assert smoothed(curves_of(log, []).train)[2] == (3, 2.0)
    assert len(draw_losses(folder(tmp_path, log))) == 2


def test_a_loss_far_above_the_others_is_cut_off_and_said() -> None:
    log = [{"step": n, "loss": 900.0 if n == 50 else 2.0 + math.sin(n)} for n in range(1, 101)]
    curves = curves_of(log, [])
    assert is_cut(curves)
    assert not is_cut(curves_of(LOG, []))
    assert "cut off" in json.dumps(loss_spec(curves, "en"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["validation: domain", "validation: general", "learning rate", "lowest at step 5", "spike", "not finite"],
        ),
        ("zh", ["验证：领域", "验证：通用", "学习率", "第 5 步最低", "突增", "非有限值", "通用题答对率"]),
    ],
)
def test_both_pictures_are_written_with_their_words(tmp_path: Path, language: Any, words: list[str]) -> None:
    paths = folder(tmp_path, LOG)
    (tmp_path / "incidents.jsonl").write_text("".join(json.dumps(one) + "\n" for one in INCIDENTS))
    png, svg = draw_losses(paths, language=language)
    text = svg.read_text(encoding="utf-8")
    assert [word for word in words if word not in text] == []
    data = png.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data.startswith(b"\x89PNG")
    assert min(width, height) > 800


def test_chinese_letters_of_the_png_are_drawn_and_no_empty_boxes(tmp_path: Path) -> None:
    paths = folder(tmp_path, LOG)
    english = draw_losses(paths, language="en")[0].read_bytes()
    chinese = draw_losses(paths, language="zh")[0].read_bytes()
    # without a font the words are English, and both pictures the same
    assert (chinese != english) == has_chinese()


def test_nothing_logged_draws_nothing(tmp_path: Path) -> None:
    assert draw_losses(RunPaths(tmp_path)) == []
    assert draw_losses(folder(tmp_path, [{"step": 0, "eval_kept": 0.5}])) == []
