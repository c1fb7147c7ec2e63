"""A command watched from outside: wall time, memory of all its processes, and what it takes of the disk.

>>> watched(["true"], log=Path("true.log"), disk=Path()).seconds < 5
True
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

_EVERY = 0.5  # seconds
_FIELDS = re.compile(r"^(Pss|Pss_Anon):\s+(\d+) kB", re.MULTILINE)


class Watched(NamedTuple):
    """Seconds from start to end, processor seconds of all processes, and the highest values that were seen.

    `memory_bytes`: what the processes hold, a page that several share counted once (PSS), files that are mapped into
    memory among it. `own_bytes`: of it what is no file's, which the system cannot take back. `disk_bytes`: what the
    disk has less of than before.
    """

    seconds: float
    processor_seconds: float
    memory_bytes: int
    own_bytes: int
    disk_bytes: int


def watched(command: list[str], *, log: Path, disk: Path, group: Path | None = None) -> Watched:
    """Run a command that must succeed; what it says and prints goes to `log`.

    :param disk: a folder of the disk that it writes to.
    :param group: a control group to run it in, as somebody has set it up: the folder with its `cgroup.procs`.
    """
    before = os.times()
    with log.open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        if group is not None:  # before it has done anything worth limiting
            (group / "cgroup.procs").write_text(str(process.pid))
        watcher = _Watcher(process.pid, disk)
        process.wait()
        seconds = time.perf_counter() - start
    memory, own, used = watcher.stop()
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}; it said:\n{tail}")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Watched(seconds, spent, memory, own, used)


class _Watcher:
    """A thread that follows a session of processes until it is stopped."""

    def __init__(self, session: int, disk: Path) -> None:
        self._session, self._disk = session, disk
        self._free = shutil.disk_usage(disk).free
        self._highest = [0, 0, 0]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[int, int, int]:
        """The highest values."""
        self._over.set()
        self._thread.join()
        return self._highest[0], self._highest[1], self._highest[2]

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            seen = [0, 0, self._free - shutil.disk_usage(self._disk).free]
            for member in self._members():
                for place, size in enumerate(_memory_of(member)):
                    seen[place] += size
            self._highest = [max(pair) for pair in zip(self._highest, seen)]

    def _members(self) -> list[Path]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            if int(fields[3]) == self._session:
                found.append(folder)
        return found


def _memory_of(process: Path) -> tuple[int, int]:
    try:
        found = dict(_FIELDS.findall((process / "smaps_rollup").read_text()))
    except OSError:
        return 0, 0
    return 1024 * int(found.get("Pss", 0)), 1024 * int(found.get("Pss_Anon", 0))
