"""The Ray engine beside the local one, on this machine: how much slower, and what a second worker brings.

    python benchmarks/ray_engine.py --markdown docs/benchmarks/ray_engine.md
    python benchmarks/ray_engine.py --rows 20000 --repeats 1        # a trial
    python benchmarks/ray_engine.py --rows 100000 1000000           # both sizes, the default: about 35 minutes

The same rows (`scale_rows.py`) and the default recipe, each run in a fresh process on an empty folder, in turns, so
that a noisy minute meets all of them. The seconds of a map stage are those from its begin to its end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from page import Line, machine, table
from scale_rows import COPIES, SEED, write_rows

from tunesmith.curate.progress import Progress

ROWS, REPEATS = (100_000, 1_000_000), 3
LIMIT_TO_LOCAL, LIMIT_TWO_TO_ONE = 1.5, 1.6

#: The stages that run as `map_batches`, by the beginning of their name in the progress.
MAPS = {
    "read": "convert and measure",
    "measure": "convert and measure",
    "compare": "look at texts",
    "write": "make lines",
}

#: Name, engine, workers.
RUNS = (("local, 2 workers", "local", 2), ("Ray, 1 worker", "ray", 1), ("Ray, 2 workers", "ray", 2))


class Took(NamedTuple):
    """One run: seconds from the start of the process to its end, of them those of the cluster's start, by map stage,
    and a digest of all outputs."""

    seconds: float
    start: float
    maps: dict[str, float]
    digest: str


class Watching(Progress):
    """Adds up the seconds of the map stages."""

    def __init__(self) -> None:
        self.maps = dict.fromkeys(MAPS.values(), 0.0)

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        start = time.perf_counter()
        yield lambda done: None
        kind = next((kind for begins, kind in MAPS.items() if name.startswith(begins)), None)
        if kind:
            self.maps[kind] += time.perf_counter() - start


def run_here(path: Path, out: Path, engine: str, workers: int) -> None:
    """What a fresh process does; prints what it took as JSON."""
    from tunesmith.curate.lean import start_lean

    start_lean()
    from tunesmith.curate.recipe import one_line_recipe
    from tunesmith.curate.run import run

    begun, progress = time.perf_counter(), Watching()
    opened: Any = nullcontext()
    if engine == "ray":
        from tunesmith.curate.engines.ray_cluster import ray_engine

        opened = ray_engine(None, progress, n_cpus=workers)
    with opened as cluster:
        started = time.perf_counter() - begun
        run(one_line_recipe([str(path)]), out, workers=workers, engine=cluster, progress=progress)
    print(json.dumps({"start": started, "maps": progress.maps}))


def measure(path: Path, work: Path, engine: str, workers: int) -> Took:
    """One run."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable,
        __file__,
        "--run",
        engine,
        "--workers",
        str(workers),
        "--input",
        str(path),
        "--out",
        str(out),
    ]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Took(seconds, found["start"], found["maps"], _digest(out))


def _digest(out: Path) -> str:
    """Of every output but the log, which tells the time."""
    digest = hashlib.sha256()
    for path in sorted(out.iterdir()):
        if path.is_file() and path.name != "run.log.json":
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def page(found: dict[int, dict[str, list[Took]]], command: str) -> str:
    """The page."""
    (repeats,) = {len(runs) for engines in found.values() for runs in engines.values()}
    parts = [
        "# The Ray engine on one machine",
        "",
        f"Made by `{command}`.",
        "",
        f"{machine()}. Rows of seed {SEED}, {COPIES:.0%} of them copies, the default recipe, medians of {repeats} runs"
        " in turns.",
        "",
    ]
    for rows, engines in found.items():
        parts += _of_size(rows, engines)
    parts += [
        f"Wanted: at most {LIMIT_TO_LOCAL} times the local engine, and {LIMIT_TWO_TO_ONE} times as fast with two"
        " workers as with one on the map stages. The run's own process reads and writes beside the workers, and shares"
        " the cores with them. Whatever the number of rows, a cluster has to start, Ray Data starts two processes of"
        " its own, and each worker imports and loads its kernels: that is most of what Ray adds to a small run.",
        "",
    ]
    return "\n".join(parts)


def _of_size(rows: int, found: dict[str, list[Took]]) -> list[str]:
    middle = {name: statistics.median(took.seconds for took in runs) for name, runs in found.items()}
    digests = {took.digest for runs in found.values() for took in runs}
    local, one, two = (name for name, _, _ in RUNS)
    lines: list[Line] = [
        {
            "engine": name,
            "seconds": f"{middle[name]:.1f}",
            "to local": f"{middle[name] / middle[local]:.2f}",
            "start of the cluster": f"{statistics.median(took.start for took in runs):.1f}",
            "of all runs": ", ".join(f"{took.seconds:.1f}" for took in runs),
        }
        for name, runs in found.items()
    ]
    return [
        f"## {rows:,} rows",
        "",
        table(lines),
        "",
        "All runs wrote " + ("the same bytes." if len(digests) == 1 else f"**{len(digests)} different results**."),
        "",
        "A second worker, in seconds of the map stages:",
        "",
        table(_maps(found[one], found[two])),
        "",
    ]


def _maps(one: list[Took], two: list[Took]) -> list[Line]:
    kinds = dict.fromkeys(MAPS.values())
    lines: list[Line] = []
    for kind in [*kinds, "all"]:
        first, second = (
            statistics.median(sum(took.maps.values()) if kind == "all" else took.maps[kind] for took in runs)
            for runs in (one, two)
        )
        lines.append(
            {
                "stage": kind,
                "1 worker": f"{first:.1f}",
                "2 workers": f"{second:.1f}",
                "times as fast": f"{first / second:.2f}",
            }
        )
    return lines


def _measured(n_rows: int, repeats: int) -> dict[str, list[Took]]:
    """Every engine by turns."""
    found: dict[str, list[Took]] = {name: [] for name, _, _ in RUNS}
    with tempfile.TemporaryDirectory(prefix="tunesmith-ray-") as folder:
        rows = Path(folder) / "rows.jsonl"
        write_rows(rows, n_rows)
        for _ in range(repeats):
            for name, engine, workers in RUNS:
                found[name].append(measure(rows, Path(folder), engine, workers))
                print(f"{n_rows:,} rows, {name}: {found[name][-1].seconds:.1f} s", file=sys.stderr)
    return found


def main() -> None:
    """Parse the command line, run, print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--markdown", type=Path)
    for name in ("--run", "--workers", "--input", "--out"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run:
        run_here(Path(asked.input), Path(asked.out), asked.run, int(asked.workers))
        return
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    found = {n_rows: _measured(n_rows, asked.repeats) for n_rows in asked.rows}
    told = page(found, " ".join(["python", "benchmarks/ray_engine.py", *sys.argv[1:]]))
    if asked.markdown:
        asked.markdown.write_text(told, encoding="utf-8")
    else:
        print(told)


if __name__ == "__main__":
    main()
