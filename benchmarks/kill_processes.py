"""Commands as processes that can be killed at any moment: started from nothing, or forked from this one.

A start from nothing takes two seconds of imports, in which no file is written. Most kills therefore hit a fork of this
process, which has imported everything and loaded the kernels, as a server has; some hit a start from nothing.

>>> done = finish(start(["curate", "run", "rows.jsonl", "--out", "run"], Path("said.txt")))  # doctest: +SKIP
>>> done.code, done.said  # doctest: +SKIP
(0, '…')
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

_COLD = str(Path(__file__).with_name("kill_cold.py"))
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.002


class Started(NamedTuple):
    """A process, at the head of a group of its own, and where it writes what it says."""

    pid: int
    said: Path
    at: float


class Done(NamedTuple):
    """How it ended: the exit code, below 0 for a signal, as `subprocess` has it; what it said; how long it took."""

    code: int
    said: str
    seconds: float


def nothing() -> None:
    """What a child does first, where it does nothing."""


def start(argv: Sequence[str], said: Path, *, first: Callable[[], None] = nothing, cold: bool = False) -> Started:
    """Start `tunesmith` with these arguments.

    :param first: what the child does before the command.
    :param cold: whether it starts from nothing, as `kill_cold.py`; `first` is left out then.
    """
    at = time.monotonic()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _become(argv, said, first, cold=cold)
    with contextlib.suppress(OSError):  # it has done so itself, or has ended
        os.setpgid(pid, pid)
    return Started(pid, said, at)


def _become(argv: Sequence[str], said: Path, first: Callable[[], None], *, cold: bool) -> None:
    """The child; it never comes back."""
    code = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for descriptor in (1, 2):
            os.dup2(file, descriptor)
        if cold:
            os.execv(sys.executable, [sys.executable, _COLD, *argv])  # noqa: S606
        code = _command(argv, first)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _command(argv: Sequence[str], first: Callable[[], None]) -> int:
    import traceback

    from tunesmith import cli

    sys.argv = ["tunesmith", *argv]
    try:
        first()
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 (a bug, as the interpreter would show it)
        traceback.print_exc()
        return 1
    return 0


def finish(started: Started) -> Done:
    """Wait for its end."""
    until = started.at + _PATIENCE_SECONDS
    while True:
        pid, status = os.waitpid(started.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > until:
            kill_all(started)
            raise SystemExit(f"a command hangs; it said:\n{started.said.read_text(errors='replace')}")
        time.sleep(_LOOK_SECONDS)
    seconds = time.monotonic() - started.at
    _wait_for_others(started.pid)
    return Done(os.waitstatus_to_exitcode(status), started.said.read_text(errors="replace"), seconds)


def kill_all(started: Started) -> None:
    """SIGKILL to the command and to every process that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)


def kill_one(started: Started, draw: random.Random) -> bool:
    """SIGKILL to one of the processes that the command started; whether there was one."""
    children = _children(started.pid)
    if children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(children), signal.SIGKILL)
    return bool(children)


def is_over(started: Started) -> bool:
    """Whether the command has ended; it still has to be waited for."""
    return os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _wait_for_others(group: int) -> None:
    """Killed workers end a moment after their parent, and hold the lock of the folder until then."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and any(map(_is_alive, _members(group))):
        time.sleep(_LOOK_SECONDS)


def _members(group: int) -> list[Path]:
    folders = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [folder for folder in folders if _fields(folder)[2:3] == [str(group)]]


def _is_alive(folder: Path) -> bool:
    return _fields(folder)[:1] not in ([], ["Z"], ["X"])


def _fields(folder: Path) -> list[str]:
    """State, parent, group … of a process; none where it is gone."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def warm_up(recipe: Path, out: Path) -> None:
    """Run a recipe in this process, so that its forks have everything imported, every kernel loaded and nothing to
    compile. The report is drawn by a process of its own, whose engine no fork would survive."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from tunesmith.curate.rendering import report_process

    with report_process() as drawer:
        from tunesmith.curate.lean import start_lean

        start_lean()
        from tunesmith.curate.recipe import load_recipe
        from tunesmith.curate.run import run

        run(load_recipe(recipe), out, workers=1, drawer=drawer)
    from tunesmith.curate import endpoint_pool
    from tunesmith.evaluate import judge_run, predict, predict_endpoint

    assert all((endpoint_pool, judge_run, predict, predict_endpoint))
    _build_commands()
    gc.freeze()
    assert threading.active_count() == 1
    assert "vl_convert" not in sys.modules


def _build_commands() -> None:
    """The options of all commands are read out of their signatures at each start: a fifth of a small run."""
    from typer.main import get_command

    from tunesmith import cli

    cli.__dict__["app"] = get_command(cli.app)
