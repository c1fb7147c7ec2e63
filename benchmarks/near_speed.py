"""How fast and how large: whole commands against whole commands, and kernels against libraries in process."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from measured import Measured, measure, printed_by
from page import Line, spread
from peers.environments import VERSIONS, offline

from tunesmith.curate.near import near_duplicates
from tunesmith.curate.sketch import sketch

HERE = Path(__file__).resolve().parent
DEDUP = [sys.executable, "-m", "tunesmith.cli", "curate", "dedup"]
N_WORKERS = os.cpu_count() or 1


class EndToEnd(NamedTuple):
    """A tool that reads files and writes files, with how many times faster we want to be."""

    settings: str
    #: the prepared folder, the output folder, how many processes: the arguments of its runner
    command: Callable[[Path, Path, int], list[str]]
    wanted: str


PEERS: dict[str, EndToEnd] = {
    "datatrove": EndToEnd(
        "14 × 8 hashes, spaCy words",
        lambda data, out, workers: ["run_datatrove.py", str(data / ("parts" if workers > 1 else "one")), str(out)],
        "≥ 50 ×",
    ),
    "data-juicer": EndToEnd(
        "25 × 10 of 256 permutations, words between spaces",
        lambda data, out, workers: ["run_data_juicer.py", str(data / "texts.jsonl"), str(out), str(workers)],
        "≥ 30 ×",
    ),
}


class PeerRun(NamedTuple):
    """What one run of a peer gave."""

    measured: Measured
    kept: list[int]


def run_peer(
    name: str, python: Path, data: Path, work: Path, *, workers: int = N_WORKERS, sampled: bool = True
) -> PeerRun:
    """One fresh process of a file-to-file peer over a prepared folder; the ids that it kept."""
    out = fresh(work / "out" / name)
    script, *arguments = PEERS[name].command(data, out, workers)
    command = [str(python), str(HERE / "peers" / script), *arguments]
    measured = measure(command, log=work / f"{name}.log", environment=offline(out / "cache"), sampled=sampled)
    kept = [json.loads(line)["id"] for path in sorted(out.glob("kept/*.jsonl")) for line in path.open(encoding="utf-8")]
    return PeerRun(measured, sorted(map(int, kept)))


def run_library(name: str, python: Path, texts: Path, work: Path) -> dict[str, Any]:
    """datasketch or rensa in their own process, which times itself: variant to seconds by part and kept ids."""
    out = work / f"{name}.json"
    script = HERE / "peers" / f"run_{name}.py"
    measure([str(python), str(script), str(texts), str(out)], log=work / f"{name}.log", environment=offline(work))
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def run_ours(plain: Path, work: Path, *, sampled: bool = False) -> Measured:
    """One fresh process on an empty folder."""
    out = fresh(work / "out" / "tunesmith")
    said = ["--on", "whole", "--threshold", "0.7", "--json", "--out", str(out / "run")]
    return measure([*DEDUP, str(plain), *said], log=work / "tunesmith.log", sampled=sampled)


def end_to_end(plain: Path, data: Path, pythons: Mapping[str, Path], work: Path, rounds: int) -> tuple[list[Line], str]:
    """One line a tool, ours first; and what sampling took of the peers' CPU time.

    A share of our rounds goes before each run of a peer and after the last: a machine that is now fast and now slow
    is so for all of them.
    """
    run_ours(plain, work)  # byte code, the kernels' compilation, the disk cache
    runs = [(name, workers) for name in PEERS if name in pythons for workers in dict.fromkeys((N_WORKERS, 1))]
    shares = np.array_split(np.arange(rounds), len(runs) + 1)
    seconds = [run_ours(plain, work).seconds for _ in shares[0]]
    found = []
    for (name, workers), share in zip(runs, shares[1:]):
        found.append((name, workers, run_peer(name, pythons[name], data, work, workers=workers)))
        seconds += [run_ours(plain, work).seconds for _ in share]
    sampled = run_ours(plain, work, sampled=True)
    said = json.loads(printed_by(work / "tunesmith.log").read_text())
    middle = float(np.median(seconds))
    lines: list[Line] = [
        {
            "tool": "Tunesmith `curate dedup --on whole`",
            "settings": "32 × 4 of 128 slots, every pair proved",
            "seconds": spread(seconds),
            "ours is faster": "",
            "peak memory": f"{sampled.peak_bytes / 1e6:,.0f} MB",
            "kept": said["kept"],
            "wanted": "≤ 3 s, ≤ 600 MB",
        }
    ]
    sampling = []
    for name, workers, run in found:
        lines.append(
            {
                "tool": f"{name} {VERSIONS[name]}, {workers} process{'es' if workers > 1 else ''}",
                "settings": PEERS[name].settings,
                "seconds": spread([run.measured.seconds]),
                "ours is faster": f"{run.measured.seconds / middle:.0f} ×",
                "peak memory": f"{run.measured.peak_bytes / 1e6:,.0f} MB",
                "kept": len(run.kept),
                "wanted": PEERS[name].wanted,
            }
        )
        sampling.append(f"{run.measured.sampling_seconds:.1f} s")
    return lines, " and ".join(sampling) or "0 s"


def in_process(texts: list[str], data: Path, pythons: Mapping[str, Path], work: Path, rounds: int) -> list[Line]:
    """One line a library, ours first, with the seconds of each part."""
    ours = min((our_parts(texts) for _ in range(rounds + 1)), key=lambda found: sum(found[0].values()))
    lines = [_library_line("Tunesmith", *ours, ours[0], "≤ 1.0 s")]
    for name in ("rensa", "datasketch"):
        if name in pythons:
            for variant, found in run_library(name, pythons[name], data / "texts.jsonl", work).items():
                tool = f"{name} {VERSIONS[name]} {variant}"
                lines.append(_library_line(tool, found["seconds"], len(found["kept"]), ours[0], ""))
    return lines


def our_parts(texts: list[str]) -> tuple[dict[str, float], int]:
    """Seconds by part on a column in memory, and how many rows are kept. Signatures: what they add to the one pass."""
    column, laps = pa.array(texts), [time.perf_counter()]
    sketch(column, n_slots=0)
    laps.append(time.perf_counter())
    sketched = sketch(column)
    laps.append(time.perf_counter())
    found = near_duplicates(sketched, rank=np.arange(len(texts)), threshold=0.7)
    laps.append(time.perf_counter())
    sets, both, resolution = np.diff(laps).tolist()
    seconds = {"shingling": sets, "signatures": max(both - sets, 0.0), "resolution": resolution}
    return seconds, int((found.partner < 0).sum())


def _library_line(tool: str, seconds: dict[str, float], kept: int, ours: dict[str, float], wanted: str) -> Line:
    total, mine = sum(seconds.values()), sum(ours.values())
    parts = {f"{name}, s": f"{value:.2f}" for name, value in seconds.items()}
    faster = "" if seconds is ours else f"{total / mine:.0f} ×"
    return {
        "in process": tool,
        **parts,
        "total, s": f"{total:.2f}",
        "ours is faster": faster,
        "kept": kept,
        "wanted": wanted,
    }


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
