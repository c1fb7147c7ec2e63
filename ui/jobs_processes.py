"""Processes by their identity and with all that they started. A number alone is no identity: numbers are used again.

>>> mark = mark_of(os.getpid())
>>> is_alive(os.getpid(), mark), is_alive(os.getpid(), "another's")
(True, False)
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def mark_of(pid: int) -> str:
    """When a process started, as a text that no other process with this number will have; empty where none runs."""
    if not _PROC.is_dir():
        return _mark_by_ps(pid)
    fields = _fields(pid)
    if not fields or fields[0] in "ZX":  # ended, and its parent has not looked yet
        return ""
    return f"{_boot()}:{fields[19]}"  # proc(5): field 22, and these begin with the third


def is_alive(pid: int, mark: str) -> bool:
    """Whether the very process runs whose mark was taken."""
    return bool(mark) and mark_of(pid) == mark


def adopt_orphans() -> None:
    """From now on this process is the parent of all below it whose own parents end, so that it can end them too."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """All that a process started and that still run, wherever they went: sessions and groups of their own too."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        fields = _fields(int(entry.name)) if entry.name.isdecimal() else []
        if fields and fields[0] not in "ZX":
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, open_ends = [], [pid]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found += below
        open_ends += below
    return found


def signal_group(leader: int, number: signal.Signals) -> None:
    """A signal to a process and its group; none where they ended."""
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left
        os.killpg(leader, number)


def kill_below(pid: int, *, wait: float = 0.0) -> None:
    """End all that a process started; they have `wait` seconds to end by themselves."""
    until = time.monotonic() + wait
    while (left := descendants(pid)) and time.monotonic() < until:
        time.sleep(0.02)
    for _ in range(20):  # one that is killed may have started another just before
        for number in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        left = descendants(pid)
        if not left:
            return
        time.sleep(0.02)


def _fields(pid: int) -> list[str]:
    """Of /proc/<pid>/stat from the state on: the name before it may hold spaces and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


@cache
def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _mark_by_ps(pid: int) -> str:
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()
