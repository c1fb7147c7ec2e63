"""What is in a dataset: what was counted, in bars that filter, and the rows behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.curate_words import language_name
from tunesmith.ui.dataset_charts import pick_bars
from tunesmith.ui.dataset_filter import Filter, filter_of, languages, lengths, problems, rows_of
from tunesmith.ui.dataset_profiles import ask_for_profile, opened_profile, profile_job, profiled
from tunesmith.ui.dataset_rows import problem_name, rows_section
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import Job, read_job
from tunesmith.ui.jobs_said import why
from tunesmith.ui.jobs_shown import progress_of
from tunesmith.ui.links import link
from tunesmith.ui.shown import fragment

if TYPE_CHECKING:
    from tunesmith.curate.profile_data import ProfileData


def profile_section(here: Here, dataset: Dataset) -> None:
    """What was counted; before that, how far the counting is."""
    st.subheader(here.say("dataset.profile"), anchor=False)
    if not profiled(here.workspace, dataset):
        _not_yet(here, dataset)
        return
    profile = opened_profile(here.workspace, dataset)
    chosen = filter_of(dict(st.query_params))
    _sum(here, profile)
    _unreadable(here, dataset, profile)
    _charts(here, profile)
    _fields(here, profile)
    _chosen(here, chosen)
    rows_section(here, dataset, profile, rows_of(profile.table, chosen), chosen)


def _not_yet(here: Here, dataset: Dataset) -> None:
    job = profile_job(here.workspace, dataset)
    if job is not None and job.is_open:
        _under_way(here, job)
        return
    if job is not None and job.state != "done":
        st.warning(here.say("dataset.count_failed"), icon="⚠️")
        st.write(why(here.say, job))
        if job.message:
            st.code(job.message, language=None, wrap_lines=True)
        link(here, "jobs", here.say("dataset.see_job"), icon=":material/article:", job=job.id)
    else:
        st.write(here.say("dataset.count_why"))
    if st.button(here.say("dataset.count"), key=f"count_{dataset.id}", icon=":material/bar_chart:"):
        ask_for_profile(here.workspace, dataset)
        st.rerun()


def _under_way(here: Here, job: Job) -> None:
    @fragment(here.say, run_every=1)
    def draw() -> None:
        now = read_job(here.workspace, job.id)
        if not now.is_open:
            st.rerun()
        st.caption(here.say("dataset.being_counted"))
        progress_of(here, now)

    draw()


def _sum(here: Here, profile: ProfileData) -> None:
    told = profile.told
    parts = [here.say("common.rows", n=told["rows"])]
    if told["dropped"]:
        parts.append(here.say("dataset.would_drop", n=told["dropped"]))
    st.markdown(" · ".join(parts))


def _unreadable(here: Here, dataset: Dataset, profile: ProfileData) -> None:
    """Rows that could not be read: how many and why, the first places, and all of them to take away."""
    found = [one for one in profile.told["inspections"][0]["problems"] if one["code"] in profile.told["invalid"]]
    if not found:
        return
    n = sum(profile.told["invalid"].values())
    with st.container(border=True):
        st.markdown(f"**{here.say('dataset.unreadable', n=n)}**")
        names = ("what", "rows", "where", "why")
        lines = [_bad_line(here, one) for one in found]
        st.dataframe(
            {name: [line[name] for line in lines] for name in names},
            hide_index=True,
            key="dataset_unreadable",
            column_config={
                name: st.column_config.Column(here.say.plain(f"dataset.bad_column_{name}")) for name in names
            },
        )
        path = profile.bad_rows
        if path is not None:
            st.download_button(
                here.say("dataset.bad_rows"),
                path.read_bytes,
                file_name=f"{dataset.id}.bad_rows.jsonl",
                mime="application/jsonl",
                key=f"bad_{dataset.id}",
                icon=":material/download:",
                on_click="ignore",
                help=here.say("dataset.bad_rows_help"),
            )


def _bad_line(here: Here, problem: dict[str, Any]) -> dict[str, Any]:
    """A kind of unreadable row: what, how often, the first places, why and what to do."""
    places = [str(place).rpartition("/")[2].rpartition(":")[2].strip() for place in problem["examples"]]
    more = " …" if problem["rows"] > len(places) else ""
    what = problem_name(here.say, problem["code"])
    return {"what": what, "rows": problem["rows"], "where": ", ".join(places) + more, "why": problem["message"]}


def _charts(here: Here, profile: ProfileData) -> None:
    table = profile.table
    found, wrong = languages(table), problems(table)
    left, right = st.columns(2, gap="large")
    with left:
        names = {code: language_name(here.say, code, plain=True) for code in found}
        _chart(here, "language", found, names, upright=False)
    with right:
        if wrong:
            names = {code: here.say.plain(f"dataset.problem_{code}") for code in wrong}
            _chart(here, "problem", wrong, names, upright=False)
        else:
            st.markdown(f"**{here.say('dataset.chart_problem')}**")
            st.caption(here.say("dataset.no_problems"))
    left, right = st.columns(2, gap="large")
    for box, name, column in ((left, "question", "prompt_characters"), (right, "answer", "answer_characters")):
        counts = lengths(table, column)
        with box:
            _chart(here, name, counts, {code: code.replace("-", "–") for code in counts}, upright=True)


def _chart(here: Here, name: str, counts: dict[str, int], labels: dict[str, str], *, upright: bool) -> None:
    st.markdown(f"**{here.say(f'dataset.chart_{name}')}**")
    pick_bars(here, name, counts, labels, upright=upright)


def _fields(here: Here, profile: ProfileData) -> None:
    """Which columns the rows have, and where some lack one. Their names are somebody's text."""
    fields = profile.told["inspections"][0]["fields"]
    if not fields:
        return
    missing = sum(share < 1 for share in fields.values())
    with st.expander(here.say("dataset.fields", n=len(fields), missing=missing)):
        shown: dict[str, list[Any]] = {"field": list(fields), "share": [share * 100 for share in fields.values()]}
        st.dataframe(
            shown,
            hide_index=True,
            key="dataset_fields",
            column_config={
                "field": st.column_config.TextColumn(here.say.plain("dataset.field")),
                "share": st.column_config.ProgressColumn(
                    here.say.plain("dataset.field_share"), format="%.1f%%", min_value=0, max_value=100
                ),
            },
        )


def _chosen(here: Here, chosen: Filter) -> None:
    """What is filtered, each with a button that takes it back."""
    picked = {name: value for name, value in chosen._asdict().items() if value}
    if not picked:
        st.caption(here.say("dataset.click_bars"))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="dataset_chosen"):
        for name, value in picked.items():
            told = here.say(f"dataset.only_{name}", value=_value_name(here, name, value))
            if st.button(told, key=f"unpick_{name}", icon=":material/close:", help=here.say("dataset.unpick")):
                st.query_params.pop(name, None)
                st.query_params.pop("page", None)
                st.rerun()


def _value_name(here: Here, name: str, value: str) -> str:
    if name == "language":
        return language_name(here.say, value, plain=True)
    return here.say.plain(f"dataset.problem_{value}") if name == "problem" else value.replace("-", "–")
