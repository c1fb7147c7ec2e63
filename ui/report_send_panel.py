"""What a person does with the items that got worse: tick some or all, and send them on.

>>> show_send(here, report, summary, pair, cases, numbers)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.links import link
from tunesmith.ui.report_browse import picked
from tunesmith.ui.report_cases import Cases, WholeCases
from tunesmith.ui.report_send import Sent, answers_file, free_campaign, send_to_datasets, send_to_review
from tunesmith.ui.shown import show_command, show_error


def show_send(
    here: Here, name: str, summary: Mapping[str, Any], pair: Mapping[str, Any], cases: Cases, numbers: Sequence[int]
) -> None:
    """Below the list: how many are ticked, and where they can go.

    :param name: of the report.
    :param numbers: all items of the list, also those on its other pages.
    """
    chosen = picked(name)
    with st.container(border=True, key="report_send", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(here.say("report.picked", n=len(chosen)), width="content")
            ids = [cases.id_of(number) for number in numbers]
            st.button(
                here.say("report.pick_all", n=len(ids)),
                key=f"report_pick_all_{name}",
                on_click=chosen.update,
                args=(ids,),
                disabled=not set(ids) - chosen,
            )
            if chosen:
                st.button(here.say("report.pick_none"), key=f"report_pick_none_{name}", on_click=chosen.clear)
        if not here.person.may("owner"):
            st.caption(here.say("report.owner_sends"))
        elif not isinstance(cases, WholeCases):
            st.caption(here.say("report.no_files"))
        else:
            _ways(here, name, summary, pair, cases, chosen)
        _sent(here, name)


def _ways(
    here: Here, name: str, summary: Mapping[str, Any], pair: Mapping[str, Any], cases: WholeCases, chosen: set[str]
) -> None:
    """Ticks of an older address are kept only where the comparison still has the item."""
    ids = [one for one in cases.both.ids if one in chosen]
    if not ids:
        st.caption(here.say("report.pick_first"))
        return
    review, curation = st.columns(2)
    with review:
        _to_review(here, name, summary, pair, cases, ids)
    with curation:
        _to_curation(here, name, cases, ids)


def _to_review(
    here: Here, name: str, summary: Mapping[str, Any], pair: Mapping[str, Any], cases: WholeCases, ids: Sequence[str]
) -> None:
    st.markdown(f"**{here.say('report.to_review')}**")
    st.caption(here.say("report.to_review_what"))
    with st.form(f"report_review_{name}", border=False):
        campaign = st.text_input(
            here.say("report.campaign_name"),
            value=free_campaign(here.workspace),  # reviewers see it, and the report's own name tells the models
            key=f"report_campaign_{name}",
            max_chars=80,
        )
        people = st.number_input(
            here.say("report.people"), min_value=1, max_value=20, value=2, key=f"report_people_{name}"
        )
        pressed = st.form_submit_button(here.say("report.send_review", n=len(ids)), key=f"report_send_review_{name}")
    if not pressed:
        return
    try:
        sent = send_to_review(
            here.workspace,
            cases,
            ids,
            campaign.strip(),
            before=pair["before"],
            after=pair["after"],
            allow=summary["settings"]["allow"],
            overlap=int(people),
            language=here.say.language,
        )
    except TunesmithError as error:
        show_error(here.say, error)
        return
    st.session_state[_key(name)] = sent
    st.rerun()


def _to_curation(here: Here, name: str, cases: WholeCases, ids: Sequence[str]) -> None:
    st.markdown(f"**{here.say('report.to_curation')}**")
    st.caption(here.say("report.to_curation_what"))
    st.warning(here.say("report.leak"), icon=":material/warning:")
    with st.container(horizontal=True, gap="small"):
        if st.button(here.say("report.send_curation", n=len(ids)), key=f"report_send_curation_{name}"):
            try:
                dataset = send_to_datasets(here.workspace, cases, ids, f"{name}-worse")
            except TunesmithError as error:
                show_error(here.say, error)
            else:
                st.session_state[_key(name)] = dataset.id
                st.rerun()
        st.download_button(
            here.say("report.take", n=len(ids)),
            data=lambda: answers_file(cases, ids),
            file_name=f"{name}-worse.jsonl",
            mime="application/x-ndjson",
            key=f"report_take_{name}",
            on_click="ignore",
        )


def _sent(here: Here, name: str) -> None:
    """What was sent last from this report, with where to go now."""
    found = st.session_state.get(_key(name))
    if isinstance(found, Sent):
        st.success(here.say("report.sent_review", name=found.campaign, n=found.n_asked), icon=":material/check_circle:")
        if found.n_items > found.n_asked:
            st.caption(here.say("report.sent_equal", n=found.n_items - found.n_asked))
        link(here, "review", here.say("report.open_review"), icon=":material/arrow_forward:", campaign=found.campaign)
        show_command(here.say, found.command)
    elif isinstance(found, str):
        st.success(here.say("report.sent_curation"), icon=":material/check_circle:")
        link(here, "dataset", here.say("report.open_dataset"), icon=":material/arrow_forward:", dataset=found)


def _key(name: str) -> str:
    return f"report_sent_{name}"
