"""The scale benchmark, small: a hundred thousand rows are accounted for, in memory that the texts would not fit."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
N_ROWS = 100_000
COMMAND = [sys.executable, "-m", "tunesmith.cli", "curate"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Real rows, edited; one in ten is a copy."""
    path = tmp_path_factory.mktemp("scale") / "rows.jsonl"
    command = [sys.executable, "benchmarks/scale_rows.py", "--rows", str(N_ROWS), "--out", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


def test_a_hundred_thousand_rows_are_accounted_for(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    watched = import_module("scale_measure").watched

    out = rows.with_name("out")
    seen = watched([*COMMAND, "run", str(rows), "--out", str(out)], log=rows.with_name("log"), disk=rows.parent)
    counts = json.loads((out / "manifest.json").read_text())["counts"]
    assert counts["rows_in"] == N_ROWS
    assert 0.02 < (counts["exact"] + counts["near"]) / N_ROWS < 0.06  # as the benchmark's page has it
    lines = {name: _lines(out / name) for name in ("train.jsonl", "validation.jsonl", "dropped.jsonl")}
    assert sum(lines.values()) == N_ROWS
    assert seen.own_bytes < 1_200_000_000  # 0.6 GB measured with two workers
    verified = subprocess.run([*COMMAND, "verify", str(out)], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
