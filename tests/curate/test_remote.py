"""Inputs in object stores: a real S3 server on this machine, and the client that users have."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.curate.store_server import StoreServer, answers, rows
from tunesmith.curate.files.fetch_told import telling
from tunesmith.curate.files.stores import open_store, version_of
from tunesmith.curate.io import open_input
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError


def cached(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache" / "inputs").iterdir())


def test_an_object_is_fetched_once_and_is_called_by_its_address(store: StoreServer, tmp_path: Path) -> None:
    store.put("s3://bucket/a.jsonl", rows("one", "two"))
    source = open_input("s3://bucket/a.jsonl")
    assert answers(source) == ["one", "two"]
    assert source.files[0].path == "s3://bucket/a.jsonl"
    assert source.locate(2) == "a.jsonl:2"
    assert store.asked("GET") == ["/bucket/a.jsonl"]
    store.forget()
    assert answers(open_input("s3://bucket/a.jsonl", base=tmp_path)) == ["one", "two"]
    assert store.requests == [("HEAD", "/bucket/a.jsonl")]


def test_a_packed_object_is_unpacked(store: StoreServer) -> None:
    store.put("s3://bucket/a.jsonl.gz", gzip.compress(rows("packed")))
    source = open_input("s3://bucket/a.jsonl.gz")
    assert answers(source) == ["packed"]
    assert source.files[0].compression == "gz"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("s3://bucket/d", ["s3://bucket/d/a.jsonl", "s3://bucket/d/below/b.jsonl"]),
        ("s3://bucket/d/", ["s3://bucket/d/a.jsonl", "s3://bucket/d/below/b.jsonl"]),
        ("s3://bucket/d/*.jsonl", ["s3://bucket/d/a.jsonl"]),
        ("s3://bucket/**/b.*", ["s3://bucket/d/below/b.jsonl"]),
        ("s3://bucket", ["s3://bucket/d/a.jsonl", "s3://bucket/d/below/b.jsonl", "s3://bucket/da/c.jsonl"]),
    ],
)
def test_a_folder_and_a_glob_name_their_shards_in_order(store: StoreServer, address: str, found: list[str]) -> None:
    for name in ("da/c.jsonl", "d/below/b.jsonl", "d/a.jsonl"):
        store.put(f"s3://bucket/{name}", rows(name))
    for name in ("d/README.md", "d/.hidden", "d/below/"):
        store.put(f"s3://bucket/{name}", b"")
    source = open_input(address)
    assert [file.path for file in source.files] == found
    assert answers(source) == [path.removeprefix("s3://bucket/") for path in found]


def test_an_object_that_was_written_again_is_fetched_again(store: StoreServer) -> None:
    store.put("s3://bucket/a.jsonl", rows("old"))
    assert answers(open_input("s3://bucket/a.jsonl")) == ["old"]
    store.put("s3://bucket/a.jsonl", rows("new"))
    assert answers(open_input("s3://bucket/a.jsonl")) == ["new"]


@pytest.mark.parametrize("what", ["was changed", "is gone"])
def test_an_object_that_changes_while_it_is_fetched_is_refused(store: StoreServer, tmp_path: Path, what: str) -> None:
    address = "s3://bucket/a.jsonl"
    store.put(address, rows("old"))
    store.after["GET", "/bucket/a.jsonl"] = (
        (lambda: store.put(address, rows("new"))) if what == "was changed" else (lambda: store.delete(address))
    )
    with pytest.raises(InputError, match=f"s3://bucket/a.jsonl: {what} while it was fetched; run the same"):
        open_input(address)
    assert cached(tmp_path) == []


def test_an_object_that_came_in_part_is_refused(store: StoreServer, tmp_path: Path) -> None:
    store.put("s3://bucket/a.jsonl", rows("half", "lost"))
    store.cut["/bucket/a.jsonl"] = 20
    with pytest.raises(InputError, match=r"s3://bucket/a\.jsonl: "):
        open_input("s3://bucket/a.jsonl")
    assert cached(tmp_path) == []


def test_what_a_killed_fetch_left_is_removed(store: StoreServer, tmp_path: Path) -> None:
    store.put("s3://bucket/a.jsonl", rows("one"))
    left = tmp_path / "cache" / "inputs" / f".{'0' * 32}.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    open_input("s3://bucket/a.jsonl")
    assert left not in cached(tmp_path)
    assert len(cached(tmp_path)) == 1


def test_a_cached_file_of_another_size_is_fetched_again(store: StoreServer, tmp_path: Path) -> None:
    store.put("s3://bucket/a.jsonl", rows("one", "two"))
    open_input("s3://bucket/a.jsonl")
    [place] = cached(tmp_path)
    place.write_bytes(rows("one"))
    assert answers(open_input("s3://bucket/a.jsonl")) == ["one", "two"]


def test_a_file_address_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a.jsonl").write_bytes(rows("here"))
    source = open_input(f"file://{tmp_path}/a.jsonl")
    assert answers(source) == ["here"]
    assert source.files[0].path == f"file://{tmp_path}/a.jsonl"
    assert not (tmp_path / "cache").exists()
    (tmp_path / "a.jsonl").write_bytes(rows("other"))
    with pytest.raises(InputError, match="was changed while it was read"):
        source.check_unchanged()


def test_any_store_of_fsspec_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))
    with open_store("memory://d/a.jsonl") as place:
        place.fs.pipe_file(place.path, rows("kept"))
    assert answers(open_input("memory://d/a.jsonl")) == ["kept"]
    assert answers(open_input("memory://d")) == ["kept"]
    assert answers(open_input("memory://d/*")) == ["kept"]


class _Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = self.path.startswith("/page")
        body = b"<html></html>" if page else rows("web")
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if page else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 (the base class wants the name)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_file_on_the_web_is_read_and_a_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}"
        assert answers(open_input(f"{host}/a.jsonl?download=true")) == ["web"]
        with pytest.raises(InputError, match="is a page of a website"):
            open_input(f"{host}/page")
        server.shutdown()


def test_no_thread_stays_so_that_a_run_can_fork(store: StoreServer) -> None:
    store.put("s3://bucket/a.jsonl", rows("one"))
    before = set(threading.enumerate())  # an earlier test of this process may have left some
    open_input("s3://bucket/a.jsonl")
    after = set(threading.enumerate())
    assert {thread.name for thread in after - before} == set()
    assert [thread.name for thread in after if thread.name.startswith(("store", "fsspec"))] == []


class Told(Progress):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None, str]] = []
        self.done = 0
        self.said: list[str] = []

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        self.stages.append((name, total, unit))

        def advance(count: int) -> None:
            self.done += count

        yield advance

    def say(self, message: str) -> None:
        self.said.append(message)


def test_a_fetch_is_told_in_megabytes(store: StoreServer) -> None:
    for name in "ab":
        store.put(f"s3://bucket/{name}.jsonl", rows("long " * 250_000))
    told = Told()
    with telling(lambda: told):
        open_input("s3://bucket")
        open_input("s3://bucket")  # nothing to fetch, nothing to tell
    assert told.stages == [("fetch", 3, "MB")]
    assert told.done == 3


def test_a_store_that_tells_no_version_has_none() -> None:
    assert version_of({"size": 7, "ETag": None}) is None
    assert version_of({"ETag": '"a"', "size": 7}) != version_of({"ETag": '"b"', "size": 7})
    assert version_of({"mtime": 1.0, "size": 7}) != version_of({"mtime": 1.0, "size": 8})
