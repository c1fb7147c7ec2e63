"""The training sets that were made from a dataset, with their files to take away."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here
from tunesmith.ui.links import link
from tunesmith.ui.words import escaped
from tunesmith.ui.workspace import Workspace

_FILES = ("train.jsonl", "validation.jsonl", "dropped.jsonl")
_AT_ONCE = 5


def runs_section(here: Here, dataset: Dataset) -> None:
    """Each with its downloads; nothing where there is none."""
    found = runs_of(here.workspace, dataset)
    if not found:
        return
    st.subheader(here.say("dataset.runs"), anchor=False)
    for name in found[:_AT_ONCE]:
        _run(here, name)
    if len(found) > _AT_ONCE:
        st.caption(here.say("dataset.showing", n=_AT_ONCE, total=len(found)))


def runs_of(workspace: Workspace, dataset: Dataset) -> list[str]:
    """The finished runs that read this dataset, latest first."""
    place = dataset.path.parts[-2:]  # the folder and the file; a recipe's path may begin anywhere
    folder = workspace.folder("runs")
    sources = {
        name: _sources_of(folder / name, _changed(folder / name / "manifest.json")) for name in workspace.names("runs")
    }
    return [name for name, paths in sources.items() if any(Path(path).parts[-2:] == place for path in paths)]


def _run(here: Here, name: str) -> None:
    folder = here.workspace.inside("runs", name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"made_{name}"):
        link(here, "curate", escaped(name), run=name)
        for file in _FILES:
            path = folder / file
            if path.is_file():
                st.download_button(
                    file,
                    path.read_bytes,
                    file_name=f"{name}.{file}",
                    mime="application/jsonl",
                    key=f"take_{name}_{file}",
                    icon=":material/download:",
                    on_click="ignore",
                )


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _sources_of(folder: Path, changed: int) -> tuple[str, ...]:
    """The paths that a run read; none of one that was not finished."""
    from tunesmith.curate.io import read_json_object

    if not changed:
        return ()
    try:
        return tuple(str(source["path"]) for source in read_json_object(folder / "manifest.json")["recipe"]["sources"])
    except (InputError, KeyError, TypeError):
        return ()
