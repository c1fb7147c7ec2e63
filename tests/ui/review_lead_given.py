"""A small campaign for the tests of the lead's page: questions q0 … with the answers of `old` and `new`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tunesmith.evaluate.review_create import create_pairwise
from tunesmith.evaluate.review_queue import next_task, submit
from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_types import Answer, Task
from tunesmith.ui.workspace import Workspace

HOSTILE = "![x](http://evil.example/a.png) <b>*n*</b> $x$"


def answer_file(workspace: Workspace, system: str, n: int = 6) -> Path:
    """A predictions file in the workspace."""
    path = workspace.folder("predictions") / f"{system}.jsonl"
    lines = [
        {
            "id": f"q{number}",
            "messages": [{"role": "user", "content": f"{number} + 1? {HOSTILE}"}],
            "prediction": f"{system} says {number + 1}",
        }
        for number in range(n)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def store_of(workspace: Workspace) -> Store:
    return open_store(workspace.review_store, create=True)


def campaign(workspace: Workspace, *people: str, n: int = 6, overlap: int = 2, name: str = "spring") -> Store:
    """An open campaign of `n` questions, nothing repeated."""
    from tunesmith.evaluate.predictions import read_predictions

    systems = {system: read_predictions(answer_file(workspace, system, n)) for system in ("old", "new")}
    store = store_of(workspace)
    create_pairwise(store, name, systems, overlap=overlap, repeats=0.0, reviewers=people)
    return store


def vote(store: Store, votes: Mapping[str, str], *, comment: str = "", name: str = "spring", most: int = 100) -> None:
    """Everybody answers all that they are asked, always for the same system (or `equal`)."""
    for person, system in votes.items():
        for _ in range(most):
            task = next_task(store, name, person)
            if task is None:
                break
            submit(store, task.token, person, Answer(_side(task, system), comment=comment))


def _side(task: Task, system: str) -> str:
    if system not in ("old", "new"):
        return system
    return "left" if task.answers[0].startswith(system) else "right"
