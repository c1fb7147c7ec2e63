"""One row as a person reads it: its turns with who says them, the two sides of a preference, its tools.

All of it is text of somebody's data and is shown as text.

>>> show_row(here, run.record(17))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import streamlit as st

from tunesmith.ui.here import Here

if TYPE_CHECKING:
    from tunesmith.curate.records import Record
    from tunesmith.curate.story import Turn

#: Characters of a turn that are shown at once; a click shows the rest.
FIRST_CHARACTERS = 3_000

_ROLES = ("system", "user", "assistant", "tool", "chosen", "rejected", "text", "as it came")


def show_row(here: Here, record: Record, *, key: str = "row") -> None:
    """A record, turn by turn.

    :param key: of the widgets, different for two rows on one page.
    """
    from tunesmith.curate.turns import turns_of

    show_turns(here, turns_of(record), key=key)
    if record.tools:
        with st.expander(here.say("curate.tools")):
            st.code(record.tools, language="json", wrap_lines=True)


def show_turns(here: Here, turns: Iterable[Turn], *, key: str = "row") -> None:
    """Turns, one below the other."""
    for place, turn in enumerate(turns):
        with st.container(border=True, gap="xxsmall"):
            st.caption(role_name(here, turn.role))
            show_long_text(here, turn.text, key=f"{key}_{place}")


def show_long_text(here: Here, text: str, *, key: str, most: int = FIRST_CHARACTERS) -> None:
    """A text; of a long one the beginning, with how much of it that is, and the rest at a click."""
    if len(text) <= most:
        st.text(text if text.strip() else here.say.plain("curate.no_text"))
        return
    above = st.container()
    is_whole = st.toggle(here.say("curate.whole_text", shown=most, n=len(text)), key=f"whole_{key}")
    above.text(text if is_whole else f"{text[:most]} …")


def role_name(here: Here, role: str) -> str:
    """Who says a turn, in Markdown; a role that we do not know is shown as it is."""
    if role in _ROLES:
        return here.say(f"curate.role_{role.replace(' ', '_')}")
    return here.say("curate.role_other", role=role)
