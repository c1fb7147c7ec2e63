"""The difference of two runs as a page of text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tunesmith.curate import jsontext
from tunesmith.curate.shown import count, cut, number, paint, ratio, visible, wrap

if TYPE_CHECKING:
    from tunesmith.curate.diff import Diff, Example, Group
    from tunesmith.curate.diff_inputs import Changed

_EXAMPLE_CHARACTERS = 40
_VALUE_CHARACTERS = 60


def as_text(found: Diff, color: bool = False, width: int = 100) -> str:
    """The difference for a person.

    :param width: columns of the terminal.
    """
    return "\n".join(_lines(found, color, width))


def _lines(found: Diff, color: bool, width: int) -> Iterator[str]:
    counts = found.counts
    yield paint(f"{found.a} → {found.b}", "bold", color=color)
    yield f"  kept rows: {counts['kept_in_a']:,} → {counts['kept_in_b']:,}, of which {counts['in_both']:,} are in both"
    yield from _asked(found, color, width)
    sections = (
        (found.only_in_a, counts["only_in_a"], f"only in {found.a}", f"what {found.b} says of them", "red"),
        (found.only_in_b, counts["only_in_b"], f"only in {found.b}", f"what {found.a} says of them", "green"),
        (found.moved, counts["moved"], "changed sides", _why_moved(found), "yellow"),
        (found.copies, counts["copies_changed"], "repeated more or less often", "by the mix", "yellow"),
        (found.edited, counts["edited_differently"], "with another text", "fills or edits differ", "yellow"),
    )
    for groups, rows, what, why, style in sections:
        if rows:
            yield ""
            yield paint(f"{count(rows, 'row')} {what}", style, color=color) + f" ({why})"
            for group in groups:
                yield from _group(group, width)
    if not any(rows for _, rows, *_ in sections):
        yield "  the two sets are the same, row for row"


def _asked(found: Diff, color: bool, width: int) -> Iterator[str]:
    """What the runs were asked to do, where that differs."""
    changes = [*_recipe_lines(found.recipe), *(f"{file.source}: {file.file} {file.change}" for file in found.files)]
    changes += [f"versions.{line}" for line in _recipe_lines(found.versions)]
    if changes:
        yield ""
        yield paint("Asked otherwise", "bold", color=color)
    for change in changes:
        yield from _indented(change, 2, width)


def _recipe_lines(changes: tuple[Changed, ...]) -> Iterator[str]:
    """One line for each level of the recipe: `rules.answer_too_short.min_characters: zh 1 → 4, en 1 → 8`."""
    for parent, members in groupby(changes, key=lambda change: change.key.rpartition(".")[0]):
        told = [f"{change.key.rpartition('.')[2]} {_value(change.a)} → {_value(change.b)}" for change in members]
        yield f"{parent}: {', '.join(told)}" if parent else "\n".join(told)


def _value(value: object) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return cut(jsontext.dumps(value), most=_VALUE_CHARACTERS)


def _why_moved(found: Diff) -> str:
    if any(change.key == "seed" or change.key.startswith("split.") for change in found.recipe):
        return "seed or split of the recipe changed"
    return "rows came or went, and the sides were drawn from what there was"


def _group(group: Group, width: int) -> Iterator[str]:
    yield f"  {group.rows:>7,}  {group.reason}"
    for example in group.examples:
        yield from _indented(_example(example), 11, width)


def _example(example: Example) -> str:
    if example.partner:
        evidence = f" {_repeats(example)}"
    elif example.value is not None and example.threshold is not None:
        evidence = f" {number(example.value)}, limit {number(example.threshold)}"
    else:
        evidence = f" {example.detail}" if example.detail else ""
    renamed = example.other_row_id and example.other_row_id != example.row_id
    name = f"{example.row_id} (there {example.other_row_id})" if renamed else example.row_id
    texts = " | ".join(_short(text) for text in (example.prompt, example.answer) if text)
    return f"{name}{evidence}: {texts}"


def _repeats(example: Example) -> str:
    if example.rule == "exact_duplicate":
        return f"repeats {example.partner}"
    if example.rule in ("semantic_duplicate", "too_close", "not_selected"):
        like = "says the same as" if example.rule == "semantic_duplicate" else "nearest taken row"
        return f"{like} {example.partner} (cosine {ratio(example.similarity or 0)})"
    told = f"nearly repeats {example.partner} (similarity {ratio(example.similarity or 0)}"
    if example.answer_similarity is not None:
        told += f", {ratio(example.answer_similarity)} of the answer"
    return f"{told}; threshold {ratio(example.threshold or 0)})"


def _short(text: str) -> str:
    """How the text begins, on one line."""
    line = " ".join(visible(text).split())
    return line if len(line) <= _EXAMPLE_CHARACTERS else f"{line[:_EXAMPLE_CHARACTERS].rstrip()}…"


def _indented(text: str, columns: int, width: int) -> Iterator[str]:
    yield from (f"{' ' * columns}{line}" for line in wrap(text, width=width - columns))
