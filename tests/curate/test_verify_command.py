"""`tunesmith curate verify` as a person meets it: exit code 0 for a whole run, 1 for a damaged one, 2 for none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def verify(run: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "verify", str(run), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_whole_run_ends_with_0(lawful_run: Path) -> None:
    done = verify(lawful_run)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{lawful_run} is whole\n  30 rows accounted for; ")


def test_a_damaged_run_ends_with_1_and_names_what_is_damaged(lawful_run: Path) -> None:
    lines = (lawful_run / "train.jsonl").read_bytes().splitlines(keepends=True)
    (lawful_run / "train.jsonl").write_bytes(b"".join(lines[:1] + lines[2:]))
    (lawful_run / "report.html").unlink()
    done = verify(lawful_run, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert not told["whole"]
    assert {finding["file"] for finding in told["findings"]} == {"report.html", "train.jsonl"}


def test_what_is_no_run_ends_with_2_and_says_what_it_is(tmp_path: Path) -> None:
    done = verify(tmp_path, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no folder of a run: it has no manifest.json" in done.stderr
