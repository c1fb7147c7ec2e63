"""`tunesmith evaluate compare` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.errors import InputError

KEYS = {"before", "after", "difference", "interval", "p", "p_adjusted", "effect", "n", "verdict", "flips"}


def compare(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["evaluate", "compare", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def sample(bundled_data: Path) -> list[Path]:
    return [bundled_data / f"predictions_{side}.jsonl" for side in ("before", "after")]


@pytest.fixture
def worse(tmp_path: Path) -> list[Path]:
    paths = []
    for name, right in (("before", True), ("after", False)):
        lines = [{"id": str(n), "prediction": "x", "reference": "y", "correct": right} for n in range(40)]
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return paths


def test_json_is_one_object_with_what_the_contract_promises(sample: list[Path]) -> None:
    done = compare(*sample, "--metrics", "correct,choice_accuracy,rougeL,characters", "--json")
    summary = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (summary["verdict"], summary["primary"]) == ("no clear change", "correct")
    assert all(entry.keys() >= KEYS for part in ("metrics", "shifts") for entry in summary[part].values())
    assert summary["metrics"]["correct"]["flips"] == {"gained": 9, "lost": 8}
    assert summary["metrics"]["correct"]["n"] == 50
    assert summary["metrics"]["rougeL"]["flips"] is None
    assert {"systems", "pairs", "settings", "warnings", "retention", "review", "data", "card"} <= summary.keys()


def test_the_terminal_says_the_verdict_first_then_figures_shifts_and_regressions(
    sample: list[Path], tmp_path: Path
) -> None:
    done = compare(
        *sample, "--metrics", "correct,rougeL,characters", "--names", "base,tuned", "--out", tmp_path / "out"
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("The data do not show")
    (row,) = [line.split() for line in lines if line.strip().startswith("correct ")]
    assert row[:5] == ["correct", "62.0%", "64.0%", "+2.0", "−14.6"]
    assert any(line.strip().startswith("characters") for line in lines)
    assert any("eval-" in line and "correct 1 → 0" in line for line in lines)
    assert lines[-1] == f"report: {tmp_path / 'out' / 'report.html'}"
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_gate_ends_with_1_and_says_why(worse: list[Path]) -> None:
    assert compare(*worse, "--metrics", "correct").exit_code == 0
    done = compare(*worse, "--metrics", "correct", "--fail-on", "regression", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["verdict"] == "worse"
    assert "failed: correct is worse in after than in before" in done.stderr


@pytest.mark.parametrize("n_failed", [40, 20])
def test_the_gate_refuses_who_answers_no_more_though_nothing_is_left_to_judge(worse: list[Path], n_failed: int) -> None:
    lines = [{"id": str(n), "prediction": None if n < n_failed else "x", "reference": "y"} for n in range(40)]
    worse[1].write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    done = compare(*worse, "--metrics", "rougeL", "--fail-on", "regression")
    told = "after answered nothing" if n_failed == 40 else "after fails to answer more often than before"
    assert (done.exit_code, f"failed: {told}" in done.stderr) == (1, True)
    assert compare(*reversed(worse), "--metrics", "rougeL", "--fail-on", "regression").exit_code == 0


def test_the_gate_lets_pass_what_is_not_worse(sample: list[Path]) -> None:
    assert compare(*reversed(sample), "--metrics", "correct", "--fail-on", "regression").exit_code == 0


def test_other_prompts_are_refused_until_they_are_allowed(worse: list[Path]) -> None:
    text = worse[1].read_text(encoding="utf-8").replace('"prediction"', '"prompt": "other", "prediction"')
    worse[1].write_text(text, encoding="utf-8")
    worse[0].write_text(worse[0].read_text(encoding="utf-8").replace('"prediction"', '"prompt": "one", "prediction"'))
    mapped = ("--columns", "prompt=prompt", "--metrics", "correct")
    with pytest.raises(InputError, match="other prompts in 40 of 40 pairs"):
        compare(*worse, *mapped)
    assert "you allowed" in " ".join(compare(*worse, *mapped, "--allow", "prompts").stdout.split())


@pytest.mark.parametrize(
    "wrong", [["--lang", "fr"], ["--fail-on", "anything"], ["--columns", "prediction"], ["--seed", "-1"]]
)
def test_a_wrong_option_is_a_usage_error(worse: list[Path], wrong: list[str]) -> None:
    assert compare(*worse, *wrong).exit_code == 2
