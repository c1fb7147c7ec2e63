"""Every step that a command takes on the disk, by name: told, died at, or failed at.

Python tells of each file that it opens to write, renames, removes or makes (PEP 578), before it does so; flushing to
the disk and what comes after a rename are told by functions put around them. What happens between two such steps is
data on its way into a file of a temporary name, or to the end of a file that only grows.

    watch(Path("run"), tell_to(descriptor))     every step as a line
    watch(Path("run"), die_at("before rename train.jsonl #1"))
    watch(Path("run"), fail_from("before open train.jsonl #1", errno.ENOSPC))
"""

from __future__ import annotations

import mmap
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Takes the name of a step and its path; may raise, kill, or write it down.
Witness = Callable[[str, str], None]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_PID = re.compile(r"\.\d+(?=\.part)")
_EVENTS = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.rmdir": "rmdir"}
_TARGET = {"os.rename": 1}  # which of the arguments is the path that counts


def watch(folder: Path, witness: Witness) -> None:
    """From now on, in this process and in those that it forks, tell of every step below a folder."""
    root = f"{folder.absolute()}{os.sep}"
    seen: Counter[str] = Counter()

    def step(when: str, what: str, path: Any) -> None:
        if not isinstance(path, str | os.PathLike | bytes):
            return
        place = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (a Path would tell of itself)
        if not place.startswith(root):
            return
        name = f"{when} {what} {_PID.sub('', place.removeprefix(root))}"
        seen[name] += 1
        witness(f"{name} #{seen[name]}", place)

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and _is_to_write(*arguments[1:3]):
            step("before", "open", arguments[0])
        elif event in _EVENTS:
            step("before", _EVENTS[event], arguments[_TARGET.get(event, 0)])

    sys.addaudithook(hear)
    _tell_of_renames(step)
    _tell_of_flushes(step)


def _is_to_write(mode: Any, flags: Any) -> bool:
    return bool(isinstance(flags, int) and flags & _WRITES) or (isinstance(mode, str) and not mode.startswith("r"))


def _tell_of_renames(step: Callable[[str, str, Any], None]) -> None:
    def told(rename: Callable[..., None]) -> Callable[..., None]:
        def renamed(source: Any, target: Any, **more: Any) -> None:
            rename(source, target, **more)
            step("after", "rename", target)

        return renamed

    os.replace, os.rename = told(os.replace), told(os.rename)


def _tell_of_flushes(step: Callable[[str, str, Any], None]) -> None:
    fsync = os.fsync

    def flushed(file: Any) -> None:
        descriptor = file if isinstance(file, int) else file.fileno()
        step("before", "fsync", Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(file)

    os.fsync = flushed


def tell_to(descriptor: int) -> Witness:
    """Write each step down as a line."""
    return lambda name, path: (os.write(descriptor, f"{name}\n".encode()), None)[1]


def die_at(wanted: str) -> Witness:
    """Kill the whole group of processes at this step."""

    def witness(name: str, path: str) -> None:
        if name == wanted:
            os.killpg(os.getpgid(0), signal.SIGKILL)
            signal.pause()

    return witness


def fail_from(wanted: str, number: int, *, whole: bool) -> Witness:
    """Let this step and all later ones fail with an error number, in every process, as a disk does that stays full.

    :param whole: whether removing and renaming fail too, as on a disk that became read-only; on a full one they work.
    """
    failing = mmap.mmap(-1, 1)  # shared with the processes that are forked from here

    def witness(name: str, path: str) -> None:
        if name == wanted:
            failing[0] = 1
        takes_room = name.split()[1] in ("open", "mkdir", "fsync")
        if failing[0] and name.startswith("before") and (whole or takes_room):
            raise OSError(number, os.strerror(number), path)

    return witness
