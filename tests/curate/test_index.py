"""`curate index`: the index file, what is found in it and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.curate.index import as_json, as_text, build_index
from tunesmith.curate.index_file import new_file, open_index
from tunesmith.curate.index_form import IndexForm, form_of
from tunesmith.curate.index_query import matches_of, query_index
from tunesmith.curate.index_rows import SketchedRows
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError, RecipeError

LONG = "one two three four five six seven eight nine ten eleven twelve"
TRAIN = [
    {"prompt": f"{LONG} thirteen", "completion": "it counts up"},
    {
        "prompt": "咳嗽三天，喉咙有点痛，应该怎么办才好？",
        "completion": "多喝水，好好休息；三天不见好，请去看医生。",
    },
    {"prompt": "+++", "completion": "😀"},
]

RECIPE = "sources: [a.jsonl]\nsplit: {validation: off}\n"


def write(path: Path, rows: Iterable[Any]) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines) or "[]", "utf-8")  # an empty file is an error
    return str(path)


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def ask(tmp_path: Path, train: Sequence[Any], delivery: Sequence[Any], **wish: Any) -> dict[str, dict[str, Any]]:
    """The matches by row id."""
    index = tmp_path / "train.index.arrow"
    build_index([write(tmp_path / "train.jsonl", train)], out=index, replace=True, **wish)
    out = tmp_path / "matches.jsonl"
    query_index(index, [write(tmp_path / "new.jsonl", delivery)], out=out, replace=True)
    return {line["row_id"]: line for line in lines_of(out)}


def partners(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {row: line["partner"] for row, line in found.items()}


@pytest.mark.parametrize("on", ["row", "whole", "prompt", "answer"])
def test_every_row_of_the_training_set_is_found_in_it_at_similarity_1(tmp_path: Path, on: str) -> None:
    found = ask(tmp_path, TRAIN, TRAIN, on=on)
    assert partners(found) == {f"new:{number}": f"train:{number}" for number in (1, 2, 3)}
    assert {line["similarity"] for line in found.values()} == {1.0}
    assert {line["answer_similarity"] for line in found.values()} == {1.0 if on == "row" else None}
    assert all(line["content_id"] == line["partner_content_id"] for line in found.values())


def test_a_match_names_the_most_similar_row_and_of_equal_ones_the_first(tmp_path: Path) -> None:
    texts = [f"{LONG} x", LONG, f"{LONG}!", f"{LONG} y"]
    found = ask(tmp_path, [{"text": text} for text in texts], [{"text": LONG.upper()}, {"text": f"{LONG} z"}])
    assert partners(found) == {"new:1": "train:2", "new:2": "train:2"}
    assert [line["similarity"] for line in found.values()] == [1.0, 8 / 9]


def test_two_questions_about_one_passage_match_on_whole_and_not_on_row(tmp_path: Path) -> None:
    passage = " ".join(f"word{number}" for number in range(60))
    train = [{"prompt": f"{passage} who?", "completion": "the tall man"}]
    delivery = [{"prompt": f"{passage} when?", "completion": "last year"}]
    assert ask(tmp_path, train, delivery, on="row") == {}
    assert partners(ask(tmp_path, train, delivery, on="whole")) == {"new:1": "train:1"}


def test_a_kto_row_does_not_match_one_with_the_other_label(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": LONG}, {"role": "assistant", "content": "yes"}]
    train = [{"messages": turns, "label": True}]
    delivery = [{"messages": turns, "label": False}, {"messages": turns, "label": True}]
    assert partners(ask(tmp_path, train, delivery)) == {"new:2": "train:1"}


def test_new_rows_are_written_as_they_came(tmp_path: Path) -> None:
    new = '{"prompt": "something   else",  "completion":"1", "id": 7}'
    build_index([write(tmp_path / "train.jsonl", TRAIN)], out=tmp_path / "index.arrow")
    delivery = write(tmp_path / "new.jsonl", [TRAIN[0], new, "{broken", TRAIN[1]])
    done = query_index(
        tmp_path / "index.arrow", [delivery], out=tmp_path / "matches.jsonl", new=tmp_path / "rest.jsonl"
    )
    assert (tmp_path / "rest.jsonl").read_text("utf-8") == new + "\n"
    assert (done.rows_in, done.matched, done.new, done.invalid) == (4, 2, 1, 1)
    assert done.reasons == {"invalid_json": 1}
    assert done.first == {"invalid_json": "new.jsonl:3"}
    assert "4 rows in: 2 matched, 1 new, 1 invalid" in as_text(done)
    assert as_json(done)["new_out"] == str(tmp_path / "rest.jsonl")


def test_rows_that_cannot_be_read_are_counted_and_not_indexed(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [TRAIN[0], "{broken", "[1]", "{again"])
    built = build_index([train], out=tmp_path / "index.arrow")
    assert (built.rows_in, built.rows, built.invalid) == (4, 1, 3)
    assert built.reasons == {"invalid_json": 2, "not_an_object": 1}
    assert built.first["invalid_json"] == "train.jsonl:2"
    assert "1 of 4 rows indexed" in as_text(built)
    assert "2 invalid_json, the first at train.jsonl:2" in as_text(built)


def test_an_empty_training_set_matches_nothing_and_an_empty_delivery_has_no_matches(tmp_path: Path) -> None:
    assert ask(tmp_path, [], TRAIN) == {}
    assert ask(tmp_path, TRAIN, []) == {}


def test_the_kept_rows_of_a_run_are_an_input(tmp_path: Path, make_run: Any) -> None:
    run = make_run(
        {"a.jsonl": [*TRAIN, {"prompt": "", "completion": ""}]}, "sources: [a.jsonl]\nsplit: {validation: off}\n"
    )
    kept = [line["row_id"] for line in run.ledger.to_pylist() if line["verdict"] == "kept"]
    built = build_index([str(run.folder)], out=tmp_path / "index.arrow")
    assert built.rows == len(kept) < 4
    query_index(tmp_path / "index.arrow", [str(tmp_path / "a.jsonl")], out=tmp_path / "matches.jsonl")
    assert [line["partner"] for line in lines_of(tmp_path / "matches.jsonl")] == kept


def test_rows_of_a_run_and_of_a_file_with_one_name_have_different_ids(tmp_path: Path, make_run: Any) -> None:
    run = make_run({"a.jsonl": TRAIN[:1]}, RECIPE)
    build_index([str(run.folder), str(tmp_path / "a.jsonl")], out=tmp_path / "index.arrow")
    batches = open_index(tmp_path / "index.arrow").batches()
    assert [row_id for batch in batches for row_id in batch.column("row_id").to_pylist()] == ["out/a:1", "a:1"]


@pytest.mark.parametrize("batch_rows", [1, 7, 40])
def test_batches_of_any_size_find_the_same(tmp_path: Path, batch_rows: int) -> None:
    train = [{"text": f"{LONG} {number % 7} {number % 3}"} for number in range(40)]
    delivery = [{"text": f"{LONG} {number % 5} {number}"} for number in range(30)]
    expected = ask(tmp_path, train, delivery)
    form = form_of(on="row", threshold=0.7, ngram=5)
    with new_file(tmp_path / "cut.arrow", form) as add:
        for batch in _batches(tmp_path / "train.jsonl", form, batch_rows):
            add(batch)
    index = open_index(tmp_path / "cut.arrow")
    found = [
        match
        for batch in _batches(tmp_path / "new.jsonl", form, batch_rows)
        for match in matches_of(index, batch).values()
    ]
    assert found == [*expected.values()] != []


def _batches(path: Path, form: IndexForm, batch_rows: int) -> list[pa.RecordBatch]:
    rows = SketchedRows([str(path)], form, batch_rows=batch_rows)
    return [sketched.rows for sketched in rows.batches(Progress())]


def test_the_file_can_be_opened_by_arrow_alone_and_says_how_it_was_made(tmp_path: Path) -> None:
    build_index([write(tmp_path / "train.jsonl", TRAIN)], out=tmp_path / "index.arrow")
    table = pa.ipc.open_file(tmp_path / "index.arrow").read_all()
    form = json.loads(table.schema.metadata[b"tunesmith_index"])
    assert table.column_names == ["row_id", "content_id", "class", "keys", "map", "compared", "answer"]
    assert table["row_id"].to_pylist() == ["train:1", "train:2", "train:3"]
    assert (form["on"], form["threshold"], form["ngram"], form["n_bands"]) == ("row", 0.7, 5, 32)


def test_an_index_of_another_version_of_the_sketches_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.arrow"
    with new_file(path, replace(form_of(on="row", threshold=0.7, ngram=5), kernel="0123456789abcdef")):
        pass
    with pytest.raises(InputError, match=r"another version made the sketches.*build the index again"):
        open_index(path)
    with new_file(path, replace(form_of(on="row", threshold=0.7, ngram=5), version=99)):
        pass
    with pytest.raises(InputError, match="the index has format 99, and this version reads 1"):
        open_index(path)


def test_files_that_are_no_whole_index_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "index.arrow"
    build_index([write(tmp_path / "train.jsonl", TRAIN)], out=whole)
    cut = tmp_path / "cut.arrow"
    for size in (0, 5, whole.stat().st_size // 2, whole.stat().st_size - 1):
        cut.write_bytes(whole.read_bytes()[:size])
        with pytest.raises(InputError, match="cut short or no Arrow file"):
            open_index(cut)
    with pa.OSFile(str(cut), "wb") as sink, pa.ipc.new_file(sink, pa.schema([("a", pa.int8())])):
        pass
    with pytest.raises(InputError, match="is an Arrow file, and no index"):
        open_index(cut)
    with pytest.raises(InputError, match="expected an index file, saw a folder"):
        open_index(tmp_path)
    with pytest.raises(InputError, match="found no such file"):
        open_index(tmp_path / "none.arrow")


def test_nothing_is_written_over_without_replace_and_never_what_is_read(tmp_path: Path) -> None:
    train, index = write(tmp_path / "train.jsonl", TRAIN), tmp_path / "index.arrow"
    build_index([train], out=index)
    with pytest.raises(OutputError, match="exists already"):
        build_index([train], out=index)
    with pytest.raises(OutputError, match="is what is to be read"):
        build_index([train], out=Path(train), replace=True)
    with pytest.raises(OutputError, match="is what is to be read"):
        query_index(index, [train], out=index, replace=True)
    with pytest.raises(OutputError, match="both matches and new rows"):
        query_index(index, [train], out=tmp_path / "a", new=tmp_path / "a")
    assert lines_of(Path(train)) == TRAIN


def test_a_failed_build_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00 no gzip at all")
    with pytest.raises(InputError):
        build_index([str(tmp_path / "train.jsonl.gz")], out=tmp_path / "index.arrow")
    assert [path.name for path in tmp_path.iterdir()] == ["train.jsonl.gz"]


def test_settings_are_judged_as_in_a_recipe(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", TRAIN)
    with pytest.raises(RecipeError, match="3 mistakes"):
        build_index([train], out=tmp_path / "index.arrow", threshold=1.5, on="rows", ngram=0)
    with pytest.raises(InputError, match="expected the store arrow, memory, redis, saw 'sqlite'"):
        build_index([train], out=tmp_path / "index.arrow", store="sqlite")
    with pytest.raises(InputError, match="needs --out"):
        build_index([train])
    with pytest.raises(InputError, match="ends with the command that builds it"):
        build_index([train], store="memory")


def test_a_threshold_of_1_finds_copies_alone(tmp_path: Path) -> None:
    found = ask(tmp_path, TRAIN, [TRAIN[0], {**TRAIN[0], "completion": "it counts up not"}], threshold=1.0)
    assert partners(found) == {"new:1": "train:1"}


def test_matches_go_into_a_folder_that_exists(tmp_path: Path) -> None:
    build_index([write(tmp_path / "train.jsonl", TRAIN)], out=tmp_path / "index.arrow")
    done = query_index(tmp_path / "index.arrow", [str(tmp_path / "train.jsonl")], out=tmp_path)
    assert done.out == tmp_path / "matches.jsonl"
    assert len(lines_of(done.out)) == 3
