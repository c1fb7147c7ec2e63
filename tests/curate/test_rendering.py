"""The report is the same page, drawn in a process of its own, or here because that process is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process is a fork, which only Linux does safely")

#: In a process of its own: one that has drawn a chart before gets no second one.
DRAWN = """
import os, sys
from pathlib import Path
from tunesmith.curate import output, rendering
from tunesmith.curate.recipe import one_line_recipe
from tunesmith.curate.run import run

rows, out, ending = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
summaries = []
start = output.start_report

def keep(drawer, summary, language):
    summaries.append(summary)
    return start(drawer, summary, language)

output.start_report = keep
with rendering.report_process() as drawer:
    assert drawer is not None
    if ending == "killed":
        import multiprocessing
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
    run(one_line_recipe([str(rows)]), out)
    page = rendering.start_report(drawer, summaries[0], "en")()
assert page == (out / "report.html").read_text(encoding="utf-8")
with rendering.report_process() as drawer:
    assert drawer is None
print("same")
"""


@pytest.mark.parametrize("ending", ["well", "killed"])
def test_the_page_is_the_same_from_a_process_of_its_own(tmp_path: Path, ending: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"instruction": "Say hello", "output": "Hello there."}\n' * 3)
    command = [sys.executable, "-c", DRAWN, str(tmp_path / "rows.jsonl"), str(tmp_path / "out"), ending]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("same\n", "")
