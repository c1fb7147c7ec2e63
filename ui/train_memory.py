"""How much memory a step needs: the range, its parts, whether it fits, and the smallest change that makes it fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.ui.charts import show_chart
from tunesmith.ui.here import Here
from tunesmith.ui.train_answers import Answer
from tunesmith.ui.train_charts import memory_bars
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_settings import read_settings, with_settings, write_settings
from tunesmith.ui.words import escaped

_GIB = 1024**3
#: Memory of cards that people have, in GiB.
CARDS = (8, 12, 16, 24, 32, 40, 48, 80, 96, 141, 192)
#: What an estimate calls a setting, and what the settings of a run call it.
KEYS = {
    "batch": "batch",
    "accumulation": "accumulation",
    "max_length": "max_length",
    "method": "method",
    "optimizer": "optimizer",
    "packing": "packing",
    "bits": "bits",
    "checkpointing": "activation_checkpointing",
}
_COLOURS = {"fits": "green", "tight": "orange", "no": "red"}


def show_memory(here: Here, plan: Plan, answer: Answer) -> None:
    """The answer of `train estimate`."""
    from tunesmith.train.estimate_types import gibibytes
    from tunesmith.train.estimate_words import PART_WORDS, PHASE_WORDS

    say, found = here.say, answer.found
    sizes = found["bytes"]
    amounts = {name: gibibytes(sizes[name]) for name in ("low", "likely", "high")}
    peak = PHASE_WORDS[say.language][found["peak"]]
    st.markdown(say("train.memory_range", **amounts, peak=peak))
    _verdict(here, plan, found)
    words = PART_WORDS[say.language] | {"rest": say.plain("train.memory_rest")}
    show_chart(memory_bars(found["parts"], words), key=f"memory_{plan.name}", alt=say.plain("train.memory_alt"))
    counts = found["parameters"]
    share = counts["trained"] / max(1, counts["total"] + counts["adapter"])
    st.caption(say("train.memory_counts", total=counts["total"], trained=counts["trained"], share=share))
    _change(here, plan, found.get("change"))


def _verdict(here: Here, plan: Plan, found: Mapping[str, Any]) -> None:
    if plan.chosen.gpu and "verdict" in found:
        card = plan.chosen.gpu.replace("GB", " GB")
        st.badge(here.say(f"train.memory_{found['verdict']}", card=card), color=_COLOURS[found["verdict"]])  # type: ignore[arg-type]
        return
    card_size = smallest_card(found["bytes"]["high"])
    if card_size is None:
        st.badge(here.say("train.memory_none", card=CARDS[-1]), color="red")
    else:
        st.badge(here.say("train.memory_card", card=card_size), color="green")


def smallest_card(high_bytes: int) -> int | None:
    """The smallest card whose memory holds even the high end, in GiB; None where no card does."""
    return next((card for card in CARDS if card * _GIB >= high_bytes), None)


def settings_of(change: Mapping[str, Any]) -> dict[str, Any] | None:
    """A change in the words of a run's settings; None where one of them is not a setting of its own."""
    settings = change.get("settings", {})
    if not settings or not settings.keys() <= KEYS.keys():
        return None
    return {KEYS[name]: value for name, value in settings.items()}


def _change(here: Here, plan: Plan, change: Mapping[str, Any] | None) -> None:
    if change is None:
        return
    st.markdown(here.say("train.change" if change["fits"] else "train.change_least"))
    st.code(str(change["text"]), language=None, wrap_lines=True)
    settings = settings_of(change)
    if settings is None or not change["fits"]:
        return
    told = ", ".join(f"{key}: {value}" for key, value in settings.items())
    if st.button(here.say("train.change_take", settings=told), key=f"change_{plan.name}", icon=":material/check:"):
        text = read_settings(here.workspace, plan) or ""
        write_settings(here.workspace, plan, with_settings(text, settings))
        st.toast(escaped(told))
        st.rerun()
