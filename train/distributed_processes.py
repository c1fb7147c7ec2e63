"""Starts the processes of one machine and hears how they end: their words, their error, their result.

>>> run_processes(["accelerate", "launch", …], Path("runs/medical.distributed"))  # doctest: +SKIP
{'outcome': 'finished', …}

A worker that meets a person's mistake leaves it in `error.json` before it ends, and the main one what it returned in
`result.json`. Everything that is said goes to `launch.log` too; once there is an error, the launcher's own report of
how its children died goes there alone.
"""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from tunesmith import errors
from tunesmith.curate import jsontext
from tunesmith.curate.io import read_json_object, write_bytes
from tunesmith.errors import InputError, OutputError, TunesmithError

ERROR, RESULT, LOG = "error.json", "result.json", "launch.log"

_PASSED_ON = (signal.SIGINT, signal.SIGTERM)


def run_processes(command: Sequence[str], folder: Path) -> dict[str, Any]:
    """Run a launcher to its end; what its main process left as its result, empty where that runs on another machine.

    SIGINT and SIGTERM go to the launcher, which stops its processes; then the same signal ends this one.

    :raises TunesmithError: what a worker left; OutputError where the launcher ended badly without a word of a worker.
    """
    for name in (ERROR, RESULT):
        (folder / name).unlink(missing_ok=True)
    with (folder / LOG).open("wb") as log:
        # a session of its own: Ctrl-C in a terminal would otherwise reach the processes twice
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
        with _passed_on(process) as received:
            _follow(process, log, folder / ERROR)
            status = process.wait()
    if received:
        _end_like(received[0])
    if (folder / ERROR).is_file():
        raise _left(folder / ERROR)
    if status:
        what = f"the processes ended with status {status}"
        raise OutputError(what, where=str(folder / LOG), remedy="read there what they said last")
    result = folder / RESULT
    return read_json_object(result) if result.is_file() else {}


def leave_error(folder: Path, error: TunesmithError) -> None:
    """For a worker: a mistake that this machine's launcher shall tell. The first one stays."""
    if not (folder / ERROR).exists():
        told = {"kind": type(error).__name__, "what": error.what, "where": error.where, "remedy": error.remedy}
        write_bytes(folder / ERROR, jsontext.dump_bytes(told))


def leave_result(folder: Path, result: dict[str, Any]) -> None:
    """For the main worker: what `train_run` returned."""
    write_bytes(folder / RESULT, jsontext.dumps_indented(result).encode() + b"\n")


def _left(path: Path) -> TunesmithError:
    told = read_json_object(path)
    kind = getattr(errors, str(told["kind"]), InputError)
    plain = kind if kind in (InputError, OutputError) else InputError  # others take more than a message
    return plain(str(told["what"]), where=told["where"], remedy=told["remedy"])


def _follow(process: subprocess.Popen[bytes], log: IO[bytes], error: Path) -> None:
    """What is said on standard error, to the log and, until a worker has left an error, to ours."""
    said = cast(io.BufferedReader, process.stderr)
    while chunk := said.read1():
        log.write(chunk)
        log.flush()
        if not error.exists():
            sys.stderr.write(chunk.decode(errors="replace"))
            sys.stderr.flush()


@contextmanager
def _passed_on(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Signals that end this process go to the launcher instead; which came, in their order."""
    received: list[int] = []

    def pass_on(number: int, _frame: Any) -> None:
        received.append(number)
        if process.poll() is None:
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_like(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
