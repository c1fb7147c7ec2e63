"""Mix: how much domain and how much general goes into training (`mix?run=NAME`, `mix?recipe=NAME`, `mix?of=data`)."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.curate_run import finished_runs
from tunesmith.ui.here import Here
from tunesmith.ui.links import link
from tunesmith.ui.mix_base import Base, base_of_data, base_of_run
from tunesmith.ui.mix_choose import choose_base, choose_data, choose_mix
from tunesmith.ui.mix_result import show_result
from tunesmith.ui.mix_start import start_section
from tunesmith.ui.shown import show_error


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.mix"))
    st.caption(here.say("mix.intro"))
    base = _base(here)
    if base is None:
        return
    chosen = choose_mix(here, base)
    if chosen is None:
        return
    show_result(here, base, chosen)
    start_section(here, base, chosen)


def _base(here: Here) -> Base | None:
    """What is mixed, as the address or the person says; None with the next step told where there is nothing yet."""
    name = choose_base(here, finished_runs(here.workspace))
    try:
        if name:
            return base_of_run(here.workspace, name)
        picked = choose_data(here)
        return base_of_data(here.workspace, picked) if picked else None
    except TunesmithError as error:
        show_error(here.say, error)
        link(here, "jobs", here.say("mix.see_jobs"), icon=":material/pending_actions:")
        return None
