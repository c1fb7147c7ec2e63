"""The preview of other rules as a page of text for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tunesmith.curate.rules import RULES
from tunesmith.curate.shown import number, paint

if TYPE_CHECKING:
    from tunesmith.curate.preview import NearRow, Preview, RuleChange


def as_text(found: Preview, color: bool = False) -> str:
    """The preview for a person: the counts, each rule, and the rows near a changed threshold."""
    return "\n".join(_lines(found, color))


def _lines(found: Preview, color: bool) -> Iterator[str]:
    yield paint(found.run, "bold", color=color)
    took = f"{found.seconds * 1000:,.0f} ms"
    yield f"  the rules judged {found.judged:,} of {found.rows:,} rows in {took}; no text was read"
    yield f"  dropped: {_change(found.dropped_before, found.dropped_after)}" + _what(found)
    if found.flagged_before or found.flagged_after:
        yield f"  kept with a flag: {_change(found.flagged_before, found.flagged_after)}"
    if found.kept_by_decision:
        yield f"  {found.kept_by_decision:,} more fail a rule and stay, as a person decided to keep them"
    if found.newly_kept:
        yield "  rows that are newly kept still meet the duplicates stage when the recipe runs"
    yield ""
    yield from _table(found, color)
    changed = [one for one in found.rules if one.changed]
    for one in changed or [one for one in found.rules if one.failing]:
        yield from _near(one, color)
    if found.settings:
        yield ""
        yield paint("In the recipe", "bold", color=color)
        yield "  rules:"
        stands = {rule: setting for rule, setting in found.settings.items() if setting is not False or rule in RULES}
        yield from (f"    {rule}: {_yaml(setting)}" for rule, setting in stands.items())
        yield from (f"  and without its rule {rule}" for rule in found.settings if rule not in stands)


def _what(found: Preview) -> str:
    if not any(one.changed for one in found.rules):
        return " (no rule was changed)"
    return f" ({found.newly_dropped:,} newly dropped, {found.newly_kept:,} newly kept)"


def _change(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _table(found: Preview, color: bool) -> Iterator[str]:
    heads = ("", "drops", "flags", "fail it", "only it drops", "newly dropped", "newly kept")
    rows = [
        (
            one.rule + " *" * one.changed,
            _change(one.drops_before, one.drops_after),
            _change(one.flags_before, one.flags_after),
            _change(one.fails_before, one.fails_after),
            _change(one.only_before, one.only_after),
            f"{one.newly_dropped:,}",
            f"{one.newly_kept:,}",
        )
        for one in found.rules
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    yield paint(_row(heads, widths), "bold", color=color)
    yield from (_row(row, widths) for row in rows)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(cells, widths))
    return "  ".join((first.strip().ljust(widths[0]), *others)).rstrip()


def _near(one: RuleChange, color: bool) -> Iterator[str]:
    if not (one.passing or one.failing):
        return
    yield ""
    yield paint(f"Nearest to the threshold of {one.rule}", "bold", color=color)
    for label, rows in (("fails", one.failing), ("passes", one.passing)):
        yield from (f"  {label:<6}  {_near_row(row)}" for row in rows)


def _near_row(row: NearRow) -> str:
    return f"{row.row_id}: {number(row.value)}, limit {number(row.threshold)} ({row.language})"


def _yaml(setting: Any) -> str:
    if setting is False:
        return "off"
    if isinstance(setting, Mapping):
        return "{" + ", ".join(f"{name}: {_yaml(value)}" for name, value in setting.items()) + "}"
    quoted = isinstance(setting, str) and not setting.isidentifier()
    return json.dumps(setting, ensure_ascii=False) if quoted else f"{setting}"
