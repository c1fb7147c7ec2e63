"""The preflight of preferences as text for the terminal and as a page.

>>> print(pairs_text(found))  # doctest: +SKIP
Qwen/Qwen3-0.6B · dpo · 2,048 tokens at most · over-long rows: drop
298 of 300 rows will be trained, 0 of them cut; 2 will not.
"""

from __future__ import annotations

from collections.abc import Iterator

from tunesmith.curate.report_format import number, share
from tunesmith.curate.shown import count, paint
from tunesmith.train.preflight_found import PairAccount, PairPreflight
from tunesmith.train.preflight_row_text import row_text
from tunesmith.train.preflight_text import (
    WIDTH,
    clean,
    length_lines,
    reason_lines,
    section,
    settings_line,
    table,
    verdict,
)
from tunesmith.train.preflight_views import View, page, set_lines
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import Language

_COLUMNS = ("rows", "whole", "cut", "dropped", "tokens", "trained")
_SECTIONS = ("sets", "reasons", "predicted", "pairs", "lengths", "shown")


def pairs_text(found: PairPreflight, *, color: bool = False, width: int = WIDTH) -> str:
    """The whole preflight for a person, with its first row token by token."""
    return "\n".join(line.rstrip() for line in _lines(found, color, min(width, WIDTH)))


def _lines(found: PairPreflight, color: bool, width: int) -> Iterator[str]:
    yield paint(settings_line(found), "dim", color=color)
    yield paint(verdict(found), "bold", color=color)
    yield ""
    rows = [(("  " if inner else "") + clean(title), *_cells(one)) for title, one, inner in set_lines(found, "en")]
    heads = ("", *(say("en", column).lower() for column in _COLUMNS))
    yield table(heads, rows, left=(0,), color=color, width=width)
    if found.unread:
        yield paint(f"  {count(len(found.unread), 'row')} could not be read", "yellow", color=color)
    yield from reason_lines(found, color, width)
    yield from section("Prompts and answers, in tokens, as TRL makes them", (), color)
    yield table(
        ("", "median", "90 %", "95 %", "99 %", "longest"), _sides(found, "en"), left=(0,), color=color, width=width
    )
    yield from (f"  {note}" for note in _notes(found, "en"))
    yield from (f"  {name('en', 'flag', flag)}: {count(rows, 'row')}" for flag, rows in found.train.flags.items())
    yield from section("Lengths of whole rows, in tokens", length_lines(found), color)
    if found.rows:
        yield ""
        yield from row_text(found.rows[0], color=color, width=width)


def pairs_page(found: PairPreflight, language: Language, *, predicted: View | None = None) -> str:
    """The page as HTML."""
    heads = ("50%", "90%", "95%", "99%", say(language, "longest"))
    return page(
        "preflight_pairs.html.j2",
        found,
        language,
        _SECTIONS,
        predicted,
        set_columns=_COLUMNS,
        note=say(language, "pairs_note"),
        sets=[
            {"title": title, "inner": inner, "cells": _cells(one)} for title, one, inner in set_lines(found, language)
        ],
        side_heads=heads,
        sides=[{"title": title, "cells": cells} for title, *cells in _sides(found, language)],
        pair_notes=_notes(found, language),
    )


def _cells(account: object) -> list[str]:
    if not isinstance(account, PairAccount):
        return []
    outcomes = account.outcomes
    counts = (account.rows, outcomes["trained"], outcomes["truncated"], outcomes["dropped"], account.tokens)
    return [*map(number, counts), f"{number(account.trained)} ({share(account.trained, account.tokens)})"]


def _sides(found: PairPreflight, language: Language) -> list[tuple[str, ...]]:
    return [
        (say(language, f"side.{side}"), *(number(value) for value in (one.p50, one.p90, one.p95, one.p99, one.max)))
        for side, one in found.train.sides.items()
    ]


def _notes(found: PairPreflight, language: Language) -> list[str]:
    train, notes = found.train, []
    if train.pairs:
        notes.append(say(language, "chosen_longer", n=number(train.chosen_longer), all=number(train.pairs)))
    if train.labels:
        good, bad = (number(train.labels.get(label, 0)) for label in ("good", "bad"))
        notes.append(say(language, "labels", good=good, bad=bad))
    return notes
