"""What runs as the user, or is read in a form that could harm, is asked about first or kept from others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.errors import InputError


def retention(tmp_path: Path, task: Path, *more: str) -> tuple[int, str]:
    words = ["--model", "m", "--endpoint", "http://127.0.0.1:9", "--mode", "generate", "--tasks", str(task)]
    out = ["--out", str(tmp_path / "out"), *more]
    found = CliRunner().invoke(app, ["evaluate", "retention", *words, *out])
    return found.exit_code, f"{found.output} {found.exception}"


def test_a_task_file_of_the_harness_runs_nothing_unless_it_is_trusted(tmp_path: Path) -> None:
    task, place = tmp_path / "mine.yaml", tmp_path / "it-ran"
    task.write_text("task: mine\ndoc_to_text: !function evil.f\n")
    (tmp_path / "evil.py").write_text(f"import os; os.mkdir({str(place)!r})\ndef f(doc): pass\n")
    _, said = retention(tmp_path, task)
    assert "mine.yaml: is a task in the harness's own words" in said
    assert "--trust-tasks" in said
    assert not place.exists()
    _, said = retention(tmp_path, task, "--trust-tasks")
    assert "the server cannot be reached" in said  # one step further


def test_a_task_file_is_a_program(tmp_path: Path) -> None:
    pytest.importorskip("lm_eval")
    task, place = tmp_path / "mine.yaml", tmp_path / "it-ran"
    task.write_text(
        "task: mine\ndataset_path: nobody/nothing\noutput_type: generate_until\ndoc_to_text: !function evil.f\n"
    )
    (tmp_path / "evil.py").write_text(f"import os; os.mkdir({str(place)!r})\ndef f(doc): pass\n")
    from tunesmith.evaluate.retention_engine import _load_named
    from tunesmith.evaluate.retention_types import NamedTask

    with pytest.raises(InputError, match="cannot be loaded"):  # there is no such data, but the code ran
        _load_named(NamedTask(str(task)))
    assert place.exists()


def test_the_dictionary_of_jieba_is_kept_where_only_its_owner_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jieba")
    from tunesmith.evaluate.compatible_words import _own_folder

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = Path(str(_own_folder()))
    assert place == tmp_path / "cache" / "tunesmith"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
