"""The log of a run while it grows: each look reads only what is new.

>>> log = GrowingLog(Path("models/medical/log.jsonl"))  # doctest: +SKIP
>>> log.read()  # doctest: +SKIP
[{'step': 1, 'loss': 2.1, 'learning_rate': 0.0001, 'grad_norm': 1.2, 'seconds': 3.4}]

A run that goes on from a checkpoint first takes lines away, so a file that is another one, or shorter, is read anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

Line = Mapping[str, Any]
_RECENT = 20  # steps that a speed is taken over


@dataclass
class GrowingLog:
    """A log and how far it was read.

    :param bytes_read: in all looks together, for tests and for the curious.
    """

    path: Path
    lines: list[Line] = field(default_factory=list)
    bytes_read: int = 0
    _offset: int = 0
    _file: tuple[int, int] = (0, 0)

    def read(self) -> list[Line]:
        """All lines so far. A line that is not whole yet is left for the next look."""
        try:
            with self.path.open("rb") as file:
                self._start_again_if_other(file)
                file.seek(self._offset)
                found = file.read()
        except OSError:
            return self.lines
        whole = found[: found.rfind(b"\n") + 1]
        self._offset += len(whole)
        self.bytes_read += len(found)
        self.lines += list(_lines(whole))
        return self.lines

    def _start_again_if_other(self, file: Any) -> None:
        import os

        now = os.fstat(file.fileno())
        if self._file != (now.st_dev, now.st_ino) or now.st_size < self._offset:
            self._file, self._offset, self.lines = (now.st_dev, now.st_ino), 0, []


def _lines(whole: bytes) -> Iterable[Line]:
    for line in whole.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("step"), int):
            yield found


class Now(NamedTuple):
    """Where a run is. None: not known.

    :param seconds_left: by the speed of the last steps, evaluations among them.
    """

    step: int
    total: int | None
    loss: float | None
    learning_rate: float | None
    grad_norm: float | None
    tokens_per_second: float | None
    seconds_left: float | None


def now_of(lines: Sequence[Line], total: int | None) -> Now:
    """Where the run is by its last lines."""
    steps = [line for line in lines if "loss" in line]
    if not steps:
        return Now(0, total, None, None, None, None, None)
    last = steps[-1]
    recent = [line for line in steps[-_RECENT - 1 :] if line.get("attempt") == last.get("attempt")]
    return Now(
        step=last["step"],
        total=total,
        loss=last.get("loss"),
        learning_rate=last.get("learning_rate"),
        grad_norm=last.get("grad_norm"),
        tokens_per_second=_per_second(recent, "num_tokens"),
        seconds_left=_left(recent, last["step"], total),
    )


def _per_second(recent: Sequence[Line], key: str) -> float | None:
    first, last = recent[0], recent[-1]
    if not all(isinstance(line.get(name), int | float) for line in (first, last) for name in (key, "seconds")):
        return None
    seconds = last["seconds"] - first["seconds"]
    return (last[key] - first[key]) / seconds if seconds > 0 else None


def _left(recent: Sequence[Line], step: int, total: int | None) -> float | None:
    speed = _per_second(recent, "step")
    return (total - step) / speed if total and speed and total > step else None
