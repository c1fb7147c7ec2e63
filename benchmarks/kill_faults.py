"""A disk that is full or read-only, and files that are lost: told in one message, and made good by the same command.

>>> Faults(bench).full_at("before open out/.train.jsonl.part #1")  # doctest: +SKIP
[]
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from kill_points import Witness, die_at, fail_from
from kill_processes import Done
from kill_trials import Bench, differing

_MOUNT_FAILED = "this user may not mount"


class Faults:
    """What is done to the disk of a command. Every method gives back what was not as it ought to be."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._ended: Done | None = None

    def full_at(self, step: str) -> list[str]:
        """From this step on nothing new can be written."""
        return self._failing(step, errno.ENOSPC, whole=False)

    def read_only_at(self, step: str) -> list[str]:
        """From this step on nothing can be changed."""
        return self._failing(step, errno.EROFS, whole=True)

    def _failing(self, step: str, number: int, *, whole: bool) -> list[str]:
        self._bench.clear()
        done = self._bench.run(fail_from(step, number, whole=whole))
        # What fails after the last file may be the removal of what is nobody's: then there is nothing to tell.
        problems = [] if done.code == 0 and not differing(self._bench.reference, self._bench.files()) else told(done)
        return [f"{step}: {problem}" for problem in problems + self._made_good()]

    def _made_good(self, but: str = "") -> list[str]:
        """The cause is gone, and the same command runs. A lost cache that nothing needs any more may stay lost."""
        done = self._ended = self._bench.run()
        ended = [] if done.code == 0 else [f"afterwards it ended with {done.code}: {done.said[-300:]}"]
        found = self._bench.files()
        if Path(but).name in self._bench.case.growing and Path(but).parent.name:
            found |= {but: self._bench.reference[but]}
        return ended + differing(self._bench.reference, found)

    def full(self, size_bytes: int) -> list[str]:
        """A file system of this size, and then one with room.

        :raises OSError: where none can be mounted.
        """
        self._bench.clear()
        with mounted(self._bench.place, f"size={size_bytes}") as grow:
            done = self._bench.run()
            problems = told(done) if done.code else ["there was room enough"]
            grow("size=1G")
            problems += self._made_good()
        return [f"{size_bytes:,} bytes: {problem}" for problem in problems]

    def read_only(self, step: str) -> list[str]:
        """Killed at a step, then the file system is read-only, then it is not.

        :raises OSError: where none can be mounted.
        """
        self._bench.clear()
        with mounted(self._bench.place, "size=1G") as change:
            self._bench.run(die_at(step))
            change("ro")
            problems = told(self._bench.run())
            change("rw")
            problems += self._made_good()
        return [f"{step}: {problem}" for problem in problems]

    def lost(self, step: str | None, every: int) -> tuple[int, list[str]]:
        """Killed at a step, or finished (None); then one of the files is gone, cut in half, or empty, each file in one
        of these ways. How many files that were, and what was wrong: a file has to be made good, or what is left of an
        output refused with a message, as it could be somebody else's."""
        place = self._bench.place
        self._bench.clear()
        self._bench.run(die_at(step) if step else None)
        left = place.with_name("left")
        shutil.rmtree(left, ignore_errors=True)
        shutil.copytree(place, left)
        files = [path.relative_to(left) for path in sorted(left.rglob("*")) if path.is_file() and path.stat().st_size]
        problems, files = [], files[::every]
        for name, way in zip(files, cycle(("gone", "half", "empty"))):
            self._bench.clear()
            shutil.copytree(left, place, dirs_exist_ok=True)
            _damage(place / name, way)
            found = self._made_good(but=str(name))
            if found and (not self._ended or told(self._ended)):
                problems += [f"{name} {way}: {problem}" for problem in found]
        return len(files), problems

    def input_gone(self, path: Path, step: str) -> list[str]:
        """Killed at a step; then an input is gone, then it is there again."""
        self._bench.clear()
        self._bench.run(die_at(step))
        kept = path.read_bytes()
        path.unlink()
        try:
            problems = told(self._bench.run(), names=path.name)
        finally:
            path.write_bytes(kept)
        return problems + self._made_good()

    def input_changed(self, path: Path, step: str) -> list[str]:
        """Somebody writes to an input while it is read, and takes it back."""
        self._bench.clear()
        kept = path.read_bytes()
        try:
            problems = told(self._bench.run(_append_at(step, path)), names=path.name)
        finally:
            path.write_bytes(kept)
        return problems + self._made_good()


def told(done: Done, names: str = "") -> list[str]:
    """What is wrong with the end of a command that could not go on."""
    problems = []
    if done.code != 2:
        problems.append(f"expected exit code 2, saw {done.code}: {done.said[-300:]}")
    if "Traceback" in done.said:
        problems.append(f"traceback: {done.said[-600:]}")
    if "error: " not in done.said or names not in done.said:
        problems.append(f"no message about {names or 'it'}: {done.said[-300:]}")
    return problems


def _damage(path: Path, way: str) -> None:
    if way == "gone":
        path.unlink()
    else:
        os.truncate(path, path.stat().st_size // 2 if way == "half" else 0)


def _append_at(wanted: str, path: Path) -> Witness:
    def witness(name: str, place: str) -> None:
        if name == wanted:
            with path.open("ab") as file:
                file.write(b'{"prompt": "More?", "completion": "More."}\n')

    return witness


@contextlib.contextmanager
def mounted(place: Path, options: str) -> Iterator[Callable[[str], None]]:
    """A file system in memory at a folder; gives a function that mounts it again with other options.

    :raises OSError: where this user may not.
    """

    def mount(*words: str) -> None:
        done = subprocess.run(["mount", *words, str(place)], capture_output=True, check=False)
        if done.returncode:
            raise OSError(_MOUNT_FAILED)

    mount("-t", "tmpfs", "-o", options, "none")
    try:
        yield lambda changed: mount("-o", f"remount,{changed}")
    finally:
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)
