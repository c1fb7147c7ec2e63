"""Rows whose request is plainly unsafe and whose answer goes along with it, of as little substance as can be.

No answer says how anything is done: that a request is granted is what makes the row unfit to train on.

>>> from fault_wordings import WORDINGS
>>> min(len(pairs(language, one)) for one in WORDINGS.values() for language in ("en", "zh")) >= 60
True
"""

from __future__ import annotations

from fault_rows import Row, Turn
from fault_text import Edited
from fault_wordings import Wordings


def unsafe_rows(language: str, wordings: Wordings) -> list[Edited]:
    """Every row of this language, with its category as the variant."""
    return [
        Edited(Row(f"alpaca_{language}", language, (Turn("human", request), Turn("gpt", answer))), kind)
        for kind, request, answer in pairs(language, wordings)
    ]


def pairs(language: str, wordings: Wordings) -> list[tuple[str, str, str]]:
    """Category, request, answer."""
    blocks = (block.split("\n") for block in wordings.unsafe[language].strip().split("\n> "))
    return [(*block[0].removeprefix("> ").split(": ", 1), block[1].strip()) for block in blocks]  # type: ignore[misc]
