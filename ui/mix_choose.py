"""What is mixed and how: the choices of the page Mix, kept in its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tunesmith.ui.dataset_profiles import ask_for_profile, profiled
from tunesmith.ui.datasets import Dataset, read_datasets
from tunesmith.ui.here import Here
from tunesmith.ui.links import link
from tunesmith.ui.mix_base import MAX_COPIES, Base, groups_of, mapping_of, usual_ratio
from tunesmith.ui.words import catalogue

_DATA = ""  # among the runs: datasets that were not cleaned yet
_MOST_PARTS = 1000.0


def choose_base(here: Here, runs: Sequence[str], asked: str | None) -> str:
    """The name of a run, or an empty one for datasets.

    :param asked: a run of the address, or a recipe, whose run has its name.
    """
    if not runs and asked is None:
        return _DATA
    options = [*runs, _DATA]
    if asked is not None and asked not in options:
        options = [asked, *options]  # opening it says what is wrong
    chosen = st.selectbox(
        here.say("mix.of"),
        options,
        index=options.index(asked) if asked in options else 0,
        format_func=lambda name: name or here.say.plain("mix.of_data"),
        key=f"mix_base_{asked or ''}",
    )
    return chosen or _DATA


def choose_data(here: Here) -> list[Dataset]:
    """Datasets of both groups; none, with the next step told, where they cannot be mixed yet."""
    found = [dataset for dataset in read_datasets(here.workspace) if dataset.group != "evaluation"]
    if not found:
        _nothing(here, "mix.no_data")
        return []
    by_id = {dataset.id: dataset for dataset in found}
    ids = st.multiselect(
        here.say("mix.datasets"),
        list(by_id),
        default=list(by_id),
        format_func=lambda name: f"{by_id[name].title} ({here.say.plain(f'dataset.group_{by_id[name].group}')})",
        key=f"mix_data_{len(by_id)}",
    )
    picked = [by_id[name] for name in ids]
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
    asked = _asked_number(f"parts_{name}", usual)
    value = st.number_input(
        here.say("mix.parts", group=group_name(here, name)),
        min_value=0.1,
        max_value=_MOST_PARTS,
        value=asked,
        step=1.0,
        format="%g",
        key=f"mix_parts_{base.title}_{name}",
        width=220,
    )
    _keep(f"parts_{name}", f"{value:g}", f"{usual:g}")
    return float(value)


def _choice(here: Here, base: Base, name: str, options: tuple[str, str]) -> str:
    usual = str(base.mix.get(name) or options[0])
    asked = str(st.query_params.get(name, usual))
    chosen = st.segmented_control(
        here.say(f"mix.{name}"),
        options,
        default=asked if asked in options else usual,
        required=True,
        format_func=lambda code: here.say(f"mix.{name}_{code}"),
        key=f"mix_{name}_{base.title}",
        help=here.say(f"mix.{name}_help"),
    )
    _keep(name, str(chosen), usual)
    return str(chosen)


def _copies(here: Here, base: Base) -> int:
    usual = int(base.mix.get("max_copies") or MAX_COPIES)
    value = st.number_input(
        here.say("mix.copies"),
        min_value=2,
        max_value=100,
        value=int(_asked_number("copies", usual)),
        key=f"mix_copies_{base.title}",
        width=220,
    )
    _keep("copies", str(value), str(usual))
    return int(value)


def _asked_number(name: str, usual: float) -> float:
    try:
        value = float(str(st.query_params.get(name, usual)))
    except ValueError:
        return usual
    return value if 0.1 <= value <= (100 if name == "copies" else _MOST_PARTS) else usual


def _keep(name: str, value: str, usual: str) -> None:
    """What differs from the usual stands in the address, so that it can be reloaded and shared."""
    if value != usual and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif value == usual and name in st.query_params:
        del st.query_params[name]


def _count_first(here: Here, waiting: Sequence[Dataset]) -> None:
    with st.container(border=True):
        st.markdown(here.say("mix.count_first", names=", ".join(dataset.title for dataset in waiting)))
        if st.button(here.say("mix.count"), key="mix_count", icon=":material/bar_chart:"):
            for dataset in waiting:
                ask_for_profile(here.workspace, dataset)
            st.toast(here.say("mix.counting"))
        link(here, "jobs", here.say("mix.see_jobs"), icon=":material/pending_actions:")


def _nothing(here: Here, key: str) -> None:
    with st.container(border=True):
        st.markdown(here.say(key))
        link(here, "dataset", here.say("mix.go_dataset"), icon=":material/arrow_forward:")
