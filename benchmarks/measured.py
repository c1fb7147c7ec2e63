"""Wall time and memory of a whole process tree, measured from outside.

>>> measure(["true"], log=Path("true.log")).seconds < 5
True
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

SAMPLE_SECONDS = 0.05


class Measured(NamedTuple):
    """Seconds from the start of the process to its end; the highest sum of PSS over its tree, 0 where not sampled;
    and the CPU seconds that sampling took from the machine meanwhile."""

    seconds: float
    peak_bytes: int = 0
    sampling_seconds: float = 0.0


def measure(
    command: list[str], *, log: Path, environment: Mapping[str, str] | None = None, sampled: bool = False
) -> Measured:
    """Run a command that must succeed; what it says goes to `log`, what it prints to the same name with `.out`."""
    with log.open("wb") as said, printed_by(log).open("wb") as printed:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=said, env=environment, start_new_session=True)
        sampler = _Sampler(process.pid) if sampled else None
        process.wait()
        seconds = time.perf_counter() - start
    peak, cost = sampler.stop() if sampler else (0, 0.0)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}; it said, in {log}:\n{_tail(log)}")
    return Measured(seconds, peak, cost)


def printed_by(log: Path) -> Path:
    """The standard output of the command of this log."""
    return log.with_name(f"{log.name}.out")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])


class _Sampler:
    """A thread that follows the memory of a session of processes until it is stopped.

    PSS is dear to read (5 ms for a large process), so it is read only where the resident sizes, which bound it, are
    higher than ever, and once a second.
    """

    def __init__(self, session: int) -> None:
        self._session, self._peak, self._cost = session, 0, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[int, float]:
        """Highest sum in bytes, and CPU seconds that it cost."""
        self._over.set()
        self._thread.join()
        return self._peak, self._cost

    def _sample(self) -> None:
        number, highest = 0, 0
        members: list[Path] = []
        while not self._over.wait(SAMPLE_SECONDS):
            if number % 5 == 0:
                members = [*_members(self._session)]
            resident = sum(map(_resident_pages, members))
            if resident > 1.01 * highest or number % 20 == 0:
                self._peak = max(self._peak, sum(map(_pss_bytes, members)))
                highest = max(highest, resident)
            number += 1
        self._cost = time.thread_time()


def _members(session: int) -> Iterator[Path]:
    """The /proc folders of the processes of a session: children stay in it, grandchildren too."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _session_of(folder) == session:
            yield folder


def _session_of(folder: Path) -> int:
    after_name = _read(folder / "stat").rpartition(")")[2].split()
    return int(after_name[3]) if after_name else -1


def _resident_pages(folder: Path) -> int:
    sizes = _read(folder / "statm").split()
    return int(sizes[1]) if sizes else 0


def _pss_bytes(folder: Path) -> int:
    lines = _read(folder / "smaps_rollup").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _read(path: Path) -> str:
    """What it says; nothing where the process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
