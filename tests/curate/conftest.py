"""Small finished runs, for the tests of what is read from one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run

MakeRun = Callable[..., RunData]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """`make_run({"a.jsonl": [row, …]}, "sources: [a.jsonl]")`: write the files, run the recipe, open the run."""

    def make(files: Mapping[str, Sequence[Any]], recipe: str, *, out: str = "out") -> RunData:
        for name, rows in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
            (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
        return open_run(run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / out).out)

    return make
