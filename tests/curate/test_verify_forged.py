"""Who changes a file beside the ledger and every digest with it is found: it contradicts the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunesmith.curate.io import file_digest
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.shards import beside
from tunesmith.curate.stages import read_table, write_table
from tunesmith.curate.verify import verify


def findings(out: Path) -> list[str]:
    return [f"{finding.file}: {finding.told()}" for finding in verify(out).findings]


def edit_line(name: str, number: int, change: Callable[[Any], object]) -> Callable[[Path], None]:
    def edit(out: Path) -> None:
        lines = (out / name).read_text(encoding="utf-8").splitlines(keepends=True)
        row = json.loads(lines[number])
        change(row)
        lines[number] = json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
        (out / name).write_text("".join(lines), encoding="utf-8")

    return edit


def edit_bytes(name: str, before: bytes, after: bytes) -> Callable[[Path], None]:
    def edit(out: Path) -> None:
        data = (out / name).read_bytes()
        assert before in data
        (out / name).write_bytes(data.replace(before, after, 1))

    return edit


def edit_signals(out: Path) -> None:
    table = pq.read_table(out / "signals.parquet")
    pq.write_table(table.take([1, 0, *range(2, len(table))]), out / "signals.parquet")


def cut_signals(out: Path) -> None:
    pq.write_table(pq.read_table(out / "signals.parquet").slice(1), out / "signals.parquet")


def edit_shards(what: str, change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    def edit(out: Path) -> None:
        manifest = json.loads((out / "manifest.json").read_text())
        path = beside(out / ".stages" / manifest["inputs"][0]["shards"][0], what)
        table = change(read_table(path))
        write_table(path, table.combine_chunks())

    return edit


def edit_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(out: Path) -> None:
        manifest = json.loads((out / "manifest.json").read_text())
        change(manifest)
        (out / "manifest.json").write_text(json.dumps(manifest))

    return edit


OTHERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "another answer": (
        edit_line("train.jsonl", 2, lambda row: row["messages"][-1].update(content="Paris.")),
        "train.jsonl: lines whose content is not the row's: line 3",
    ),
    "another answer in the file of its kind alone": (
        edit_line("train.sft.jsonl", 2, lambda row: row["messages"][-1].update(content="Paris.")),
        "train.sft.jsonl: has other lines than train.jsonl, the first: line 3",
    ),
    "a line that is no row": (
        edit_line("train.jsonl", 2, lambda row: row.pop("messages")),
        "train.jsonl: lines that no format of the run can read: line 3",
    ),
    "a line that is no JSON": (
        edit_bytes("train.jsonl", b'{"messages"', b'"messages"'),
        "train.jsonl: lines that are no JSON: line 1",
    ),
    "a line of dropped.jsonl that is no row": (
        edit_bytes("dropped.jsonl", b'{"row_id":"a:7"', b'[{"row_id":"a:7"'),
        "dropped.jsonl: lines that are no JSON: line 1",
    ),
    "no row in dropped.jsonl": (
        edit_bytes("dropped.jsonl", b'"row":{', b'"wor":{'),
        "dropped.jsonl: lines without a row: line 1",
    ),
    "another spelling in dropped.jsonl": (
        edit_bytes("dropped.jsonl", b'"verdict":"', b'"verdict": "'),
        "dropped.jsonl: lines that are not spelled as a run writes them: line 1",
    ),
    "another mark of the folder": (
        edit_bytes(".stages/run.json", b'"mark":"', b'"mark":"0'),
        ".stages/run.json: was changed: it has not the mark of the manifest",
    ),
    "other parts of the mark": (
        edit_bytes(".stages/run.json", b'"input":"', b'"input":"0'),
        ".stages/run.json: was changed: its parts do not make the mark of the manifest",
    ),
    "a row that left, with another text": (
        edit_bytes("dropped.jsonl", b"city number 0", b"town number 0"),
        "dropped.jsonl: lines whose row has not its content id: line 2 (a:13)",
    ),
    "an unreadable row, with another text": (
        edit_bytes("dropped.jsonl", b"{broken", b"{broke"),
        "dropped.jsonl: lines whose row is not the one that was read: line",
    ),
    "another spelling of a row that left": (
        edit_bytes("dropped.jsonl", b'"input": ""', b'"input":  ""'),
        "dropped.jsonl: lines whose row is not the one that was read: line 1 (a:7)",
    ),
    "no verdict in dropped.jsonl": (
        edit_bytes("dropped.jsonl", b'"verdict":"dropped",', b""),
        "dropped.jsonl: lines that say another verdict than the ledger: line 2 (a:13)",
    ),
    "an unknown row in dropped.jsonl": (
        edit_bytes("dropped.jsonl", b'"row_id":"a:13"', b'"row_id":"a:99"'),
        "dropped.jsonl: lines of a row that is not in the ledger: line 2",
    ),
    "signals of other rows": (edit_signals, "signals.parquet: rows whose row_id is not the ledger's: a:1, a:2"),
    "signals without a column": (
        lambda out: pq.write_table(
            pq.read_table(out / "signals.parquet").drop_columns(["kind"]), out / "signals.parquet"
        ),
        "signals.parquet: cannot be read (it has no column kind)",
    ),
    "a shard without a column": (
        edit_shards("rows", lambda table: table.drop_columns(["raw"])),
        "lacks a column, or a file beside it does: rows raw",
    ),
    "fewer signals": (cut_signals, "signals.parquet: has 29 rows where the ledger has 30"),
    "shards of other rows": (
        edit_shards("columns", lambda table: table.take([1, 0, *range(2, len(table))])),
        "has other rows than the ledger: a:1, a:2",
    ),
    "a shard with fewer rows": (
        edit_shards("rows", lambda table: table.slice(1)),
        "has other rows than the files beside it (rows 20, columns 21, signals 21)",
    ),
    "other counts": (
        edit_manifest(lambda manifest: manifest["counts"].update(kept=99)),
        "manifest.json: counts 99 kept where the ledger has 2",
    ),
    "no count": (
        edit_manifest(lambda manifest: manifest["counts"].pop("kept")),
        "manifest.json: counts no rows of a kind: kept",
    ),
    "other lines": (
        edit_manifest(lambda manifest: manifest["lines"].update({"train.jsonl": 5})),
        "manifest.json: counts 5 lines of train.jsonl where the ledger has 20",
    ),
    "other rows of an input": (
        edit_manifest(lambda manifest: manifest["inputs"][0].update(rows=5)),
        "manifest.json: counts 5 rows of a where the ledger has 21",
    ),
    "other formats": (
        edit_manifest(lambda manifest: manifest["inputs"][0].update(formats={"alpaca": 20})),
        "manifest.json: counts other formats of a source than there are: a",
    ),
    "an output twice": (
        edit_manifest(lambda manifest: manifest["outputs"].append(manifest["outputs"][0])),
        "manifest.json: names an output that no run writes, or one twice: dataset_info.json",
    ),
    "an output less": (
        edit_manifest(lambda manifest: manifest["outputs"].pop(0)),
        "manifest.json: has no digest of an output: dataset_info.json",
    ),
    "a stage file less": (
        edit_manifest(lambda manifest: manifest["stages"].pop("split")),
        "manifest.json: its stage files and their digests do not go together: .stages/split-",
    ),
    "a count that is a text": (
        edit_manifest(lambda manifest: manifest["counts"].update(kept="many")),
        "manifest.json: is not what a run writes (Input should be a valid integer): counts.kept",
    ),
    "a file outside the folder": (
        edit_manifest(lambda manifest: manifest["inputs"][0].update(shards=["../../etc/rows-00000.arrow"])),
        "inputs.0.shards.0",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_forged_file_contradicts_the_ledger(lawful_run: Path, forge: Callable[[Path], None], name: str) -> None:
    change, words = OTHERS[name]
    change(lawful_run)
    forge(lawful_run)
    found = findings(lawful_run)
    assert any(words in finding for finding in found), found
    assert not any("digest is" in finding for finding in found), found


def test_a_row_of_the_input_is_missed_in_the_ledger(tmp_path: Path, forge: Callable[[Path], None]) -> None:
    """The input is read again: ledger, shards and counts that agree on fewer rows do not hide one."""
    (tmp_path / "a.jsonl").write_text("".join(f'{{"text": "Prose {i}, which is not long."}}\n' for i in range(9)))
    (tmp_path / "recipe.yaml").write_text("sources: [a.jsonl]\n")
    out = run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "out").out
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write('{"text": "One more, which the run never saw."}\n')
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["inputs"][0]["files"][0]["digest"] = file_digest(tmp_path / "a.jsonl")
    (out / "manifest.json").write_text(json.dumps(manifest))
    forge(out)
    assert findings(out) == ["ledger.parquet: rows of the input that are not in the ledger: a:10"]


def test_a_row_that_no_input_has_is_told(tmp_path: Path, forge: Callable[[Path], None]) -> None:
    lines = [f'{{"text": "Prose {i}, which is not long."}}\n' for i in range(9)]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    (tmp_path / "recipe.yaml").write_text("sources: [a.jsonl]\n")
    out = run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "out").out
    (tmp_path / "a.jsonl").write_text("".join([*lines[:3], "\n", *lines[4:7]]))
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["inputs"][0]["files"][0]["digest"] = file_digest(tmp_path / "a.jsonl")
    (out / "manifest.json").write_text(json.dumps(manifest))
    forge(out)
    assert findings(out) == ["ledger.parquet: rows that are not in the input: a:4, a:8, a:9"]


def test_a_flipped_byte_of_a_measured_column_is_told_with_the_column(
    lawful_run: Path, forge: Callable[[Path], None]
) -> None:
    """Where the pages of a Parquet file have checksums, which name the column."""
    path = lawful_run / "signals.parquet"
    pq.write_table(pq.read_table(path), path, compression="none", use_dictionary=False, write_page_checksum=True)
    forge(lawful_run)
    column = next(
        chunk
        for chunk in map(pq.ParquetFile(path).metadata.row_group(0).column, range(20))
        if chunk.path_in_schema == "prompt_characters"
    )
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + column.total_compressed_size - 1] ^= 1
    path.write_bytes(data)
    digest, part = findings(lawful_run)
    assert digest.startswith("signals.parquet: was changed")
    assert part == "signals.parquet: has a part that cannot be read: column prompt_characters of row group 1"
