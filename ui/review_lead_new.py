"""A new campaign: what is judged, by how many people, and in one sentence what is asked of whom."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_store_campaigns import campaigns, reviewers
from tunesmith.evaluate.review_types import MODES, Mode
from tunesmith.ui.curate_run import finished_runs
from tunesmith.ui.here import Here
from tunesmith.ui.identity import is_shared
from tunesmith.ui.invitations import invitations
from tunesmith.ui.links import go, link
from tunesmith.ui.review_lead_plan import (
    ENDINGS,
    Wanted,
    answer_files,
    asked_of,
    command_of,
    free_name,
    ids_of,
    keep_upload,
    missing,
    plan_from,
)
from tunesmith.ui.review_lead_read import store_arguments
from tunesmith.ui.shown import show_command, show_error
from tunesmith.ui.words import LANGUAGE_NAMES, LANGUAGES, escaped

_SAMPLE = 50
_KEPT = "lead_uploads_kept"


def form(here: Here, store: Store) -> None:
    """Draw it, and make the campaign when it is asked for."""
    st.subheader(here.say("lead.new"), anchor=False)
    free = free_name(one.name for one in campaigns(store))
    name = st.text_input(
        here.say("lead.name"), value=free, help=here.say("lead.name_help"), key="lead_new_name", max_chars=100
    )
    mode = _mode(here)
    run, files = (_run(here), ()) if mode == "curation" else (None, _files(here, mode))
    sample, overlap = _how_many(here, mode)
    people = _people(here, store)
    leads = (here.person.name,)
    wanted = Wanted(name, mode, files, run, sample, overlap, people, leads, **_more(here, mode))
    _sentence(here, wanted)
    lacking = missing(wanted)
    pressed = st.button(here.say("lead.create"), key="lead_create", type="primary")
    if lacking:
        st.caption(" ".join(here.say(f"lead.{key}", n=overlap) for key in lacking))
    elif pressed:
        _create(here, store, wanted)
    if not lacking:
        show_command(here.say, [*command_of(wanted), *store_arguments()])


def _mode(here: Here) -> Mode:
    return st.radio(
        here.say("lead.what"),
        MODES,
        format_func=lambda mode: here.say(f"lead.new_{mode}"),
        captions=[here.say(f"lead.new_{mode}_help") for mode in MODES],
        key="lead_new_mode",
    )


def _files(here: Here, mode: Mode) -> tuple[str, ...]:
    _upload(here)
    there = answer_files(here.workspace)
    if not there:
        st.info(here.say("lead.no_files"))
        return ()
    chosen = st.multiselect(
        here.say(f"lead.files_{mode}"),
        there,
        default=there[::-1] if len(there) == 2 else [],  # the older one first
        help=here.say("lead.files_help"),
        placeholder=here.say.plain("lead.choose"),
        key="lead_new_files",
    )
    return tuple(chosen)


def _upload(here: Here) -> None:
    """Each file is kept once, however often the page is drawn while it stands in the box."""
    kept = st.session_state.setdefault(_KEPT, {"seen": set(), "names": []})
    uploaded = st.file_uploader(
        here.say("lead.upload"), type=list(ENDINGS), accept_multiple_files=True, key="lead_new_upload"
    )
    for file in uploaded:
        content = file.getvalue()
        mark = hashlib.sha256(file.name.encode() + content).hexdigest()
        if mark in kept["seen"]:
            continue
        try:
            name = keep_upload(here.workspace, file.name, content)
        except TunesmithError as error:
            st.caption(here.say("lead.upload_refused"))
            show_error(here.say, error)
            continue
        kept["seen"].add(mark)
        kept["names"].append(name)
        if "lead_new_files" in st.session_state:
            st.session_state["lead_new_files"] = [*st.session_state["lead_new_files"], name]


def _run(here: Here) -> str | None:
    runs = finished_runs(here.workspace)
    if not runs:
        st.info(here.say("lead.no_runs"))
        link(here, "curate", here.say("lead.go_curate"), icon=":material/arrow_forward:")
        return None
    return st.selectbox(here.say("lead.run"), runs, key="lead_new_run")


def _how_many(here: Here, mode: Mode) -> tuple[int | None, int]:
    left, right = st.columns(2)
    what = "rows" if mode == "curation" else "questions"
    sample = left.number_input(
        here.say(f"lead.sample_{what}"),
        min_value=1,
        value=_SAMPLE,
        step=10,
        placeholder=here.say.plain("lead.all_of_them"),
        help=here.say("lead.sample_help"),
        key="lead_new_sample",
    )
    overlap = right.number_input(
        here.say("lead.overlap"),
        min_value=1,
        max_value=100,
        value=2 if is_shared() else 1,
        help=here.say("lead.overlap_help"),
        key="lead_new_overlap",
    )
    return (None if sample is None else int(sample)), int(overlap)


def _people(here: Here, store: Store) -> tuple[str, ...]:
    known = [one.name for one in reviewers(store) if one.active]
    known += [one.name for one in invitations(here.workspace) if one.state == "live"]
    chosen = st.multiselect(
        here.say("lead.who"),
        sorted({*known, here.person.name}),
        accept_new_options=True,
        help=here.say("lead.who_help"),
        placeholder=here.say.plain("lead.who_all"),
        key="lead_new_people",
    )
    return tuple(dict.fromkeys(name.strip() for name in chosen if name.strip()))


def _more(here: Here, mode: Mode) -> dict[str, Any]:
    from tunesmith.evaluate.review_rubric import default_guidelines

    with st.expander(here.say("lead.more")):
        language = st.segmented_control(
            here.say("lead.language"),
            LANGUAGES,
            default=here.say.language,
            required=True,
            format_func=lambda code: LANGUAGE_NAMES[code],
            key="lead_new_language",
        )
        guidelines = st.text_area(
            here.say("lead.guidelines"),
            placeholder=default_guidelines(mode, str(language)),
            height=180,
            key="lead_new_guidelines",
        )
        reference = st.checkbox(here.say("lead.show_reference"), value=True, key="lead_new_reference")
        rubric = "" if mode == "curation" else _rubric(here, mode)
    return {"guidelines": guidelines, "rubric": rubric, "language": str(language), "show_reference": reference}


def _rubric(here: Here, mode: Mode) -> str:
    return st.text_area(
        here.say(f"lead.criteria_{mode}"),
        placeholder="criteria:\n  - name: correct\n    anchors: {1: wrong, 5: right}",
        help=here.say("lead.criteria_help"),
        height=140,
        key="lead_new_rubric",
    )


def _sentence(here: Here, wanted: Wanted) -> None:
    """What will be asked of whom."""
    try:
        available = _available(here, wanted)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    asked = asked_of(wanted, available)
    if asked is None or not asked.items:
        return
    about = here.say(f"lead.told_{wanted.mode}", items=f"{asked.items:,}", n=wanted.overlap)
    total = here.say("lead.told_total", answers=f"{asked.answers:,}")
    each = ""
    if wanted.people:
        share = -(-asked.answers // len(wanted.people))
        each = here.say("lead.told_each", each=f"{share:,}", n=len(wanted.people))
    st.markdown(" ".join(part for part in (about, total, each) if part))


def _available(here: Here, wanted: Wanted) -> int | None:
    if wanted.mode == "curation" or not wanted.files:
        return None
    paths = [here.workspace.inside("predictions", file) for file in wanted.files]
    found = [_ids(str(path), path.stat().st_mtime) for path in paths]
    return len(frozenset.intersection(*found))


@st.cache_resource(show_spinner=False, max_entries=16)
def _ids(path: str, changed: float) -> frozenset[str]:
    return ids_of(Path(path))


def _create(here: Here, store: Store, wanted: Wanted) -> None:
    from tunesmith.evaluate.review_create import create

    try:
        with st.spinner(here.say("lead.making")):
            made = create(store, plan_from(here.workspace, wanted))
    except TunesmithError as error:
        show_error(here.say, error)
        return
    told = here.say("lead.made", name=made.campaign.name, items=f"{made.n_items - made.n_identical:,}", n=made.n_seats)
    st.session_state["lead_made"] = [told, *(escaped(note) for note in made.notes)]
    st.session_state["review_view"] = "lead"  # where the lead sees it
    if "review" in here.places:
        go(here, "review", campaign=made.campaign.name, view="lead")
    st.query_params.from_dict({"campaign": made.campaign.name, "view": "lead"})
    st.rerun()
