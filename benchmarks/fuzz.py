"""A million wrong inputs: whatever comes in from outside is read or refused, in time, and nothing is lost.

    python benchmarks/fuzz.py [--inputs 1000000] [--seed 7] [--target NAME]... [--jobs 1] [--no-checked]
        [--findings FOLDER] [--markdown docs/benchmarks/fuzz.md] [--json FILE]

Input i of a target is made from the seed, the target's name and i alone, so that any one can be made again:
`--target formats --seed 7 --show 4711` prints it. The mutations are a plain seeded engine (`fuzz_bytes.py`,
`fuzz_values.py`); it begins with the bundled sample and, where TUNESMITH_SHARED_DATA names a folder of public sets,
with some of their rows. Ends with 1 where there is a finding. About twenty minutes of processor time for a million.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_page import page
from fuzz_supervisor import Done, Supervisor, Task
from fuzz_targets import all_targets, target_named
from fuzz_types import Target
from fuzz_worker import input_of

_SLICE = 1920  # inputs of a task, a multiple of every batch's
_CHECKED_SLICES = 4  # one in so many tasks of kernels runs again with checked bounds


@dataclass
class Tally:
    """What came of a target's inputs. `findings` counts by signature, `examples` has one of each."""

    target: str
    checked: bool
    inputs: int = 0
    accepted: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_input: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, done: Done) -> None:
        """The inputs of one more task."""
        self.inputs, self.accepted = self.inputs + done.inputs, self.accepted + done.accepted
        self.seconds += done.seconds
        if done.slowest[0] > self.slowest:
            self.slowest, self.slowest_input = done.slowest
        for finding in done.findings:
            self.findings[finding["signature"]] += 1
            if self.examples.setdefault(finding["signature"], finding) is finding:
                print(f"{self.target}, input {finding['number']:,}: {finding['signature']}", file=sys.stderr)


def shares(targets: list[Target], n_inputs: int) -> dict[str, int]:
    """How many inputs each target gets; whole batches, so a few more than were asked for."""
    total = sum(target.share for target in targets)
    found = {}
    for target in targets:
        wanted = -(-n_inputs * target.share // total)
        found[target.name] = -(-wanted // target.batch) * target.batch
    return found


def tasks_of(targets: list[Target], options: argparse.Namespace) -> list[tuple[bool, Task]]:
    """Every task, and whether it runs with checked bounds; the targets by turns, so that none waits for the end."""
    found = []
    for name, n_inputs in shares(targets, options.inputs).items():
        for checked in (False, True) if target_named(name).kernels and options.checked else (False,):
            for first in range(0, n_inputs, _SLICE * (_CHECKED_SLICES if checked else 1)):
                task = Task(name, options.seed, first, min(first + _SLICE, n_inputs))
                found.append((first / n_inputs, checked, task))
    return [(checked, task) for _, checked, task in sorted(found, key=lambda one: one[0])]


def run(targets: list[Target], options: argparse.Namespace) -> list[Tally]:
    """All inputs of these targets."""
    tallies = {
        (target.name, checked): Tally(target.name, checked)
        for target in targets
        for checked in ((False, True) if target.kernels and options.checked else (False,))
    }
    waiting: queue.SimpleQueue[tuple[bool, Task]] = queue.SimpleQueue()
    tasks = tasks_of(targets, options)
    for one in tasks:
        waiting.put(one)
    lock, begun, stopped = threading.Lock(), time.monotonic(), threading.Event()
    until = begun + 60 * options.minutes if options.minutes else float("inf")
    with tempfile.TemporaryDirectory(prefix="tunesmith-fuzz-") as cache:

        def work() -> None:
            with Supervisor(checked=False) as plain, Supervisor(checked=True, cache=Path(cache)) as checking:
                while time.monotonic() < until and not stopped.is_set():
                    try:
                        checked, task = waiting.get_nowait()
                    except queue.Empty:
                        return
                    done = (checking if checked else plain).run(task)
                    with lock:
                        tallies[task.target, checked].add(done)
                        _tell(tallies, len(tasks), waiting.qsize(), begun)

        with ThreadPoolExecutor(options.jobs) as pool:
            try:
                for job in as_completed([pool.submit(work) for _ in range(options.jobs)]):
                    job.result()
            finally:
                stopped.set()
    return list(tallies.values())


def _tell(tallies: dict[tuple[str, bool], Tally], n_tasks: int, n_left: int, begun: float) -> None:
    inputs = sum(tally.inputs for tally in tallies.values() if not tally.checked)
    findings = sum(tally.findings.total() for tally in tallies.values())
    spent = time.monotonic() - begun
    share = (n_tasks - n_left) / n_tasks
    left = spent / share - spent
    print(f"{inputs:,} inputs, {findings} findings, {spent:.0f} s, about {left:.0f} s left", file=sys.stderr)


def write_findings(tallies: list[Tally], seed: int, folder: Path) -> None:
    """One example of each finding: its input, the smallest that does the same, and the traceback."""
    folder.mkdir(parents=True, exist_ok=True)
    for tally in tallies:
        for number, (signature, one) in enumerate(sorted(tally.examples.items())):
            name = f"{tally.target.replace(' ', '-')}{'-checked' * tally.checked}-{number}"
            (folder / f"{name}.input").write_bytes(input_of(target_named(tally.target), seed, one["number"]))
            (folder / f"{name}.smallest").write_bytes(bytes.fromhex(one["smallest"]))
            told = f"{signature}\n{tally.findings[signature]} inputs, first {one['number']}\n\n{one['trace']}"
            (folder / f"{name}.txt").write_text(told, encoding="utf-8")


def main() -> None:
    """Run, print the table, and write what was asked for."""
    options = _options()
    targets = [target_named(name) for name in options.target] if options.target else [*all_targets().values()]
    if options.show is not None:
        sys.stdout.buffer.write(input_of(targets[0], options.seed, options.show))
        return
    tallies = run(targets, options)
    text = page(tallies, _command(options), options.inputs)
    print(text)
    n_findings = sum(tally.findings.total() for tally in tallies)
    if options.findings:
        write_findings(tallies, options.seed, options.findings)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if options.json:
        told = [{**vars(tally), "findings": dict(tally.findings)} for tally in tallies]
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if n_findings else 0)


def _command(options: argparse.Namespace) -> str:
    minutes = f" --minutes {options.minutes:g}" if options.minutes else ""
    targets = "".join(f" --target '{name}'" for name in options.target or ())
    checked = "" if options.checked else " --no-checked"
    return f"python benchmarks/fuzz.py --inputs {options.inputs} --seed {options.seed}{targets}{minutes}{checked}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--target", action="append", choices=[*all_targets()], help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes at a time, twice that where one checks")
    parser.add_argument("--no-checked", dest="checked", action="store_false", help="leave out the checked kernels")
    parser.add_argument("--minutes", type=float, help="begin no further inputs after so long")
    parser.add_argument("--show", type=int, metavar="I", help="print input I of the target, and run nothing")
    parser.add_argument("--findings", type=Path, help="folder for one input of each finding, with its traceback")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    parser.add_argument("--json", type=Path, help="also write the figures into this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
