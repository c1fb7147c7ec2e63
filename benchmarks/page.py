"""Pieces of a Markdown page of figures.

>>> print(table([{"what": "a", "rows": 12000}]))
| what | rows |
| --- | --- |
| a | 12,000 |
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def table(lines: Sequence[Line]) -> str:
    """Markdown; a column that a line lacks stays empty."""
    if not lines:
        return "(not measured)"
    names = list(dict.fromkeys(name for line in lines for name in line))
    rows = [names, ["---"] * len(names), *([line.get(name, "") for name in names] for line in lines)]
    cells = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the lowest and the highest where there are several."""
    middle = f"{statistics.median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def machine() -> str:
    """The processor, its cores, the memory, the interpreter."""
    processor = _first("/proc/cpuinfo", "model name") or platform.machine()
    memory = round(int(_first("/proc/meminfo", "MemTotal").split()[0]) / 1024**2)
    cores = _first("/proc/cpuinfo", "siblings") or "?"
    return f"{processor}, {cores} cores, {memory} GiB of memory, CPython {platform.python_version()}"


def _first(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
