"""The log of a run: what its lines hold, and what is left of it when a run goes on."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tunesmith.errors import InputError
from tunesmith.train.watch_log import cut_log, line_of, read_log


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_what_is_not_finite_is_null_and_named_and_the_line_is_json() -> None:
    values = {"loss": math.nan, "grad_norm": math.inf, "learning_rate": 1e-4, "epoch": 0.5}
    found = json.loads(line_of(values, step=3), parse_constant=lambda word: pytest.fail(word))
    assert found == {
        "step": 3,
        "epoch": 0.5,
        "loss": None,
        "grad_norm": None,
        "learning_rate": 1e-4,
        "not_finite": ["loss", "grad_norm"],
    }


def test_figures_of_torch_and_numpy_are_plain_numbers() -> None:
    import numpy as np
    import torch

    found = json.loads(line_of({"a": torch.tensor(1.5), "b": np.float32(2.5), "c": torch.tensor(math.nan)}, step=1))
    assert (found["a"], found["b"], found["c"], found["not_finite"]) == (1.5, 2.5, None, ["c"])


def test_going_on_from_a_step_takes_away_what_came_after_it_and_the_earlier_end(tmp_path: Path) -> None:
    path = write(
        tmp_path / "log.jsonl",
        {"step": 1, "loss": 2.0},
        {"step": 2, "loss": 1.9},
        {"step": 2, "eval_domain_loss": 1.8},
        {"step": 2, "train_runtime": 9.0},
        {"step": 2, "training_seconds": 8.0},
        {"step": 3, "loss": 1.7},
    )
    kept = cut_log(path, 2)
    assert kept == read_log(path) == [
        {"step": 1, "loss": 2.0},
        {"step": 2, "loss": 1.9},
        {"step": 2, "eval_domain_loss": 1.8},
    ]  # fmt: skip


def test_a_line_that_a_kill_cut_short_is_left_out_and_then_gone(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"step":1,"loss":2.0}\n{"step":2,"lo')
    assert read_log(path) == [{"step": 1, "loss": 2.0}]
    cut_log(path, 5)
    assert path.read_bytes() == b'{"step":1,"loss":2.0}\n'


def test_a_line_in_the_middle_that_is_no_log_names_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step":1}\nnonsense\n{"step":2}\n')
    with pytest.raises(InputError, match=r"log.jsonl:2: expected a JSON object with a step"):
        read_log(path)


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    assert read_log(tmp_path / "log.jsonl") == []
    assert cut_log(tmp_path / "log.jsonl", 3) == []
    assert not (tmp_path / "log.jsonl").exists()
