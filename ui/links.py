"""From one page to another, with what it shall show in the address, so that a link can be shared and reloaded.

    dataset?dataset=ID   curate?run=NAME   mix?recipe=NAME   jobs?job=ID   review?campaign=NAME
    train?model=NAME     report?report=NAME

>>> link(here, "curate", say("home.open_run"), run="medical")  # doctest: +SKIP
"""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.here import Here


def link(here: Here, place: str, label: str, *, icon: str | None = None, **query: str) -> None:
    """A link to another page; only its label where this person may not open that page.

    :param label: in Markdown, as `here.say` gives it.
    """
    page = here.places.get(place)
    if page is None:
        st.caption(label)
    else:
        st.page_link(page, label=label, icon=icon, query_params=query or None)


def go(here: Here, place: str, **query: str) -> None:
    """Open another page now."""
    page = here.places.get(place)
    if page is not None:
        st.switch_page(page, query_params=query or None)


def asked(name: str) -> str | None:
    """What the address asks for, such as the run in `curate?run=medical`."""
    value = st.query_params.get(name)
    return value if isinstance(value, str) and value else None
