"""What the tests of the pages Home, Dataset and Mix are given: files, a queue that holds still, and a page drawn."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from streamlit.testing.v1 import AppTest

from tunesmith.curate.profile_folder import write_profile
from tunesmith.ui.dataset_profiles import profile_folder
from tunesmith.ui.datasets import Dataset, Group, add_upload
from tunesmith.ui.here import Here
from tunesmith.ui.jobs_processes import mark_of
from tunesmith.ui.workspace import Workspace

#: A name as an upload may bring it.
HOSTILE = "../../evil<b>![x](http://evil.example/a.png).jsonl"

WORDS = "apple river stone cloud paper green seven table light music garden winter bread silver".split()


def pairs(count: int, start: int = 0) -> bytes:
    """Rows of Alpaca that no rule drops and that are not near each other."""
    rows = [
        {
            "instruction": f"What is {WORDS[n % 14]} {WORDS[(n * 3) % 14]} number {start + n}?",
            "output": f"{WORDS[(n * 5) % 14]} {WORDS[(n + start) % 14]} {start + n} {WORDS[(n // 14) % 14]} it is.",
        }
        for n in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def add(workspace: Workspace, name: str, data: bytes, group: Group = "domain", *, counted: bool = False) -> Dataset:
    """A dataset with these bytes; with its profile, made here and now."""
    dataset = add_upload(workspace, name, io.BytesIO(data), group=group)
    if counted:
        out = profile_folder(workspace, dataset)
        columns = dict(dataset.columns) if dataset.columns else None
        write_profile([str(dataset.path)], out, format=dataset.format, columns=columns, workers=1)
    return dataset


def hold_queue(workspace: Workspace) -> None:
    """A job that runs (this test's own process), so that whatever is submitted waits behind it."""
    folder = workspace.folder("jobs") / "000001-c0ffee"
    folder.mkdir(parents=True)
    spec = {"kind": "train", "title": "held", "arguments": ["train"], "result": None, "by": "", "created": 1.0}
    process = {"pid": os.getpid(), "mark": mark_of(os.getpid()), "started": time.time()}
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "process.json").write_text(json.dumps(process))


def script(here, name):  # its text alone is run: no annotations, imports inside
    from importlib import import_module

    import_module(f"tunesmith.ui.page_{name}").page(here)


def drawn(here: Here, name: str, query: Mapping[str, str] | None = None) -> AppTest:
    """A page, drawn once."""
    app = AppTest.from_function(script, kwargs={"here": here, "name": name}, default_timeout=60)
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """All that is said on the page as Markdown, captions and boxes."""
    kinds: list[Any] = [app.title, app.header, app.subheader, app.markdown, app.caption]
    kinds += [app.error, app.warning, app.info, app.text]
    return "\n".join(str(element.value) for kind in kinds for element in kind)
