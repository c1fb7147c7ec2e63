"""Killed at any moment: what a command leaves behind when it is killed, and whether the same command ends in the same
bytes.

    python benchmarks/kill_anywhere.py [--kills 200] [--asking-kills 20] [--steps 1] [--faults 8] [--seed 0]
        [--jobs 1] [--minutes 30] [--rows 200] [--only curate,predict] [--parts random,steps,faults]
        [--markdown docs/benchmarks/kill_anywhere.md] [--json FILE]

Ends with 1 where one byte differs, a temporary file stays, an answer or a vote is lost, or a full or read-only disk or
a lost file is not told and made good.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import kill_processes
from kill_cases import curate_case, dedup_case, few_rows, judge_case, predict_case, retention_case, subjects
from kill_endpoint import counts, serve
from kill_faults import Faults
from kill_page import page
from kill_review import review_kills
from kill_trials import Bench, Case, Kill, Trial

_COLD_EVERY, _ONE_EVERY = 8, 4  # of the trials: a cold start, one process only
_ROW = (1, 5, 2, 4, 3)  # kills before a trial may finish
_FEW = 60  # rows of each file, where every step is tried


def killed_at_random(bench: Bench, kills: int, *, cold: bool, one: bool, minutes: float = math.inf) -> list[Trial]:
    """So many kills that found the command running, at moments drawn from its whole duration, or as many as there is
    time for."""
    trials: list[Trial] = []
    in_vain, hit, until = 0, 0, time.monotonic() + 60 * minutes
    while hit < kills and in_vain < 3 * kills + 10 and time.monotonic() < until:
        turn = len(trials) + 1
        row = _ROW[turn % len(_ROW)]
        how = {"cold": cold and turn % _COLD_EVERY == 0, "one": one and turn % _ONE_EVERY == 0}
        trial = bench.trial(bench.draw(min(row, kills - hit), **how))
        trials.append(trial)
        hit += trial.hits
        in_vain += trial.hits == 0
        tell(f"{bench.case.name}: {hit} of {kills} kills", trial.problems)
    return trials


def killed_side_by_side(case: Case, work: Path, options: argparse.Namespace) -> list[Trial]:
    """The same by several processes, each with a place and a seed of its own."""
    fork = multiprocessing.get_context("fork")

    def job(number: int, line: Connection) -> None:
        bench = Bench(case, work / str(number), seed=options.seed + number)
        kills = len(range(number, options.kills, options.jobs))
        line.send(killed_at_random(bench, kills, cold=not options.warm, one=True, minutes=options.minutes))

    lines = []
    for number in range(options.jobs):
        ours, theirs = fork.Pipe()
        fork.Process(target=job, args=(number, theirs)).start()
        theirs.close()
        lines.append(ours)
    return [trial for line in lines for trial in line.recv()]


def killed_at_steps(bench: Bench, every: int) -> dict[str, Any]:
    """Killed at each step that an undisturbed run takes on the disk, in turn."""
    trials = []
    for number, step in enumerate(bench.steps[::every], 1):
        trial = bench.trial([Kill(step=step)])
        missed = () if trial.hits else (f"{step} was never reached",)
        trials.append(trial._replace(problems=(*missed, *(f"{step}: {problem}" for problem in trial.problems))))
        tell(f"{bench.case.name}: step {number} of {len(bench.steps[::every])}", trials[-1].problems)
    return {"steps": len(trials), **summed(trials)}


def summed(trials: list[Trial]) -> dict[str, Any]:
    """What all of them came to."""
    return {
        "kills": sum(trial.hits for trial in trials),
        "recovered": sum(not trial.problems for trial in trials),
        "trials": len(trials),
        "in a row": sum(trial.hits > 1 for trial in trials),
        "one process": sum(2 in trial.codes[:-1] for trial in trials),
        "finished": sum(trial.finished for trial in trials),
        "redone": sum(trial.redone for trial in trials),
        "problems": [problem for trial in trials for problem in trial.problems],
    }


def failing_disk(bench: Bench, every: int) -> dict[str, Any]:
    """A disk that is full, or read-only, from each step on."""
    faults, problems, n = Faults(bench), list[str](), 0
    steps = [step for step in bench.steps if step.startswith("before")][::every]
    for number, step in enumerate(steps, 1):
        found = faults.full_at(step) + faults.read_only_at(step)
        problems += found
        n += 2
        tell(f"{bench.case.name}: failing disk {number} of {len(steps)}", found)
    return {"tried": n, "problems": problems}


def mounted_disk(bench: Bench, at: str, disks: int) -> dict[str, Any]:
    """File systems that are really full and really read-only, where this user may mount."""
    size = sum(path.stat().st_size for path in bench.place.rglob("*") if path.is_file())
    faults, problems, n = Faults(bench), list[str](), 0
    try:
        for number in range(1, disks + 1):
            problems += faults.full(int(0.8 * size * number / disks))
            n += 1
        problems += faults.read_only(at)
    except OSError as error:
        return {"tried": n, "problems": problems, "not measured": str(error)}
    tell(f"{bench.case.name}: mounted disks", problems)
    return {"tried": n + 1, "problems": problems}


def lost_files(bench: Bench, at: str | None, every: int) -> dict[str, Any]:
    """Each file that a killed, and a finished, command has left: gone, cut in half, empty."""
    faults = Faults(bench)
    tried, problems = faults.lost(None, every)
    if at is not None:
        more, found = faults.lost(at, every)
        tried, problems = tried + more, problems + found
    tell(f"{bench.case.name}: {tried} lost files", problems)
    return {"tried": tried, "problems": problems}


def lost_input(bench: Bench, source: Path) -> dict[str, Any]:
    """An input that vanishes between kill and resume, or is written to while it is read."""
    faults = Faults(bench)
    shards = [step for step in bench.steps if step.startswith("before rename") and "/rows-0" in step]
    problems = faults.input_gone(source, shards[0])
    for step in (shards[0], shards[-1]):
        problems += faults.input_changed(source, step)
    tell(f"{bench.case.name}: inputs", problems)
    return {"tried": 3, "problems": problems}


def curate_figures(work: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All of it for a curation run: random kills on the bundled rows, steps and faults on a few of them."""
    found: dict[str, Any] = {}
    if "random" in options.parts:
        recipe = few_rows(work / "inputs", options.rows or 10**9)
        found["random"] = summed(killed_side_by_side(curate_case(recipe), work / "whole", options))
    if not {"steps", "faults"}.intersection(options.parts.split(",")):
        return found
    small = few_rows(work / "few", min(_FEW, options.rows or _FEW))
    source = small.with_name("general.jsonl")
    few = Bench(dedup_case(source) if options.dedup else curate_case(small), work / "small", seed=options.seed)
    at = "before open out/.train.jsonl.part #1"
    if "steps" in options.parts:
        found["steps"] = killed_at_steps(few, options.steps)
    if "faults" in options.parts:
        found["disk"] = failing_disk(few, options.steps * options.faults)
        found["mounted"] = mounted_disk(few, at, options.disks)
        found["lost"] = lost_files(few, at, options.lost)
        found["input"] = lost_input(few, source)
    return found


def asking_figures(bench: Bench, address: str, options: argparse.Namespace) -> dict[str, Any]:
    """All of it for a command that asks a server; and how often that was asked again what it had answered."""
    counts(address, forget=True)
    bench.clear()
    bench.run()
    needed = counts(address)["asked"]
    counts(address, forget=True)
    found: dict[str, Any] = {"questions": needed}
    if "random" in options.parts:
        random = summed(killed_at_random(bench, options.asking_kills, cold=False, one=False))
        found["random"] = {**random, "asked again": counts(address)["asked"] - needed * random["trials"]}
    if "steps" in options.parts:
        found["steps"] = killed_at_steps(bench, options.steps)
    if "faults" in options.parts:
        found["disk"] = failing_disk(bench, options.steps)
        found["lost"] = lost_files(bench, None, 1)
    return found


def asking(work: Path, names: list[str], options: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """The commands that ask a server."""
    inputs = work / "asked"
    few_rows(inputs, options.questions)
    subjects(inputs, 3, 12)
    makers = {"predict": predict_case, "judge": judge_case, "retention": retention_case}
    with serve() as address:
        for name in names:
            if name in makers:
                if name == "retention":
                    import tunesmith.evaluate.retention_engine as engine  # heavy: torch

                    assert engine
                bench = Bench(makers[name](address, inputs), work / name, seed=options.seed)
                yield name, asking_figures(bench, address, options)


def tell(what: str, problems: Any = ()) -> None:
    """How far it is."""
    print(what, *problems, sep="\n  ", file=sys.stderr, flush=True)


def all_problems(found: dict[str, Any]) -> list[str]:
    """Everything that was not as it ought to be."""
    problems = []
    for name, figures in found.items():
        if name == "review":
            wrong = {key: figures[key] for key in ("lost", "double", "inexact", "problems") if figures[key]}
            problems += [f"review: {wrong}"] * bool(wrong)
            continue
        parts = [part for part in figures.values() if isinstance(part, dict)]
        problems += [f"{name}: {problem}" for part in parts for problem in part["problems"]]
    return problems


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    names = options.only.split(",")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="tunesmith-kill-") as folder:
        work = Path(folder)
        if "review" in names:
            found["review"] = review_kills(work / "review", kills=options.asking_kills, seed=options.seed)
            tell(f"review: {found['review']}")
        kill_processes.warm_up(few_rows(work / "warm", _FEW), work / "warm" / "out")
        if "curate" in names:
            found["curate"] = curate_figures(work, options)
        found |= asking(work, names, options)
    return found


def main() -> None:
    """Measure, print, write the page where asked; end with 1 where something was not recovered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="of a curation run, at random")
    parser.add_argument("--asking-kills", type=int, default=20, help="of each other command, at random")
    parser.add_argument("--jobs", type=int, default=1, help="processes that kill side by side")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop the kills of a run at random after that")
    parser.add_argument("--rows", type=int, default=0, help="of each bundled file; 0: all")
    parser.add_argument("--questions", type=int, default=60, help="of each command that asks a server")
    parser.add_argument("--steps", type=int, default=1, help="kill at every step (1), every second (2) …")
    parser.add_argument("--faults", type=int, default=8, help="fail the disk of a run at every eighth of those steps")
    parser.add_argument("--disks", type=int, default=8, help="file systems that are too small")
    parser.add_argument("--dedup", action="store_true", help="steps and faults of `curate dedup`, which is faster")
    parser.add_argument("--lost", type=int, default=1, help="of a run's files lose every one (1), every second (2) …")
    parser.add_argument("--parts", default="random,steps,faults", help="of each command")
    parser.add_argument("--warm", action="store_true", help="no kills of cold starts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="curate,predict,judge,retention,review")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    parser.add_argument("--json", type=Path, help="also write all figures into this file, beside those in it")
    options = parser.parse_args()
    found = measure(options)
    if options.json and options.json.exists():
        before = json.loads(options.json.read_text(encoding="utf-8"))
        found = before | {name: before.get(name, {}) | figures for name, figures in found.items()}
    problems = all_problems(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
    text = page(found, options)
    print(text, *problems, sep="\n")
    if options.markdown:
        options.markdown.write_text(f"{text}\n", encoding="utf-8")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
