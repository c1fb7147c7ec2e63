"""The parts of Home: what waits for a person, the next step, and the latest of everything."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.ui import jobs_said as said
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here
from tunesmith.ui.home_found import Found, Left, Thing
from tunesmith.ui.links import link
from tunesmith.ui.words import escaped

_AT_ONCE = 5


def show_reviews(here: Here, reviews: Sequence[Left]) -> None:
    """ "Continue reviewing (12 left)"."""
    for one in reviews:
        with st.container(border=True, key=f"review_{one.campaign}"):
            label = here.say("home.continue_review", campaign=one.campaign, n=one.left)
            link(here, "review", label, icon=":material/rate_review:", campaign=one.campaign)


def show_next(here: Here, found: Found) -> None:
    """The one step that brings a beginner on."""
    if found.datasets and not found.runs:
        place, key = "dataset", "next_curate"
    elif found.runs and not found.models and not found.reports:
        place, key = "curate", "next_look"
    else:
        return
    with st.container(border=True, key="home_next"):
        st.markdown(f"**{here.say(f'home.{key}')}**")
        st.caption(here.say(f"home.{key}_what"))
        query = {"run": found.runs[0].name} if place == "curate" else {}
        link(here, place, here.say(f"home.{key}_go"), icon=":material/arrow_forward:", **query)
        if place == "dataset" and found.predictions:
            link(here, "report", here.say("home.next_compare"), icon=":material/analytics:")


def show_lists(here: Here, found: Found) -> None:
    """Datasets, runs, models and reports, side by side where there is room."""
    left, right = st.columns(2, gap="large")
    with left:
        _datasets(here, found.datasets)
        _things(here, "models", "train", "model", found.models)
    with right:
        _things(here, "runs", "curate", "run", found.runs)
        _things(here, "reports", "report", "report", found.reports)


def _datasets(here: Here, datasets: Sequence[Dataset]) -> None:
    st.subheader(here.say("home.datasets"), anchor=False)
    if not datasets:
        st.caption(here.say("home.no_datasets"))
    for dataset in datasets[:_AT_ONCE]:
        rows = "" if dataset.rows is None else here.say("common.rows", n=dataset.rows)
        parts = [rows, here.say(f"dataset.group_{dataset.group}")]
        _entry(here, "dataset", escaped(dataset.title), [part for part in parts if part], dataset=dataset.id)
    link(here, "dataset", _all(here, "datasets", len(datasets)), icon=":material/add:")


def _things(here: Here, kind: str, place: str, name: str, things: Sequence[Thing]) -> None:
    st.subheader(here.say(f"home.{kind}"), anchor=False)
    if not things:
        st.caption(here.say(f"home.no_{kind}"))
    for thing in things[:_AT_ONCE]:
        parts = [escaped(said.ago(here.say, thing.changed))]
        _entry(here, place, escaped(thing.name), parts, **{name: thing.name})
    if len(things) > _AT_ONCE:
        link(here, place, here.say("home.all", n=len(things)))


def _entry(here: Here, place: str, label: str, parts: Sequence[str], **query: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link(here, place, label, **query)
        st.caption(" · ".join(parts))


def _all(here: Here, kind: str, n: int) -> str:
    return here.say("home.all", n=n) if n > _AT_ONCE else here.say(f"home.add_{kind}")
