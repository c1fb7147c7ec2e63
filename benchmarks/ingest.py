"""How fast a whole `curate run` goes, start-up included, and how fast `tunesmith --help` answers.

    python benchmarks/ingest.py [--rounds 5] [--data ../shared/data/t0_50k.jsonl.xz] [--markdown
    docs/benchmarks/ingest.md]

Each round is a fresh process on an empty folder with the default rules. Reported are medians over the rounds, the
peak memory of the process tree's largest member as the kernel saw it, and the stages of the median run from its
`run.log.json`.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data")) / "t0_50k.jsonl.xz"
COMMAND = [sys.executable, "-m", "tunesmith.cli"]


def timed(command: list[str]) -> tuple[float, int]:
    """Seconds and peak resident bytes of one command, which must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return seconds, usage.ru_maxrss * 1024


def unpacked_bytes(path: Path) -> int:
    """The size of the text that has to be read."""
    if path.suffix != ".xz":
        return path.stat().st_size
    with lzma.open(path) as file:
        return sum(len(chunk) for chunk in iter(lambda: file.read(1 << 20), b""))


def measure_runs(data: Path, rounds: int) -> list[dict[str, Any]]:
    """One entry a round: seconds, peak bytes, and the run's own log."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            seconds, peak = timed([*COMMAND, "curate", "run", str(data), "--out", str(out)])
            found.append({"seconds": seconds, "peak": peak, "log": json.loads((out / "run.log.json").read_text())})
    return found


def table(data: Path, runs: list[dict[str, Any]], helps: list[float]) -> str:
    """The report, as Markdown."""
    size = unpacked_bytes(data) / 1e6
    middle = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    rows = middle["log"]["rows"]
    lines = [
        f"`{data.name}`: {rows:,} rows, {size:.0f} MB of text. {os.cpu_count()} cores, {platform.machine()}, "
        f"CPython {platform.python_version()}; median of {len(runs)} rounds, each a fresh process.",
        "",
        "| what | median | lowest | highest | wanted |",
        "|---|---|---|---|---|",
        _line("`tunesmith curate run`, start-up included", [run["seconds"] for run in runs], "s", "≤ 8 s"),
        _line("peak memory", [run["peak"] / 1e6 for run in runs], "MB", "≤ 1,000 MB"),
        _line("`tunesmith --help`", helps, "s", "≤ 0.5 s"),
        "",
        "| stage (of the median run) | seconds | rows/s | MB/s |",
        "|---|---|---|---|",
    ]
    for name, stage in middle["log"]["stages"].items():
        seconds = max(stage["seconds"], 1e-3)
        lines.append(f"| {name} | {stage['seconds']:.2f} | {rows / seconds:,.0f} | {size / seconds:,.0f} |")
    whole = middle["seconds"]
    lines.append(f"| whole command | {whole:.2f} | {rows / whole:,.0f} | {size / whole:,.0f} |")
    return "\n".join(lines)


def _line(what: str, values: list[float], unit: str, wanted: str) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    digits = 0 if unit == "MB" else 2
    return f"| {what} | {middle:,.{digits}f} {unit} | {low:,.{digits}f} | {high:,.{digits}f} | {wanted} |"


def main() -> None:
    """Measure, print, and write the table where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--markdown", type=Path, help="also write the table into this file")
    options = parser.parse_args()
    if not options.data.exists():
        raise SystemExit(f"{options.data} is not there; name a JSON Lines file with --data")
    timed([*COMMAND, "--help"])  # byte code and disk cache
    helps = [timed([*COMMAND, "--help"])[0] for _ in range(options.rounds)]
    text = table(options.data, measure_runs(options.data, options.rounds), helps)
    print(text)
    if options.markdown:
        command = f"python benchmarks/ingest.py --rounds {options.rounds}"
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(
            f"# Ingest: a whole curation run\n\nMade by `{command}`.\n\n{text}\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
