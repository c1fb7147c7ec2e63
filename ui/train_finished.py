"""What came out of a training: figures, curves, what became of the rows, downloads, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.train_curves import show_curves
from tunesmith.ui.train_live import show_incidents
from tunesmith.ui.train_log import GrowingLog
from tunesmith.ui.train_next import show_next
from tunesmith.ui.train_plans import Plan, read_object
from tunesmith.ui.train_run import Run
from tunesmith.ui.train_shown import table
from tunesmith.ui.train_start import anew_button
from tunesmith.ui.words import escaped


def show_finished(here: Here, plan: Plan | None, run: Run, jobs: list[Job]) -> None:
    """Everything of a run that has ended well."""
    outcome = str(run.manifest.get("outcome", "finished"))
    known = outcome if outcome in ("finished", "stopped_early") else "finished"
    st.badge(here.say(f"train.outcome_run_{known}"), color="green", icon=":material/check:")
    _figures(here, run)
    lines = GrowingLog(run.folder / "log.jsonl").read()
    if lines:
        show_curves(here, run, lines)
    show_incidents(here, run)
    _downloads(here, run)
    _facts(here, run)
    if plan is not None:
        anew_button(here, plan)
    show_next(here, plan, run, jobs)


def _figures(here: Here, run: Run) -> None:
    from tunesmith.train.report_views import duration, figure, size

    facts, say = run.manifest, here.say
    times = read_object(run.folder / "run.log.json") or {}
    best = facts.get("best_loss")
    shown = [
        ("steps", f"{facts.get('step', 0):,}"),
        ("time", duration(say.language, times["seconds"]) if "seconds" in times else "–"),
        *([] if best is None else [("best", figure(best))]),  # nothing was validated
        ("speed", f"{facts['tokens_per_second']:,.0f}" if facts.get("tokens_per_second") else "–"),
        ("memory", size(facts["peak_memory_bytes"]) if facts.get("peak_memory_bytes") else "–"),
    ]
    with st.container(horizontal=True, gap="medium", key="train_figures"):
        for name, value in shown:
            st.metric(say(f"train.done_{name}", n=facts.get("best_step", 0)), value, width="content")


def _downloads(here: Here, run: Run) -> None:
    files = (("report.html", "text/html", "report"), ("loss.png", "image/png", "picture"))
    with st.container(horizontal=True):
        for file, mime, word in files:
            path = run.folder / file
            if path.is_file():
                st.download_button(
                    here.say(f"train.download_{word}"),
                    path.read_bytes,
                    file_name=f"{run.name}-{file}",
                    mime=mime,
                    key=f"download_{word}_{run.name}",
                    icon=":material/download:",
                    on_click="ignore",
                )


def _facts(here: Here, run: Run) -> None:
    """What the manifest holds: the data, the machine, the versions, every setting with its reason."""
    from tunesmith.train.report_views import settings_view

    facts, say = run.manifest, here.say
    with st.expander(say("train.facts")):
        told = _told(here, facts)
        table({say("train.fact"): list(told), say("train.value"): list(told.values())}, key=f"facts_{run.name}")
        settings = settings_view(facts.get("settings", ()), say.language)
        columns = {
            say("train.setting"): [one["key"] for one in settings],
            say("train.value"): [one["value"] for one in settings],
            say("train.why"): [one["why"] for one in settings],
        }
        if settings:
            table(columns, key=f"all_settings_{run.name}")


def _told(here: Here, facts: Mapping[str, Any]) -> dict[str, str]:
    say, data = here.say.plain, facts.get("data", {})
    versions = facts.get("versions", {})
    shown = ", ".join(
        f"{name} {versions[name]}" for name in ("torch", "transformers", "trl", "peft") if name in versions
    )
    found = {
        say("train.fact_base"): str(facts.get("base") or facts.get("model") or "–"),
        say("train.fact_data"): say(
            "train.fact_data_line",
            n=data.get("n_rows", 0),
            tokens=data.get("n_tokens", 0),
            trained=data.get("n_trained", 0),
        ),
        say("train.fact_hash"): str(data.get("hash", "–")),
        say("train.fact_hardware"): str(facts.get("hardware", "–")),
        say("train.fact_versions"): shown or "–",
    }
    return {key: value for key, value in found.items() if escaped(value)}
