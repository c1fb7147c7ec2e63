"""Answers that answer nothing: blanks, marks, placeholders that somebody meant to fill in, bare politeness.

>>> from fault_rows import Turn
>>> from fault_wordings import WORDINGS
>>> row = Row("s", "en", (Turn("human", "Name a river."), Turn("gpt", "The Loire.")))
>>> len(empty_answer(row, Random(0), WORDINGS["tuning"]).row.answer) < 80
True
"""

from __future__ import annotations

from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings


def empty_answer(row: Row, random: Random, wordings: Wordings) -> Edited:
    """The answer is empty, or stands for one that was never written."""
    variants = wordings.empty[row.language]
    variant = random.choice([*variants])
    answer = random.choice(variants[variant])
    return Edited(row.answered(answer), f"{variant}: {answer.strip()[:30]!r}")
