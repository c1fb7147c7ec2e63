"""The first rows of a file, as the records that they become, or with the reason why they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.dataset_texts import cut, question_answer, raw_text
from tunesmith.ui.here import Here
from tunesmith.ui.rows import show_row

if TYPE_CHECKING:
    from tunesmith.curate.reading import Got
    from tunesmith.ui.dataset_reading import Looked

_RAW = 2_000  # characters of a row that could not be read


def show_preview(here: Here, got: Sequence[Got], *, key: str) -> None:
    """A table of the first rows, and the one that is chosen in full."""
    lines = [_line(here, one) for one in got]
    st.caption(here.say("dataset.first_rows", n=len(lines)))
    event: Any = st.dataframe(
        {name: [line[name] for line in lines] for name in lines[0]} if lines else {},
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        column_config=columns(here),
    )
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(got):
        show_got(here, got[picked[0]], key=key)


def show_cells(here: Here, looked: Looked, *, key: str) -> None:
    """The first rows as they stand in the file, where nobody has said yet what their columns mean."""
    rows = [one.row for one in looked.got if isinstance(one.row, dict)]
    if not rows:
        return
    st.caption(here.say("dataset.cells", n=len(rows)))
    st.dataframe(
        {name: [cut(_plain(row.get(name))) for row in rows] for name in looked.fields}, hide_index=True, key=key
    )


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def columns(here: Here) -> dict[str, Any]:
    """How wide the columns of a table of rows are, and what they are called."""
    names = ("row", "language", "question", "answer", "problem")
    widths: dict[str, Any] = {"row": 60, "language": 80, "problem": "medium"}
    return {
        name: st.column_config.Column(here.say.plain(f"dataset.column_{name}"), width=widths.get(name, "large"))
        for name in names
    }


def show_got(here: Here, got: Got, *, key: str) -> None:
    """One row in full."""
    with st.container(border=True, key=f"{key}_row"):
        if got.read is not None:
            show_row(here, got.read.record, key=f"{key}_turns")
            return
        st.markdown(here.say("dataset.unreadable_row", n=got.raw.position))
        st.text(str(got.error))
        if isinstance(got.raw.data, bytes):
            st.code(raw_text(got.raw.data, _RAW), language=None, wrap_lines=True)


def _line(here: Here, got: Got) -> dict[str, object]:
    question, answer = question_answer(got.read.record) if got.read is not None else ("", "")
    problem = "" if got.error is None else cut(str(got.error))
    return {"row": got.raw.position, "question": question, "answer": answer, "problem": problem}
