"""What a training can learn from: finished curation runs, and datasets as they are.

>>> trainable(workspace)  # doctest: +SKIP
[Data(argument='runs/medical', title='medical', group='domain', is_run=True, rows=1173)]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.ui.datasets import Dataset, read_datasets
from tunesmith.ui.train_plans import read_object
from tunesmith.ui.workspace import Workspace


class Data(NamedTuple):
    """Rows to learn from.

    :param argument: as a command takes it from the workspace's folder.
    :param title: somebody's text: show it as text.
    :param rows: that will be trained, where that is known.
    :param reading: options that tell a command how to read it, where a person set that by hand.
    """

    argument: str
    title: str
    group: str
    is_run: bool
    rows: int | None
    reading: tuple[str, ...] = ()


def trainable(workspace: Workspace) -> list[Data]:
    """Finished runs, latest first, then datasets; none of those that are kept for tests, and none that a training
    would read in another way than its owner told (`read_by_hand`)."""
    runs = [_run(workspace, name) for name in workspace.names("runs")]
    files = [_file(workspace, one) for one in read_datasets(workspace) if one.group != "evaluation"]
    return [*(one for one in runs if one is not None), *(one for one in files if not one.reading)]


def read_by_hand(workspace: Workspace) -> int:
    """How many datasets have a form or columns that a person set: a training detects both anew, a curation does not."""
    return sum(bool(_reading(one)) for one in read_datasets(workspace) if one.group != "evaluation")


def questions(workspace: Workspace, data: str) -> list[Data]:
    """What a model can be asked before and after: datasets for tests first, then what the run set aside."""
    found = [_file(workspace, one) for one in read_datasets(workspace) if one.group == "evaluation"]
    aside = f"{data}/validation.jsonl"
    path = workspace.root / aside
    if data.startswith("runs/") and path.is_file() and path.stat().st_size:
        found.append(Data(aside, aside, "domain", True, None))
    return found


def _run(workspace: Workspace, name: str) -> Data | None:
    folder = workspace.folder("runs") / name
    manifest = read_object(folder / "manifest.json")
    if manifest is None or not (folder / "train.jsonl").is_file():
        return None
    return Data(f"runs/{name}", name, "domain", True, _rows(manifest))


def _rows(manifest: dict[str, Any]) -> int | None:
    lines = manifest.get("counts", {})
    found = lines.get("train_lines") if isinstance(lines, dict) else None
    return found if isinstance(found, int) else None


def _file(workspace: Workspace, one: Dataset) -> Data:
    path, root = Path(one.path).resolve(), workspace.root.resolve()
    argument = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    return Data(argument, one.title, one.group, False, one.rows, _reading(one))


def _reading(one: Dataset) -> tuple[str, ...]:
    if one.columns:
        return "--columns", ",".join(f"{name}={column}" for name, column in one.columns.items())
    return () if one.format == "auto" else ("--format", one.format)
