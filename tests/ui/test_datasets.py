"""The datasets of a workspace: whatever is sent is stored under a name of ours, read, and never lost in silence."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace

import pytest

from tests.ui.dataset_given import HOSTILE, add, hold_queue, pairs
from tunesmith.errors import InputError
from tunesmith.ui.dataset_curate import plan_run
from tunesmith.ui.dataset_profiles import ask_for_profile, opened_profile, profile_folder, profiled
from tunesmith.ui.dataset_runs import runs_of
from tunesmith.ui.datasets import (
    add_incoming,
    add_sample,
    add_upload,
    damaged_datasets,
    delete_dataset,
    incoming_files,
    read_dataset,
    read_datasets,
    renamed,
    write_dataset,
)
from tunesmith.ui.jobs import read_job, read_jobs
from tunesmith.ui.workspace import Workspace


def test_a_hostile_name_is_a_title_and_nothing_else(workspace: Workspace) -> None:
    dataset = add(workspace, HOSTILE, pairs(2))
    assert dataset.title == HOSTILE
    assert dataset.path == (workspace.root / "datasets" / dataset.id / f"{dataset.id}.jsonl").resolve()
    assert dataset.path.read_bytes() == pairs(2)
    assert set(dataset.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert [path.name for path in workspace.root.parent.iterdir()] == ["workspace"]


@pytest.mark.parametrize("title", ["x.jsonl", "x.jsonl.gz", "  ", "incoming", "名字.json", "\x00\n.jsonl", "a" * 300])
def test_every_title_makes_a_folder_of_its_own(workspace: Workspace, title: str) -> None:
    first, second = add(workspace, title, pairs(1)), add(workspace, title, pairs(1))
    assert first.id != second.id
    assert {first.id, second.id}.isdisjoint({"incoming"})
    assert {one.id for one in read_datasets(workspace)} == {first.id, second.id}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "expected"),
        (gzip.compress(b"", mtime=0)[:9], "."),
        (b"\x1f\x8b\x08\x00broken", "."),
    ],
)
def test_what_is_no_file_of_rows_is_told_by_its_own_name_and_not_kept(
    workspace: Workspace, data: bytes, said: str
) -> None:
    with pytest.raises(InputError, match=said) as error:
        add_upload(workspace, "mine.bin", io.BytesIO(data))
    assert error.value.where == "mine.bin"
    assert read_datasets(workspace) == []
    assert [*workspace.folder("datasets").iterdir()] == []


def test_what_a_person_says_of_a_dataset_stays(workspace: Workspace) -> None:
    dataset = add(workspace, "a.jsonl", pairs(3))
    kept = write_dataset(workspace, replace(dataset, columns={"prompt": "a", "answer": "b"}, group="general"))
    assert read_dataset(workspace, dataset.id) == kept
    assert (kept.columns, kept.group, kept.format) == ({"prompt": "a", "answer": "b"}, "general", "auto")
    assert renamed(workspace, kept, " Two \n lines ").title == "Two lines"
    assert renamed(workspace, kept, "  ").title == kept.title


def test_a_large_file_is_read_where_it_lies(workspace: Workspace) -> None:
    incoming = workspace.folder("datasets") / "incoming"
    incoming.mkdir()
    (incoming / "big one.jsonl").write_bytes(pairs(3))
    (workspace.root / "secret.jsonl").write_bytes(pairs(1))
    (incoming / "link.jsonl").symlink_to(workspace.root / "secret.jsonl")
    assert [path.name for path in incoming_files(workspace)] == ["big one.jsonl"]
    dataset = add_incoming(workspace, "big one.jsonl")
    assert dataset.is_incoming
    delete_dataset(workspace, dataset)
    assert (incoming / "big one.jsonl").exists()
    for name in ("link.jsonl", "../../secret.jsonl", "gone"):
        with pytest.raises(InputError, match="there is no file"):
            add_incoming(workspace, name)


def test_the_sample_is_added_once(workspace: Workspace) -> None:
    first = add_sample(workspace)
    assert [(one.title, one.group) for one in first] == [
        ("medical_zh.jsonl", "domain"),
        ("general.jsonl", "general"),
        ("evaluation.jsonl", "evaluation"),
    ]
    assert add_sample(workspace) == first
    assert {"predictions_before.jsonl", "predictions_after.jsonl"} <= set(workspace.names("predictions"))
    assert len(read_datasets(workspace)) == 3


def test_a_damaged_description_is_told_and_a_file_outside_is_not_read(workspace: Workspace) -> None:
    dataset = add(workspace, "a.jsonl", pairs(1))
    spec = workspace.folder("datasets") / dataset.id / "dataset.json"
    told = json.loads(spec.read_text())
    for damage in ("{", json.dumps({**told, "file": "../../../secret"}), json.dumps({**told, "columns": 7})):
        spec.write_text(damage)
        assert damaged_datasets(workspace) == [dataset.id]
        with pytest.raises(InputError, match="there is no dataset"):
            read_dataset(workspace, dataset.id)


@pytest.mark.parametrize("name", ["..", "../x", "", "A", "no-such", "a/b"])
def test_a_name_from_the_address_never_leaves_the_folder(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError):
        read_dataset(workspace, name)


def test_counting_is_asked_for_once_and_belongs_to_the_reading(workspace: Workspace) -> None:
    hold_queue(workspace)
    dataset = add(workspace, "a.jsonl", pairs(3))
    job, again = ask_for_profile(workspace, dataset), ask_for_profile(workspace, dataset)
    assert job is not None
    assert again is not None
    assert job.id == again.id
    other = write_dataset(workspace, replace(dataset, columns={"prompt": "instruction", "answer": "output"}))
    ask_for_profile(workspace, other)
    assert profile_folder(workspace, other) != profile_folder(workspace, dataset)
    arguments = [job.arguments for job in read_jobs(workspace) if job.kind == "profile"]
    assert arguments[0][2:5] == ("datasets/a/a.jsonl", "--columns", "prompt=instruction,answer=output")
    assert len(arguments) == 2


def test_a_counted_dataset_knows_its_rows(workspace: Workspace) -> None:
    dataset = add(workspace, "a.jsonl", pairs(3) + b"{broken\n", counted=True)
    assert profiled(workspace, dataset)
    assert read_dataset(workspace, dataset.id).rows == 4
    assert opened_profile(workspace, dataset).told["invalid"] == {"invalid_json": 1}


def test_questions_for_tests_are_kept_out_of_training(workspace: Workspace) -> None:
    domain, tests = add(workspace, "a.jsonl", pairs(2)), add(workspace, "e.jsonl", pairs(2), "evaluation")
    planned = plan_run(workspace, [domain, tests], "zh")
    assert [source["path"] for source in planned.recipe["sources"]] == ["../datasets/a/a.jsonl"]
    assert planned.recipe["contamination"] == {"against": ["../datasets/e/e.jsonl"]}
    assert planned.recipe["language"] == "zh"
    assert planned.arguments == ("curate", "run", "recipes/a.yaml", "--out", "runs/a")


def test_a_name_is_free_for_recipe_and_run(workspace: Workspace) -> None:
    dataset = add(workspace, "a.jsonl", pairs(1))
    (workspace.folder("runs") / "a").mkdir()
    (workspace.folder("recipes") / "a-2.yaml").write_text("")
    assert plan_run(workspace, [dataset], "en").name == "a-3"


def test_a_deleted_dataset_is_counted_no_more(workspace: Workspace) -> None:
    hold_queue(workspace)
    dataset, other = add(workspace, "a.jsonl", pairs(3)), add(workspace, "b.jsonl", pairs(3))
    mine, theirs = ask_for_profile(workspace, dataset), ask_for_profile(workspace, other)
    assert mine is not None
    assert theirs is not None
    delete_dataset(workspace, dataset)
    assert (read_job(workspace, mine.id).state, read_job(workspace, theirs.id).state) == ("cancelled", "queued")


def test_no_two_datasets_have_one_title(workspace: Workspace) -> None:
    first, second, third = (add(workspace, "a.jsonl", pairs(1)) for _ in range(3))
    assert [one.title for one in (first, second, third)] == ["a.jsonl", "a.jsonl (2)", "a.jsonl (3)"]
    assert renamed(workspace, third, "a.jsonl").title == "a.jsonl (3)"
    delete_dataset(workspace, second)
    assert renamed(workspace, third, "a.jsonl").title == "a.jsonl (2)"
    assert renamed(workspace, first, "a.jsonl").title == "a.jsonl"


def test_what_is_still_being_sent_is_neither_a_dataset_nor_damaged(workspace: Workspace) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert damaged_datasets(workspace) == []
            assert read_datasets(workspace) == []
            return super().read(size)

    dataset = add_upload(workspace, "a.jsonl", Slow(pairs(3)))
    assert [path.name for path in dataset.path.parent.iterdir() if path.name.startswith(".")] == []
    assert [one.id for one in read_datasets(workspace)] == [dataset.id]


def test_the_runs_of_a_dataset_are_those_that_read_its_file(workspace: Workspace) -> None:
    incoming = workspace.folder("datasets") / "incoming"
    incoming.mkdir()
    (incoming / "a.jsonl").write_bytes(pairs(1))
    dataset = add_incoming(workspace, "a.jsonl")
    for run, path in (("mine", "../datasets/incoming/a.jsonl"), ("other", "../datasets/incoming/data.jsonl")):
        folder = workspace.folder("runs") / run
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps({"recipe": {"sources": [{"path": path}]}}))
    assert runs_of(workspace, dataset) == ["mine"]
