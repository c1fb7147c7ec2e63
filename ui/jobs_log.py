"""What a command printed: the end of its log, and what that says of how it ended.

>>> how_it_failed(2, ["error: rows.jsonl: expected a file, found nothing; check the path"])
('input', 'rows.jsonl: expected a file, found nothing; check the path')
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from tunesmith.ui.jobs_types import Failure

_BYTES = 1 << 18  # of the end of a log that are looked at
_LONGEST = 1000  # characters of a message; the log has the rest
_ERROR = "error: "
_TRACEBACK = "Traceback (most recent call last)"


def tail_of(path: Path, lines: int) -> list[str]:
    """The last lines of a log, each as a terminal would show it in the end: what a bar wrote over is left out."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, 2) - _BYTES)
            file.seek(start)
            found = file.read()
    except FileNotFoundError:
        return []
    if start:
        found = found.partition(b"\n")[2] or found  # or a bar has drawn itself over and over on one line
    text = found.decode("utf-8", errors="replace")
    return [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip("\n").split("\n")[-lines:]] if text else []


def how_it_failed(code: int, lines: Sequence[str]) -> tuple[Failure, str]:
    """Of an exit status that is not 0 and the end of the log: whose fault it was, and the words for it.

    Commands end with 2 for a person's mistake and with 1 where a gate that was asked for did not pass; Python ends
    with 1 at a bug too, after a traceback. A status below 0 is the signal that ended it.
    """
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        return "killed", signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    if code == 2:
        return "input", _short(_told_mistake(lines))
    if code == 1 and not any(_TRACEBACK in line for line in lines):  # a launcher writes the rank before it
        return "gate", _short(last_line(lines))
    return "bug", _short(last_line(lines))


def last_line(lines: Sequence[str]) -> str:
    """The last line with words; empty where there is none, or where it is the end of a JSON object."""
    found = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return "" if found in ("}", "]") or found.startswith("{") else found


def _told_mistake(lines: Sequence[str]) -> str:
    """`error: …` with the indented lines after it, or what stands in the box that is drawn around wrong options."""
    starts = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    if starts:
        first = starts[-1]
        more = [line for line in lines[first + 1 :] if line.strip()]
        end = next((number for number, line in enumerate(more) if not line.startswith("  ")), len(more))
        return "\n".join([lines[first].removeprefix(_ERROR), *more[:end]])
    boxed = [line.strip("│ ") for line in lines if line.startswith("│")]
    return " ".join(boxed) or last_line(lines)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
