"""How a whole run grows from ten thousand to ten million rows: time, memory and disk, stage by stage.

    python benchmarks/scale.py --markdown docs/benchmarks/scale.md
    python benchmarks/scale.py --rows 10000 100000        # a trial

Each size is one `tunesmith curate run` with the default recipe, in a fresh process on an empty folder, on the first
rows of the same seeded file (`scale_rows.py`: real rows, edited; one in ten is a copy). Ten million rows need about
60 GB of disk, their file among it.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from page import Line, machine, table
from scale_measure import Watched, watched
from scale_rows import COPIES, SEED, write_rows

ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
LIMIT_MINUTES, LIMIT_GB, LIMIT_GROWTH = 40, 8, 1.5
#: From here on start-up no longer decides what a row costs.
_LEAST_OF_A_FIT = 100_000


class Run(NamedTuple):
    """One size."""

    rows: int
    input_bytes: int
    seen: Watched
    stages: dict[str, float]
    counts: dict[str, int]


def measure(sizes: list[int], work: Path, group: Path | None) -> list[Run]:
    """A run of each size, smallest first."""
    whole = work / f"rows-{max(sizes)}-{SEED}.jsonl"
    if not whole.exists():
        write_rows(whole, max(sizes))
    return [_run(_first_rows(whole, n_rows, work), n_rows, work, group) for n_rows in sorted(sizes)]


def _first_rows(whole: Path, n_rows: int, work: Path) -> Path:
    path = work / f"rows-{n_rows}-{SEED}.jsonl"
    if not path.exists():
        with whole.open("rb") as rows, path.open("wb") as part:
            part.writelines(islice(rows, n_rows))
    return path


def _run(path: Path, n_rows: int, work: Path, group: Path | None) -> Run:
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "run", str(path), "--out", str(out), "--json"]
    seen = watched(command, log=work / f"run-{n_rows}.log", disk=work, group=group)
    log, manifest = (json.loads((out / name).read_text()) for name in ("run.log.json", "manifest.json"))
    stages = {name: found["seconds"] for name, found in log["stages"].items()}
    print(f"{n_rows:,} rows: {seen.seconds:,.0f} s, {seen.memory_bytes / 1e9:.2f} GB", file=sys.stderr)
    shutil.rmtree(out)
    return Run(n_rows, path.stat().st_size, seen, stages, manifest["counts"])


def overview(runs: list[Run]) -> list[Line]:
    """A line a size."""
    base = next((run for run in runs if run.rows == _LEAST_OF_A_FIT), runs[0])
    return [
        {
            "rows": run.rows,
            "input, MB": round(run.input_bytes / 1e6),
            "minutes": f"{run.seen.seconds / 60:.1f}",
            "µs a row": round(run.seen.seconds / run.rows * 1e6),
            f"to {base.rows:,} rows": f"{run.seen.seconds / run.rows / (base.seen.seconds / base.rows):.2f}",
            "processor, µs a row": round(run.seen.processor_seconds / run.rows * 1e6),
            "memory, GB": f"{run.seen.memory_bytes / 1e9:.2f}",
            "of it no file's, GB": f"{run.seen.own_bytes / 1e9:.2f}",
            "disk, GB": f"{run.seen.disk_bytes / 1e9:.1f}",
            "dropped": f"{run.counts['dropped'] / run.rows:.1%}",
            "duplicates": f"{(run.counts['exact'] + run.counts['near']) / run.rows:.2%}",
        }
        for run in runs
    ]


def by_stage(runs: list[Run]) -> list[Line]:
    """A line a stage: seconds at each size, and the exponent of its growth."""
    names = [name for name in runs[-1].stages if max(run.stages.get(name, 0) for run in runs) >= 0.1]
    lines: list[Line] = []
    for name in [*names, "all"]:
        seconds = [run.seen.seconds if name == "all" else run.stages[name] for run in runs]
        line: Line = {"stage": name}
        line |= {f"{run.rows:,}": f"{took:,.1f}" for run, took in zip(runs, seconds)}
        lines.append(line | {"exponent": _exponent([run.rows for run in runs], seconds)})
    return lines


def _exponent(rows: list[int], seconds: list[float]) -> str:
    """Of a power law through the larger sizes, by least squares on logarithms."""
    points = [(math.log(n), math.log(took)) for n, took in zip(rows, seconds) if n >= _LEAST_OF_A_FIT and took > 0]
    if len(points) < 2:
        return ""
    slope = np.polyfit([x for x, _ in points], [y for _, y in points], 1)[0]
    return f"{slope:.2f}"


def page(runs: list[Run], command: str, group: Path | None) -> str:
    """The page."""
    limited = f" All ran in a control group of {_limit(group)} of memory, its file cache included." if group else ""
    return "\n".join(
        [
            "# From ten thousand to ten million rows",
            "",
            f"Made by `{command}`.",
            "",
            f"{machine()}. One run a size, the default recipe.{limited} Seed {SEED}, {COPIES:.0%} copies.",
            "",
            table(overview(runs)),
            "",
            f"Wanted of ten million rows: at most {LIMIT_MINUTES} minutes and {LIMIT_GB} GB of memory, and at most "
            f"{LIMIT_GROWTH} times the time a row of 100,000 rows.",
            "",
            "*Memory* is the highest sum over all processes that was seen in half a second's steps, a shared page once"
            " (PSS). Files that are mapped count in it as far as they lie in memory just then; the system takes them"
            " back when others need room. *No file's* is the rest. *Disk* is the room that the run took at its highest,"
            " intermediate results among it, the input not.",
            "",
            "## Seconds by stage",
            "",
            table(by_stage(runs)),
            "",
            "The exponent is that of a power law through the sizes from 100,000 rows on: 1 is linear.",
            "",
        ]
    )


def _limit(group: Path | None) -> str:
    for name in ("memory.max", "memory.limit_in_bytes"):
        if group and (group / name).exists():
            return f"{int((group / name).read_text()) / 1e9:.1f} GB"
    return "unknown size"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--work", type=Path, help="folder with room; what it holds of the rows is used again")
    parser.add_argument("--group", type=Path, help="control group with a limit of memory to run in")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work: Any = options.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        runs = measure(options.rows, work, options.group)
    rows = "" if tuple(options.rows) == ROWS else f" --rows {' '.join(map(str, options.rows))}"
    text = page(runs, f"python benchmarks/scale.py{rows} --markdown docs/benchmarks/scale.md", options.group)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
