"""Where a page is: whose workspace, who looks, in which language. Every page is a function of one `Here`.

>>> def page(here: Here) -> None:
...     st.title(here.say("common.home"))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

#: A reviewer answers; a lead also sees agreement, settles and exports; an owner sees everything.
Role = Literal["reviewer", "lead", "owner"]

_RANK = {"reviewer": 0, "lead": 1, "owner": 2}


@dataclass(frozen=True)
class Person:
    """Who looks at the page, as the server knows it: from a signed cookie, a login, or alone on this machine."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this person may do what `role` may."""
        return _RANK[self.role] >= _RANK[role]


@dataclass(frozen=True)
class Here:
    """What every page is given.

    :param say: the texts in the person's language.
    :param dark: whether the person sees a dark page, for colours that a chart must choose itself.
    :param places: the pages that this person may open, by name, for `links.py`; empty where a page is tested alone.
    """

    workspace: Workspace
    person: Person
    say: Words
    dark: bool = False
    places: dict[str, Any] = field(default_factory=dict)
