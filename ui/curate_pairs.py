"""Rows that left as duplicates, side by side with the row that stayed, the differences marked; least alike first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.curate_cards import pager
from tunesmith.ui.curate_decide import decide_row, decided
from tunesmith.ui.curate_marks import marked_html, nearby
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_words import shown_number
from tunesmith.ui.here import Here
from tunesmith.ui.rows import role_name

if TYPE_CHECKING:
    from tunesmith.curate.story import Partner

PAIRS_OF_PAGE = 4
_CHARACTERS = 900  # of a text; the rest at a click
_EQUAL = "exact_duplicate"


def show_pairs(here: Here, opened: Opened, open_row: Callable[[Opened, str], None]) -> None:
    """A page of pairs."""
    numbers = pairs_of(opened)
    looked = opened.run.recipe["duplicates"]
    if not len(numbers):
        none_asked = not looked["near"] and not looked["semantic"]
        st.caption(here.say("curate.pairs_not_looked" if none_asked else "curate.pairs_none"))
        return
    st.caption(here.say("curate.pairs_intro", n=len(numbers)))
    first = pager(here, len(numbers), PAIRS_OF_PAGE, key=f"pairs_{opened.name}")
    for number in numbers[first : first + PAIRS_OF_PAGE]:
        _pair(here, opened, int(number), open_row)


def pairs_of(opened: Opened) -> Any:
    """The numbers of the rows that left for one that is nearly the same, or says the same; least alike first."""
    return _pairs(str(opened.run.folder), opened.stamp, opened)


@st.cache_resource(max_entries=4, show_spinner=False)
def _pairs(folder: str, stamp: int, _opened: Opened) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    ledger = _opened.run.ledger
    mine = pc.and_(pc.is_valid(ledger["partner"]), pc.equal(ledger["verdict"], "dropped"))
    mine = pc.and_(mine, pc.not_equal(pc.fill_null(ledger["rule"], ""), _EQUAL))
    numbers = np.flatnonzero(mine.to_numpy(zero_copy_only=False))
    alike = pc.fill_null(ledger["similarity"], 1.0).to_numpy()[numbers]
    return numbers[np.argsort(alike, kind="stable")]


def _pair(here: Here, opened: Opened, number: int, open_row: Callable[[Opened, str], None]) -> None:
    from tunesmith.curate.likeness import stayed_instead

    line, partner = opened.run.line(number), stayed_instead(opened.run, number)
    if partner is None:
        return
    with st.container(border=True, gap="small"):
        st.caption(_alike(here, partner))
        show_contrast(here, partner, line["row_id"], key=f"pair_{opened.name}_{line['row_id']}")
        _choices(here, opened, line, partner, open_row)


def _alike(here: Here, partner: Partner) -> str:
    parts = []
    if partner.similarity is not None:
        parts.append(here.say("curate.alike", share=shown_number(partner.similarity)))
    if partner.answer_similarity is not None:
        parts.append(here.say("curate.answers_alike", share=shown_number(partner.answer_similarity)))
    return " · ".join(parts)


def show_contrast(here: Here, partner: Partner, row_id: str, *, key: str) -> None:
    """Two rows turn by turn, what differs marked."""
    long = any(len(side) and sum(len(one.text) for one in side) > _CHARACTERS for side in _sides(partner))
    whole = bool(st.session_state.get(f"{key}_whole"))
    left, right = st.columns(2, gap="medium")
    for column, told, side in ((left, "curate.this_left", "here"), (right, "curate.this_stayed", "there")):
        with column:
            st.markdown(f"**{here.say(told, row=row_id if side == 'here' else partner.row_id)}**")
            for turn in partner.differences:
                pieces = getattr(turn, side)
                if turn.role:
                    st.caption(role_name(here, turn.role))
                st.html(marked_html(pieces if whole or not long else nearby(pieces, most=_CHARACTERS)))
    if long:
        st.toggle(here.say("curate.whole_texts"), key=f"{key}_whole")


def _sides(partner: Partner) -> list[Any]:
    return [side for turn in partner.differences for side in (turn.here, turn.there)]


def _choices(
    here: Here, opened: Opened, line: dict[str, Any], partner: Partner, open_row: Callable[[Opened, str], None]
) -> None:
    """This one instead, or both."""
    row_id, known = line["row_id"], decided(here.workspace)
    other = opened.run.line(opened.run.number_of(partner.row_id))
    said = [known.get(one["content_id"]) for one in (line, other)]
    keeps = [one is not None and one.action == "keep" for one in said]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if any(keeps):
            told = "curate.both_kept" if all(keeps) else "curate.this_kept" if keeps[0] else "curate.other_kept"
            st.badge(here.say(told), icon=":material/person:", color="blue")
        if not keeps[0]:
            _button(here, opened, "keep_instead", row_id, (row_id,))
        if not all(keeps):
            _button(here, opened, "keep_both", row_id, (row_id, partner.row_id))
        st.button(
            here.say("curate.whole_story"),
            key=f"pair_story_{opened.name}_{row_id}",
            type="tertiary",
            on_click=open_row,
            args=(opened, row_id),
        )


def _button(here: Here, opened: Opened, name: str, row_id: str, rows: tuple[str, ...]) -> None:
    key = f"{name}_{opened.name}_{row_id}"
    st.button(here.say(f"curate.{name}"), key=key, on_click=_keep, args=(here, opened, rows))


def _keep(here: Here, opened: Opened, rows: tuple[str, ...]) -> None:
    for row_id in rows:
        if not decide_row(here, opened, row_id, "keep"):
            return
