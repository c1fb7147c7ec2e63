"""What to do with a model that was trained: talk to it, let it answer before and after, put it into one piece."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import submit
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.shown import command_line, show_command, show_error
from tunesmith.ui.train_data import Data, questions
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_run import Run, latest
from tunesmith.ui.train_shown import job_failed, job_under_way

SIDES = ("before", "after")


def show_next(here: Here, plan: Plan | None, run: Run, jobs: list[Job]) -> None:
    """The steps after a training; a reward model answers nothing and has none."""
    if run.manifest.get("stage") == "reward":
        st.caption(here.say("train.reward_next"))
        return
    st.subheader(here.say("train.next"), anchor=False)
    _compare(here, plan, run, jobs)
    if run.is_adapter:
        _merge(here, run, jobs)
    with st.container(border=True):
        st.markdown(f"**{here.say('train.chat')}**")
        st.write(here.say("train.chat_what"))
        st.code(command_line(["train", "chat", f"models/{run.name}"]), language="bash", wrap_lines=True)


def predict_command(run: Run, side: str, data: Data) -> list[str]:
    """The questions, asked of the model as it was or as it is now."""
    base = str(run.manifest.get("base") or run.manifest.get("model"))
    model = ["--model", base]
    if side == "after":
        folder = f"models/{run.name}/model"
        model = [*model, "--adapter", folder] if run.is_adapter else ["--model", folder]
    given = ["--data", data.argument, *data.reading, *model]
    return ["evaluate", "predict", *given, "--out", predictions_of(run, side), "--replace"]


def predictions_of(run: Run, side: str) -> str:
    """Where the answers go, from the workspace's folder."""
    return f"predictions/{run.name}-{side}.jsonl"


def _compare(here: Here, plan: Plan | None, run: Run, jobs: list[Job]) -> None:
    """Answers of the model before and after, for the report."""
    say = here.say
    with st.container(border=True, key=f"compare_{run.name}"):
        st.markdown(f"**{say('train.compare')}**")
        st.write(say("train.compare_what"))
        asked = {side: latest(jobs, "predict", predictions_of(run, side)) for side in SIDES}
        _answers(here, run, asked)
        if any(job is not None and job.is_open for job in asked.values()):
            return
        data = questions(here.workspace, plan.chosen.data if plan is not None else "")
        if not data:
            st.caption(say("train.no_questions"))
            link(here, "dataset", say("train.go_dataset"), icon=":material/arrow_forward:")
            return
        _ask(here, run, data)


def _answers(here: Here, run: Run, asked: dict[str, Job | None]) -> None:
    """What runs, what failed; where both have answered, the way to the report. Until then what lies there is of two
    different askings."""
    lacking = {side: job for side, job in asked.items() if job is not None and job.state != "done"}
    for side, job in lacking.items():
        st.caption(here.say(f"train.side_{side}"))
        (job_under_way if job.is_open else job_failed)(here, job)
    if not lacking and all((here.workspace.root / predictions_of(run, side)).is_file() for side in SIDES):
        before, after = (f"{run.name}-{side}.jsonl" for side in SIDES)
        st.success(here.say("train.answered", before=before, after=after), icon=":material/check:")
        link(here, "report", here.say("train.go_report"), icon=":material/arrow_forward:", new="1")


def _ask(here: Here, run: Run, data: Sequence[Data]) -> None:
    by_argument = {one.argument: one for one in data}
    chosen = st.selectbox(
        here.say("train.questions"),
        list(by_argument),
        format_func=lambda argument: (
            here.say.plain("train.questions_aside") if by_argument[argument].is_run else by_argument[argument].title
        ),
        key=f"questions_{run.name}",
    )
    asked = by_argument[chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":material/play_arrow:"
        if st.button(here.say("train.ask_both"), key=f"predict_{run.name}", type="primary", icon=icon):
            for side in SIDES:
                _submit(here, run, "predict", predict_command(run, side, asked), predictions_of(run, side))
            st.rerun()
        with st.popover(here.say("common.command"), type="tertiary", key=f"predict_command_{run.name}"):
            for side in SIDES:
                show_command(here.say, predict_command(run, side, asked))


def _merge(here: Here, run: Run, jobs: list[Job]) -> None:
    say, result = here.say, f"models/{run.name}/merged"
    job = latest(jobs, "merge", result)
    with st.container(border=True, key=f"merge_{run.name}"):
        st.markdown(f"**{say('train.merge')}**")
        if run.is_merged:
            st.write(say("train.merged"))
            st.code(result, language=None)
            return
        st.write(say("train.merge_what"))
        if job is not None and job.is_open:
            job_under_way(here, job)
            return
        if job is not None and job.state != "done":
            job_failed(here, job)
        arguments = ["train", "merge", f"models/{run.name}", "--out", result]
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(say("train.merge_do"), key=f"merge_do_{run.name}", icon=":material/merge:"):
                _submit(here, run, "merge", arguments, result)
                st.rerun()
            with st.popover(say("common.command"), type="tertiary", key=f"merge_command_{run.name}"):
                show_command(say, arguments)


def _submit(here: Here, run: Run, kind: str, arguments: Sequence[str], result: str) -> None:
    try:
        submit(here.workspace, kind, run.name, arguments, result=result, by=here.person.name)
    except TunesmithError as error:
        show_error(here.say, error)
