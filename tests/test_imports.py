"""Imports go one way, `ui, cli -> train -> evaluate -> curate -> errors`, and starting up stays cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {"errors": 0, "curate": 1, "evaluate": 2, "train": 3, "ui": 4, "terminal": 4, "app": 5}
LAYERS |= {path.stem: 4 for path in ROOT.glob("cli*.py")}
FILES = [path for name in LAYERS for path in (*(ROOT / name).rglob("*.py"), ROOT / f"{name}.py") if path.is_file()]


def imported_layers(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if node.module != "tunesmith" else [f"tunesmith.{a.name}" for a in node.names]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name.startswith("tunesmith.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    own = LAYERS[path.relative_to(ROOT).parts[0].removesuffix(".py")]
    above = {name for name in imported_layers(path) if LAYERS[name] > own}
    assert not above


def test_help_loads_nothing_heavy() -> None:
    heavy = {
        "numpy",
        "pyarrow",
        "pydantic",
        "datasets",
        "jinja2",
        "yaml",
        "vl_convert",
        "torch",
        "transformers",
        "peft",
        "trl",
        "optuna",
        "streamlit",
    }
    code = "import sys, tunesmith.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "train").glob("*.py")), ids=lambda path: path.name)
def test_only_the_trainer_imports_trl_and_peft(path: Path) -> None:
    allowed = {"trl", "peft"} if path.stem.partition("_")[0] == "trainer" else set()
    assert imported_packages(path) & {"trl", "peft"} <= allowed
