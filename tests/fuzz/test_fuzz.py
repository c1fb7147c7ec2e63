"""Wrong inputs: those that once broke something, and 10,000 new ones of a fixed seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
#: A folder is a target's, `_` for a blank; a file is an input, named after what it did.
CASES = sorted(path for path in (Path(__file__).resolve().parent / "corpus").glob("*/*") if path.is_file())


@pytest.fixture
def targets(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The targets of `benchmarks/fuzz.py`, which import each other by name."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    found: dict[str, Any] = import_module("fuzz_targets").all_targets()
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_an_input_that_once_broke_something_is_read_or_refused(
    case: Path, targets: dict[str, Any], tmp_path: Path
) -> None:
    assert len(targets[case.parent.name.replace("_", " ")].check([case.read_bytes()], tmp_path)) == 1


def test_every_folder_of_the_corpus_is_a_target(targets: dict[str, Any]) -> None:
    assert CASES
    assert {case.parent.name.replace("_", " ") for case in CASES} <= targets.keys()


def test_ten_thousand_new_inputs_break_nothing(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "benchmarks/fuzz.py", "--inputs", "10000", "--no-checked", "--json", str(figures)]
    environment = {**os.environ, "TUNESMITH_SHARED_DATA": ""}  # the same inputs on every machine
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads(figures.read_text())
    assert sum(tally["inputs"] for tally in found) >= 10_000
    assert all(tally["accepted"] for tally in found)  # a target that refuses everything tests nothing
