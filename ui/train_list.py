"""All trainings of the workspace, and the form that begins another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import asked, link
from tunesmith.ui.train_data import Data, read_by_hand, trainable
from tunesmith.ui.train_models import hub_name, is_offline, known_models, missing_packages
from tunesmith.ui.train_plans import ADVISED, Chosen, Plan, new_plan, read_plans
from tunesmith.ui.train_run import Run, latest, read_runs
from tunesmith.ui.words import escaped

#: The stages in the order of how often they are wanted; the last needs a Python file, and has the command line.
STAGES = ("sft", "dpo", "kto", "orpo", "simpo", "pretrain", "reward")
METHODS = (ADVISED, "lora", "qlora", "full", "freeze")
GPUS = ("", "8GB", "12GB", "16GB", "24GB", "32GB", "40GB", "48GB", "80GB", "96GB", "141GB", "192GB")
_HUB = "hub"


def missing_notice(here: Here) -> bool:
    """Whether training is not installed, said with what to do."""
    missing = missing_packages()
    if missing:
        st.warning(here.say("train.missing", names=", ".join(missing)), icon=":material/download:")
        st.code("pip install 'tunesmith[train]'", language="bash")
    return bool(missing)


def show_all(here: Here) -> None:
    """What is trained, what was, and what may be next."""
    st.markdown(here.say("train.intro"))
    is_missing = missing_notice(here)
    plans, runs = read_plans(here.workspace), read_runs(here.workspace)
    data, others = trainable(here.workspace), read_by_hand(here.workspace)
    if data:
        _new(here, data, is_missing=is_missing)
    else:
        _no_data(here)
    if others:
        st.caption(here.say("train.read_by_hand", n=others))
    _list(here, plans, runs, read_jobs(here.workspace))


def _no_data(here: Here) -> None:
    with st.container(border=True):
        st.markdown(f"**{here.say('train.no_data')}**")
        st.write(here.say("train.no_data_next"))
        link(here, "dataset", here.say("train.go_dataset"), icon=":material/arrow_forward:")
        link(here, "curate", here.say("train.go_curate"), icon=":material/arrow_forward:")


def _new(here: Here, data: Sequence[Data], *, is_missing: bool) -> None:
    st.subheader(here.say("train.new"), anchor=False)
    with st.container(border=True, key="train_new"):
        chosen_data = _data(here, data)
        model = _model(here)
        left, right = st.columns(2)
        with left:
            stage = _explained(here, "stage", STAGES)
        with right:
            method = _explained(here, "method", METHODS)
        gpu = _gpu(here)
        if st.button(here.say("train.begin"), key="train_begin", type="primary", disabled=is_missing or model is None):
            chosen = Chosen(chosen_data.argument, str(model), stage, method, gpu, chosen_data.group)
            _open(new_plan(here.workspace, chosen, title=chosen_data.title).name)


def _data(here: Here, data: Sequence[Data]) -> Data:
    by_argument = {one.argument: one for one in data}
    wanted = f"runs/{asked('run')}"
    names = list(by_argument)
    chosen = st.selectbox(
        here.say("train.data"),
        names,
        index=names.index(wanted) if wanted in names else 0,
        format_func=lambda argument: _data_title(here, by_argument[argument]),
        help=here.say("train.data_help"),
        key="train_data",
    )
    return by_argument[chosen]


def _data_title(here: Here, one: Data) -> str:
    kind = here.say.plain("train.data_run" if one.is_run else "train.data_file")
    rows = f" · {here.say.plain('common.rows', n=one.rows)}" if one.rows is not None else ""
    return f"{one.title} · {kind}{rows}"


def _model(here: Here) -> str | None:
    """The model as an argument; None as long as none is named."""
    known = {one.argument: one for one in known_models(here.workspace)}
    options = [*known, _HUB]
    chosen = st.selectbox(
        here.say("train.model"),
        options,
        format_func=lambda one: (
            here.say.plain("train.model_hub")
            if one == _HUB
            else f"{one} · {here.say.plain(f'train.model_{known[one].kind}')}"
        ),
        key="train_model",
    )
    if chosen != _HUB:
        return str(chosen)
    name = st.text_input(here.say("train.hub_name"), placeholder="Qwen/Qwen3-0.6B", max_chars=200, key="train_hub")
    st.caption(here.say("train.model_offline" if is_offline() else "train.model_online"))
    if not name.strip():
        return None
    try:
        return hub_name(name)
    except InputError:
        st.error(here.say("train.hub_wrong", name=name.strip()[:80]), icon="⚠️")
        return None


def _explained(here: Here, what: str, codes: Sequence[str]) -> str:
    """A choice, and below it what the chosen one means in plain words."""
    chosen = st.selectbox(
        here.say(f"train.{what}"),
        codes,
        format_func=lambda code: here.say.plain(f"train.{what}_{code}"),
        key=f"train_{what}",
    )
    st.caption(here.say(f"train.{what}_{chosen}_help"))
    return str(chosen)


def _gpu(here: Here) -> str:
    return str(
        st.selectbox(
            here.say("train.gpu"),
            GPUS,
            format_func=lambda size: size.replace("GB", " GB") or here.say.plain("train.gpu_unknown"),
            help=here.say("train.gpu_help"),
            key="train_gpu",
        )
    )


def _open(name: str) -> None:
    st.query_params.clear()
    st.query_params["model"] = name
    st.rerun()


def _list(here: Here, plans: Sequence[Plan], runs: Sequence[Run], jobs: list[Job]) -> None:
    names = list(dict.fromkeys([*(plan.name for plan in plans), *(run.name for run in runs)]))
    if not names:
        return
    st.subheader(here.say("train.all"), anchor=False)
    by_plan, by_run = {plan.name: plan for plan in plans}, {run.name: run for run in runs}
    for name in names:
        job = latest(jobs, "train", f"models/{name}")
        with st.container(border=True, key=f"training_{name}", horizontal=True, vertical_alignment="center"):
            with st.container(gap="xsmall", width="stretch"):
                st.markdown(f"**{escaped(name)}**")
                st.caption(_line(here, by_plan.get(name), by_run.get(name)))
            state = state_of(by_run.get(name), job)
            st.badge(here.say(f"train.state_{state}"), color=_COLOURS[state])  # type: ignore[arg-type]
            if st.button(here.say("train.open"), key=f"open_{name}", icon=":material/arrow_forward:"):
                _open(name)


_COLOURS = {"running": "blue", "finished": "green", "stopped": "orange", "failed": "red", "planned": "gray"}


def state_of(run: Run | None, job: Job | None) -> str:
    """What is true of a training now."""
    if job is not None and job.is_open:
        return "running"
    if run is not None and run.is_finished:
        return "finished"
    if job is not None and job.state == "failed":
        return "failed"
    return "stopped" if run is not None and run.has_begun else "planned"


def _line(here: Here, plan: Plan | None, run: Run | None) -> str:
    """The stage, the model and the data, of the plan or of what the run says of itself."""
    if plan is not None:
        stage, model, data = plan.chosen.stage, plan.chosen.model, plan.chosen.data
    else:
        manifest = run.manifest if run is not None else {}
        stage, model, data = str(manifest.get("stage", "sft")), str(manifest.get("model", "–")), ""
    parts = [here.say(f"train.stage_{stage}") if stage in STAGES else escaped(stage), escaped(model), escaped(data)]
    return " · ".join(part for part in parts if part)
