"""Scores as text for a terminal: one line a metric, its figure, the 95 % interval, and of how many items.

>>> figure = {"value": 0.64, "n": 50, "interval": [0.5, 0.76], "unit": "0-1", "signature": ""}
>>> line_of("correct", figure, 11)
'correct        0.640  0.500 to 0.760       50 items'
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def as_text(summary: Mapping[str, Any], out: Path) -> str:
    """All figures over all items, what was left out, and where to read on."""
    width = max(map(len, summary["metrics"]), default=0)
    lines = [line_of(name, figure, width) for name, figure in summary["metrics"].items()]
    lines = lines or ["no metric applies to any item"]
    lines += ["", _coverage(summary["coverage"])]
    lines += [
        f"{name}: nothing could be read out of {figure['unreadable']:,} of {figure['n']:,} answers; they count as wrong"
        for name, figure in summary["metrics"].items()
        if figure.get("unreadable")
    ]
    lines += [f"by slice: {', '.join(summary['slices'])} (see scores.json)"] if summary["slices"] else []
    lines += [
        f"not divided by {name}: it has {n:,} values; ask for it with --slice {name}"
        for name, n in summary["undivided"].items()
    ]
    return "\n".join([*lines, f"report: {out / 'report.html'}"])


def line_of(name: str, figure: Mapping[str, Any], width: int) -> str:
    """One metric."""
    if figure["value"] is None:
        return f"{name:<{width}}  no item has a value"
    interval = figure["interval"]
    shown = "no interval" if interval is None else f"{_number(interval[0])} to {_number(interval[1])}"
    items = f"{figure['n']:,} item{'s' if figure['n'] != 1 else ''}"
    return f"{name:<{width}} {_number(figure['value']):>8}  {shown:<18} {items:>10}"


def _number(value: float) -> str:
    """Three decimals of a share, one of a larger figure."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def _coverage(coverage: Mapping[str, Any]) -> str:
    parts = [f"{coverage['predicted']:,} of {coverage['items']:,} answers"]
    words = {
        "failed": "failed and count nowhere",
        "empty": "empty",
        "without_reference": "without a reference",
        "unanswered": "questions without an answer in the file",
    }
    parts += [f"{coverage[name]:,} {told}" for name, told in words.items() if coverage[name]]
    reasons = ", ".join(f"{reason} ({n:,})" for reason, n in coverage["failures"].items())
    return "; ".join(parts) + (f": {reasons}" if reasons else "")
