"""`tunesmith train sft` and its kin, as a person calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.train.stage_rows import write_rows
from tunesmith.cli import app
from tunesmith.cli_train_stages import HELP
from tunesmith.errors import InputError
from tunesmith.train.types import STAGES

TINY = ["--max-length", "128", "--batch", "4", "--accumulation", "1", "--steps", "1", "--set", "validation=0.0"]


def test_every_stage_has_a_command_with_a_purpose_and_an_example_of_its_own() -> None:
    assert set(HELP) == set(STAGES)
    for stage in STAGES:
        text = re.sub(r"\s+", " ", CliRunner().invoke(app, ["train", stage, "--help"]).output)
        assert f"tunesmith train {stage} " in text
        assert HELP[stage][0][:40] in text
    assert len({purpose for purpose, _ in HELP.values()}) == len(STAGES)


def test_a_command_trains_and_says_what_and_how_to_serve_it(tmp_path: Path, tiny_model: Path) -> None:
    pytest.importorskip("trl")
    rows, out = write_rows(tmp_path, "sft"), str(tmp_path / "run")
    result = CliRunner().invoke(
        app, ["train", "sft", "--data", rows, "--model", str(tiny_model), "--out", out, *TINY, "--set", "lora.rank=2"]
    )
    assert result.exit_code == 0, result.output
    assert "finished at step 1 of 1" in result.stdout
    assert "serve it: vllm serve" in result.stdout
    assert "an adapter forgets less than full training" in result.stderr  # settings with reasons, before it begins


def test_json_is_one_object_and_a_dry_run_trains_nothing(tmp_path: Path, tiny_model: Path) -> None:
    pytest.importorskip("trl")
    path = tmp_path / "train.yaml"
    write_rows(tmp_path, "sft")
    path.write_text(f"stage: sft\nmodel: {tiny_model}\ndata: sft.jsonl\nmax_length: 128\n", encoding="utf-8")
    out = tmp_path / "run"
    result = CliRunner().invoke(app, ["train", "sft", str(path), "--out", str(out), "--dry-run", "--json"])

    assert result.exit_code == 0, result.output
    planned = json.loads(result.stdout)
    assert planned["data"]["outcomes"] == {"trained": planned["data"]["n_rows"]}
    assert not out.exists()


def test_a_mistake_is_told_without_a_traceback(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "dpo", "--data", "x", "--model", "y", "--set", "lora.rnk=3"])
    assert isinstance(result.exception, InputError)
    assert "did you mean `rank`" in str(result.exception)


@pytest.mark.parametrize("text", ["lora.rank", "=3"])
def test_a_setting_without_key_or_value_is_refused(text: str) -> None:
    result = CliRunner().invoke(app, ["train", "sft", "--data", "x", "--model", "y", "--set", text])
    assert result.exit_code == 2
    assert "expected key=value" in result.output
