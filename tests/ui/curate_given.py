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


_ENGLISH = (
    "Why is the sky blue?",
    "How do bees find their way home?",
    "Which river runs through Vienna?",
    "When was the printing press invented?",
    "Who wrote about the white whale?",
    "What makes bread rise in an oven?",
    "Can a cat see colours at night?",
    "Does salt water freeze later than fresh?",
    "Where do swallows spend the winter?",
    "Name a metal that is liquid.",
    "Is seven a prime number?",
    "Explain how a violin sounds.",
)
_CHINESE = (
    "天空为什么是蓝色的？",
    "蜜蜂怎样找到回家的路？",
    "哪条河流经过武汉？",
    "活字印刷是谁发明的？",
    "面包在烤箱里为何膨胀？",
    "猫晚上看得见颜色吗？",
    "盐水结冰比淡水慢吗？",
    "燕子在哪里过冬？",
)

#: Answers of 2, 4, 6 … characters in both languages, a template nobody filled, near-duplicates, hostile text.
ROWS: list[dict[str, str]] = [
    *(pair(question, "so" * n) for n, question in enumerate(_ENGLISH, 1)),
    *(pair(question, "因为" * n) for n, question in enumerate(_CHINESE, 1)),
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
