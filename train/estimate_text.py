"""The estimate in the terminal: bars for its parts, the rules of thumb beside it, and the table of what fits.

>>> print(bar(3, 4, width=8))
██████
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith.train.estimate_fit import Cell, verdict
from tunesmith.train.estimate_rules import rules_for
from tunesmith.train.estimate_types import Change, Estimate, gibibytes
from tunesmith.train.estimate_words import PART_WORDS, PHASE_WORDS, VERDICT_WORDS, WORDS
from tunesmith.train.types import Language

_EIGHTHS = " ▏▎▍▌▋▊▉"
_WIDTH = 40
_MARKS = {"fits": "", "tight": "*", "no": "-"}


def bar(value: float, most: float, *, width: int = _WIDTH) -> str:
    """A bar of blocks, to an eighth of one."""
    eighths = round(8 * width * value / most) if most else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def as_text(
    found: Estimate,
    *,
    language: Language = "en",
    capacity_bytes: int | None = None,
    cells: Sequence[Cell] = (),
    change: Change | None = None,
    color: bool = False,
) -> str:
    """Everything that the command prints."""
    words = WORDS[language]
    lines = [*summary_lines(found, language, capacity_bytes), "", _bars(found, language, color), ""]
    if change is not None:
        lines += [change_line(change, language), ""]
    if cells and capacity_bytes is not None:
        lines += [words["table"].format(capacity=gibibytes(capacity_bytes)), _table(cells, language, color), ""]
    lines += [words["rules"], *(f"  {line}" for line in rule_lines(found, language))]
    return "\n".join(lines)


def change_line(change: Change, language: Language) -> str:
    """The smallest change that fits, or the least that there is."""
    if not change.fits:
        return change.text
    return WORDS[language]["change"].format(text=change.text, likely=gibibytes(change.estimate.likely))


def summary_lines(found: Estimate, language: Language, capacity_bytes: int | None) -> list[str]:
    """The model, the range, its parameters, and whether it fits."""
    words, counts = WORDS[language], found.counts
    peak = PHASE_WORDS[language][found.peak]
    share = counts.trained / (counts.total + counts.adapter)
    amounts = {name: gibibytes(getattr(found, name)) for name in ("low", "likely", "high")}
    lines = [
        f"{found.model}: {words['title']}",
        words["range"].format(**amounts, peak=peak),
        words["counts"].format(total=counts.total, trained=counts.trained, share=share),
    ]
    if counts.kept:
        lines.append(words["kept"].format(names=", ".join(counts.kept)))
    if capacity_bytes is not None:
        told = VERDICT_WORDS[language][verdict(found, capacity_bytes)]
        lines.append(words["capacity"].format(capacity=gibibytes(capacity_bytes), verdict=told))
    return lines


def _bars(found: Estimate, language: Language, color: bool) -> str:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    shown = {part: size for part, size in found.parts.items() if size >= 1024**2 or size > found.likely / 2000}
    most = max(shown.values(), default=1)
    for part, size in shown.items():
        style = "cyan" if part in ("weights", "adapter", "gradients", "optimizer") else "yellow"
        drawn = f"[{style}]{bar(size, most)}[/]" if color else bar(size, most)
        table.add_row(PART_WORDS[language][part], gibibytes(size), drawn)
    return _printed(table, color)


def _table(cells: Sequence[Cell], language: Language, color: bool) -> str:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # 13 columns within 100
    table.add_column(WORDS[language]["method"])
    heads = list(dict.fromkeys((cell.length, cell.batch) for cell in cells))
    for length, batch in heads:
        table.add_column(f"{length}\n×{batch}", justify="right")
    for row in dict.fromkeys(cell.row for cell in cells):
        mine = {(cell.length, cell.batch): cell for cell in cells if cell.row == row}
        table.add_row(row, *(cell_text(mine[head]) for head in heads))
    return _printed(table, color)


def cell_text(cell: Cell) -> str:
    """GiB with a mark where it is tight, or `-`."""
    return "-" if cell.verdict == "no" else f"{cell.likely / 1024**3:.1f}{_MARKS[cell.verdict]}"


def rule_lines(found: Estimate, language: Language) -> list[str]:
    """What each rule of thumb says, a line each."""
    text = WORDS[language]["rule"]
    return [
        text.format(name=rule.name, amount=gibibytes(rule.amount), ratio=rule.ratio, text=rule.text)
        for rule in rules_for(found)
    ]


def _printed(table: object, color: bool) -> str:
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=140, force_terminal=color, no_color=not color).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").splitlines())


def as_json(
    found: Estimate,
    *,
    capacity_bytes: int | None = None,
    cells: Sequence[Cell] = (),
    change: Change | None = None,
    chart: Path | None = None,
) -> dict[str, Any]:
    """For `--json`: bytes throughout."""
    told = found.as_json()
    told["rules"] = [{"name": rule.name, "bytes": rule.amount, "ratio": rule.ratio} for rule in rules_for(found)]
    if capacity_bytes is not None:
        told |= {"capacity": capacity_bytes, "verdict": verdict(found, capacity_bytes), "change": None}
        told["table"] = [cell._asdict() for cell in cells]
    if change is not None:
        told["change"] = {
            "settings": dict(change.settings),
            "fits": change.fits,
            "text": change.text,
            "likely": change.estimate.likely,
        }
    if chart is not None:
        told["chart"] = str(chart)
    return told
