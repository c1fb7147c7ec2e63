"""Runs whose output lies in a store: a real S3 server on this machine, the command's own code, and a real kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.curate.store_server import StoreServer, rows
from tunesmith.cli_run import run_paths
from tunesmith.curate.files.stores import Store
from tunesmith.curate.publish import MARKER, published
from tunesmith.curate.publish_objects import is_same, md5_of
from tunesmith.curate.recipe import one_line_recipe
from tunesmith.curate.run import RunResult
from tunesmith.errors import InputError, OutputError

OUT = "s3://bucket/runs/v1"


@pytest.fixture
def data(store: StoreServer) -> StoreServer:
    """The server, with one source in it."""
    store.put("s3://bucket/in/a.jsonl", rows(*(f"It is answer number {number}." for number in range(30))))
    return store


def run_to(out: str, *, replace: bool = False, lang: str | None = None) -> RunResult:
    return run_paths(["s3://bucket/in/a.jsonl"], out, replace=replace, lang=lang)


def put_names(store: StoreServer) -> list[str]:
    """What was uploaded, in order, by name."""
    return [path.removeprefix("/bucket/runs/v1/") for path in store.asked("PUT")]


def test_a_run_in_a_store_is_the_run_on_the_disk(data: StoreServer, tmp_path: Path) -> None:
    result = run_to(OUT)
    here = {path.name: path.read_bytes() for path in result.out.iterdir() if path.is_file()}
    there = {key: data.get(f"s3://bucket/{key}") for key in data.keys("bucket") if key.startswith("runs/")}
    assert there == {f"runs/v1/{name}": text for name, text in here.items()}
    assert b'"path":"s3://bucket/in/a.jsonl"' in here["manifest.json"].replace(b": ", b":")
    cache = str(tmp_path / "cache").encode()
    assert [name for name, text in here.items() if cache in text] == []


def test_the_manifest_goes_up_last_and_the_marker_goes(data: StoreServer) -> None:
    run_to(OUT)
    assert put_names(data)[0] == MARKER
    assert put_names(data)[-1] == "manifest.json"
    assert f"runs/v1/{MARKER}" not in data.keys("bucket")


def test_a_finished_run_is_not_uploaded_again(data: StoreServer) -> None:
    run_to(OUT)
    data.forget()
    assert run_to(OUT).continued
    assert data.asked("PUT") == []
    assert data.asked("DELETE") == []


def test_an_object_that_is_lost_is_uploaded_again_alone(data: StoreServer) -> None:
    run_to(OUT)
    data.delete(f"{OUT}/train.jsonl")
    data.forget()
    run_to(OUT)
    assert put_names(data) == [MARKER, "train.jsonl", "manifest.json"]


def test_another_recipe_in_the_folder_is_refused_before_the_work(data: StoreServer, tmp_path: Path) -> None:
    run_to(OUT)
    data.forget()
    data.put("s3://bucket/in/b.jsonl", rows("other"))
    with pytest.raises(OutputError, match=f"^{OUT}: holds a finished run with another recipe; .*--replace"):
        run_paths(["s3://bucket/in/b.jsonl"], OUT, replace=False, lang=None)
    assert "/bucket/in/b.jsonl" not in data.asked("GET")
    assert data.asked("PUT") == []


def test_the_same_recipe_on_other_rows_is_refused(
    data: StoreServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_to(OUT)
    before = data.get(f"{OUT}/train.jsonl")
    data.put("s3://bucket/in/a.jsonl", rows("other"))
    with pytest.raises(OutputError, match=f"^{OUT}: holds a finished run with other input"):
        run_to(OUT)
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "another machine"))
    with pytest.raises(OutputError, match=f"^{OUT}: holds another run"):
        run_to(OUT)
    assert data.get(f"{OUT}/train.jsonl") == before
    run_to(OUT, replace=True)
    assert data.get(f"{OUT}/train.jsonl") != before


def test_a_replaced_run_leaves_nothing_of_the_old_one_and_what_is_not_its_own(data: StoreServer) -> None:
    run_to(OUT)
    data.put(f"{OUT}/train.kto.jsonl", b"{}\n")  # as a run with rows of several kinds writes
    data.put(f"{OUT}/notes.txt", b"mine")
    data.put("s3://bucket/in/a.jsonl", rows("other"))
    run_to(OUT, replace=True)
    names = [key.removeprefix("runs/v1/") for key in data.keys("bucket")]
    assert "train.kto.jsonl" not in names
    assert "notes.txt" in names


@pytest.mark.parametrize("name", ["train.jsonl", "manifest.json"])
def test_an_object_that_no_run_wrote_is_never_written_over(data: StoreServer, name: str) -> None:
    data.put(f"{OUT}/{name}", b"[1]")
    with pytest.raises(OutputError, match=f"^{OUT}: holds {name}, which no run of Tunesmith wrote"):
        run_to(OUT, replace=True)
    assert data.get(f"{OUT}/{name}") == b"[1]"


@pytest.mark.parametrize("out", ["s3://bucket/in/run", "s3://bucket/in"])
def test_a_folder_inside_the_source_is_refused(data: StoreServer, out: str) -> None:
    with pytest.raises(OutputError, match="lies inside the source folder s3://bucket/in,"):
        run_paths(["s3://bucket/in"], out, replace=False, lang=None)


def test_an_input_is_not_written_over(data: StoreServer) -> None:
    data.put("s3://bucket/in/train.jsonl", rows("one"))
    with pytest.raises(OutputError, match=r"s3://bucket/in/train\.jsonl is an input of this run"):
        run_paths(["s3://bucket/in/train.jsonl"], "s3://bucket/in/", replace=False, lang=None)


def test_a_bucket_that_is_not_there_is_said_before_the_work(data: StoreServer) -> None:
    with pytest.raises(OutputError, match=r"^s3://nobody-has-this: there is no such object, folder or bucket"):
        run_to("s3://nobody-has-this/v1")
    assert "/bucket/in/a.jsonl" not in data.asked("GET")


def test_a_wrong_key_is_said_before_the_work(data: StoreServer) -> None:
    with data.wanting_keys(), pytest.raises(OutputError, match="the store refuses access"):
        run_to(OUT)
    assert "/bucket/in/a.jsonl" not in data.asked("GET")


def test_the_web_and_an_address_with_a_secret_take_nothing(data: StoreServer) -> None:
    with pytest.raises(OutputError, match="nothing is written to the web"):
        run_to("https://host/v1")
    with pytest.raises(OutputError, match="holds credentials") as caught:
        run_to("s3://AKIA:hunter2@bucket/v1")
    assert "hunter2" not in str(caught.value)


def test_a_run_that_is_killed_while_it_uploads_goes_on_there(data: StoreServer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "run", "s3://bucket/in/a.jsonl", "--out", OUT]
    started: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        os.kill(started[0].pid, signal.SIGKILL)

    data.before["PUT", "/bucket/runs/v1/signals.parquet"] = kill
    with (tmp_path / "log").open("wb") as log:
        started.append(subprocess.Popen(command, env=dict(os.environ), stderr=log))
    assert started[0].wait(300) == -signal.SIGKILL, (tmp_path / "log").read_text()
    first = put_names(data)
    names = [key.removeprefix("runs/v1/") for key in data.keys("bucket")]
    assert "manifest.json" not in names
    assert MARKER in names
    data.forget()
    result = run_to(OUT)
    assert result.continued
    assert set(first[:-1]).isdisjoint(put_names(data))
    assert put_names(data)[-1] == "manifest.json"
    there = {key.removeprefix("runs/v1/") for key in data.keys("bucket") if key.startswith("runs/")}
    assert there == {path.name for path in result.out.iterdir() if path.is_file()}


def test_an_upload_that_came_out_otherwise_is_refused(data: StoreServer) -> None:
    def spoil() -> None:
        data.put(f"{OUT}/train.jsonl", data.get(f"{OUT}/train.jsonl")[::-1])

    data.after["PUT", "/bucket/runs/v1/train.jsonl"] = spoil
    with pytest.raises(OutputError, match=r"^s3://bucket/runs/v1/train\.jsonl: other bytes came to the store"):
        run_to(OUT)
    assert "runs/v1/manifest.json" not in data.keys("bucket")
    run_to(OUT)
    assert "runs/v1/manifest.json" in data.keys("bucket")


def test_an_etag_that_is_no_md5_is_settled_by_the_bytes(data: StoreServer) -> None:
    data.etags["/bucket/runs/v1/train.jsonl"] = f'"{"0" * 32}"'
    run_to(OUT)
    assert "/bucket/runs/v1/train.jsonl" in data.asked("GET")
    assert "runs/v1/manifest.json" in data.keys("bucket")


def test_a_recipe_names_addresses_whatever_its_folder_is(data: StoreServer, tmp_path: Path) -> None:
    data.put("s3://bucket/exam/q.jsonl", rows("An answer."))
    recipe = tmp_path / "recipes" / "recipe.yaml"
    recipe.parent.mkdir()
    recipe.write_text("sources: ['s3://bucket/in/*.jsonl']\ncontamination: {against: ['s3://bucket/exam']}\n")
    result = run_paths([str(recipe)], OUT, replace=False, lang=None)
    assert result.counts["rows_in"] == 30
    assert data.asked("GET").count("/bucket/exam/q.jsonl") == 1


def test_a_decisions_file_in_a_store_is_refused(data: StoreServer, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("sources: ['s3://bucket/in/a.jsonl']\ndecisions: ['s3://bucket/decisions.jsonl']\n")
    with pytest.raises(InputError, match=r"s3://bucket/decisions\.jsonl: a decisions file is read from this machine"):
        run_paths([str(recipe)], OUT, replace=False, lang=None)


def test_a_file_address_is_a_folder_of_this_machine(data: StoreServer, tmp_path: Path) -> None:
    result = run_to(f"file://{tmp_path}/out")
    assert result.out == tmp_path / "out"
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_any_store_of_fsspec_takes_a_run(data: StoreServer) -> None:
    from tunesmith.curate.files.stores import open_store
    from tunesmith.curate.run import run

    loaded = one_line_recipe(["s3://bucket/in/a.jsonl"])
    published(lambda folder: run(loaded, folder), loaded, "memory://runs/v1")
    with open_store("memory://runs/v1/manifest.json") as place:
        assert isinstance(place, Store)
        assert place.fs.cat_file(place.path)


def test_what_stores_call_an_md5_is_read_and_what_is_none_is_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    plain = "5d41402abc4b2a76b9719d911017c592"
    assert md5_of({"ETag": f'"{plain}"'}) == plain
    assert md5_of({"md5Hash": "XUFAKrxLKna5cZ2REBfFkg=="}) == plain
    assert md5_of({"content_md5": bytearray.fromhex(plain)}) == plain
    assert md5_of({"ETag": f'"{plain}-3"'}) is None
    assert is_same({"size": 5, "ETag": plain}, tmp_path / "a")
    assert not is_same({"size": 5, "ETag": plain.replace("5", "6")}, tmp_path / "a")
    assert not is_same({"size": 5, "ETag": f"{plain}-3"}, tmp_path / "a")
    assert not is_same(None, tmp_path / "a")
