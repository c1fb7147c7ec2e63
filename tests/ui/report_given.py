"""What the tests of the report are given: two models' answers in a workspace, and their comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tunesmith.evaluate.compare import compare_files
from tunesmith.ui.here import Here
from tunesmith.ui.workspace import Workspace

HOSTILE = "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> *n* $x$"
BEFORE, AFTER = f"base {HOSTILE}", "tuned"


def line(number: int, answer: str, *, correct: bool, id: str) -> dict[str, Any]:
    task = "sums" if number % 2 else "words"
    ask = f"Question {number}: how much is {number} and 1?"
    messages = [{"role": "user", "content": ask}]
    found = {
        "id": id,
        "messages": messages,
        "prediction": answer,
        "reference": f"It is {number + 1}.",
    }
    return {**found, "correct": correct, "task": task}


def write_answers(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines), encoding="utf-8")
    return path


def write_both(workspace: Workspace, n: int = 60, *, lost: int = 24) -> tuple[Path, Path]:
    """Both models' answers: the first `lost` were right and became wrong, the last became right. One id is hostile."""
    ids = [HOSTILE, *(f"q{i:03}" for i in range(1, n))]
    right = [f"It is {i + 1}, I think." for i in range(n - 1)]
    before = [line(i, text, correct=i < n - 1, id=ids[i]) for i, text in enumerate([*right, "No."])]
    wrong = [f"{HOSTILE}\nIt is {i}, I think." for i in range(lost)]
    texts = [*wrong, *(f"It is {i + 1}." for i in range(lost, n))]
    after = [line(i, text, correct=i >= lost, id=ids[i]) for i, text in enumerate(texts)]
    folder = workspace.folder("predictions")
    return write_answers(folder / "base.jsonl", before), write_answers(folder / "tuned.jsonl", after)


def compared(workspace: Workspace, name: str = "spring", *, n: int = 60, lost: int = 24, **asked: Any) -> Path:
    """A finished comparison; gives back its folder."""
    out = workspace.folder("reports") / name
    metrics = ["correct", "token_f1"]
    compare_files(write_both(workspace, n, lost=lost), out, names=[BEFORE, AFTER], metrics=metrics, **asked)
    return out


def script(here):  # its text alone is run: no annotations, imports inside
    from tunesmith.ui.page_report import page

    page(here)


def drawn(here: Here, **query: str) -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here}, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.text, app.caption, app.markdown, app.header, app.info, app.success, app.warning, app.error)
    return "\n".join(str(one.value) for kind in kinds for one in kind)
