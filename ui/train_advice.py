"""What the advice says: each setting with its value and its reason, where the sources disagree, what would go wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.train_answers import Answer, read_answer
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_shown import table
from tunesmith.ui.words import escaped


def show_advice(here: Here, plan: Plan, answer: Answer) -> None:
    """The answer of `train advise`."""
    found = answer.found
    for warning in found.get("warnings", ()):
        st.warning(escaped(str(warning["text"])), icon=":material/warning:")
    _facts(here, found.get("facts", {}))
    items = found.get("advice", [])
    given = [item for item in items if item["value"] is not None]
    say = here.say
    columns = {
        say("train.setting"): [title_of(item, say.language) for item in given],
        say("train.value"): [value_of(item, say.language) for item in given],
        say("train.why"): [
            item["why"] + (f" ({say.plain('train.they_disagree')})" if item["disagree"] else "") for item in given
        ],
    }
    if found.get("steps"):
        st.caption(say("train.advised_steps", n=found["steps"]))
    is_last = read_answer(here.workspace, plan, "memory") is None  # then a person is still here
    if given:
        with st.expander(say("train.advised", n=len(given)), expanded=is_last):
            table(columns, key=f"advice_{plan.name}")
    _refused(here, [item for item in items if item["value"] is None])
    _disagreements(here, [item for item in items if item["disagree"]])


def _facts(here: Here, facts: Mapping[str, Any]) -> None:
    """What was measured, in a line."""
    if not facts.get("p95_tokens"):
        return
    values = {key: facts.get(key) or 0 for key in ("rows", "domain_rows", "general_rows", "validation_rows")}
    lengths = {"half": facts["median_tokens"], "p95": facts["p95_tokens"], "longest": facts["longest"]}
    st.caption(here.say("train.measured", **values, **lengths))


def _refused(here: Here, items: Sequence[Mapping[str, Any]]) -> None:
    if not items:
        return
    with st.expander(here.say("train.refused", n=len(items))):
        names = [title_of(item, here.say.language) for item in items]
        whys = [item["why"] for item in items]
        table({here.say("train.setting"): names, here.say("train.why"): whys}, key="train_refused")


def _disagreements(here: Here, items: Sequence[Mapping[str, Any]]) -> None:
    if not items:
        return
    say = here.say
    lines = [(item, one) for item in items for one in item["candidates"]]
    with st.expander(say("train.disagree", n=len(items))):
        st.caption(say("train.disagree_help"))
        columns = {
            say("train.setting"): [title_of(item, say.language) for item, _ in lines],
            say("train.source"): [source_of(here, one["source"]) for _, one in lines],
            say("train.says"): [one["says"] + (f" ({one['aside']})" if one["aside"] else "") for _, one in lines],
            say("train.counts"): [_mark(here, one) for _, one in lines],
        }
        table(columns, key="train_disagree")


def _mark(here: Here, one: Mapping[str, Any]) -> str:
    if not one["weight"]:
        return here.say.plain("train.not_counted")
    return here.say.plain("train.holds" if one["chosen"] else "train.against")


def source_of(here: Here, source: str) -> str:
    """A source as this language names it."""
    from tunesmith.train.advise_words import SOURCES

    first, _, number = source.rpartition(" ")
    if first == "guide" and number.isdigit():
        return here.say.plain("train.guide", n=int(number))
    return SOURCES.get(source, source) if here.say.language == "zh" else source


def title_of(item: Mapping[str, Any], language: str) -> str:
    """What a setting is called."""
    from tunesmith.train.advise_topics import TOPICS

    topic = next((one for one in TOPICS if one.name == item["name"]), None)
    return topic.title.in_language(language) if topic else str(item["name"])


def value_of(item: Mapping[str, Any], language: str) -> str:
    """An advised value as the command prints it."""
    from tunesmith.curate.said import Said
    from tunesmith.train.advise_text import shown
    from tunesmith.train.advise_topics import TOPICS
    from tunesmith.train.advise_types import Item

    topic = next((one for one in TOPICS if one.name == item["name"]), None)
    if topic is None:
        return str(item["value"])
    return shown(Item(topic, item["value"], Said("", ""), (), False), language)
