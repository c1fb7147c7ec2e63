"""Everything that a comparison or a scoring wrote, to take away, and the command that wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.report_read import Report
from tunesmith.ui.shown import show_command

_TYPES = {".html": "text/html", ".json": "application/json", ".md": "text/markdown", ".jsonl": "application/x-ndjson"}
#: In the order of how many people want them.
FILES = ("report.html", "comparison.md", "comparison.json", "scores.json", "items.parquet", "predictions.jsonl")


def show_files(here: Here, report: Report) -> None:
    """A button a file; a file is read when its button is pressed."""
    st.caption(here.say("report.files"))
    with st.container(horizontal=True, gap="small"):
        for name in FILES:
            path = report.folder / name
            if path.is_file():
                st.download_button(
                    name,
                    data=_reader(path),
                    file_name=f"{report.name}-{name}",
                    mime=_TYPES.get(path.suffix, "application/octet-stream"),
                    key=f"report_file_{report.name}_{name}",
                    icon=":material/download:",
                    on_click="ignore",
                )
    if report.job is not None:
        show_command(here.say, report.job.arguments)


def _reader(path: Path) -> Callable[[], bytes]:
    return path.read_bytes
