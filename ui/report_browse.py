"""The items that changed: what got worse first, a page at a time, chosen by metric and by part of the questions.

What is asked for stands in the address (`side`, `metric`, `part`, `from`), so that a link shows the same items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.report_cases import Cases, Part, Way
from tunesmith.ui.report_marked import is_shortened, show_answers
from tunesmith.ui.words import escaped

AT_ONCE = 10
_ALL = ""
_WAYS: tuple[Way, ...] = ("lost", "gained")


class Filter(NamedTuple):
    """Which items are asked for, and the first that is shown, from 0."""

    way: Way
    metric: str | None
    part: Part | None
    start: int


def filter_asked(pair: Mapping[str, Any], cases: Cases) -> Filter:
    """What the address asks for; what the comparison does not have is left out."""
    way = cast(Way, asked("side") if asked("side") in _WAYS else "lost")
    metric = asked("metric")
    field, _, value = (asked("part") or "").partition("=")
    start = asked("from") or ""
    return Filter(
        way,
        metric if metric in pair["metrics"] else None,
        (field, value) if value in cases.parts.get(field, {}) else None,
        max(0, int(start) - 1) if start.isascii() and start.isdigit() and len(start) < 9 else 0,
    )


def show_browse(here: Here, name: str, pair: Mapping[str, Any], cases: Cases) -> list[int]:
    """The list with its filters; gives back the numbers of all items that it holds, on every page of it.

    :param name: of the report, for the keys.
    """
    from tunesmith.evaluate.report_words import say

    st.header(here.say("report.changed"), anchor=False)
    st.caption(escaped(say(here.say.language, "regressions_lead")))
    found = filter_asked(pair, cases)
    _filters(here, name, pair, cases, found)
    numbers = cases.chosen(found.way, metric=found.metric, part=found.part)
    missing = cases.n_missing[found.way]
    if missing:
        st.info(here.say("report.missing", n=missing), icon=":material/info:")
    if not numbers:
        st.caption(here.say(f"report.none_{found.way}"))
        return numbers
    start = found.start if found.start < len(numbers) else 0
    shown = numbers[start : start + AT_ONCE]
    _pages(here, name, start, len(numbers), "top")
    for number in shown:
        _case(here, name, pair, cases.case(number, found.metric))
    if len(numbers) > AT_ONCE:
        _pages(here, name, start, len(numbers), "bottom")
    return numbers


def picked(name: str) -> set[str]:
    """The ids that a person ticked in a report; the set itself, to be changed."""
    return cast("set[str]", st.session_state.setdefault(f"report_picked_{name}", set()))


def tick_key(name: str, item: str) -> str:
    """The key of an item's tick; its id may be anything."""
    return f"report_tick_{name}_{blake2b(item.encode(), digest_size=8).hexdigest()}"


def _filters(here: Here, name: str, pair: Mapping[str, Any], cases: Cases, found: Filter) -> None:
    from tunesmith.evaluate.report_words import metric

    language = here.say.language
    counts = {way: len(cases.chosen(way, metric=found.metric, part=found.part)) for way in _WAYS}
    side = f"report_side_{name}"
    st.segmented_control(
        here.say("report.side"),
        _WAYS,
        default=found.way,
        required=True,
        format_func=lambda way: here.say(f"report.{way}", n=counts[cast(Way, way)]),
        key=side,
        label_visibility="collapsed",
        on_change=_ask,
        args=("side", side),
    )
    left, right = st.columns(2)
    metrics = [_ALL, *(code for code, entry in pair["metrics"].items() if entry["verdict"] is not None)]
    by, part = f"report_metric_{name}", f"report_part_{name}"
    left.selectbox(
        here.say("report.by_metric"),
        metrics,
        index=metrics.index(found.metric or _ALL) if (found.metric or _ALL) in metrics else 0,
        format_func=lambda code: metric(language, code) if code else here.say.plain("report.any_metric"),
        key=by,
        on_change=_ask,
        args=("metric", by),
    )
    parts = [_ALL, *(f"{field}={value}" for field, values in cases.parts.items() for value in values)]
    wanted = _ALL if found.part is None else "=".join(found.part)
    right.selectbox(
        here.say("report.by_part"),
        parts,
        index=parts.index(wanted),
        format_func=lambda code: _part_name(here, cases, code),
        key=part,
        on_change=_ask,
        args=("part", part),
    )


def _part_name(here: Here, cases: Cases, code: str) -> str:
    from tunesmith.evaluate.report_words import name

    if not code:
        return here.say.plain("report.any_part")
    field, _, value = code.partition("=")
    language = here.say.language
    shown = name(language, "value", value)
    n = cases.parts[field][value]
    return here.say.plain("report.part", field=name(language, "field", field), value=shown, n=n)


def _ask(what: str, key: str) -> None:
    """Put what was chosen into the address, and begin with the first item."""
    st.query_params.pop("from", None)
    if st.session_state[key]:
        st.query_params[what] = st.session_state[key]
    else:
        st.query_params.pop(what, None)


def _pages(here: Here, name: str, start: int, n: int, where: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"report_pages_{where}"):
        last = min(n, start + AT_ONCE)
        st.caption(here.say("report.showing", first=start + 1, last=last, n=n), width="content")
        if n > AT_ONCE:
            st.button(
                here.say("report.previous"),
                key=f"report_previous_{name}_{where}",
                disabled=start == 0,
                on_click=_start_at,
                args=(max(0, start - AT_ONCE),),
            )
            st.button(
                here.say("report.next"),
                key=f"report_next_{name}_{where}",
                disabled=last == n,
                on_click=_start_at,
                args=(start + AT_ONCE,),
            )


def _start_at(start: int) -> None:
    st.query_params["from"] = str(start + 1)


def _case(here: Here, name: str, pair: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    """One item: what changed, the question, what is right, both answers."""
    from tunesmith.curate.report_format import visible
    from tunesmith.evaluate.report_cases import facts_of
    from tunesmith.evaluate.report_words import say

    language = here.say.language
    key = tick_key(name, case["id"])
    st.session_state[key] = case["id"] in picked(name)
    with st.container(border=True, key=f"report_case_{key.rpartition('_')[2]}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.checkbox(
                here.say("report.tick"),
                key=key,
                label_visibility="collapsed",
                on_change=_tick,
                args=(name, case["id"], key),
                width="content",
            )
            st.text(visible(case["id"]), width="content")
            st.caption(escaped(" · ".join(facts_of(case, pair, language))), width="content")
        _texts(here, case)
        show_answers(here, case, before=pair["before"], after=pair["after"], key=f"{key}_answers")
        if is_shortened(case):
            with st.expander(here.say("report.in_full")):
                for side in ("before", "after"):
                    st.caption(escaped(say(language, f"answer_{side}", name=pair[side])))
                    st.code(visible(case[side] or ""), language=None, wrap_lines=True)


def _texts(here: Here, case: Mapping[str, Any]) -> None:
    """The question's turns and its right answers."""
    from tunesmith.curate.report_format import visible
    from tunesmith.evaluate.report_texts import prompt_turns
    from tunesmith.evaluate.report_words import name, say

    language = here.say.language
    turns = prompt_turns(case["messages"])
    for turn in turns:
        if len(turns) > 1:
            st.caption(escaped(name(language, "role", turn["role"])))
        st.text(visible(_whole(language, turn["parts"], turn["left_out"])))
    for reference in case["references"]:
        st.caption(escaped(say(language, "reference")))
        st.text(visible(reference))


def _whole(language: Any, parts: Sequence[Any], left_out: int) -> str:
    from tunesmith.evaluate.report_words import say

    gap = f"\n{say(language, 'cut_out', n=f'{left_out:,}')}\n"
    return gap.join("".join(piece.text for piece in part) for part in parts)


def _tick(name: str, item: str, key: str) -> None:
    chosen = picked(name)
    if st.session_state[key]:
        chosen.add(item)
    else:
        chosen.discard(item)
