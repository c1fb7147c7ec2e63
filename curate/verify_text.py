"""What `curate verify` found, as a page of text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tunesmith.curate.shown import count, paint, visible, wrap

if TYPE_CHECKING:
    from tunesmith.curate.verify import Verified


def as_text(checked: Verified, color: bool = False, width: int = 100) -> str:
    """What was found, for a person."""
    return "\n".join(_lines(checked, color, width))


def _lines(checked: Verified, color: bool, width: int) -> Iterator[str]:
    if checked.whole:
        yield paint(f"{checked.run} is whole", "green", color=color)
        size = f"{checked.size_bytes / 1e6:,.1f} MB"
        yield f"  {count(checked.rows, 'row')} accounted for; {count(checked.files, 'file')} as written ({size})"
    else:
        yield paint(f"{checked.run} is damaged", "red", color=color)
    for file, findings in groupby(checked.findings, key=lambda finding: finding.file):
        yield f"  {paint(file, 'bold', color=color)}"
        for finding in findings:
            yield from _indented(visible(finding.told()), width)
    for state in checked.inputs:
        seen = f" ({visible(state.seen)})" if state.seen else ""
        yield from (f"  {line}" for line in wrap(f"input {state.name}, {state.path}: {state.state}{seen}", width=width))
    for note in checked.notes:
        yield from (f"  {line}" for line in wrap(f"note: {note}", width=width))
    if checked.remedy:
        yield from (f"  {line}" for line in wrap(f"To mend it: {checked.remedy}.", width=width))


def _indented(text: str, width: int) -> Iterator[str]:
    yield from (f"    {line}" for line in wrap(text, width=width - 4))
