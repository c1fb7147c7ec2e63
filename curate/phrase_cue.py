"""What a cue of unsafe content is: words that stand together in one sentence, and words that make it harmless.

>>> cue = Cue("weapons", "炸弹|雷管", "制作|自制", REQUEST, "怎么|教我", "电影")
>>> cue.kind, cue.where
('weapons', 'request')
"""

from __future__ import annotations

from typing import NamedTuple

#: Sides that a cue is looked for in: what the user asks, what the answer says, or both.
REQUEST, ANSWER, ANYWHERE = "request", "answer", "anywhere"


class Cue(NamedTuple):
    """A sentence fits where it holds one of `words`, one of `beside` and the pattern `frame`, and none of `unless`.

    `words` and `beside` are literal, with a bar between them: the automaton finds the texts that have one of each.
    `unless` may be a pattern. An empty list or pattern asks nothing.
    """

    kind: str
    words: str
    beside: str
    where: str
    frame: str
    unless: str
