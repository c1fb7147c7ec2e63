"""Keep, drop or change one row: the same decision, in the same file, as `tunesmith curate decide` writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.curate.decisions import Decision
    from tunesmith.ui.curate_run import Opened


def decided(workspace: Workspace) -> Mapping[str, Decision]:
    """Content id -> what people have decided last on such rows.

    :raises InputError: a line of the file that is no decision.
    """
    path = workspace.decisions
    return _decided(str(path), path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=4)
def _decided(path: str, stamp: int) -> Mapping[str, Decision]:
    from tunesmith.curate.decisions import read_decisions

    return read_decisions([Path(path)])


def decide_buttons(here: Here, opened: Opened, line: Mapping[str, Any], *, key: str) -> None:
    """What was decided on a row, and what else can be.

    :param line: of the ledger.
    :param key: of the place on the page.
    """
    if line["content_id"] is None or line["verdict"] == "invalid":
        return
    now = decided(here.workspace).get(line["content_id"])
    if now is not None:
        name = f"applied_{now.action}" if _is_applied(opened, line["row_id"], now) else f"decided_{now.action}"
        st.badge(here.say(f"curate.{name}"), icon=":material/person:", color="blue")
    for action in _useful(line["verdict"], now.action if now else None):
        st.button(
            here.say(f"curate.do_{action}"),
            key=f"{key}_{action}_{line['row_id']}",
            icon=":material/check:" if action == "keep" else ":material/close:",
            on_click=_decide,
            args=(here, opened, line["row_id"], action),
        )


def _decide(here: Here, opened: Opened, row_id: str, action: str) -> None:
    decide_row(here, opened, row_id, action)


def decide_row(
    here: Here,
    opened: Opened,
    row_id: str,
    action: str,
    *,
    reason: str | None = None,
    answer: str | None = None,
    prompt: str | None = None,
) -> bool:
    """Write a decision; whether it was written. What is wrong is shown when the page is drawn.

    :param answer: with `edit`, a new answer; `prompt` likewise.
    """
    from tunesmith.curate.decide import decide

    try:
        new: dict[str, Any] = {"reason": reason, "answer": answer, "prompt": prompt}
        decide(opened.run, row_id, action, file=_file(here.workspace), by=here.person.name, **new)
    except TunesmithError as error:
        st.session_state["curate_decide_problem"] = error
        return False
    return True


def _is_applied(opened: Opened, row_id: str, now: Decision) -> bool:
    """Whether the run was made with this decision already."""
    before = opened.run.decision(opened.run.number_of(row_id))
    return before is not None and (before.action, before.record) == (now.action, now.record)


def decide_command(opened: Opened, row_id: str, action: str) -> list[str]:
    """The command that decides the same."""
    new = ["--answer", "…"] if action == "edit" else []
    return ["curate", "decide", f"runs/{opened.name}", row_id, action, *new, "--file", "decisions.jsonl"]


def _useful(verdict: str, now: str | None) -> list[str]:
    """What would change something: to keep what left, to drop what stayed, or the other of what was decided."""
    if now == "keep":
        return ["drop"]
    if now in ("drop", "edit"):
        return ["keep"] if now == "drop" else ["drop"]
    return ["drop"] if verdict == "kept" else ["keep"]


def _file(workspace: Workspace) -> Path:
    return Path(os.path.abspath(workspace.decisions))  # noqa: PTH100 (a link stays the link that it is)
