"""Rows as small cards: those at the cut of a rule, and those that left, by reason.

A card says which row it is, what was measured, how it begins, and lets a person decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.curate_decide import decide_buttons
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_words import language_name, left_because, rule_name, shown_number, verdict_name
from tunesmith.ui.here import Here

if TYPE_CHECKING:
    from tunesmith.curate.preview import NearRow
    from tunesmith.curate.previewer import Previewer

OpenRow = Callable[[Opened, str], None]

#: Rows on each side of a cut, and rows of a page of dropped ones.
NEAREST, ROWS_OF_PAGE = 3, 8
_CHARACTERS = 320


def show_rule_rows(
    here: Here, opened: Opened, rule: str, settings: Mapping[str, Any] | None, open_row: OpenRow
) -> None:
    """The rows nearest to the threshold of a rule, on both sides; of one without a number those that fail it."""
    held = opened.held
    if held is None or settings is None:
        st.caption(here.say("curate.near_off"))
        return
    name = rule_name(here.say, rule, plain=True)
    passing, failing = held.borderline(rule, settings, NEAREST)
    if not (passing or failing):
        _failing(here, opened, held, rule, settings, open_row)
        return
    st.caption(here.say("curate.near_intro", rule=name))
    fail, stay = st.columns(2, gap="medium")
    for column, side, rows in ((fail, "failing", failing), (stay, "passing", passing)):
        with column:
            st.markdown(f"**{here.say(f'curate.near_{side}')}**")
            if not rows:
                st.caption(here.say("curate.near_side_empty"))
            _cards(here, opened, [(row.row_id, _measured(here, row)) for row in rows], f"near_{side}", open_row)


def _failing(
    here: Here, opened: Opened, held: Previewer, rule: str, settings: Mapping[str, Any], open_row: OpenRow
) -> None:
    """The rows that fail a rule, a page at a time."""
    numbers = (held.judged(rule, settings).failed & held.rows).nonzero()[0]
    if not len(numbers):
        st.caption(here.say("curate.fails_no_row"))
        return
    first = pager(here, len(numbers), ROWS_OF_PAGE, key=f"failing_{opened.name}_{rule}")
    lines = [opened.run.line(int(number)) for number in numbers[first : first + ROWS_OF_PAGE]]
    _cards(here, opened, [(line["row_id"], _fate(here, line)) for line in lines], "failing", open_row)


def _fate(here: Here, line: Mapping[str, Any]) -> str:
    """What became of the row in the run, which may have left for another reason."""
    verdict = verdict_name(here.say, line["verdict"])
    return verdict if line["verdict"] == "kept" else f"{verdict}: {_why(here, line)}"


def _measured(here: Here, row: NearRow) -> str:
    language = language_name(here.say, row.language)
    said = here.say("curate.measured", value=shown_number(row.value), threshold=shown_number(row.threshold))
    return f"{language} · {said}"


def show_dropped(here: Here, opened: Opened, open_row: OpenRow) -> None:
    """The rows that left, by the reason that the ledger gives, a page at a time."""
    reasons = left_by_reason(opened)
    if not reasons:
        st.caption(here.say("curate.nothing_left"))
        return
    codes = [*reasons]
    chosen = st.selectbox(
        here.say("curate.reason"),
        codes,
        format_func=lambda code: f"{left_because(here.say, code[1], code[2], plain=True)} ({len(reasons[code]):,})",
        key=f"reason_{opened.name}",
    )
    numbers = reasons[chosen]
    first = pager(here, len(numbers), ROWS_OF_PAGE, key=f"dropped_{opened.name}_{codes.index(chosen)}")
    shown = [int(number) for number in numbers[first : first + ROWS_OF_PAGE]]
    lines = [opened.run.line(number) for number in shown]
    _cards(here, opened, [(line["row_id"], _why(here, line)) for line in lines], "dropped", open_row)


Reason = tuple[str, str, str]  # verdict, stage, rule


def left_by_reason(opened: Opened) -> dict[Reason, Any]:
    """Why rows left -> their numbers, most rows first."""
    return _left(str(opened.run.folder), opened.stamp, opened)


@st.cache_resource(max_entries=4, show_spinner=False)
def _left(folder: str, stamp: int, _opened: Opened) -> dict[Reason, Any]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    ledger = _opened.run.ledger
    left = pc.filter(pa.array(range(len(ledger))), pc.not_equal(ledger["verdict"], "kept").combine_chunks())
    rows = ledger.select(["verdict", "stage", "rule"]).take(left).append_column("number", left)
    grouped = rows.group_by(["verdict", "stage", "rule"]).aggregate([("number", "list")]).to_pylist()
    found = {
        (line["verdict"], line["stage"] or "", line["rule"] or ""): np.sort(line["number_list"]) for line in grouped
    }
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _why(here: Here, line: Mapping[str, Any]) -> str:
    told = left_because(here.say, line["stage"], line["rule"])
    if line["similarity"] is not None:
        return f"{told} · {here.say('curate.alike', share=shown_number(line['similarity']))}"
    if line["value"] is None or line["threshold"] is None:
        return told
    said = here.say("curate.measured", value=shown_number(line["value"]), threshold=shown_number(line["threshold"]))
    return f"{told} · {said}"


def _cards(here: Here, opened: Opened, rows: Sequence[tuple[str, str]], key: str, open_row: OpenRow) -> None:
    """A card for each row: id, what was measured (Markdown of ours), its beginning, what can be decided."""
    run = opened.run
    numbers = [run.number_of(row_id) for row_id, _ in rows]
    readable = [number for number in numbers if run.line(number)["verdict"] != "invalid"]
    records = dict(zip(readable, run.records(readable))) if readable else {}
    for (row_id, said), number in zip(rows, numbers):
        with st.container(border=True, gap="small"):
            st.caption(f"**{here.say('curate.row_name', row=row_id)}** · {said}")
            _beginning(here, opened, number, records.get(number))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                decide_buttons(here, opened, run.line(number), key=f"{key}_{opened.name}")
                st.button(
                    here.say("curate.whole_story"),
                    key=f"{key}_story_{opened.name}_{row_id}",
                    type="tertiary",
                    on_click=open_row,
                    args=(opened, row_id),
                )


def _beginning(here: Here, opened: Opened, number: int, record: Any) -> None:
    from tunesmith.curate.summary import texts_of

    if record is None:
        st.text(_cut(opened.run.raw(number).decode("utf-8", "backslashreplace")))
        return
    named = [(role, text) for role, text in zip(("user", "assistant"), texts_of(record)) if text or role == "assistant"]
    said = [
        f"{here.say.plain(f'curate.role_{role}')}: {_cut(text) or here.say.plain('curate.no_text')}"
        for role, text in named
    ]
    st.text("\n\n".join(said))  # one element: what a slider draws again is counted in elements


def _cut(text: str) -> str:
    """How a text begins; the card's story has all of it."""
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS].rstrip()} …"


def pager(here: Here, total: int, size: int, *, key: str) -> int:
    """Pages of a long list; the place of the first item that is shown."""
    pages = (total + size - 1) // size
    if pages <= 1:
        return 0
    place = min(int(st.session_state.get(f"{key}_page", 0)), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for step, icon in ((-1, "chevron_left"), (1, "chevron_right")):
            st.button(
                here.say("curate.page_back" if step < 0 else "curate.page_on"),
                key=f"{key}_{'back' if step < 0 else 'on'}",
                icon=f":material/{icon}:",
                disabled=not 0 <= place + step < pages,
                on_click=_turn,
                args=(f"{key}_page", place + step),
            )
        first = place * size
        st.caption(here.say("curate.page", first=first + 1, last=min(first + size, total), n=total), width="content")
    return first


def _turn(key: str, place: int) -> None:
    st.session_state[key] = place
