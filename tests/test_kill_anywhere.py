"""The kill benchmark, small: commands that are killed, or whose disk fails, end in the same bytes on the next start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MANY = ["--rows", "40", "--warm", "--questions", "12"]


def measured(tmp_path: Path, *words: str) -> dict[str, Any]:
    """The figures of the benchmark, which ends with 1 where one byte differs or a message is missing."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, "benchmarks/kill_anywhere.py", *MANY, *words, "--json", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found: dict[str, Any] = json.loads(figures.read_text())
    return found


def test_a_run_that_is_killed_at_random_ends_in_the_same_bytes(tmp_path: Path) -> None:
    found = measured(tmp_path, "--only", "curate", "--kills", "10", "--parts", "random")["curate"]["random"]
    assert found["kills"] >= 10
    assert found["recovered"] == found["trials"]


def test_a_step_at_which_it_is_killed_and_a_disk_that_fails_are_made_good(tmp_path: Path) -> None:
    words = ["--only", "curate", "--dedup", "--parts", "steps,faults", "--steps", "6", "--faults", "3"]
    found = measured(tmp_path, *words, "--disks", "1", "--lost", "8")["curate"]
    assert found["steps"]["recovered"] == found["steps"]["steps"] > 5
    assert found["disk"]["tried"] >= 4
    assert found["lost"]["tried"] >= 2
    assert found["input"] == {"tried": 3, "problems": []}


def test_killed_questions_and_votes_are_neither_lost_nor_asked_again(tmp_path: Path) -> None:
    words = ["--only", "predict,judge,review", "--asking-kills", "2", "--steps", "4"]
    found = measured(tmp_path, *words, "--parts", "random,steps")
    for name in ("predict", "judge"):
        random = found[name]["random"]
        assert random["asked again"] <= 4 * random["kills"]  # those that were under way at once
    assert (found["review"]["lost"], found["review"]["double"], found["review"]["problems"]) == (0, 0, [])
