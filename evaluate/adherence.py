"""Whether an answer has the form that its prompt asks for: JSON, a table, five items, at most 50 words.

>>> adherences_of("列出三种水果", "1. 苹果\\n2. 梨")[0].followed
False
>>> adherences_of("Why is the sky blue?", "Because of scattering.")
()

`adherence_requests.py` reads the prompt, `adherence_checks.py` the answer; both pass over what they cannot tell.
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.evaluate.adherence_checks import check
from tunesmith.evaluate.adherence_cues import KINDS
from tunesmith.evaluate.adherence_requests import HEAD, TAIL, Request, requests_of

#: What the figures depend on.
SETTINGS = {"kinds": list(KINDS), "prompt_characters": [HEAD, TAIL]}


class Adherence(NamedTuple):
    """What was asked for, and whether it came; `followed` is None where that cannot be told."""

    request: Request
    followed: bool | None
    seen: int | None


def adherences_of(question: str, answer: str, *, system: str = "") -> tuple[Adherence, ...]:
    """What an answer makes of each form that is asked for, by the user's last turn or else by the system turn."""
    return tuple(Adherence(request, *check(request, answer)) for request in requests_of(question, system))
