"""Answers that refuse, in the styles that models have: identity, policy, apology, inability, caution, brevity.

>>> from fault_wordings import WORDINGS
>>> min(len(phrases) for one in WORDINGS.values() for phrases in one.refusals.values()) >= 40
True
"""

from __future__ import annotations

from random import Random

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings


def refusal(row: Row, random: Random, wordings: Wordings) -> Edited:
    """The answer is a refusal, though nothing was asked that calls for one."""
    wording = random.choice(wordings.refusals[row.language])
    return Edited(row.answered(wording), wording)
