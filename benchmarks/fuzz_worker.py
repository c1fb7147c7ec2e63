"""The process in which inputs run: it may die of one, so it writes down which before each.

Tasks come as lines of JSON on standard input, and each is answered by one on standard output. The place of the input at
hand stands in a file that is mapped into memory, and stays there when the process is killed.

    {"target": "formats", "seed": 7, "first": 0, "last": 2000}
    {"inputs": 2000, "accepted": 811, "seconds": 0.6, "slowest": [0.004, 17], "findings": []}
"""

from __future__ import annotations

import json
import mmap
import re
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any, NamedTuple

from fuzz_targets import target_named
from fuzz_types import Broken, Target

#: Processor time beyond which an input hangs.
MOST_SECONDS = 1.0
PLACE = struct.Struct("<qq")  # how many batches were begun, and the number of the first input of the last one
_MOST_TRIES = 600


class Finding(NamedTuple):
    """An input that did what none may do."""

    target: str
    number: int
    signature: str
    trace: str
    smallest: bytes

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "smallest": self.smallest.hex()}


def input_of(target: Target, seed: int, index: int) -> bytes:
    """The input of this number: the same in every process."""
    return target.make(Random(f"{seed}:{target.name}:{index}"))


def signature_of(error: Exception) -> str:
    """What two errors of one cause have in common: the broken promise, or the kind and the deepest line of ours."""
    if isinstance(error, Broken):
        return re.sub(r"[0-9]+", "#", str(error))
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if re.search(r"/(curate|evaluate)/", frame.filename)] or frames
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].name}"


class Worker:
    """Runs tasks in a folder of its own."""

    def __init__(self, place: mmap.mmap, folder: Path) -> None:
        self._place, self._folder = place, folder
        self._begun = 0
        self._warm: set[str] = set()
        self._known: set[str] = set()

    def run(self, task: dict[str, Any]) -> dict[str, Any]:
        """All inputs of a task, a batch at a time."""
        target, seed = target_named(task["target"]), int(task["seed"])
        size = 1 if task.get("alone") else target.batch
        self._warm_up(target)
        begun, slowest = process_time(), (0.0, 0)
        accepted, findings = 0, list[Finding]()
        for first in range(task["first"], task["last"], size):
            last = min(first + size, task["last"])
            inputs = [input_of(target, seed, index) for index in range(first, last)]
            n_accepted, seconds = self._run_batch(target, inputs, first, findings)
            accepted += n_accepted
            slowest = max(slowest, (seconds, first))
        return {
            "inputs": task["last"] - task["first"],
            "accepted": accepted,
            "seconds": process_time() - begun,
            "slowest": slowest,
            "findings": [finding.told() for finding in findings],
        }

    def _warm_up(self, target: Target) -> None:
        """What is loaded and made once must not count as the time of an input."""
        if target.name not in self._warm:
            self._warm.add(target.name)
            self._enter(-1)
            for number in range(3):
                _error_of(target, [input_of(target, number, 0)] * target.batch, self._folder)

    def _enter(self, index: int) -> None:
        self._begun += 1
        self._place[: PLACE.size] = PLACE.pack(self._begun, index)

    def _run_batch(
        self, target: Target, inputs: Sequence[bytes], first: int, findings: list[Finding]
    ) -> tuple[int, float]:
        """How many were accepted, and the time of the batch."""
        self._enter(first)
        begun = process_time()
        try:
            accepted = sum(target.check(inputs, self._folder))
        except Exception:  # noqa: BLE001  any error is what is looked for
            accepted = 0
            self._find(target, inputs, first, findings)
        seconds = process_time() - begun
        if seconds > MOST_SECONDS and accepted:
            seconds = self._find_slow(target, inputs, first, findings)
        return accepted, seconds

    def _find(self, target: Target, inputs: Sequence[bytes], first: int, findings: list[Finding]) -> None:
        """Which of the batch it was, alone where it shows alone, and the smallest that does the same."""
        for place, data in enumerate(inputs):
            if error := _error_of(target, [data], self._folder):
                findings.append(self._finding(target, first + place, [data], error))
        if not findings or findings[-1].number < first:
            error = _error_of(target, inputs, self._folder)
            if error:
                findings.append(self._finding(target, first, inputs, error))

    def _finding(self, target: Target, index: int, inputs: Sequence[bytes], error: Exception) -> Finding:
        name = signature_of(error)
        trace = "".join(traceback.format_exception(error))[-3000:]
        smallest = b""
        if name not in self._known and len(inputs) == 1:
            smallest = minimised(inputs[0], lambda data: _fails_so(target, data, self._folder, name))
        self._known.add(name)
        return Finding(target.name, index, name, trace, smallest)

    def _find_slow(self, target: Target, inputs: Sequence[bytes], first: int, findings: list[Finding]) -> float:
        """Time every input of the batch alone, the better of two: what else the machine does must not count."""
        slowest = 0.0
        for place, data in enumerate(inputs):
            seconds = min(_seconds_of(target, data, self._folder) for _ in range(2))
            slowest = max(slowest, seconds)
            if seconds > MOST_SECONDS:
                findings.append(Finding(target.name, first + place, "hang", f"{seconds:.1f} s of processor time", data))
        return slowest


def _error_of(target: Target, inputs: Sequence[bytes], folder: Path) -> Exception | None:
    try:
        target.check(inputs, folder)
    except Exception as error:  # noqa: BLE001  any error is what is looked for
        return error
    return None


def _fails_so(target: Target, data: bytes, folder: Path, name: str) -> bool:
    error = _error_of(target, [data], folder)
    return error is not None and signature_of(error) == name


def _seconds_of(target: Target, data: bytes, folder: Path) -> float:
    begun = process_time()
    _error_of(target, [data], folder)
    return process_time() - begun


def minimised(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """A smaller input that fails too: ever smaller pieces are left out while it does."""
    tries, width = 0, max(1, len(data) // 2)
    while width and tries < _MOST_TRIES:
        place = 0
        while place < len(data) and tries < _MOST_TRIES:
            shorter = data[:place] + data[place + width :]
            tries += 1
            if fails(shorter):
                data = shorter
            else:
                place += width
        width //= 2
    return data


def main() -> None:
    """Answer tasks until there are no more."""
    with Path(sys.argv[1]).open("r+b") as file, tempfile.TemporaryDirectory(prefix="tunesmith-fuzz-") as folder:
        worker = Worker(mmap.mmap(file.fileno(), PLACE.size), Path(folder))
        for line in sys.stdin:
            print(json.dumps(worker.run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
