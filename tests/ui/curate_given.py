"""A small finished run in a workspace, for the tests of Curate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.ui.workspace import Workspace

HOSTILE = '![x](http://evil.example/a.png) <img src="http://evil.example/b.png"> :red[**loud**] $x$'


def pair(question: str, answer: str) -> dict[str, str]:
    """A row."""
    return {"instruction": question, "output": answer}


#: Answers of 2, 4, 6 … characters in both languages, a template nobody filled, near-duplicates, hostile text.
ROWS: list[dict[str, str]] = [
    *(pair(f"What is thing number {i}, and where does it come from?", "so" * (i + 1)) for i in range(12)),
    *(pair(f"第{i}种东西是什么，它从哪里来？", "因为" * (i + 1)) for i in range(8)),
    pair("Who are you, my friend of many years?", "I am {{name}}, of course."),
    pair("Tell me about tea.", "Tea is a drink made from leaves, and people all over the world like to drink it warm."),
    pair("Tell me about tea!", "Tea is a drink made from leaves, and people all over the world like to drink it hot."),
    pair(HOSTILE, f"{{{{name}}}} {HOSTILE}"),
]


def make_run(
    workspace: Workspace, name: str = "tea", rows: list[dict[str, str]] | None = None, **settings: Any
) -> Path:
    """Run a recipe of the workspace; the folder of the run."""
    folder = workspace.folder("datasets") / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows or ROWS)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    recipe = {"sources": [{"path": f"../datasets/{name}/{name}.jsonl", "name": "rows"}], **settings}
    path = workspace.folder("recipes") / f"{name}.yaml"
    path.write_text(json.dumps(recipe), encoding="utf-8")
    return run(load_recipe(path), workspace.folder("runs") / name, workers=1).out


def row_with(folder: Path, rule: str) -> str:
    """The first row that a rule dropped."""
    import pyarrow.parquet as pq

    for line in pq.read_table(folder / "ledger.parquet").to_pylist():
        if line["rule"] == rule:
            return str(line["row_id"])
    raise AssertionError(f"no row was dropped by {rule}")
