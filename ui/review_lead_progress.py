"""How far a campaign is, per person and over all; what will not come right by itself; closing and opening."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead_read import status_now, store_arguments
from tunesmith.ui.review_lead_words import length, moment
from tunesmith.ui.shown import fragment, show_command

Found = Mapping[str, Any]
_EVERY = 10.0  # seconds between two looks while people are at work


def show(here: Here, store: Store, name: str) -> None:
    """Draw it; the figures follow by themselves while the campaign is open."""
    before = status_now(store, name)

    @fragment(here.say, run_every=_EVERY if before["state"] == "open" else None)
    def draw() -> None:
        found = status_now(store, name)
        _head(here, found)
        _people(here, found)
        _trouble(here, found)

    draw()
    _state_button(here, store, before)
    show_command(here.say, ["review", "status", name, *store_arguments()])


def _head(here: Here, found: Found) -> None:
    say, seats, items = here.say, found["seats"], found["items"]
    with st.container(horizontal=True, vertical_alignment="center"):
        closed = found["state"] != "open"
        st.badge(say(f"lead.state_{found['state']}"), color="gray" if closed else "green")
        st.caption(say(f"lead.mode_{found['mode']}", n=found["overlap"]))
    share = seats["done"] / seats["all"] if seats["all"] else 0.0
    st.progress(share, text=say("lead.answers_of", done=f"{seats['done']:,}", n=seats["all"]))
    numbers = {key: f"{items[key]:,}" for key in ("complete", "started", "untouched")}
    st.caption(say("lead.items", **numbers))
    st.markdown(_pace(here, found))
    left_out = items["identical"] + items["withdrawn"]
    if left_out:
        st.caption(say("lead.nobody_asked", n=left_out))


def _pace(here: Here, found: Found) -> str:
    say, seats, pace = here.say, found["seats"], found["pace"]
    if not seats["all"] - seats["done"] - seats["stuck"]:
        return say("lead.all_in")
    if not seats["done"]:
        return say("lead.none_in")
    told = say("lead.no_pace")
    if pace["per_hour"] is not None:
        told = say("lead.pace", per_hour=f"{pace['per_hour']:,.0f}", left=length(say, pace["seconds_left"]))
    if pace["working_seconds_left"] is not None:
        told += " " + say("lead.work_left", left=length(say, pace["working_seconds_left"]))
    return told


def _people(here: Here, found: Found) -> None:
    people = found["reviewers"]
    if not people:
        st.info(here.say("lead.nobody_yet"))
        return
    heads = {key: here.say.plain(f"lead.head_{key}") for key in _COLUMNS}
    rows = [{heads[key]: cell(here, line) for key, cell in _COLUMNS.items()} for line in people]
    most = max(1, *(line["done"] + line["left"] for line in people))
    done = st.column_config.ProgressColumn(format="%d", min_value=0, max_value=most)
    configured = {heads["done"]: done}
    st.dataframe(
        rows, hide_index=True, width="stretch", key="lead_people_table", placeholder="–", column_config=configured
    )


def _trouble(here: Here, found: Found) -> None:
    say, stuck, only = here.say, found["stuck"], found["only_by"]
    if stuck:
        st.warning(say("lead.stuck", n=len(stuck)))
    if only["seats"]:
        st.info(say("lead.only_by", n=only["seats"], names=", ".join(only["people"])))
    if found["seats"]["expired"]:
        st.caption(say("lead.expired", n=found["seats"]["expired"]))
    if found["disagreements"]:
        st.caption(say("lead.to_settle", n=found["disagreements"]))
    if found["skips"]:
        with st.expander(say("lead.skipped", n=sum(found["skips"].values()))):
            st.text("\n".join(f"{reason}: {n:,}" for reason, n in found["skips"].items()))


def _state_button(here: Here, store: Store, found: Found) -> None:
    wanted = "closed" if found["state"] == "open" else "open"
    label, why = here.say(f"lead.make_{wanted}"), here.say(f"lead.make_{wanted}_help")
    if st.button(label, help=why, key=f"lead_make_{wanted}"):
        from tunesmith.evaluate.review_store_campaigns import set_state

        set_state(store, found["campaign"], wanted)
        st.rerun()


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


#: The columns of the table, in their order.
_COLUMNS: dict[str, Callable[[Here, Found], Any]] = {
    "who": lambda here, line: line["name"] + ("" if line["active"] else f" ({here.say.plain('lead.left')})"),
    "done": lambda here, line: line["done"],
    "open": lambda here, line: line["left"],
    "skips": lambda here, line: line["skipped"],
    "hour": lambda here, line: _whole(line["per_hour"]),
    "seconds": lambda here, line: _whole(line["median_seconds"]),
    "last": lambda here, line: moment(line["last_at"]),
}
