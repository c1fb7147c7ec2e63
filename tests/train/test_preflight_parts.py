"""Parts that several processes look at give what one process finds in the same rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

from tunesmith.curate.records import Message, Record
from tunesmith.curate.workers import may_fork
from tunesmith.errors import InputError
from tunesmith.train import preflight_parts
from tunesmith.train.preflight import preflight
from tunesmith.train.preflight_found import Preflight
from tunesmith.train.preflight_parts import each_seen, parts_of
from tunesmith.train.template import Template, open_template, template_of
from tunesmith.train.types import Encoding, Fate, Row, Sets

ROOT = Path(__file__).resolve().parents[2]
OTHER = "{% for m in messages %}{{ m.role + ': ' + m.content + '<|im_end|>' }}{% endfor %}"


def chat(number: int, *texts: str) -> Row:
    turns = tuple(Message(("user", "assistant")[place % 2], text) for place, text in enumerate(texts))
    return Row(f"{'ab'[number % 2]}:{number}", Record("sft", turns), "ab"[number % 2], "domain", 1 + number % 3)


TEXTS = (
    ("What is the capital of France?", "Paris."),
    ("血压", "高血压是慢性病，" * 60),
    ("1 + 1?", "2", "1 + 2?", "3"),
    ("What does <|im_end|> mean?", "It ends a turn."),
    ("Hello?",),
)
ROWS = tuple(chat(number, *TEXTS[number % len(TEXTS)]) for number in range(23))
SETS = Sets(ROWS, {"general": ROWS[:7], "domain": ROWS[3:5]}, "fingerprint", [("c.jsonl:9", "not valid JSON")])


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight_parts, "PART_ROWS", 3)


def found(template: Template, ledger: Path, **more: Any) -> tuple[Preflight, list[tuple[str, Fate]]]:
    told: list[tuple[str, Fate]] = []
    made = preflight(
        SETS, template, Encoding(128), ledger=ledger, watch=lambda split, fate: told.append((split, fate)), **more
    )
    return made, told


@pytest.mark.parametrize("given", [None, OTHER])
@pytest.mark.parametrize("row", [None, "b:13"])
def test_two_processes_find_what_one_finds(
    tiny_model: Path, tmp_path: Path, given: str | None, row: str | None
) -> None:
    in_a_fresh_process(f"compare_two_with_one({tiny_model!r}, {tmp_path!r}, {given!r}, {row!r})")


def test_the_size_of_a_part_changes_nothing(
    tiny_tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = template_of(tiny_tokenizer, "tiny")
    small = found(template, tmp_path / "one.parquet", workers=1)
    monkeypatch.setattr(preflight_parts, "PART_ROWS", 1000)
    assert found(template, tmp_path / "two.parquet", workers=1) == small


def test_parts_hold_every_row_once_in_order() -> None:
    parts = parts_of(SETS)
    assert [row for part in parts if part.split == "train" for row in part.rows] == list(ROWS)
    assert [row for part in parts if part.group == "general" for row in part.rows] == list(ROWS[:7])
    assert max(len(part.rows) for part in parts) == 3


def look_in_others() -> None:
    with each_seen(lambda part: os.getpid(), [1, 2, 3, 4], workers=2) as seen:
        assert os.getpid() not in set(seen)
    with each_seen(lambda part: os.getpid(), [1, 2, 3, 4], workers=1) as seen:
        assert set(seen) == {os.getpid()}


def compare_two_with_one(model: Path, folder: Path, given: str | None, row: str | None) -> None:
    assert may_fork()
    preflight_parts.PART_ROWS = 3
    template = open_template(str(model), template=write_template(folder, given) if given else None)
    one, told = found(template, folder / "one.parquet", row=row, workers=1)
    two, told_too = found(template, folder / "two.parquet", row=row, workers=2)
    assert two == one
    assert told_too == told
    assert len(told) == len(ROWS) + 9
    assert (folder / "two.parquet").read_bytes() == (folder / "one.parquet").read_bytes()


def write_template(folder: Path, text: str) -> Path:
    path = folder / "template.jinja"
    path.write_text(text)
    return path


def in_a_fresh_process(call: str) -> None:
    """A library that an earlier test of this process used may have left a thread, and then nothing forks."""
    code = f"from pathlib import Path, PosixPath\nfrom tests.train import test_preflight_parts as here\nhere.{call}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_parts_are_looked_at_by_other_processes_where_two_are_asked_for() -> None:
    in_a_fresh_process("look_in_others()")


def test_an_error_in_another_process_comes_through_as_it_is() -> None:
    def fail(part: int) -> int:
        raise InputError(f"part {part} is bad", where="a.jsonl", remedy="mend it")

    with pytest.raises(InputError, match="part 1 is bad"), each_seen(fail, [1, 2, 3], workers=2) as seen:
        list(seen)
    assert not preflight_parts._jobs
