"""The wheel holds every folder of code, and no folder of ours shadows somebody else's package."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("curate", "evaluate", "train", "ui")


def declared_packages() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(settings["tool"]["setuptools"]["packages"])


def test_every_folder_with_code_is_declared_as_a_package() -> None:
    folders = {path.parent.relative_to(ROOT) for name in CODE for path in (ROOT / name).rglob("*.py")}
    found = {".".join(("tunesmith", *folder.parts)) for folder in folders}
    assert declared_packages() == found | {"tunesmith"}


def test_no_folder_of_ours_is_a_regular_package() -> None:
    # a regular package beats a folder without __init__.py, so `import evaluate` stays Hugging Face's
    assert not [path for name in (*CODE, ".") for path in (ROOT / name).glob("__init__.py")]
    assert not [path for name in CODE for path in (ROOT / name).rglob("__init__.py")]


def test_the_bundled_sample_and_the_templates_are_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["setuptools"]["package-data"] == {
        "tunesmith": ["data/*", ".streamlit/config.toml"],  # never the secrets.toml that may lie beside it
        "tunesmith.curate": ["templates/*"],
        "tunesmith.evaluate": ["templates/*"],
        "tunesmith.train": ["templates/*"],
        "tunesmith.ui": ["assets/*", "locales/*"],
    }
    assert (ROOT / "data" / "recipe.yaml").is_file()
    assert list((ROOT / "curate" / "templates").iterdir())
    assert list((ROOT / "evaluate" / "templates").iterdir())
    assert list((ROOT / "train" / "templates").iterdir())
    assert list((ROOT / "ui" / "locales").iterdir())
    assert list((ROOT / "ui" / "assets").iterdir())
    assert (ROOT / ".streamlit" / "config.toml").is_file()


def test_constraints_pin_every_dependency_exactly() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wished = [
        *settings["dependencies"],
        *(name for extra in settings["optional-dependencies"].values() for name in extra),
    ]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    names = {re.split(r"[\[>=]", name)[0].lower().replace("_", "-") for name in wished}
    assert names - {"tunesmith"} <= pinned  # an extra names another extra
    assert "torch==2.13.0" in lines
