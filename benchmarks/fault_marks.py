"""Marks of chat templates and tokenizers that were left in a turn.

>>> within("One day. Two nights. Three.", "</s>")
'One day. Two nights. </s>Three.'
"""

from __future__ import annotations

from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings


def leftover_markup(row: Row, random: Random, wordings: Wordings) -> Edited:
    """Marks of one family stand before, after or within a turn, or between two turns that became one."""
    family, place, mark = random.choice(wordings.markup)
    variant = f"{family} {mark.strip()[:24]}"
    if place == "between":
        following = random.choice(wordings.next_turns[row.language])
        return Edited(row.answered(row.answer + mark.format(following)), variant)
    if place == "prompt":
        return Edited(row.asked(mark.format(row.prompt)), variant)
    if place == "middle":
        return Edited(row.answered(within(row.answer, mark)), variant)
    return Edited(row.answered(mark.format(row.answer)), variant)


def within(text: str, mark: str) -> str:
    """The text with the mark behind the sentence, word or character that is next after its first third."""
    third = len(text) // 3
    for border in (". ", "。", "\n", " "):
        at = text.find(border, third)
        if 0 < at < len(text) - len(border):
            return text[: at + len(border)] + mark + text[at + len(border) :]
    return text[:third] + mark + text[third:]
