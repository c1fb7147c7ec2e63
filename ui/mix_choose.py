"""What is mixed and how: the choices of the page Mix, kept in its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tunesmith.ui.dataset_choice import choose_datasets
from tunesmith.ui.dataset_profiles import ask_for_profile, profile_job, profiled
from tunesmith.ui.datasets import Dataset, read_datasets
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked, link
from tunesmith.ui.mix_base import MAX_COPIES, Base, groups_of, mapping_of, usual_ratio
from tunesmith.ui.shown import fragment
from tunesmith.ui.words import catalogue

_DATA = ""  # among the runs: datasets that were not cleaned yet
_FEWEST_PARTS, _MOST_PARTS = 0.1, 1000.0  # beyond only where the recipe goes there
_MOST_COPIES = 100


def choose_base(here: Here, runs: Sequence[str]) -> str:
    """The name of a run, or an empty one for datasets. A recipe in the address means the run of its name."""
    wanted = asked("run") or asked("recipe")
    if not runs and wanted is None:
        return _DATA
    options = [*runs, _DATA]
    if wanted is not None and wanted not in options:
        options = [wanted, *options]  # opening it says what is wrong
    shown = _DATA if asked("of") == "data" else wanted or options[0]
    chosen = st.selectbox(
        here.say("mix.of"),
        options,
        index=options.index(shown),
        format_func=lambda name: name or here.say.plain("mix.of_data"),
        key=f"mix_base_{shown}",
    )
    if chosen != shown:
        st.query_params.from_dict({"run": chosen} if chosen else {"of": "data"})
        st.rerun()
    if wanted is None and shown:
        st.query_params["run"] = shown  # so that a run that ends meanwhile does not take this one's place
    return shown


def choose_data(here: Here) -> list[Dataset]:
    """Datasets of both groups; none, with the next step told, where they cannot be mixed yet."""
    found = [dataset for dataset in read_datasets(here.workspace) if dataset.group != "evaluation"]
    if not found:
        _nothing(here, "mix.no_data")
        return []
    picked = choose_datasets(here, here.say("mix.datasets"), found, found, key="mix_data")
    if len({dataset.group for dataset in picked}) < 2:
        _nothing(here, "mix.one_group")
        return []
    waiting = [dataset for dataset in picked if not profiled(here.workspace, dataset)]
    if waiting:
        _count_first(here, waiting)
        return []
    st.info(here.say("mix.before_cleaning"), icon=":material/info:")
    return picked


def choose_mix(here: Here, base: Base) -> dict[str, Any] | None:
    """The recipe's `mix:`; None where there is only one group."""
    groups = groups_of(base)
    if len(groups) < 2:
        _nothing(here, "mix.run_one_group")
        return None
    usual = usual_ratio(base)
    st.subheader(here.say("mix.ratio"), anchor=False)
    with st.container(horizontal=True, key="mix_ratio"):
        ratio = {name: _parts(here, base, name, usual[name]) for name in groups}
    left, right = st.columns(2)
    with left:
        unit = _choice(here, base, "unit", ("rows", "tokens"))
    with right:
        short = _choice(here, base, "short", ("shrink", "repeat"))
        copies = _copies(here, base) if short == "repeat" else MAX_COPIES
    return mapping_of(ratio, unit=unit, short=short, max_copies=copies, before=base.mix)


def group_name(here: Here, name: str) -> str:
    """A group in words: plain text. One that a recipe named itself, as it is."""
    key = f"group_{name}"
    return here.say.plain(f"dataset.{key}") if key in catalogue("dataset") else name


def _parts(here: Here, base: Base, name: str, usual: float) -> float:
    low, high = min(_FEWEST_PARTS, usual), max(_MOST_PARTS, usual)
    value = st.number_input(
        here.say("mix.parts", group=group_name(here, name)),
        min_value=low,
        max_value=high,
        value=_asked_number(f"parts_{name}", usual, low, high),
        step=1.0,
        format="%g",
        key=f"mix_parts_{base.title}_{name}",
        width=220,
    )
    _keep(f"parts_{name}", f"{value:g}", f"{usual:g}")
    return float(value)


def _choice(here: Here, base: Base, name: str, options: tuple[str, str]) -> str:
    usual = str(base.mix.get(name) or options[0])
    wanted = str(st.query_params.get(name, usual))
    chosen = st.segmented_control(
        here.say(f"mix.{name}"),
        options,
        default=wanted if wanted in options else usual,
        required=True,
        format_func=lambda code: here.say(f"mix.{name}_{code}"),
        key=f"mix_{name}_{base.title}",
        help=here.say(f"mix.{name}_help"),
    )
    _keep(name, str(chosen), usual)
    return str(chosen)


def _copies(here: Here, base: Base) -> int:
    usual = int(base.mix.get("max_copies") or MAX_COPIES)
    low, high = min(2, usual), max(_MOST_COPIES, usual)
    value = st.number_input(
        here.say("mix.copies"),
        min_value=low,
        max_value=high,
        value=int(_asked_number("copies", usual, low, high)),
        key=f"mix_copies_{base.title}",
        width=220,
    )
    _keep("copies", str(value), str(usual))
    return int(value)


def _asked_number(name: str, usual: float, low: float, high: float) -> float:
    """A number of the address, where it is one within the bounds."""
    try:
        value = float(str(st.query_params.get(name, usual)))
    except ValueError:
        return usual
    return value if low <= value <= high else usual


def _keep(name: str, value: str, usual: str) -> None:
    """What differs from the usual stands in the address, so that it can be reloaded and shared."""
    if value != usual and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif value == usual and name in st.query_params:
        del st.query_params[name]


def _count_first(here: Here, waiting: Sequence[Dataset]) -> None:
    with st.container(border=True):
        st.markdown(here.say("mix.count_first", names=", ".join(dataset.title for dataset in waiting)))
        jobs = [job for dataset in waiting if (job := profile_job(here.workspace, dataset)) is not None]
        if any(job.is_open for job in jobs):
            _under_way(here, waiting)
        else:
            if jobs:
                st.caption(here.say("dataset.count_failed"))
            if st.button(here.say("mix.count"), key="mix_count", icon=":material/bar_chart:"):
                for dataset in waiting:
                    ask_for_profile(here.workspace, dataset)
                st.rerun()
        link(here, "jobs", here.say("mix.see_jobs"), icon=":material/pending_actions:")


def _under_way(here: Here, waiting: Sequence[Dataset]) -> None:
    """Say that it is being counted, and draw the page again when it is."""

    @fragment(here.say, run_every=1)
    def draw() -> None:
        st.caption(here.say("mix.counting"))
        jobs = [profile_job(here.workspace, dataset) for dataset in waiting]
        if not any(job is not None and job.is_open for job in jobs):
            st.rerun()

    draw()


def _nothing(here: Here, key: str) -> None:
    with st.container(border=True):
        st.markdown(here.say(key))
        link(here, "dataset", here.say("mix.go_dataset"), icon=":material/arrow_forward:")
