"""What `verify` says of sources that lie in a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.curate.store_server import StoreServer, rows
from tunesmith.curate.recipe import one_line_recipe
from tunesmith.curate.run import run
from tunesmith.curate.verify import verify

ADDRESS = "s3://bucket/in"


@pytest.fixture
def out(store: StoreServer, tmp_path: Path) -> Path:
    """A finished run on two objects."""
    for name in "ab":
        store.put(f"{ADDRESS}/{name}.jsonl", rows(*(f"Answer {number} of {name}." for number in range(9))))
    return run(one_line_recipe([ADDRESS]), tmp_path / "out").out


def state_of(out: Path) -> tuple[str, str | None]:
    [found] = verify(out).inputs
    assert found.path == ADDRESS
    return found.state, found.seen


def test_objects_that_are_as_they_were_are_unchanged_and_are_not_fetched_again(out: Path, store: StoreServer) -> None:
    store.forget()
    assert state_of(out) == ("unchanged", None)
    assert "/bucket/in/a.jsonl" not in store.asked("GET")


def test_objects_are_fetched_where_the_cache_is_gone(
    out: Path, store: StoreServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "another"))
    assert state_of(out) == ("unchanged", None)


def test_an_object_with_other_bytes_is_named(out: Path, store: StoreServer) -> None:
    store.put(f"{ADDRESS}/b.jsonl", rows("other"))
    assert state_of(out) == ("changed", "other bytes: b.jsonl has others")


def test_objects_that_are_gone_are_said(out: Path, store: StoreServer) -> None:
    for name in "ab":
        store.delete(f"{ADDRESS}/{name}.jsonl")
    assert state_of(out)[0] == "gone"


def test_a_store_that_gives_no_answer_is_no_change(
    out: Path, store: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    state, seen = state_of(out)
    assert state == "not looked at"
    assert "the store cannot be reached" in str(seen)
