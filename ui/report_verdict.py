"""The head of a comparison: what it says, in the library's words; what to know first; each metric with its interval.

>>> show_verdict(here, summary, pair, view)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.report_charts import forest, shares
from tunesmith.ui.words import escaped

View = Mapping[str, Any]

COLOURS = {
    "better": "green", "worse": "orange", "unclear": "gray", "few": "gray", "none": "gray",
    "bad": "red", "look": "orange", "fine": "green", "forgotten": "red", "retained": "green",
}  # fmt: skip


def badge(text: str, kind: str) -> None:
    """A verdict in its colour."""
    st.badge(escaped(text), color=COLOURS.get(kind, "gray"))  # type: ignore[arg-type]


def show_verdict(here: Here, summary: Mapping[str, Any], view: View) -> None:
    """The sentence first, then what bears it out, then what a reader must know before believing it."""
    from tunesmith.evaluate.report_words import name

    verdict = view["verdict"]
    with st.container(border=True, key="report_verdict", gap="small"):
        badge(name(here.say.language, "verdict_kind", verdict["kind"]), verdict["kind"])
        st.header(escaped(verdict["headline"]), anchor=False)
        if verdict["sentences"]:
            st.text(_joined(here, verdict["sentences"]))
        counts = [view["counts"]["text"], *view["counts"]["lists"], view["coverage"]]
        st.caption("  \n".join(escaped(text) for text in counts if text))
    for warning in summary["warnings"]:
        st.info(escaped(warning[here.say.language]), icon=":material/info:")


def show_forest(here: Here, view: View) -> None:
    """Every metric: after less before, with its interval; the figures fold out."""
    from tunesmith.evaluate.report_words import say

    lines = view["forest"]["lines"]
    if not lines:
        return
    language = here.say.language
    st.header(escaped(say(language, "forest")), anchor=False)
    st.caption(escaped(say(language, "forest_lead")))
    drawn = forest(lines, dark=here.dark)
    alt = "; ".join(f"{line['title']} {line['difference']} ({line['interval']}), {line['verdict']}" for line in lines)
    st.vega_lite_chart(spec=drawn, key="report_forest", width="stretch", alt=alt)
    st.caption(here.say("report.points"))
    with st.expander(escaped(say(language, "figures"))):
        st.dataframe(_figures(language, lines), hide_index=True, key="report_figures")
        st.caption(escaped(say(language, "figures_caption")))


def show_votes(here: Here, view: View | None) -> None:
    """What people said, blind: who won how often, of how many, and how far they agree."""
    if view is None:
        return
    from tunesmith.evaluate.report_words import say

    st.header(escaped(say(here.say.language, "review")), anchor=False)
    st.caption(escaped(view["lead"]))
    for number, pair in enumerate(view["pairs"]):
        badge(pair["verdict"], pair["kind"])
        st.text(pair["sentence"])
        parts = [
            (kind, legend["title"], legend["n"]) for kind, legend in zip(("better", "unclear", "worse"), pair["legend"])
        ]
        st.vega_lite_chart(
            spec=shares(parts, dark=here.dark),
            key=f"report_votes_{number}",
            width="stretch",
            alt="; ".join(f"{title}: {n:,}" for _, title, n in parts),
        )
        st.caption(" · ".join(escaped(f"{title}: {n:,}") for _, title, n in parts))
        show_facts(pair["facts"])
    show_ratings(here, view["criteria"])
    if view["agreement"]:
        st.text(_joined(here, view["agreement"]))
    for warning in view["warnings"]:
        st.caption(escaped(warning))


def show_ratings(here: Here, criteria: Sequence[View]) -> None:
    """What a rubric's criteria say, a line each."""
    from tunesmith.evaluate.report_words import say

    heads = {"title": "criterion"}
    keys = ("title", "before", "after", "difference", "interval", "verdict")
    for place, plot in enumerate(criteria):
        lines = plot["forest"]["lines"]
        table = {say(here.say.language, heads.get(key, key)): [str(line[key]) for line in lines] for key in keys}
        st.dataframe(table, hide_index=True, key=f"report_ratings_{place}_{len(lines)}")


def show_facts(facts: Sequence[View]) -> None:
    """Figures behind a sentence, a line each."""
    st.caption("  \n".join(escaped(f"{fact['title']}: {fact['value']}") for fact in facts))


def _figures(language: Any, lines: Sequence[View]) -> dict[str, list[str]]:
    from tunesmith.evaluate.report_words import say

    keys = (
        "metric",
        "before",
        "after",
        "difference",
        "interval",
        "items",
        "p_adjusted",
        "detectable",
        "needed",
        "verdict",
    )
    names = {"metric": "title", "items": "n"}
    return {say(language, key): [_cell(line[names.get(key, key)]) for line in lines] for key in keys}


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _joined(here: Here, sentences: Sequence[str]) -> str:
    from tunesmith.evaluate.report_verdict import joined

    return joined(sentences, here.say.language)
