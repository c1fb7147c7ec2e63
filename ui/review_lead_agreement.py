"""How far people agree, and how each of them worked: no mark for anybody, but where a second look is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from tunesmith.evaluate.review_agreement_words import AGREEMENT_WORDS, CAUTION, WORD_NAMES
from tunesmith.evaluate.review_store import Store
from tunesmith.ui.charts import show_chart
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead_charts import intervals, squares
from tunesmith.ui.review_lead_pairs import TwoPeople
from tunesmith.ui.review_lead_read import figures_now, store_arguments
from tunesmith.ui.review_lead_results import cautions, said_old
from tunesmith.ui.review_lead_words import between, figure, percent
from tunesmith.ui.shown import show_command
from tunesmith.ui.words import escaped

Found = Mapping[str, Any]
_NAMES = "lead_names"
_OF_PEOPLE = ("low_alpha", "low_alpha_criterion", "position_bias", "inconsistent", "quick", "drift")


def show(here: Here, store: Store, name: str) -> None:
    """Draw it."""
    names = bool(st.session_state.get(_NAMES))  # before it is drawn: to count twice takes twice as long
    found, pairs, is_old = figures_now(store, name, names=names)
    if not found["n_votes"]:
        st.info(here.say("lead.no_votes"))
        return
    said_old(here, is_old=is_old)
    _together(here, found)
    st.toggle(here.say("lead.names"), key=_NAMES, help=here.say("lead.names_help"))
    _two_by_two(here, pairs)
    _sides(here, found["reviewers"])
    _people(here, found)
    cautions(here, [one for one in found["warnings"] if one["code"] in _OF_PEOPLE])
    command = ["review", "agreement", name, *(["--names"] if names else []), *store_arguments()]
    show_command(here.say, command)


def _together(here: Here, found: Found) -> None:
    """Alpha of the choices and of every criterion, with what it means."""
    lines = [(here.say.plain("lead.choices"), found["agreement"])] if found["agreement"] else []
    lines += [(line["name"], line["agreement"]) for line in found["criteria"]]
    language = here.say.language
    for label, line in lines:
        told = AGREEMENT_WORDS[line["words"]][language]
        if line["spread"] and line["spread"][0] != line["spread"][1]:
            low, high = (WORD_NAMES[word][language] for word in line["spread"])
            told += " " + CAUTION[language].format(low=low, high=high)
        st.markdown(f"**{escaped(label)}**  \n{escaped(told)}")
        values = {"alpha": figure(line["alpha"]), "interval": between(line["interval"], figure)}
        text = here.say("lead.alpha", n=line["n_items"], same=percent(line["observed"]), **values)
        if line["kappa"] is not None:
            text += " " + here.say("lead.kappa", kappa=figure(line["kappa"]))
        st.caption(text)
    drawn = [(label, line["alpha"], line["interval"]) for label, line in lines if line["alpha"] is not None]
    if drawn:
        lowest = min(-0.2, *(value for _, value, _ in drawn), *(ends[0] for *_, ends in drawn if ends))
        chart = intervals(drawn, line=0, domain=(lowest, 1), title=here.say.plain("lead.alpha_axis"), form=".2f")
        show_chart(chart, key="lead_alpha", alt=here.say.plain("lead.alpha_axis"))


def _two_by_two(here: Here, pairs: Sequence[TwoPeople]) -> None:
    if not pairs:
        return
    st.markdown(f"**{here.say('lead.two_by_two')}**", help=here.say("lead.two_by_two_help"))
    if len(pairs) > 1:
        cells = [(pair.one, pair.other, pair.share, pair.of) for pair in pairs]
        show_chart(squares(cells), key="lead_squares", alt=here.say.plain("lead.two_by_two"))
    heads = [here.say.plain(f"lead.{key}") for key in ("one", "other", "same", "of", "share", "interval")]
    rows = [(*pair[:4], percent(pair.share), between(pair.interval, percent)) for pair in pairs]
    table = [dict(zip(heads, row)) for row in rows]
    st.dataframe(table, hide_index=True, key="lead_two", width="stretch", height=_height(len(table)))


def _sides(here: Here, reviewers: Sequence[Found]) -> None:
    lines = [(one["name"], one["position"]) for one in reviewers if one["position"] and one["position"]["interval"]]
    if not lines:
        return
    st.markdown(f"**{here.say('lead.left_side')}**", help=here.say("lead.left_side_help"))
    drawn = [(name, line["share_left"], line["interval"]) for name, line in lines]
    show_chart(intervals(drawn, line=0.5, domain=(0, 1)), key="lead_left", alt=here.say.plain("lead.left_side"))


def _people(here: Here, found: Found) -> None:
    st.markdown(f"**{here.say('lead.each')}**", help=here.say("lead.each_help"))
    heads = {key: here.say.plain(f"lead.{key}") for key in _COLUMNS}
    rows = [{heads[key]: cell(line) for key, cell in _COLUMNS.items()} for line in found["reviewers"]]
    st.dataframe(rows, hide_index=True, key="lead_each", width="stretch", placeholder="–", height=_height(len(rows)))
    if not any(line["drift"]["tests"] for line in found["reviewers"]):
        st.caption(here.say("lead.drift_untested"))
    elif not any(line["drift"]["clear"] for line in found["reviewers"]):
        st.caption(here.say("lead.drift_none"))


def _height(rows: int) -> int | Literal["content"]:
    """All rows up to twelve; more scroll."""
    return "content" if rows <= 12 else 460


def _same(line: Found) -> str:
    return f"{line['same']:,} / {line['of']:,}" if line["of"] else "–"


#: The columns of the table of people, in their order.
_COLUMNS: dict[str, Callable[[Found], Any]] = {
    "head_who": lambda line: line["name"],
    "votes": lambda line: line["n"],
    "head_seconds": lambda line: None if line["seconds"]["median"] is None else round(line["seconds"]["median"]),
    "repeats_same": lambda line: _same(line["consistency"]),
    "with_others": lambda line: _same(line["agreement_with_others"]),
    "tied": lambda line: "–" if line["ties"] is None else percent(line["ties"]["share"]),
    "milder": lambda line: figure(line["severity"]["mean"]),
}
