"""What was judged as files: preference pairs, answers, decisions, all votes; with the command that writes the same."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_store_status import last_event
from tunesmith.evaluate.review_types import CampaignData, Mode
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead_blind import queue_of, without
from tunesmith.ui.review_lead_read import data_now, results_now, state_now, store_arguments
from tunesmith.ui.shown import show_command, show_error
from tunesmith.ui.words import catalogue, escaped

#: What can be had of a campaign of each mode, the most wanted first.
OF_MODE: Mapping[Mode, tuple[str, ...]] = {
    "pairwise": ("dpo", "sft", "ratings", "results"),
    "rubric": ("sft", "ratings", "results"),
    "curation": ("decisions", "sft", "ratings", "results"),
}
_ENDINGS = {"ratings": "csv", "results": "json"}


class Made(NamedTuple):
    """A file, how many rows it has, and what gave none, by reason."""

    content: bytes
    n_rows: int
    left_out: Mapping[str, int]


def show(here: Here, store: Store, name: str) -> None:
    """Draw it."""
    hidden = queue_of(state_now(store, name), here.person.name).hidden
    mode = state_now(store, name).campaign.mode
    wanted = st.radio(
        here.say("lead.file"),
        OF_MODE[mode],
        format_func=lambda one: here.say(f"lead.file_{one}"),
        key="lead_file",
    )
    if hidden and wanted != "results":
        st.info(here.say("lead.hidden_files", n=len(hidden)))
    settings = _settings(here, wanted, mode)
    file = f"{_stem(name)}-{wanted}.{_ENDINGS.get(wanted, 'jsonl')}"
    try:
        made = _made(store, store.where, name, last_event(store, name), wanted, file, tuple(settings.items()), hidden)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    _offer(here, made, wanted, file)
    show_command(here.say, command_of(name, wanted, file, settings))


def command_of(name: str, wanted: str, file: str, settings: Mapping[str, Any]) -> list[str]:
    """What writes the same file."""
    if wanted == "results":
        return ["review", "agreement", name, "--out", file.removesuffix(".json"), *store_arguments()]
    options = []
    for option, value in settings.items():
        flag = f"--{option.replace('_', '-')}"
        options += [flag] if value is True else [] if value in (None, False) else [flag, f"{value:g}"]
    return ["review", "export", name, "--to", wanted, "--out", file, *options, *store_arguments()]


def written(data: CampaignData, wanted: str, file: str, settings: Mapping[str, Any]) -> Made:
    """The file's content.

    :raises InputError: nothing to write, with the reasons.
    """
    from tunesmith.evaluate.review_export import export

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        done = export(data, wanted, path, **settings)
        return Made(path.read_bytes(), done.n_rows, done.left_out)


@st.cache_resource(show_spinner=False, max_entries=4)
def _made(
    _store: Store,
    where: str,
    name: str,
    event: int,
    wanted: str,
    file: str,
    settings: tuple[tuple[str, Any], ...],
    hidden: frozenset[int],
) -> Made:
    if wanted == "results":
        from tunesmith.curate import jsontext

        found = results_now(_store, name)
        return Made(jsontext.dumps_indented(found).encode() + b"\n", found["n_items"], {})
    return written(without(data_now(_store, name), hidden), wanted, file, dict(settings))


def _settings(here: Here, wanted: str, mode: Mode) -> dict[str, Any]:
    if wanted in ("ratings", "decisions"):
        return {
            "anonymous": st.checkbox(
                here.say("lead.anonymous"), value=wanted == "ratings", key=f"lead_anonymous_{wanted}"
            )
        }
    if wanted == "sft" and mode == "rubric":
        least = st.number_input(here.say("lead.at_least"), value=4.0, step=0.5, key="lead_at_least")
        return {"at_least": float(least)}
    return {}


def _offer(here: Here, made: Made, wanted: str, file: str) -> None:
    st.download_button(
        here.say("common.download"),
        made.content,
        file,
        key=f"lead_download_{wanted}",
        type="primary",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption(here.say("lead.file_rows", n=made.n_rows))
    if made.left_out:
        lines = [f"- {n:,} · {_reason(here, why)}" for why, n in made.left_out.items()]
        st.markdown("\n".join([here.say("lead.no_row", n=sum(made.left_out.values())), "", *lines]))
    if wanted == "decisions":
        st.caption(here.say("lead.decisions_next"))


def _reason(here: Here, why: str) -> str:
    """Why an item gave no row; what the catalogue does not know, in the library's words."""
    from tunesmith.evaluate.review_export_decided import REASONS

    return here.say(f"lead.out_{why}") if f"out_{why}" in catalogue("lead") else escaped(REASONS.get(why, why))


def _stem(name: str) -> str:
    """A campaign's name as part of a file's: whatever is no plain letter becomes a dash."""
    return "".join(one if one.isascii() and one.isalnum() else "-" for one in name.lower()).strip("-")[:60] or "review"
