"""How one language refuses: the patterns that `phrase_refusal.py` puts together."""

from __future__ import annotations

import re
from typing import NamedTuple

Pattern = re.Pattern[str]


class Voice(NamedTuple):
    """`model`: the speaker calls itself a model, or speaks of its programming. `negation`: it cannot or will not.

    `task`: it cannot or will not do what was asked. `firm`: said by nothing but refusals. `flat`: an opening without
    excuse. `disclaimer`: what it says that it lacks. `harmless`: phrases that only sound so, taken out first.
    `asks_back`: the prompt forgot something. `turn`: it helps all the same. `limits`: of its tools. `letter`: openings
    of a text written for somebody. `declines`, `first`, `topic`, `redirect`: that anything is denied, by the speaker;
    what; and what else to do, in an answer of no more than `short` characters.
    """

    model: Pattern
    sorry: Pattern
    negation: Pattern
    task: Pattern
    policy: Pattern
    firm: Pattern
    flat: Pattern
    disclaimer: Pattern
    harmless: Pattern
    asks_back: Pattern
    turn: Pattern
    offer: Pattern
    limits: Pattern
    letter: Pattern
    declines: Pattern
    first: Pattern
    topic: Pattern
    redirect: Pattern
    short: int
