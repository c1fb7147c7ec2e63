"""The file of a sweep: what it means, and every mistake in it at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.errors import InputError
from tunesmith.train.config import read_config
from tunesmith.train.sweep_config import plain_settings, settings_of, with_values, write_settings
from tunesmith.train.sweep_read import read_sweep
from tunesmith.train.sweep_space import Choice, Range


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    (tmp_path / "rows.jsonl").write_text(json.dumps({"instruction": "a", "output": "b"}) + "\n")
    base = f"stage: sft\nmodel: {tiny_model}\ndata: rows.jsonl\nlora: {{rank: 8}}\nepochs: 2\n"
    (tmp_path / "sft.yaml").write_text(base)
    return tmp_path


def sweep_file(folder: Path, text: str) -> Path:
    (folder / "sweep.yaml").write_text(text, encoding="utf-8")
    return folder / "sweep.yaml"


def test_a_sweep_of_three_lines_has_a_default_for_the_rest(folder: Path) -> None:
    text = "base: sft.yaml\nspace:\n  learning_rate: {low: 1e-5, high: 1e-3, log: true}\n"
    sweep = read_sweep(sweep_file(folder, text))
    assert sweep.space == {"learning_rate": Range(1e-5, 1e-3, log=True)}
    assert (sweep.trials, sweep.grid, sweep.seed, sweep.pruning, sweep.failures) == (20, False, 0, True, 3)
    assert sweep.objective.told == "the validation loss"
    assert sweep.base["data"] == [str((folder / "rows.jsonl").resolve())]


def test_every_key_of_a_sweep(folder: Path) -> None:
    text = """
base: sft.yaml
space:
  lora.rank: [8, 16]
  epochs: {low: 1, high: 3}
  trl.adam_beta2: {low: 0.95, high: 0.999}
objective: {metric: rougeL, group: domain, limit: 50, max_tokens: 64}
trials: 7
timeout: 1.5h
seed: 3
pruning: off
failures: 2
"""
    sweep = read_sweep(sweep_file(folder, text))
    assert sweep.space["lora.rank"] == Choice((8, 16))
    assert sweep.space["epochs"] == Range(1, 3, whole=True)
    assert (sweep.trials, sweep.timeout_seconds, sweep.seed, sweep.pruning, sweep.failures) == (7, 5_400, 3, False, 2)
    assert (sweep.objective.metric, sweep.objective.limit, sweep.objective.max_tokens) == ("rougeL", 50, 64)


def test_all_mistakes_are_told_at_once_with_their_lines(folder: Path) -> None:
    text = """base: sft.yaml
space:
  learning_rate: {low: 1e-3, high: 1e-5, log: true}
  batch: {low: 1, high: 4, stepp: 1}
  warmup: 0.1
  lora.rank: [8, 8]
  lora.ranks: [8, 16]
  lora.alpha: [0, 16]
objective: rouge
n_trials: 5
timeout: soon
seed: -1
pruning: hyperband
"""
    with pytest.raises(InputError) as told:
        read_sweep(sweep_file(folder, text))
    message = str(told.value)
    assert "11 mistakes in the sweep" in message
    for part in (
        "line 3: space.learning_rate: expected `low` below `high`, saw 0.001 and 1e-05",
        "line 4: space.batch: unknown key `stepp`; did you mean `step`?",
        "line 5: space.warmup: expected a range such as {low: 1, high: 4} or a list of values, saw 0.1",
        "line 6: space.lora.rank: expected different values to choose from, saw [8, 8]",
        "line 9: objective: expected a metric that says better or worse, saw 'rouge'; did you mean `rougeL`?",
        "line 10: unknown key `n_trials`; did you mean `trials`?",
        "line 11: timeout: expected a time such as 90m or 8h, saw 'soon'",
        "line 12: seed: expected a whole number of at least 0, saw -1",
        "line 13: pruning: expected median or off, saw 'hyperband'",
        "space.lora.ranks: ",
        "space.lora.alpha: ",
    ):
        assert part in message, message


def test_a_grid_needs_ranges_with_an_end(folder: Path) -> None:
    text = "base: sft.yaml\ngrid: true\nspace:\n  learning_rate: {low: 1e-5, high: 1e-3}\n  batch: {low: 1, high: 4}\n"
    with pytest.raises(
        InputError, match=r"line 4: space\.learning_rate: a grid needs a `step`, whole numbers, or a list"
    ):
        read_sweep(sweep_file(folder, text))
    text = text.replace("high: 1e-3", "high: 1e-4, step: 3e-5")
    sweep = read_sweep(sweep_file(folder, text))
    assert sweep.trials is None
    assert [one.values() for one in sweep.space.values()] == [[1e-5, 4e-5, 7e-5, 1e-4], [1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "expected `base:` and `space:`"),
        ("base: nowhere.yaml\nspace: {batch: [1, 2]}", "base: nowhere.yaml"),
        ("base: {stage: sfd, model: m, data: d}\nspace: {batch: [1, 2]}", "did you mean `sft`"),
        ("space: {batch: [1, 2]}", "expected a file of settings such as `base: sft.yaml`"),
        ("base: sft.yaml", "space: expected what may be tried"),
        (
            "base: sft.yaml\nspace: {batch: [1, 2]}\nobjective: {loss: domain, metric: bleu}",
            "either `loss` or `metric`",
        ),
        ("base: sft.yaml\nspace: {batch: [1, 2]}\nobjective: {loss: {domain: 0}}", "weights above 0"),
        ("base: sft.yaml\nspace: {batch: [1, 2]}\nobjective: length", "a metric that says better or worse"),
    ],
)
def test_what_cannot_be_meant_is_told(folder: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"(?s)sweep\.yaml: .*") as error:
        read_sweep(sweep_file(folder, text))
    assert told in str(error.value)


def test_settings_that_a_sweep_writes_are_the_base_with_what_is_tried(folder: Path) -> None:
    config = read_config(folder / "sft.yaml", {})
    base = plain_settings(config)
    assert [*base] == ["stage", "model", "data", "epochs", "lora"]
    write_settings(folder / "out.yaml", with_values(base, {"lora.rank": 32, "steps": 5}), "a line\nand another")
    again = read_config(folder / "out.yaml", {})
    assert (again.lora.rank, again.lora.alpha, again.steps, again.epochs) == (32, 64, 5, None)
    assert again.data == (str((folder / "rows.jsonl").resolve()),)
    assert (folder / "out.yaml").read_text().startswith("# a line\n# and another\nstage: sft\n")


def test_the_group_that_judges_also_decides_which_weights_are_kept(folder: Path) -> None:
    text = "base: sft.yaml\nspace: {batch: [1, 2]}\nseed: 4\nobjective: {loss: general}\n"
    sweep = read_sweep(sweep_file(folder, text))
    assert settings_of(sweep, {"batch": 2}) == {**sweep.base, "batch": 2, "seed": 4, "best_by": "general"}
