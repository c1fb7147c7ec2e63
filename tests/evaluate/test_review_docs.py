"""The guides of the review: their commands exist with their options, and the README's run as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tunesmith.cli import app
from tunesmith.curate.io import read_text

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ("docs/review.md", "docs/review.zh.md", "docs/compare.md", "docs/compare.zh.md", "README.md", "README.zh.md")
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.S)


def commands(path: str) -> list[str]:
    """Every command line of a guide, continued lines joined, without the comment behind it."""
    blocks = [body for kind, body in FENCE.findall(read_text(ROOT / path)) if not kind]
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split("  #")[0].split(" > ")[0] for line in lines if re.match(r"(\.venv/bin/)?tunesmith ", line)]


def program(path: str) -> str:
    """The program for the terminal."""
    return next(body for kind, body in FENCE.findall(read_text(ROOT / path)) if kind == "python")


def resolved(line: str) -> None:
    """Parse a command line as `tunesmith` does, without running it."""
    words = shlex.split(line)[1:]
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)


@pytest.mark.parametrize("path", GUIDES)
def test_every_command_of_a_guide_exists_with_its_options(path: str) -> None:
    lines = commands(path)
    assert len(lines) > 2
    for line in lines:
        resolved(line)


def test_an_option_that_is_not_there_would_be_seen() -> None:
    with pytest.raises(Exception, match="No such option: --fast"):
        resolved("tunesmith review status spring --fast")


@pytest.mark.parametrize("path", ["docs/review.md", "docs/review.zh.md"])
def test_a_guide_names_every_command_and_every_setting_of_create(path: str) -> None:
    text = read_text(ROOT / path)
    group: Any = typer.main.get_command(app)
    review = group.commands["review"]
    missing = [name for name in review.commands if not re.search(rf"\b{name}\b", text)]
    assert not missing
    options = {option for one in review.commands["create"].params for option in one.opts if option.startswith("--")}
    told = {"--json", "--store", "--metric", "--similarity", "--verdicts"}  # elsewhere, or beside --first in its help
    assert {option for option in options - told if option not in text} == set()


def shown(path: str) -> list[str]:
    """The commands of the README's part about reviews."""
    block = next(body for _, body in FENCE.findall(read_text(ROOT / path)) if "review create" in body)
    lines = [line.split("  #")[0] for line in block.replace("\\\n", " ").splitlines()]
    return [" ".join(line.split()) for line in lines if line.strip()]


def test_both_readmes_show_the_same_commands() -> None:
    assert [line.replace(" --lang zh", "") for line in shown("README.zh.md")] == shown("README.md")


def test_the_readme_runs_as_it_stands_on_the_sample(tmp_path: Path) -> None:
    """Where the app stands open, both people answer in the terminal: they skip the first question; one of them takes an
    answer back and gives another. That the app itself takes their answers is for the tests of the app."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "runs").mkdir()
    store = "workspace/review.sqlite"
    (tmp_path / "ask.py").write_text(program("docs/review.md").replace("runs/review.sqlite", store), encoding="utf-8")
    told = {}
    for line in shown("README.md"):
        words = shlex.split(line)[1:]
        if words[0] == "app":
            resolved(line)
            for person in ("li", "ann"):
                terminal(tmp_path, "ask.py", person)
        else:
            told[words[1]] = terminal(tmp_path, "-m", "tunesmith.cli", *words)
    assert "20 pairs to be answered by 2 people each" in told["create"]
    assert "38 of 40 answers" in told["status"]
    assert "19 of 20 items judged, 38 votes of 2 people" in told["agreement"]
    assert "rows written to runs/pairs.jsonl (dpo)" in told["export"]


def terminal(folder: Path, *words: str) -> str:
    """What Python prints in a folder, asked by somebody who types answers."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, input="s\nx\nl\nu\n" + "l\nr\nr\ne\n" * 9,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_is_the_same_in_both_guides_but_for_its_words() -> None:
    shape = [re.sub(r"\"[^\"]*\"|'[^']*'", "", program(path)) for path in ("docs/review.md", "docs/review.zh.md")]
    assert shape[0] == shape[1]
