"""What a person is told where an address in a store cannot be read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.curate.store_server import StoreServer, answers, rows
from tunesmith.curate.files import urls
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError, OutputError


@pytest.mark.parametrize("address", ["s3://nobody-has-this/a.jsonl", "s3://bucket/none.jsonl", "s3://bucket/no/"])
def test_what_is_not_there_is_said(store: StoreServer, address: str) -> None:
    with pytest.raises(InputError, match=f"^{address}: (there is no such|the folder has no data)") as caught:
        open_input(address)
    assert not isinstance(caught.value, urls.UnreachableError)


def test_a_glob_without_a_match_is_said(store: StoreServer) -> None:
    with pytest.raises(InputError, match="no object matches"):
        open_input("s3://bucket/*.jsonl")


def test_a_saved_dataset_in_a_store_is_refused(store: StoreServer) -> None:
    store.put("s3://bucket/d/state.json", b"{}")
    store.put("s3://bucket/d/data.arrow", b"ARROW1")
    with pytest.raises(InputError, match="`save_to_disk` is not read from a store"):
        open_input("s3://bucket/d")


def test_a_wrong_key_is_refused_in_one_sentence(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("s3://bucket/a.jsonl", rows("one"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    with store.wanting_keys(), pytest.raises(urls.UnreachableError, match="the store refuses access") as caught:
        open_input("s3://bucket/a.jsonl")
    assert "very-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_keys_are_said(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(urls.UnreachableError, match=r"no credentials were found .*; set AWS_ACCESS_KEY_ID"):
        open_input("s3://bucket/a.jsonl")


def test_a_public_bucket_is_read_without_keys(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("s3://bucket/a.jsonl", rows("open"), ACL="public-read")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("FSSPEC_S3", '{"anon": true}')
    from fsspec import config

    monkeypatch.setattr(config, "conf", {})
    config.set_conf_env(config.conf)
    monkeypatch.setattr("fsspec.spec.conf", config.conf, raising=False)
    assert answers(open_input("s3://bucket/a.jsonl")) == ["open"]


def test_a_server_that_is_not_there_is_said(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(urls.UnreachableError, match="the store cannot be reached"):
        open_input("s3://bucket/a.jsonl")


@pytest.mark.skipif(find_spec("gcsfs") is not None, reason="gcsfs is installed")
def test_a_missing_library_is_named() -> None:
    with pytest.raises(urls.UnreachableError, match="pip install 'gcsfs'"):
        open_input("gs://bucket/a.jsonl")


def test_a_store_that_nobody_knows_is_said() -> None:
    with pytest.raises(InputError, match="no store is known as ftpx://"):
        open_input("ftpx://host/a.jsonl")


SECRETS = [
    "s3://AKIA1:hunter2@bucket/a.jsonl",
    "https://me:hunter2@host/a.jsonl",
    "https://me:hun/ter2@host/a.jsonl",
    "https://hunter2@host/a.jsonl",
    "https://host/a.jsonl?X-Amz-Expires=60&X-Amz-Signature=hunter2",
    "https://host/a.jsonl?X-Amz%2DSignature=hunter2",
    "https://oss.host/a.jsonl?OSSAccessKeyId=hunter2",
    "https://account.blob.host/a.jsonl?sv=2024&sig=hunter2",
    "https://cos.host/a.jsonl?q-ak=hunter2&q-signature=hunter2",
]


@pytest.mark.parametrize("address", SECRETS)
def test_an_address_with_a_secret_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(InputError, match="holds credentials") as caught:
        open_input(address)
    assert "hunter2" not in str(caught.value)
    assert "ter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["abfs://data@account/a.jsonl", "hdfs://me@host:8020/a.jsonl", "https://host:8443/a?download=true"]
)
def test_an_address_without_a_secret_is_not_refused(address: str) -> None:
    urls.refuse_secrets(address)


def test_a_fetch_that_the_disk_cannot_hold_is_refused(
    store: StoreServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.put("s3://bucket/a.jsonl", rows("one"))
    monkeypatch.setattr("tunesmith.curate.files.remote.shutil.disk_usage", lambda folder: SimpleNamespace(free=10))
    with pytest.raises(OutputError, match=r"no room: .* TUNESMITH_CACHE"):
        open_input("s3://bucket/a.jsonl")
    assert store.asked("GET") == []
