"""A dataset's name, and its end, which is asked about first."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.datasets import MOST_TITLE, Dataset, delete_dataset, read_dataset, renamed
from tunesmith.ui.here import Here
from tunesmith.ui.recipes import recipe_names, recipe_path

PROBLEM = "dataset_problem"  # what went wrong when something was changed


def edit_section(here: Here, dataset: Dataset, leave: Callable[[], None]) -> None:
    """Rename and delete."""
    with st.expander(here.say("dataset.manage"), icon=":material/settings:"):
        key = f"title_{dataset.id}"
        show_kept(key, dataset.title)
        args = (here, dataset.id, key)
        st.text_input(here.say("dataset.title"), max_chars=MOST_TITLE, key=key, on_change=_rename, args=args)
        _delete(here, dataset, leave)


def show_kept(key: str, value: str) -> None:
    """Let a field show what is on disk, also where another tab changed it: a field never writes but when it is used."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def change(here: Here, name: str, how: Callable[[Dataset], Dataset]) -> None:
    """Change what is kept of a dataset, as it is now; what is wrong is told when the page is drawn."""
    try:
        how(read_dataset(here.workspace, name))
    except TunesmithError as error:
        st.session_state[PROBLEM] = error


def _rename(here: Here, name: str, key: str) -> None:
    change(here, name, lambda dataset: renamed(here.workspace, dataset, st.session_state[key]))


def _delete(here: Here, dataset: Dataset, leave: Callable[[], None]) -> None:
    asking = f"delete_asked_{dataset.id}"
    if not st.session_state.get(asking):
        if st.button(here.say("dataset.delete"), key=f"delete_{dataset.id}", icon=":material/delete:"):
            st.session_state[asking] = True
            st.rerun()
        return
    with st.container(border=True):
        st.markdown(here.say("dataset.delete_incoming" if dataset.is_incoming else "dataset.delete_really"))
        used = using_recipes(here, dataset)
        if used:
            st.markdown(here.say("dataset.delete_used", names=", ".join(used), n=len(used)))
        with st.container(horizontal=True):
            yes = st.button(here.say("dataset.delete_yes"), key=f"delete_yes_{dataset.id}", icon=":material/delete:")
            no = st.button(here.say("dataset.delete_no"), key=f"delete_no_{dataset.id}")
    if yes or no:
        st.session_state[asking] = False
    if yes:
        delete_dataset(here.workspace, dataset)
        st.toast(here.say("dataset.deleted"))
        leave()
    if no:
        st.rerun()


def using_recipes(here: Here, dataset: Dataset) -> list[str]:
    """The recipes that name its file, by a plain look into them: a recipe with mistakes counts too."""
    found = []
    for name in recipe_names(here.workspace):
        text = recipe_path(here.workspace, name).read_text(encoding="utf-8", errors="replace")
        if f"datasets/{dataset.id}/" in text:
            found.append(name)
    return found
