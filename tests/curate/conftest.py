"""Small finished runs, for the tests of what is read from one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tunesmith.curate.io import file_digest
from tunesmith.curate.manifest import manifest_digest
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run

if TYPE_CHECKING:
    from tests.curate.store_server import StoreServer

MakeRun = Callable[..., RunData]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """`make_run({"a.jsonl": [row, …]}, "sources: [a.jsonl]")`: write the files, run the recipe, open the run."""

    def make(files: Mapping[str, Sequence[Any]], recipe: str, *, out: str = "out") -> RunData:
        for name, rows in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
            (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
        return open_run(run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / out).out)

    return make


_LONG = " ".join(f"word{i}" for i in range(60))


def _pair(question: str, answer: str) -> dict[str, str]:
    return {"instruction": question, "input": "", "output": answer}


@pytest.fixture(scope="session")
def lawful_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with near and exact duplicates, an unreadable row, an unsampled one, two kinds, and a cleaned row."""
    folder = tmp_path_factory.mktemp("law")
    rows: list[Any] = [_pair(f"Capital of country {i}?", f"It is city number {i}, by the river.") for i in range(12)]
    rows += [
        rows[0],
        _pair("A tale?", f"{_LONG} 1."),
        _pair("A tale?", f"{_LONG} 2."),
        _pair("Clean  me", "Well\u200b, done  it is."),
    ]
    rows += [{"text": f"Prose number {i}, about nothing in particular."} for i in range(4)]
    lines = [json.dumps(row) for row in rows] + ["{broken"]
    (folder / "a.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (folder / "b.jsonl").write_text(
        "".join(json.dumps(_pair(f"Legs of animal {i}?", f"{i} legs.")) + "\n" for i in range(9))
    )
    text = "sources: [a.jsonl, {path: b.jsonl, group: general}]\nsplit: {validation: 3}\nmix: {domain: 3, general: 1}\n"
    (folder / "recipe.yaml").write_text(text)
    run(load_recipe(folder / "recipe.yaml"), folder / "out")
    return folder / "out"


@pytest.fixture
def lawful_run(lawful_folder: Path, tmp_path: Path) -> Path:
    """A copy of that run."""
    shutil.copytree(lawful_folder, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def forge() -> Callable[[Path], None]:
    """Writes the digests of a run's files as they are now into its manifest, and the manifest's own."""
    return _forge


def _forge(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text())
    for output in manifest["outputs"]:
        path = out / output["name"]
        output.update(size_bytes=path.stat().st_size, digest=file_digest(path))
    manifest["stage_digests"] = {name: file_digest(out / ".stages" / name) for name in manifest["stage_digests"]}
    del manifest["digest"]
    manifest["digest"] = manifest_digest(manifest)
    (out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")


@pytest.fixture(scope="session")
def _store_server() -> Iterator[StoreServer]:
    from tests.curate.store_server import StoreServer

    server = StoreServer()
    yield server
    server.stop()


@pytest.fixture
def store(_store_server: StoreServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoreServer:
    """An S3 server with the empty bucket `bucket`, and an environment in which it and an empty cache are found."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": _store_server.address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no_config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no_credentials"),
        "TUNESMITH_CACHE": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    bucket = "bucket"
    with suppress(_store_server.client.exceptions.NoSuchBucket):
        for key in _store_server.keys(bucket):
            _store_server.delete(f"s3://{bucket}/{key}")
    _store_server.client.create_bucket(Bucket=bucket)
    _store_server.forget()
    return _store_server
