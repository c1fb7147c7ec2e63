"""A new comparison: which files, what else goes in, and the command that does it; or the scores of one file alone.

It runs as a job, so only who may start work sees this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.report_request import (
    Request,
    add_predictions,
    answers_there,
    campaigns_there,
    compare_arguments,
    folders_with,
    problem_of,
    references_there,
    runs_there,
    sample_request,
    score_arguments,
    submit_comparison,
    submit_scores,
)
from tunesmith.ui.shown import show_command, show_error

#: In the address, where a new comparison is asked for.
NEW = "new"


def show_empty(here: Here) -> None:
    """Nothing has been compared: what a comparison is, and the sample in one click."""
    with st.container(border=True, key="report_empty"):
        st.markdown(f"**{here.say('report.empty')}**")
        st.write(here.say("report.empty_what"))
        if not here.person.may("owner"):
            st.caption(here.say("report.owner_compares"))
            return
        _sample(here, primary=not answers_there(here.workspace))
    show_new(here)


def show_new(here: Here) -> None:
    """The two forms."""
    if not here.person.may("owner"):
        st.info(here.say("report.owner_compares"), icon=":material/info:")
        return
    _upload(here)
    files = answers_there(here.workspace)
    if not files:
        st.caption(here.say("report.no_answers"))
        return
    what = st.segmented_control(
        here.say("report.what"),
        ("compare", "score"),
        default="compare",
        required=True,
        format_func=lambda code: here.say(f"report.what_{code}"),
        key="report_what",
        label_visibility="collapsed",
    )
    if what == "score":
        _score(here, files)
    elif len(files) < 2:
        st.caption(here.say("report.one_answer"))
    else:
        _compare(here, files)


def _sample(here: Here, *, primary: bool) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(here.say("report.sample"), key="report_sample", type=kind, icon=":material/play_arrow:"):
        _run(here, lambda: _submit_sample(here))
    st.caption(here.say("report.sample_what"))


def _submit_sample(here: Here) -> Job:
    request = sample_request(here.workspace)
    title = here.say.plain("report.sample_title")
    return submit_comparison(here.workspace, request, title, language=here.say.language, by=here.person.name)


def _upload(here: Here) -> None:
    """Files from the person's machine. What was taken leaves the uploader, or it would be stored again on each run."""
    turn = st.session_state.setdefault("report_upload_turn", 0)
    with st.expander(here.say("report.upload"), expanded=not answers_there(here.workspace)):
        st.caption(here.say("report.upload_what"))
        files = st.file_uploader(
            here.say("report.upload"),
            accept_multiple_files=True,
            key=f"report_upload_{turn}",
            label_visibility="collapsed",
        )
        as_references = st.checkbox(here.say("report.upload_references"), key="report_upload_references")
        for name, problem in st.session_state.pop("report_upload_said", []):
            st.text(name)
            if problem is None:
                st.success(here.say("report.uploaded"), icon=":material/check_circle:")
            else:
                st.caption(here.say("report.upload_refused"))
                show_error(here.say, problem)
    if files:
        st.session_state["report_upload_said"] = [_taken(here, file, check=not as_references) for file in files]
        st.session_state["report_upload_turn"] = turn + 1
        st.rerun()


def _taken(
    here: Here, file: st.runtime.uploaded_file_manager.UploadedFile, *, check: bool
) -> tuple[str, TunesmithError | None]:
    try:
        add_predictions(here.workspace, file.name, file, check=check)
    except TunesmithError as error:
        return file.name, error
    return file.name, None


def _compare(here: Here, files: Sequence[str]) -> None:
    left, right = st.columns(2)
    with left:
        before = _file(here, "before", files, 1)
        name_before = st.text_input(here.say("report.name_before"), key="report_name_before", max_chars=60)
    with right:
        after = _file(here, "after", files, 0)
        name_after = st.text_input(here.say("report.name_after"), key="report_name_after", max_chars=60)
    references = _references(here)
    request = Request(before, after, references, (name_before, name_after))
    with st.expander(here.say("report.more")):
        request = _more(here, request)
    title = st.text_input(
        here.say("report.title"), value=_title(before, after), key=f"report_title_{before}_{after}", max_chars=60
    )
    problem = problem_of(request)
    if problem:
        st.warning(here.say(f"report.problem_{problem}"), icon=":material/warning:")
    if st.button(here.say("report.compare"), key="report_compare", type="primary", disabled=problem is not None):
        _run(
            here,
            lambda: submit_comparison(here.workspace, request, title, language=here.say.language, by=here.person.name),
        )
    show_command(here.say, compare_arguments(request, here.workspace.new_name("reports", title), here.say.language))


def _more(here: Here, request: Request) -> Request:
    """What other commands found; a choice that has nothing to choose from is told, not shown."""
    workspace = here.workspace
    offered = {
        "campaign": campaigns_there(workspace),
        "retention": folders_with(workspace, "retention.json"),
        "judge": folders_with(workspace, "judge.json"),
        "data_before": runs_there(workspace),
        "data_after": runs_there(workspace),
    }
    found: dict[str, Any] = {name: _choice(here, name, options) for name, options in offered.items() if options}
    missing = [name for name in ("campaign", "retention", "judge", "data_after") if not offered[name]]
    for name in missing:
        st.caption(here.say(f"report.without_{name}"))
    return request._replace(**found)


def _choice(here: Here, name: str, options: Sequence[str]) -> str | None:
    return st.selectbox(
        here.say(f"report.{name}"), options, index=None, placeholder=here.say.plain("report.none"), key=f"report_{name}"
    )


def _file(here: Here, side: str, files: Sequence[str], place: int) -> str:
    return str(
        st.selectbox(
            here.say(f"report.file_{side}"),
            files,
            index=min(_usual(files, side, place), len(files) - 1),
            format_func=lambda path: PurePosixPath(path).name,
            key=f"report_file_{side}",
        )
    )


def _usual(files: Sequence[str], side: str, place: int) -> int:
    """The file that says of itself which side it is, or the place."""
    return next((number for number, path in enumerate(files) if side in PurePosixPath(path).stem), place)


def _references(here: Here) -> str | None:
    return st.selectbox(
        here.say("report.references"),
        references_there(here.workspace),
        index=None,
        placeholder=here.say.plain("report.references_inside"),
        format_func=lambda path: PurePosixPath(path).name,
        key="report_references",
        help=here.say("report.references_help"),
    )


def _score(here: Here, files: Sequence[str]) -> None:
    st.caption(here.say("report.score_what"))
    path = _file(here, "alone", files, 0)
    references = _references(here)
    title = PurePosixPath(path).name.partition(".")[0]
    if st.button(here.say("report.score"), key="report_score", type="primary"):
        _run(
            here,
            lambda: submit_scores(
                here.workspace, path, references, title, language=here.say.language, by=here.person.name
            ),
        )
    name = here.workspace.new_name("reports", title)
    show_command(here.say, score_arguments(path, references, name, here.say.language))


def _run(here: Here, start: Callable[[], Job]) -> None:
    """Start a job and show the report that it makes."""
    job = start()
    st.query_params.from_dict({"report": (job.result or "").removeprefix("reports/")})
    st.rerun()


def _title(before: str, after: str) -> str:
    stems = [PurePosixPath(path).name.partition(".")[0] for path in (before, after)]
    return " ".join(stems)[:60]


def jobs_link(here: Here, job: Job) -> None:
    """To everything about the job."""
    link(here, "jobs", here.say("report.open_job"), icon=":material/article:", job=job.id)
