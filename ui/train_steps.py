"""The steps before a training, in their order: advice, memory, preflight, start. Each runs as the command that it
names, and what it found stays on disk; where the settings have changed since, the step says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import submit
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.shown import show_command, show_error
from tunesmith.ui.train_advice import show_advice
from tunesmith.ui.train_answers import Answer, Step, read_answer, result_of, take_answer
from tunesmith.ui.train_commands import (
    NOT_ESTIMATED,
    advise_command,
    estimate_command,
    language_of,
    preflight_command,
)
from tunesmith.ui.train_memory import show_memory
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_preflight import show_preflight
from tunesmith.ui.train_run import latest, tokenizer_of, weights_of
from tunesmith.ui.train_settings import Checked, check_settings, first_settings, read_settings, write_settings
from tunesmith.ui.train_shown import job_failed, job_under_way
from tunesmith.ui.train_start import show_start


class _Asked(NamedTuple):
    """A step as it stands: what it would ask now, what it found, what runs."""

    step: Step
    arguments: list[str] | None
    answer: Answer | None
    job: Job | None


def show_steps(here: Here, plan: Plan, jobs: list[Job], job: Job | None, *, is_missing: bool) -> None:
    """All steps; the first that is open has the page's primary button."""
    advice = _state(here, plan, jobs, "advice", _advise(here, plan))
    if advice.answer is not None:
        _settle(here, plan)
    checked = check_settings(here.workspace, plan) if read_settings(here.workspace, plan) is not None else None
    memory = _state(here, plan, jobs, "memory", _estimate(here, plan, checked))
    preflight = _state(here, plan, jobs, "preflight", _preflight(here, plan, checked))
    steps = (advice, memory, preflight)
    first = next((one.step for one in steps if one.answer is None), None)
    shows: tuple[Callable[[Here, Plan, Answer], None], ...] = (show_advice, show_memory, show_preflight)
    for number, (one, show) in enumerate(zip(steps, shows), 1):
        st.subheader(f"{number} · {here.say(f'train.step_{one.step}')}", anchor=False)
        _step(here, plan, one, show, is_primary=one.step == first, is_missing=is_missing)
        if one.step == "advice" and one.answer is None and checked is None:
            _skip(here, plan, is_missing=is_missing)
    st.subheader(f"4 · {here.say('train.step_start')}", anchor=False)
    show_start(here, plan, checked, job, is_primary=first is None, is_missing=is_missing)


def _settle(here: Here, plan: Plan) -> None:
    """The first settings are those that were advised; later ones are a person's own."""
    if read_settings(here.workspace, plan) is None:
        path = here.workspace.root / plan.folder / "advice.yaml"
        advised = path.read_text(encoding="utf-8") if path.is_file() else ""
        write_settings(here.workspace, plan, first_settings(plan, advised))


def _advise(here: Here, plan: Plan) -> list[str]:
    return advise_command(plan, here.say.language, model=weights_of(here.workspace, plan.chosen.model))


def _estimate(here: Here, plan: Plan, checked: Checked | None) -> list[str] | None:
    if checked is None or checked.config is None or checked.config.stage in NOT_ESTIMATED:
        return None
    found = read_answer(here.workspace, plan, "advice")
    p95 = found.found.get("facts", {}).get("p95_tokens") if found else None
    return estimate_command(plan, checked.config, p95=p95, model=weights_of(here.workspace, checked.config.model))


def _preflight(here: Here, plan: Plan, checked: Checked | None) -> list[str] | None:
    if checked is None or checked.config is None:
        return None
    model = tokenizer_of(here.workspace, checked.config.model)
    return preflight_command(plan, checked.config, here.say.language, model=model)


def _state(here: Here, plan: Plan, jobs: list[Job], step: Step, arguments: list[str] | None) -> _Asked:
    """What a step found; what a job has just found is kept now."""
    job = latest(jobs, step, result_of(plan, step))
    answer = read_answer(here.workspace, plan, step)
    if job is not None and job.state == "done" and (answer is None or answer.job != job.id):
        answer = take_answer(here.workspace, plan, step, job) or answer
    return _Asked(step, arguments, answer, job)


def _step(
    here: Here,
    plan: Plan,
    one: _Asked,
    show: Callable[[Here, Plan, Answer], None],
    *,
    is_primary: bool,
    is_missing: bool,
) -> None:
    if one.job is not None and one.job.is_open:
        job_under_way(here, one.job)
        return
    failed = one.job is not None and (one.job.state != "done" or one.answer is None)
    if one.job is not None and failed and (one.answer is None or one.answer.job != one.job.id):
        job_failed(here, one.job)
    if one.answer is None:
        st.markdown(here.say(f"train.{one.step}_what"))
        if one.arguments is None:
            st.caption(here.say("train.needs_settings"))
    else:
        show(here, plan, one.answer)
    if one.arguments is not None:
        _ask(here, plan, one, is_primary=is_primary, is_missing=is_missing)


def _ask(here: Here, plan: Plan, one: _Asked, *, is_primary: bool, is_missing: bool) -> None:
    arguments = one.arguments or []
    is_old = one.answer is not None and not one.answer.is_of(arguments)
    if is_old:
        st.info(here.say("train.changed_since"), icon=":material/sync_problem:")
    elif one.answer is not None and language_of(one.answer.asked) not in (None, here.say.language):
        st.caption(here.say("train.other_language"))
    label = here.say("train.again" if one.answer is not None else f"train.{one.step}_ask")
    kind = "primary" if is_primary else "secondary" if one.answer is None or is_old else "tertiary"
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, key=f"ask_{one.step}_{plan.name}", type=kind, disabled=is_missing):  # type: ignore[arg-type]
            _submit(here, plan, one.step, arguments)
        with st.popover(here.say("common.command"), type="tertiary", key=f"command_{one.step}_{plan.name}"):
            show_command(here.say, arguments)
            st.caption(here.say("jobs.in_workspace"))


def _submit(here: Here, plan: Plan, step: Step, arguments: Sequence[str]) -> None:
    try:
        submit(here.workspace, step, plan.name, arguments, result=result_of(plan, step), by=here.person.name)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    st.rerun()


def _skip(here: Here, plan: Plan, *, is_missing: bool) -> None:
    if st.button(here.say("train.skip"), key=f"skip_{plan.name}", type="tertiary", disabled=is_missing):
        write_settings(here.workspace, plan, first_settings(plan))
        st.rerun()
