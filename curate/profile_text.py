"""The profile of a source as a page of text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tunesmith.curate.rules import RULES
from tunesmith.curate.shown import number, paint

if TYPE_CHECKING:
    from tunesmith.curate.profile import Cell, Extreme, Profile


def as_text(found: Profile, color: bool = False) -> str:
    """The profile for a person: what the rules would do, then a table of signals for each source and language."""
    return "\n".join(_lines(found, color))


def _lines(found: Profile, color: bool) -> Iterator[str]:
    yield paint(", ".join(found.sources), "bold", color=color)
    yield f"  {found.rows:,} rows, read and measured in {found.seconds:.2f} s"
    if found.invalid:
        told = ", ".join(f"{code} {rows:,}" for code, rows in found.invalid.items())
        yield f"  {sum(found.invalid.values()):,} could not be read: {told}"
    yield ""
    yield from _rules(found, color)
    for cell in found.cells:
        yield ""
        yield from _cell(cell, color)


def _rules(found: Profile, color: bool) -> Iterator[str]:
    flagged = f" and flag {found.flagged:,} that stay" if found.flagged else ""
    yield paint(f"The default rules would drop {found.dropped:,} rows{flagged}", "bold", color=color)
    if not found.rules:
        return
    rows = [
        (one.rule, *(f"{count:,}" for count in (one.drops, one.flags, one.fails, one.only)), ", ".join(one.examples))
        for one in found.rules
    ]
    yield from _table(("", "drops", "flags", "fail it", "only it drops", "such as"), rows, left=(0, 5))
    yield from (f"  {one.rule}: {RULES[one.rule].why.en}" for one in found.rules)


def _cell(cell: Cell, color: bool) -> Iterator[str]:
    yield paint(f"{cell.source}, {cell.language}: {cell.rows:,} rows", "bold", color=color)
    varied = {name: one for name, one in cell.numbers.items() if one.max or one.lowest}
    rows = [
        (name, *map(number, (one.median, one.p5, one.p95, one.max)), _ends(one.lowest, one.highest))
        for name, one in varied.items()
    ]
    yield from _table(("", "median", "5 %", "95 %", "most", "outliers"), rows, left=(0, 5))
    shares = [f"{name} {share:.2%}" for name, share in cell.shares.items() if share]
    if shares:
        yield f"  true of: {', '.join(shares)}"
    zero = [name for name in (*cell.numbers, *cell.shares) if name not in varied and not cell.shares.get(name)]
    if zero:
        yield f"  none: {', '.join(zero)}"


def _ends(lowest: Sequence[Extreme], highest: Sequence[Extreme]) -> str:
    return ", ".join(f"{row.row_id} ({number(row.value)})" for row in (*lowest[:1], *highest[:2]))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    for cells in (heads, *rows):
        placed = [
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths))
        ]
        yield f"  {'  '.join(placed)}".rstrip()
