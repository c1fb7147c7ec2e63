"""The run that the page is about: chosen at the top or by the address, opened once and held while its files stay.

>>> opened = choose_run(here)  # doctest: +SKIP
>>> opened.name, opened.run.manifest["counts"]["kept"]  # doctest: +SKIP
('medical', 24_113)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked, link
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.curate.previewer import Previewer
    from tunesmith.curate.rundata import RunData

#: Runs that are held at once; one of a million rows takes about a gigabyte.
_HELD = 2


class Opened(NamedTuple):
    """A finished run; `held` is None where its rules cannot be previewed, and `problem` says why (None: no rule)."""

    name: str
    stamp: int  # when it was finished, so that what is derived from it is made anew for another run of this name
    run: RunData
    held: Previewer | None
    problem: InputError | None

    @property
    def counts(self) -> Mapping[str, Any]:
        """The sums of the run."""
        counts: Mapping[str, Any] = self.run.manifest["counts"]
        return counts


def finished_runs(workspace: Workspace) -> list[str]:
    """The runs whose rows can be looked at and judged, latest first."""
    return [name for name in workspace.names("runs") if _manifest(workspace, name).is_file()]


def choose_run(here: Here) -> Opened | None:
    """The run that the person or the address asks for; None, with the next step, where there is none."""
    names, wanted = finished_runs(here.workspace), asked("run")
    if not names:
        _no_run(here)
        return None
    if wanted and wanted not in names:
        st.warning(here.say("curate.unknown_run", run=wanted))
    shown = wanted if wanted in names else names[0]
    chosen = st.selectbox(here.say("curate.run"), names, index=names.index(shown), key=f"curate_run_{shown}")
    if chosen != shown:
        for key in ("row", "rule", "set"):
            st.query_params.pop(key, None)
        st.query_params["run"] = chosen
        st.rerun()
    if wanted != shown:
        st.query_params["run"] = shown  # so that a run that ends meanwhile does not take this one's place
    with st.spinner(here.say("curate.opening")):
        return opened(here.workspace, chosen)


def opened(workspace: Workspace, name: str) -> Opened:
    """A run, read again when its files have changed.

    :raises InputError: where it cannot be read.
    """
    path = _manifest(workspace, name)
    return _open(name, str(path.parent), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=_HELD, show_spinner=False)
def _open(name: str, folder: str, stamp: int) -> Opened:
    from tunesmith.curate.previewer import Previewer
    from tunesmith.curate.rundata import open_run

    run = open_run(Path(folder))
    if not any(settings is not False for settings in run.recipe["rules"].values()):
        return Opened(name, stamp, run, None, None)
    try:
        return Opened(name, stamp, run, Previewer(run), None)
    except InputError as error:
        return Opened(name, stamp, run, None, error)


def _manifest(workspace: Workspace, name: str) -> Path:
    return workspace.inside("runs", name) / "manifest.json"


def _no_run(here: Here) -> None:
    with st.container(border=True):
        st.markdown(f"**{here.say('curate.no_run')}**")
        st.write(here.say("curate.no_run_next"))
        link(here, "dataset", here.say("curate.go_dataset"), icon=":material/arrow_forward:")
