"""The rest of a comparison, folded: the report card, what the models knew before, the judge, the data, the parts.

>>> show_sections(here, views)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.report_charts import forest
from tunesmith.ui.report_verdict import badge, show_facts, show_ratings
from tunesmith.ui.words import escaped

View = Mapping[str, Any]


def show_card(here: Here, view: View | None, after: str) -> None:
    """The habits of the tuned model: how many lines are good, and each with its reason."""
    if view is None:
        return
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    st.header(escaped(say(language, "card", after=after)), anchor=False)
    st.caption(escaped(view["counts"]))
    for line in sorted(view["lines"], key=lambda line: ("bad", "look", "few", "fine", "none").index(line["kind"])):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(line["verdict"], line["kind"])
            st.markdown(f"**{escaped(line['title'])}**", width="content")
            if line["is_measured"]:
                st.caption(escaped(f"{line['before']} → {line['after']} · {line['answers']}"), width="content")
        if line["sentences"] and line["kind"] in ("bad", "look"):
            st.text(" ".join(line["sentences"]))
    with st.expander(here.say("report.card_all")):
        st.dataframe(_card_table(language, view["lines"]), hide_index=True, key="report_card")


def show_retention(here: Here, view: View | None) -> None:
    """What was known before: kept, forgotten or not shown, by subject."""
    if view is None:
        return
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    st.header(escaped(say(language, "retention")), anchor=False)
    badge(say(language, "retention") if view["kind"] == "none" else _word(language, view["kind"]), view["kind"])
    for text in (view["sentence"], view["subjects"], view["texts"]):
        if text:
            st.text(text)
    lines = [*view["shown"]["lines"], *view["rest"]["lines"]]
    if lines:
        with st.expander(here.say("report.subjects", n=len(lines))):
            keys = ("title", "before", "after", "value", "difference", "interval", "items", "verdict")
            st.dataframe(
                {_head(language, key): [str(line.get(key, "")) for line in lines] for key in keys if key in lines[0]},
                hide_index=True,
                key="report_subjects",
            )
    for warning in view["warnings"]:
        st.caption(escaped(warning))


def show_judge(here: Here, view: View | None) -> None:
    """What a model said as judge, after how far it can be believed."""
    if view is None:
        return
    from tunesmith.evaluate.report_words import say

    st.header(escaped(say(here.say.language, "judge")), anchor=False)
    if view["verdict"]:
        badge(view["verdict"], view["kind"])
    for text in (view["lead"], view["trust"], view["sentence"]):
        if text:
            st.text(text)
    show_ratings(here, view["criteria"])
    show_facts(view["facts"])
    for warning in view["warnings"]:
        st.caption(escaped(warning))


def show_data(here: Here, view: View | None) -> None:
    """How the two training sets differ."""
    if view is None:
        return
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    st.header(escaped(say(language, "data")), anchor=False)
    st.text(view["sentence"])
    with st.expander(here.say("report.data_all")):
        for place, table in enumerate(view["tables"]):
            st.caption(escaped(table["title"]))
            rows = {
                " ": [line["title"] for line in table["lines"]],
                say(language, "before"): [line["before"] for line in table["lines"]],
                say(language, "after"): [line["after"] for line in table["lines"]],
                say(language, "difference"): [line["difference"] for line in table["lines"]],
            }
            st.dataframe(rows, hide_index=True, key=f"report_data_{place}")
        for group in view["groups"]:
            if group["rows"]:
                st.caption(here.say(f"report.data_{group['side']}", n=group["rows"]))
                lines = [f"{one['rows']:,}  {one['reason']}" for one in group["groups"]]
                more = [here.say.plain("report.data_more", n=group["more"])] if group["more"] else []
                st.code("\n".join([*lines, *more]), language=None)
        if view["recipe"]:
            st.caption(here.say("report.data_recipe"))
            changes = [f"{one['key']}: {one['before']} → {one['after']}" for one in view["recipe"]]
            st.code("\n".join(changes), language=None, wrap_lines=True)


def show_parts(here: Here, view: View) -> None:
    """The same comparison within parts of the questions, and what shifted without being better or worse."""
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    if view["slices"]:
        with st.expander(escaped(say(language, "slices"))):
            st.caption(escaped(say(language, "slices_lead")))
            for place, field in enumerate(view["slices"]):
                st.markdown(f"**{escaped(field['title'])}**")
                for number, plot in enumerate(field["plots"]):
                    st.caption(escaped(plot["metric"]))
                    drawn = forest(plot["forest"]["lines"], dark=here.dark)
                    st.vega_lite_chart(spec=drawn, key=f"report_part_{place}_{number}", width="stretch")
    if view["shifts"]:
        with st.expander(escaped(say(language, "shifts"))):
            st.caption(escaped(say(language, "shifts_lead")))
            keys = ("title", "before", "after", "difference", "interval")
            table = {_head(language, key): [str(line[key]) for line in view["shifts"]] for key in keys}
            table[say(language, "shift")] = [_shift(language, line["movement"]) for line in view["shifts"]]
            st.dataframe(table, hide_index=True, key="report_shifts")


def show_measured(here: Here, view: View) -> None:
    """What was compared and how, as it stands in the summary."""
    from tunesmith.evaluate.report_words import say

    with st.expander(escaped(say(here.say.language, "settings"))):
        for system in view["systems"]:
            facts = [f"{fact['title']}: {fact['value']}" for fact in system["facts"]]
            st.text("\n".join([f"{system['name']} · {system['path']}", *facts]))
        st.text("\n".join(f"{line['title']}: {line['value']}" for line in view["lines"]))


def _card_table(language: Any, lines: Sequence[View]) -> dict[str, list[str]]:
    keys = ("title", "before", "after", "difference", "difference_interval", "answers", "verdict")
    table = {_head(language, key): [str(line[key]) for line in lines] for key in keys}
    return table | {_head(language, "why"): [" ".join(line["sentences"]) for line in lines]}


def _head(language: Any, key: str) -> str:
    from tunesmith.evaluate.report_words import say

    known = {
        "title": " ",
        "difference_interval": "interval",
        "answers": "items",
        "why": "card_why",
        "value": "wins_scores",
    }
    return " " if key == "title" else say(language, known.get(key, key))


def _word(language: Any, kind: str) -> str:
    from tunesmith.evaluate.report_words import name

    code = {"few": "not shown"}.get(kind, kind)
    return name(language, "verdict", code)


def _shift(language: Any, movement: str) -> str:
    from tunesmith.evaluate.report_words import name

    return name(language, "shift", movement)
