"""One command, killed again and again: started in an empty place, killed, started again, and held against a run that
nobody disturbed.

>>> bench = Bench(case, Path("work"))  # doctest: +SKIP
>>> bench.trial([Kill(after_seconds=0.8)]).problems  # doctest: +SKIP
[]
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import xxhash
from kill_points import Witness, die_at, tell_to, watch
from kill_processes import Done, Started, finish, is_over, kill_all, kill_one, nothing, start

#: Timings and the host: the only output that may differ.
EXEMPT = "run.log.json"
_SHOWN = 4  # problems of a trial
_KEPT_SHARE = 0.6  # of the time until a kill, that the next start is spared
_MARGIN = 1.02  # of the duration within which a kill is drawn


class Case(NamedTuple):
    """A command to kill.

    :param argv: its arguments, for a place to write in.
    :param first: what its process does before, such as making shards small.
    :param growing: names of files that grow by lines, whose order is that of the answers.
    """

    name: str
    argv: Callable[[Path], list[str]]
    first: Callable[[], None] = nothing
    growing: frozenset[str] = frozenset()


class Kill(NamedTuple):
    """When and what to kill: after so many seconds, or at a step of the disk; all processes, or one that the command
    started."""

    after_seconds: float = 0.0
    step: str = ""
    one: bool = False
    cold: bool = False


class Trial(NamedTuple):
    """What came of it.

    :param hits: kills that found the command running, and ended it.
    :param codes: of each start, the last one to the end.
    :param finished, redone: files of stages that were whole at the kill, and those of them that were written again.
    """

    hits: int
    codes: tuple[int, ...]
    finished: int
    redone: int
    problems: tuple[str, ...]


class Bench:
    """A case, and what its undisturbed run left: `reference`, and `seconds` from a warm and from a cold start."""

    def __init__(self, case: Case, work: Path, *, seed: int = 0) -> None:
        self.case, self._work = case, work
        self._draw = random.Random(f"{seed} {case.name}")
        work.mkdir(parents=True, exist_ok=True)
        self.place, self.temporary, self._said = work / "place", work / "temporary", work / "said.txt"
        self.steps: tuple[str, ...] = ()
        self.seconds: dict[bool, float] = {}
        self.reference = self._undisturbed()

    def _undisturbed(self) -> Mapping[str, str]:
        found, steps = {}, self._work / "steps.txt"
        for turn in ("first", "watched"):
            self.clear()
            done = self.run(self._told(steps)) if turn == "watched" else self.run()
            if done.code:
                raise SystemExit(f"{self.case.name}: the undisturbed run ended with {done.code}:\n{done.said}")
            self.seconds[False] = done.seconds
            found[turn] = self.files()
        if found["first"] != found["watched"]:
            raise SystemExit(f"{self.case.name}: two undisturbed runs differ: {differing(*found.values())}")
        self.steps = tuple(dict.fromkeys(steps.read_text().splitlines()))
        return found["first"]

    def _told(self, steps: Path) -> Witness:
        steps.unlink(missing_ok=True)
        return tell_to(os.open(steps, os.O_WRONLY | os.O_CREAT | os.O_APPEND))

    def clear(self) -> None:
        """An empty place."""
        for folder in (self.place, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def start(self, witness: Witness | None = None, *, cold: bool = False) -> Started:
        """Start the command."""

        def first() -> None:
            os.environ["TMPDIR"], tempfile.tempdir = str(self.temporary), None
            self.case.first()
            if witness is not None:
                watch(self.place, witness)

        return start(self.case.argv(self.place), self._said, first=first, cold=cold)

    def run(self, witness: Witness | None = None, *, cold: bool = False) -> Done:
        """Run it to its end."""
        return finish(self.start(witness, cold=cold))

    def files(self) -> dict[str, str]:
        """Every file and empty folder below the place, with the digest of what it holds."""
        found = sorted(_described(path, self.place, self.case.growing) for path in _leaves(self.place))
        left = [(f"temporary folder: {path.name}", "") for path in self.temporary.iterdir()]
        return dict([*found, *left])

    def draw(self, count: int, *, one: bool = False, cold: bool = False) -> list[Kill]:
        """Moments within the duration of a run; those of further kills in a row within what is about left of it."""
        if cold not in self.seconds:
            self.clear()
            self.seconds[cold] = self.run(cold=cold).seconds
        kills, left = list[Kill](), _MARGIN * self.seconds[cold]
        for _ in range(count):
            kills.append(Kill(self._draw.uniform(0, left), one=one, cold=cold))
            left -= _KEPT_SHARE * kills[-1].after_seconds
        return kills

    def trial(self, kills: Sequence[Kill]) -> Trial:
        """Start in an empty place, kill as often as asked, run to the end, and compare."""
        self.clear()
        codes, finished, redone, problems = [], 0, 0, list[str]()
        before: dict[Path, tuple[int, int]] = {}
        for kill in kills:
            done = self._killed(kill)
            codes.append(done.code)
            problems += _traceback(done)
            redone += _rewritten(before)
            before = _stage_files(self.place)
            finished += len(before)
            if done.code == 0:
                break  # it was over before the kill
        done = self.run()
        codes.append(done.code)
        problems += _traceback(done) + ([f"ended with {done.code}: {done.said[-400:]}"] if done.code else [])
        redone += _rewritten(before)
        problems += differing(self.reference, self.files())
        return Trial(sum(code != 0 for code in codes[:-1]), tuple(codes), finished, redone, tuple(problems[:_SHOWN]))

    def _killed(self, kill: Kill) -> Done:
        if kill.step:
            return self.run(die_at(kill.step))
        started = self.start(cold=kill.cold)
        until = started.at + kill.after_seconds
        while time.monotonic() < until and not is_over(started):
            time.sleep(max(0.0, min(0.005, until - time.monotonic())))
        if kill.one:
            self.kill_one(started)
        else:
            kill_all(started)
        return finish(started)

    def kill_one(self, started: Started) -> None:
        """One of its processes, as soon as there is one."""
        while not is_over(started) and not kill_one(started, self._draw):
            time.sleep(0.002)


def _leaves(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() or not any(path.iterdir())]


def _described(path: Path, place: Path, growing: frozenset[str]) -> tuple[str, str]:
    name = str(path.relative_to(place))
    if path.is_dir() or path.name == EXEMPT:
        return name, "exempt" if path.is_file() else "empty folder"
    data = path.read_bytes()
    if path.name in growing:
        data = b"".join(sorted(data.splitlines(keepends=True)))
    return name, xxhash.xxh3_128_hexdigest(data)


def differing(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What is missing, left over or other than it should be."""
    missing = [f"missing: {name}" for name in wanted if name not in found]
    left = [f"left over: {name}" for name in found if name not in wanted]
    other = [f"other bytes: {name}" for name in wanted if name in found and found[name] != wanted[name]]
    return missing + left + other


def _traceback(done: Done) -> list[str]:
    """A kill of one process is a person's trouble and no bug: it is told without a traceback."""
    return [f"traceback: {done.said[-400:]}"] if "Traceback" in done.said else []


def _stage_files(place: Path) -> dict[Path, tuple[int, int]]:
    """Whole files of finished stages, and which file it is."""
    found = [path for path in place.rglob(".stages/**/*.arrow") if not path.name.startswith(".")]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def _rewritten(before: Mapping[Path, tuple[int, int]]) -> int:
    stats = [(path.stat() if path.exists() else None, known) for path, known in before.items()]
    return sum(stat is None or (stat.st_ino, stat.st_mtime_ns) != known for stat, known in stats)
