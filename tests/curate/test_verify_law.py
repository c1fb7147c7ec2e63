"""Who changes the ledger and every digest with it is found: it contradicts itself, or the files beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunesmith.curate.ledger import LEDGER_SCHEMA
from tunesmith.curate.verify import verify

Line = dict[str, Any]


def ledger_of(out: Path) -> list[Line]:
    lines: list[Line] = pq.read_table(out / "ledger.parquet").to_pylist()
    return lines


def write_ledger(out: Path, lines: list[Line]) -> None:
    pq.write_table(pa.Table.from_pylist(lines, schema=LEDGER_SCHEMA), out / "ledger.parquet", compression="zstd")


def findings(out: Path) -> list[str]:
    return [f"{finding.file}: {finding.told()}" for finding in verify(out).findings]


def first(lines: list[Line], **wanted: Any) -> Line:
    return next(line for line in lines if all(line[name] == value for name, value in wanted.items()))


def lose(lines: list[Line], line: Line) -> None:
    del lines[lines.index(line)]


def swap(lines: list[Line], one: int, other: int) -> None:
    lines[one], lines[other] = lines[other], lines[one]


def move(line: Line) -> None:
    line["split"] = "validation" if line["split"] == "train" else "train"


LEDGER: dict[str, tuple[Callable[[list[Line]], object], str]] = {
    "an unknown verdict": (lambda rows: rows[1].update(verdict="keep"), "rows without a known verdict: a:2"),
    "no verdict": (lambda rows: rows[1].update(verdict=None), "rows without a known verdict: a:2"),
    "a lost row": (lambda rows: lose(rows, rows[3]), "a:4"),
    "a lost last row": (lambda rows: rows.pop(), "ledger.parquet: rows of the input that are not in the ledger: b:9"),
    "a row twice": (lambda rows: rows.insert(2, rows[2]), "row ids that stand twice: a:3"),
    "another row's id": (lambda rows: rows[2].update(row_id="a:2", position=2), "row ids that stand twice: a:2"),
    "an id of its own": (lambda rows: rows[2].update(row_id="a:77"), "row ids that are not <source>:<position>: a:77"),
    "an unknown source": (lambda rows: rows[2].update(source="c"), "rows of a source that the run does not have: a:3"),
    "rows out of order": (lambda rows: swap(rows, 1, 2), "rows out of order"),
    "a kept row on no side": (lambda rows: rows[1].update(split=None), "kept rows on no side: a:2"),
    "a row on the other side": (lambda rows: move(rows[1]), "a:2"),
    "no copy": (lambda rows: rows[1].update(copies=0), "kept rows with no copy, or validation rows with several: a:2"),
    "one copy more": (lambda rows: rows[1].update(copies=2), "train.jsonl: has 20 lines where the ledger has 21"),
    "copies without end": (lambda rows: rows[1].update(copies=2_000_000_000), "is shorter than the rows"),
    "a dropped row on a side": (
        lambda rows: first(rows, verdict="dropped").update(split="train"),
        "rows that left and are on a side: a:",
    ),
    "a row that left without a rule": (
        lambda rows: first(rows, verdict="dropped").update(rule=None),
        "rows that left without a stage and a rule: a:",
    ),
    "another rule": (
        lambda rows: first(rows, rule="exact_duplicate").update(rule="refusal"),
        "dropped.jsonl: lines that say another rule than the ledger: line",
    ),
    "a dropped row that is kept": (
        lambda rows: first(rows, verdict="dropped").update(verdict="kept", split="train", copies=1),
        "dropped.jsonl: lines whose row did not leave, or has a line already: line",
    ),
    "a kept row that is dropped": (
        lambda rows: rows[1].update(verdict="dropped", split=None, copies=0, stage="rules", rule="refusal"),
        "dropped.jsonl: rows that left and have no line: a:2",
    ),
    "no partner": (
        lambda rows: first(rows, rule="near_duplicate").update(partner=None),
        "duplicates that name no partner: a:",
    ),
    "a partner that is no row": (
        lambda rows: first(rows, rule="near_duplicate").update(partner="a:99"),
        "rows whose partner is no row of the run: a:",
    ),
    "a partner that left": (
        lambda rows: first(rows, rule="near_duplicate").update(partner=first(rows, rule="exact_duplicate")["row_id"]),
        "duplicates of a row that did not survive: a:",
    ),
    "itself as partner": (
        lambda rows: first(rows, rule="near_duplicate").update(partner=first(rows, rule="near_duplicate")["row_id"]),
        "rows that are their own partner: a:",
    ),
    "too little likeness": (
        lambda rows: first(rows, rule="near_duplicate").update(similarity=0.69),
        "duplicates under their threshold: a:",
    ),
    "too little likeness of the answers": (
        lambda rows: first(rows, rule="near_duplicate").update(answer_similarity=0.2),
        "duplicates under their threshold: a:",
    ),
    "another content id": (
        lambda rows: rows[1].update(content_id="0" * 31 + "1"),
        "train.jsonl: lines whose content is not the row's: line",
    ),
    "no content id": (lambda rows: rows[1].update(content_id=None), "readable rows without a content id: a:2"),
    "a content id that is none": (lambda rows: rows[1].update(content_id="seven"), "content ids that are none: a:2"),
    "an unreadable row with content": (
        lambda rows: first(rows, verdict="invalid").update(content_id="0" * 31 + "1"),
        "unreadable rows with a content id: a:21",
    ),
    "an unreadable row that a rule dropped": (
        lambda rows: first(rows, verdict="invalid").update(verdict="dropped"),
        "rows that left as unreadable and are not invalid: a:21",
    ),
    "an unreadable row that a rule found": (
        lambda rows: first(rows, verdict="invalid").update(stage="rules"),
        "rows that are invalid after they were read: a:21",
    ),
    "an unsampled duplicate": (
        lambda rows: first(rows, rule="near_duplicate").update(verdict="unsampled"),
        "unsampled rows that repeat another: a:",
    ),
    "other edits": (lambda rows: rows[15].update(edits=[]), "lines whose content is not the row's: line"),
    "one flag more": (lambda rows: rows[1].update(flags=["variant"]), "counts 0 variants where the ledger has 1"),
}


@pytest.mark.parametrize("name", LEDGER)
def test_a_forged_ledger_contradicts_something(lawful_run: Path, forge: Callable[[Path], None], name: str) -> None:
    change, words = LEDGER[name]
    lines = ledger_of(lawful_run)
    change(lines)
    write_ledger(lawful_run, lines)
    forge(lawful_run)
    found = findings(lawful_run)
    assert any(words in finding for finding in found), found
    assert not any("digest" in finding for finding in found), found


def test_a_forged_ledger_that_says_the_same_is_whole(lawful_run: Path, forge: Callable[[Path], None]) -> None:
    lines = ledger_of(lawful_run)
    write_ledger(lawful_run, lines)
    forge(lawful_run)
    assert findings(lawful_run) == []


def test_a_ledger_without_a_column_is_told(lawful_run: Path, forge: Callable[[Path], None]) -> None:
    table = pq.read_table(lawful_run / "ledger.parquet")
    pq.write_table(table.drop_columns(["detail"]), lawful_run / "ledger.parquet")
    forge(lawful_run)
    assert findings(lawful_run) == ["ledger.parquet: cannot be read (it has no column detail)"]


@pytest.mark.parametrize("name", [field.name for field in LEDGER_SCHEMA])
def test_a_rotten_column_of_the_ledger_is_named(lawful_run: Path, name: str) -> None:
    path = lawful_run / "ledger.parquet"
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    column = next(column for column in columns if column.path_in_schema.split(".")[0] == name)
    data = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(data)
    checked = verify(lawful_run)
    assert any(f"column {name} of row group 1" in finding.told() for finding in checked.findings)
    assert "the ledger cannot be relied on" in checked.notes[0]
