"""The rows of a dataset that the filter lets through, a page at a time, and the one that is chosen in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from tunesmith.ui.curate_words import language_name, rule_name
from tunesmith.ui.dataset_filter import PROBLEMS, Filter
from tunesmith.ui.dataset_preview import columns
from tunesmith.ui.dataset_texts import cut, question_answer, raw_text
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here
from tunesmith.ui.rows import show_row
from tunesmith.ui.words import Words, catalogue

if TYPE_CHECKING:
    from tunesmith.curate.profile_data import ProfileData

#: Rows of a page: what a person looks through at once, and quickly sent.
PAGE = 100
_RAW = 4_000


def rows_section(
    here: Here, dataset: Dataset, profile: ProfileData, numbers: npt.NDArray[np.int64], chosen: Filter
) -> None:
    """The table, its pages, and the chosen row."""
    if not len(numbers):
        st.info(here.say("dataset.no_rows"))
        return
    pages = -(-len(numbers) // PAGE)
    page = min(_page(), pages)
    shown = numbers[(page - 1) * PAGE : page * PAGE].tolist()
    first = (page - 1) * PAGE + 1
    st.caption(here.say("dataset.rows_shown", first=first, last=first + len(shown) - 1, n=len(numbers)))
    lines = row_lines(here, profile, shown)
    key = f"rows_{dataset.id}_{'_'.join(chosen)}_{page}"
    event: Any = st.dataframe(
        {name: [line[name] for line in lines] for name in lines[0]},
        hide_index=True,
        height=min(420, 40 + 36 * len(lines)),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        column_config=columns(here),
    )
    if pages > 1:
        _pages(pages, page)
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(shown):
        _row(here, profile, shown[picked[0]])
    else:
        st.caption(here.say("dataset.pick_row"))


def row_lines(here: Here, profile: ProfileData, numbers: Sequence[int]) -> list[dict[str, object]]:
    """These rows as lines of a table."""
    told = profile.table.take(list(numbers)).to_pylist()
    readable = [number for number, line in zip(numbers, told) if line["invalid"] is None]
    records = dict(zip(readable, profile.store.records(readable)))
    return [_line(here, line, records.get(number), profile) for number, line in zip(numbers, told)]


def _line(here: Here, line: dict[str, Any], record: Any, profile: ProfileData) -> dict[str, object]:
    question, answer = question_answer(record) if record is not None else ("", "")
    return {
        "row": line["position"],
        "language": language_name(here.say, line["language"], plain=True) if line["language"] else "",
        "question": question,
        "answer": answer,
        "problem": cut(", ".join(_problems(here, line, profile))),
    }


def _problems(here: Here, line: dict[str, Any], profile: ProfileData) -> list[str]:
    if line["invalid"] is not None:
        return [_unreadable(here, line)]
    found = [here.say.plain(f"dataset.problem_{name}") for name in PROBLEMS if line.get(name)]
    if line["first_equal"] >= 0:
        position = profile.table["position"][line["first_equal"]].as_py()
        found.append(here.say.plain("dataset.equal_to", n=position))
    if line["rule"] is not None:
        found.append(here.say.plain("dataset.rule", rule=rule_name(here.say, line["rule"], plain=True)))
    return found


def problem_name(say: Words, code: str) -> str:
    """A problem of reading in words, plain text; one that is not known by its code."""
    key = f"bad_{code}"
    return say.plain(f"dataset.{key}") if key in catalogue("dataset") else code


def _unreadable(here: Here, line: dict[str, Any]) -> str:
    return f"{problem_name(here.say, line['invalid'])}: {line['detail'] or ''}"


def _page() -> int:
    asked = str(st.query_params.get("page", "1"))
    return max(1, int(asked)) if asked.isdigit() and len(asked) < 9 else 1


def _pages(pages: int, page: int) -> None:
    key = f"dataset_page_{pages}_{page}"

    def turned() -> None:
        st.query_params["page"] = str(st.session_state[key])

    st.pagination(pages, default=page, key=key, on_change=turned)


def _row(here: Here, profile: ProfileData, number: int) -> None:
    line = profile.table.slice(number, 1).to_pylist()[0]
    with st.container(border=True, key="dataset_row"):
        st.markdown(here.say("dataset.row_n", n=line["position"]))
        if line["invalid"] is None:
            show_row(here, profile.store.record(number), key=f"row_{number}")
        else:
            st.text(_unreadable(here, line))
        with st.expander(here.say("dataset.as_it_came")):
            raw = profile.store.raw(number)
            if len(raw) > _RAW:
                st.caption(here.say("dataset.raw_cut", n=_RAW, total=len(raw)))
            st.code(raw_text(raw, _RAW), language=None, wrap_lines=True)
