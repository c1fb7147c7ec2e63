"""What is trained is exactly what was exported or named, row by row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from tunesmith.curate.formats.catalog import FORMATS, read_row
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.records import Record
from tunesmith.curate.run import run
from tunesmith.curate.shards import SHARD_ROWS
from tunesmith.errors import InputError
from tunesmith.train.sets import read_sets
from tunesmith.train.types import Row, Sets


def asked(number: int) -> str:
    """A question that is like no other."""
    return "".join(chr(Random(number * 99 + place).randint(0x4E00, 0x9000)) for place in range(30)) + "？"


DOMAIN = [{"instruction": asked(number), "output": f"每天 {number} 次，饭后吃。"} for number in range(1, 41)]
GENERAL = [
    {"messages": [{"role": "user", "content": f"{asked(number)} How many is {number} + {number * 7}?"},
                  {"role": "assistant", "content": f"是 {number * 8}，数一数就知道。"}]}
    for number in range(1, 31)
]  # fmt: skip


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def made_run(folder: Path, **recipe: object) -> Path:
    write(folder / "medical.jsonl", DOMAIN)
    write(folder / "general.jsonl", GENERAL)
    sources = [{"path": "medical.jsonl"}, {"path": "general.jsonl", "group": "general"}]
    settings = {"sources": sources, "duplicates": {"near": "off"}, **recipe}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    run(load_recipe(folder / "recipe.yaml"), folder / "out")
    return folder / "out"


def said(record: Record) -> list[tuple[str, str | None]]:
    return [(turn.role, turn.content) for turn in record.turns]


def exported(path: Path, form: str) -> list[list[tuple[str, str | None]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [said(read_row(json.loads(line), FORMATS[form])) for line in lines]


def in_copies(rows: list[Row]) -> list[list[tuple[str, str | None]]]:
    """The order of an export: every row once, then those that repeat once more."""
    most = max(row.copies for row in rows)
    return [said(row.record) for copy in range(1, most + 1) for row in rows if row.copies >= copy]


@pytest.mark.parametrize("form", ["openai", "alpaca", "sharegpt"])
def test_a_run_gives_exactly_the_rows_that_it_exported_in_any_format(tmp_path: Path, form: str) -> None:
    out = made_run(tmp_path, mix={"domain": 1, "general": 2, "short": "repeat"}, export={"format": form})
    sets = read_sets([str(out)])
    assert in_copies([*sets.train]) == exported(out / "train.jsonl", form)
    assert max(row.copies for row in sets.train) > 1
    validating = [row for rows in sets.validation.values() for row in rows]
    assert sorted(said(row.record) for row in validating) == sorted(exported(out / "validation.jsonl", form))


def test_rows_of_a_run_keep_their_ids_and_groups(tmp_path: Path) -> None:
    sets = read_sets([str(made_run(tmp_path, split={"validation": 12}))])
    assert {row.row_id.split(":")[0] for row in sets.train} == {"medical", "general"}
    for row in sets.train:
        rows = DOMAIN if row.source == "medical" else GENERAL
        told = rows[int(row.row_id.split(":")[1]) - 1]
        assert (row.record.turns[-1].content or "?") in json.dumps(told, ensure_ascii=False)
        assert row.group == ("domain" if row.source == "medical" else "general")
    assert set(sets.validation) == {"domain", "general"}
    assert sum(map(len, sets.validation.values())) == 12
    assert all(row.group == group for group, rows in sets.validation.items() for row in rows)


@pytest.mark.parametrize("name", ["train.jsonl", "validation.jsonl", "ledger.parquet"])
def test_a_changed_run_is_refused(tmp_path: Path, name: str) -> None:
    out = made_run(tmp_path)
    with (out / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(InputError, match=rf"{name} was changed since the run was finished.*name the file"):
        read_sets([str(out)])
    (out / name).unlink()
    with pytest.raises(InputError, match=r"is gone|cannot be read"):
        read_sets([str(out)])


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    out = made_run(tmp_path)
    (out / "manifest.json").unlink()
    with pytest.raises(InputError, match="not finished"):
        read_sets([str(out)])


def test_a_run_stands_alone(tmp_path: Path) -> None:
    out = made_run(tmp_path)
    with pytest.raises(InputError, match="stands alone"):
        read_sets([str(out), str(tmp_path / "general.jsonl")])
    with pytest.raises(InputError, match=r"name one of its files.*validation\.jsonl"):
        read_sets([str(tmp_path / "general.jsonl")], validation=[str(out)])


def test_files_have_groups_and_ids_by_place(tmp_path: Path) -> None:
    medical, general = write(tmp_path / "medical.jsonl", DOMAIN), write(tmp_path / "general.json", GENERAL)
    sets = read_sets([str(medical), f"general={general}"])
    assert [row.row_id for row in sets.train][38:42] == ["medical:39", "medical:40", "general:1", "general:2"]
    assert [row.group for row in sets.train] == ["domain"] * 40 + ["general"] * 30
    assert sets.train[41].record.turns[-1].content == "是 16，数一数就知道。"
    assert [row.row_id for row in sets.train[38:41]] == ["medical:39", "medical:40", "general:1"]
    assert sets.train[-1].row_id == "general:30"
    assert sets.validation == {}


def test_two_files_of_one_name_have_ids_apart(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    paths = [write(tmp_path / "rows.jsonl", DOMAIN), write(tmp_path / "b" / "rows.jsonl", GENERAL)]
    sets = read_sets([str(path) for path in paths])
    ids = [row.row_id for row in sets.train]
    assert len(set(ids)) == 70
    assert ids[-1] == "rows_2:30"


def test_a_file_with_an_equals_sign_in_its_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a=b.jsonl", DOMAIN)
    monkeypatch.chdir(tmp_path)
    assert {row.group for row in read_sets(["a=b.jsonl"]).train} == {"domain"}


def test_rows_that_cannot_be_read_have_their_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"instruction": "a", "output": "b"}\n{"instruction": "cut\n{"instruction": 5, "output": "x"}\n')
    sets = read_sets([str(path)])
    assert [row.row_id for row in sets.train] == ["rows:1"]
    assert [place.rpartition("/")[2] for place, _ in sets.unread] == ["rows.jsonl:2", "rows.jsonl:3"]
    assert "not valid JSON" in sets.unread[0][1]
    assert "a number (5)" in sets.unread[1][1]


def test_no_readable_row_is_an_error_that_shows_some(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"instruction": 5, "output": "x"}\n' * 5)
    with pytest.raises(InputError, match=r"none of its 5 rows can be read .*rows\.jsonl:1: `instruction` is a number"):
        read_sets([str(path)])
    with pytest.raises(InputError, match="saw none"):
        read_sets([])
    with pytest.raises(InputError, match="share of 1"):
        read_sets([str(path)], share=1)


def test_a_sample_that_a_registry_asks_for_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    write(tmp_path / "rows.json", DOMAIN)
    (tmp_path / "dataset_info.json").write_text(
        json.dumps({"all": {"file_name": "rows.json"}, "some": {"file_name": "rows.json", "num_samples": 3}})
    )
    assert len(read_sets([f"{tmp_path}/dataset_info.json#all"]).train) == 40
    with pytest.raises(InputError, match="sample of 3 rows"):
        read_sets([f"{tmp_path}/dataset_info.json#some"])


def prompts(rows: list[Row]) -> set[str]:
    return {row.record.turns[0].content or "" for row in rows}


def shared(sets: Sets) -> list[Row]:
    return [row for rows in sets.validation.values() for row in rows]


def test_a_share_never_straddles_like_prompts(tmp_path: Path) -> None:
    twice = [{**row, "output": f"{row['output']} 第 {copy} 种说法。"} for row in DOMAIN for copy in (1, 2)]
    paths = [str(write(tmp_path / "medical.jsonl", twice)), f"general={write(tmp_path / 'general.jsonl', GENERAL)}"]
    sets = read_sets(paths, share=0.2, seed=3)
    assert not prompts([*sets.train]) & prompts(shared(sets))
    assert len(sets.train) + len(shared(sets)) == 110
    assert len(shared(sets)) == pytest.approx(22, abs=2)
    assert {row.row_id for row in sets.train}.isdisjoint(row.row_id for row in shared(sets))


def test_a_share_is_the_seed_s(tmp_path: Path) -> None:
    path = str(
        write(
            tmp_path / "general.jsonl",
            GENERAL + [{"prompt": f"Name river {n}, please.", "completion": f"River {n}"} for n in range(99)],
        )
    )
    one, again, other = (read_sets([path], share=0.3, seed=seed) for seed in (1, 1, 2))
    assert [row.row_id for row in shared(one)] == [row.row_id for row in shared(again)]
    assert one.fingerprint == again.fingerprint != other.fingerprint


def test_a_run_without_validation_may_be_shared_and_one_with_it_is_not(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    without, having = (
        made_run(tmp_path / "a", split={"validation": "off"}),
        made_run(tmp_path / "b", split={"validation": 5}),
    )
    assert read_sets([str(without)]).validation == {}
    assert len(shared(read_sets([str(without)], share=0.2))) > 0
    assert len(shared(read_sets([str(having)], share=0.5))) == 5


def test_a_validation_set_is_used_as_it_is_named(tmp_path: Path) -> None:
    medical, general = write(tmp_path / "medical.jsonl", DOMAIN), write(tmp_path / "general.jsonl", GENERAL)
    sets = read_sets([str(medical)], validation=[f"general={general}"], share=0.5)
    assert len(sets.train) == 40
    assert {group: len(rows) for group, rows in sets.validation.items()} == {"general": 30}


def test_the_fingerprint_follows_content_order_names_and_sides(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.jsonl", DOMAIN), write(tmp_path / "b.jsonl", GENERAL)
    plain = read_sets([str(first), str(second)]).fingerprint
    assert read_sets([str(first), str(second)]).fingerprint == plain
    assert read_sets([str(second), str(first)]).fingerprint != plain
    assert read_sets([str(first), f"general={second}"]).fingerprint != plain
    write(first, [*DOMAIN[:-1], {"instruction": "别的问题", "output": "别的回答"}])
    assert read_sets([str(first), str(second)]).fingerprint != plain


def test_preferences_labels_and_texts_keep_their_kind(tmp_path: Path) -> None:
    rows = [
        {"prompt": "1+1?", "chosen": "2", "rejected": "3"},
        {"prompt": "1+1?", "completion": "3", "label": False},
        {"text": "A page of a book."},
    ]
    sets = read_sets([str(write(tmp_path / "rows.jsonl", rows))])
    assert [row.record.kind for row in sets.train] == ["preference", "kto", "text"]


def test_rows_stay_readable_across_shards_and_leave_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    count = 2 * SHARD_ROWS + 7
    path = write(tmp_path / "many.jsonl", [{"text": f"page {number}"} for number in range(1, count + 1)])
    sets = read_sets([str(path)])
    assert [*(tmp_path / "temporary").iterdir()] == []
    assert [row.record.text for row in sets.train] == [f"page {number}" for number in range(1, count + 1)]
    picked = sets.train[SHARD_ROWS - 2 : SHARD_ROWS + 2]
    assert [row.record.text for row in picked] == [f"page {SHARD_ROWS + offset}" for offset in (-1, 0, 1, 2)]
    assert sets.train[-1].row_id == f"many:{count}"
