"""The parts of a job that the list, the page of one job and Home draw alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import cancel
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.words import escaped

_COLOURS = {
    "queued": "gray",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "cancelled": "gray",
    "lost": "orange",
    "unreadable": "red",
}


def head(here: Here, job: Job, *, place: int | None = None) -> None:
    """Its title and state, what sort of work it is, and since when.

    :param place: in the queue, from 1, where it stands among those that wait.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(here.say("jobs.title", title=job.title), width="content")
        badge(here, job)
    parts = [said.kind(here.say, job)] if job.kind else []
    if place is not None:
        parts.append(here.say("jobs.place") if place == 1 else here.say("jobs.place_n", n=place))
    parts.append(said.when(here.say, job))
    if job.by and job.by != here.person.name:
        parts.append(here.say("jobs.by", name=job.by))
    st.caption(" · ".join(parts))


def badge(here: Here, job: Job) -> None:
    """Its state in colour."""
    st.badge(said.state(here.say, job), color=_COLOURS[job.state])  # type: ignore[arg-type]


def progress_of(here: Here, job: Job) -> None:
    """How far it is: a bar where the end is known."""
    if job.progress is None:
        st.caption(here.say("jobs.starting"))
        return
    stage, far = said.stage(here.say, job.progress.stage), said.how_far(here.say, job.progress)
    text = f"{stage} · {far}" if far else stage
    share = said.share(job.progress)
    if share is None:
        st.caption(text)
    else:
        st.progress(share, text=text)


@contextmanager
def card(job: Job) -> Iterator[tuple[Any, Any]]:
    """A frame around a job: where its words go and, beside them or on a phone below, where its buttons go."""
    with st.container(border=True, key=f"job_{job.id}"):
        words, buttons = st.columns([2, 1], vertical_alignment="center")
        yield (
            words.container(gap="xsmall"),
            buttons.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
        )


def open_job(here: Here, job: Job) -> None:
    """A button that shows this job alone, at an address of its own."""
    if st.button(here.say("jobs.details"), key=f"open_{job.id}", icon=":material/article:"):
        st.query_params["job"] = job.id
        st.rerun()


def stop_button(here: Here, job: Job) -> None:
    """Stop it: one press while it waits; a question first where it would throw work away."""
    asking = _asking(job)
    if job.stopping:
        return
    if not is_asked(job):
        if st.button(here.say("jobs.stop"), key=f"stop_{job.id}", icon=":material/stop_circle:"):
            if job.state == "queued":
                cancel(here.workspace, job.id)
            else:
                st.session_state[asking] = True
            st.rerun()
        return
    st.markdown(here.say("jobs.stop_really"), width="content")
    yes = st.button(here.say("jobs.stop_yes"), key=f"stop_yes_{job.id}", type="primary")
    if yes:
        cancel(here.workspace, job.id)
    if st.button(here.say("jobs.stop_no"), key=f"stop_no_{job.id}") or yes:
        st.session_state[asking] = False
        st.rerun()


def is_asked(job: Job) -> bool:
    """Whether the question stands whether to stop it: nothing else is offered beside it."""
    return bool(st.session_state.get(_asking(job)))


def _asking(job: Job) -> str:
    return f"stop_asked_{job.id}"


def result_link(here: Here, job: Job) -> None:
    """To the page that shows what it made."""
    found = said.result_place(job.result)
    if found is None:
        return
    place, address = found
    folder, name = PurePosixPath(str(job.result)).parts[:2]
    if (here.workspace.root / folder / name).exists():
        label = here.say("jobs.open_training" if folder == "training" else f"jobs.open_{place}")
        link(here, place, label, icon=":material/arrow_forward:", **address)


def plain_title(job: Job) -> str:
    """Its title where Markdown is rendered."""
    return escaped(job.title)
