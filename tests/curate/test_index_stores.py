"""An index gives the same answers from a file, from datasketch's tables in memory, and from a Redis server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis

from tunesmith.curate import index_redis
from tunesmith.curate.index import build_index
from tunesmith.curate.index_file import open_index
from tunesmith.curate.index_form import form_of, sketches_of
from tunesmith.curate.index_lsh import candidates, in_memory, sign
from tunesmith.curate.index_query import query_index
from tunesmith.curate.index_redis import Server, connection_options
from tunesmith.errors import InputError, OutputError, TunesmithError

LONG = "one two three four five six seven eight nine ten eleven twelve"
TRAIN = [
    *({"prompt": f"{LONG} {number % 4}", "completion": f"the answer is {number % 6}"} for number in range(24)),
    {
        "prompt": "咳嗽三天，喉咙有点痛，应该怎么办才好？",
        "completion": "多喝水，好好休息；三天不见好，请去看医生。",
    },
    {"prompt": "+++", "completion": "😀"},
    {"prompt": "1 + 1?", "completion": ""},
]
DELIVERY = [
    *TRAIN[:3],
    {"prompt": f"{LONG} 9", "completion": "the answer is 3"},
    {
        "prompt": "咳嗽三天，喉咙有点痛，应该怎么办才好呢？",
        "completion": "多喝水，好好休息；三天不见好，请去看医生。",
    },
    {"prompt": "nothing like it", "completion": "at all"},
    "{broken",
    *TRAIN[-3:],
]

Ask = Callable[..., tuple[dict[str, Any], list[dict[str, Any]], str]]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own on loopback, which ends with the tests and writes nothing to disk."""
    program = shutil.which("redis-server")
    if program is None:
        message = "redis-server is not installed: apt-get install -y --no-install-recommends redis-server"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = {"bind": "127.0.0.1", "port": port, "save": "", "appendonly": "no", "daemonize": "no"}
    command = [program, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            lines: list[str] = []
            for line in server.stdout or ():
                lines.append(line)
                if "eady to accept connections" in line:
                    break
            else:
                pytest.fail("redis-server did not start:\n" + "".join(lines))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


@pytest.fixture
def clean_url(redis_url: str) -> str:
    """The server, without any key."""
    redis.Redis.from_url(redis_url).flushall()
    return redis_url


@pytest.fixture(params=["arrow", "memory", "redis"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """`ask(train, delivery, on="row")`: build and query in this store; counts, matches, and the new rows."""
    store = request.param
    url = request.getfixturevalue("clean_url") if store == "redis" else None

    def asked(
        train: Sequence[Any], delivery: Sequence[Any], **wish: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
        sources = [write(tmp_path / "train.jsonl", train)]
        if store == "redis":
            index = "team"
            build_index(sources, store="redis", redis_url=url, name=index, replace=True, **wish)
        else:
            index = str(tmp_path / "index.arrow")
            build_index(sources, out=Path(index), replace=True, **wish)
        out, new = tmp_path / "matches.jsonl", tmp_path / "rest.jsonl"
        source = write(tmp_path / "new.jsonl", delivery)
        done = query_index(index, [source], out=out, new=new, store=store, redis_url=url, replace=True)
        counts = {name: asdict(done)[name] for name in ("rows_in", "matched", "new", "invalid", "index_rows")}
        return counts, [json.loads(line) for line in out.read_text("utf-8").splitlines()], new.read_text("utf-8")

    return asked


def write(path: Path, rows: Sequence[Any]) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines) or "[]", "utf-8")  # an empty file is an error
    return str(path)


@pytest.fixture
def as_file(tmp_path: Path) -> Callable[..., tuple[list[dict[str, Any]], str]]:
    """What the index file says to the same question."""

    def asked(train: Sequence[Any], delivery: Sequence[Any], **wish: Any) -> tuple[list[dict[str, Any]], str]:
        folder = tmp_path / "file"
        folder.mkdir(exist_ok=True)
        build_index([write(folder / "train.jsonl", train)], out=folder / "index.arrow", replace=True, **wish)
        out, new = folder / "matches.jsonl", folder / "rest.jsonl"
        sources = [write(folder / "new.jsonl", delivery)]
        query_index(folder / "index.arrow", sources, out=out, new=new, replace=True)
        return [json.loads(line) for line in out.read_text("utf-8").splitlines()], new.read_text("utf-8")

    return asked


@pytest.mark.parametrize("on", ["row", "whole", "prompt", "answer"])
@pytest.mark.parametrize("threshold", [0.4, 0.7, 1.0])
def test_every_store_gives_the_same_matches(ask: Ask, as_file: Any, on: str, threshold: float) -> None:
    counts, matches, new = ask(TRAIN, DELIVERY, on=on, threshold=threshold)
    assert (matches, new) == as_file(TRAIN, DELIVERY, on=on, threshold=threshold)
    assert counts["rows_in"] == counts["matched"] + counts["new"] + counts["invalid"] == len(DELIVERY)
    assert (counts["invalid"], counts["index_rows"]) == (1, len(TRAIN))
    copies = {f"new:{number}" for number in (1, 2, 3, 8, 9, 10)}
    assert copies <= {line["row_id"] for line in matches if line["similarity"] == 1}


def test_every_store_holds_an_empty_training_set_and_answers_an_empty_delivery(ask: Ask) -> None:
    assert ask([], DELIVERY)[1] == []
    assert ask(TRAIN, [])[1:] == ([], "")


def test_the_candidates_are_those_of_datasketch_itself(tmp_path: Path) -> None:
    build_index([write(tmp_path / "train.jsonl", TRAIN)], out=tmp_path / "index.arrow")
    index = open_index(tmp_path / "index.arrow")
    lsh = in_memory(index)._lsh
    compared = sketches_of(next(index.batches())).compared
    signatures = sign(compared, index.form.n_slots)[compared.sizes > 0]
    from datasketch import MinHash

    asked = [set(lsh.query(MinHash(hashvalues=signature, scheme="affine32"))) for signature in signatures]
    assert candidates(lsh, signatures) == asked
    assert max(map(len, asked)) > 1


def test_signatures_made_from_stored_sets_are_those_of_the_texts() -> None:
    import pyarrow as pa

    from tunesmith.curate.sketch import sketch

    found = sketch(pa.array([LONG, "", "汉字 and words"]))
    assert np.array_equal(sign(found.sets, 128), found.signatures)


def test_an_index_is_replaced_only_on_request(clean_url: str, tmp_path: Path) -> None:
    train, other = write(tmp_path / "train.jsonl", TRAIN), write(tmp_path / "other.jsonl", TRAIN[:1])
    wish: dict[str, Any] = {"store": "redis", "redis_url": clean_url, "name": "team"}
    build_index([train], **wish)
    with pytest.raises(OutputError, match=r"127.0.0.1:\d+/0, index team: exists already; choose another --name"):
        build_index([other], **wish)
    build_index([other], replace=True, **wish)
    done = query_index("team", [train], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)
    assert done.index_rows == 1
    client: Any = redis.Redis.from_url(clean_url)
    editions = {key.split(b":")[3] for key in client.scan_iter("tunesmith:index:team:*")}
    assert len(editions) == 1


def test_indexes_of_different_names_do_not_meet(clean_url: str, tmp_path: Path) -> None:
    for name, rows in (("team", TRAIN[:1]), ("team.2", TRAIN[24:25])):
        build_index([write(tmp_path / "t.jsonl", rows)], store="redis", redis_url=clean_url, name=name)
    build_index([write(tmp_path / "t.jsonl", [])], store="redis", redis_url=clean_url, name="team", replace=True)
    source = write(tmp_path / "t.jsonl", TRAIN)
    found = query_index("team.2", [source], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)
    assert (found.matched, found.index_rows) == (1, 1)


def test_a_build_that_fails_leaves_the_old_index_and_no_keys(clean_url: str, tmp_path: Path) -> None:
    wish: dict[str, Any] = {"store": "redis", "redis_url": clean_url, "name": "team"}
    build_index([write(tmp_path / "train.jsonl", TRAIN)], **wish)
    client: Any = redis.Redis.from_url(clean_url)
    before = set(client.keys())
    server = Server(clean_url, "team")

    def batches() -> Iterator[Any]:
        yield next(open_index(tmp_path / "index.arrow").batches())
        raise InputError("the file turns out corrupt")

    build_index([str(tmp_path / "train.jsonl")], out=tmp_path / "index.arrow")
    with pytest.raises(InputError, match="turns out corrupt"):
        index_redis.build(server, form_of(on="row", threshold=0.7, ngram=5), batches(), replace=True)
    assert set(client.keys()) == before


def test_an_index_that_is_replaced_while_it_is_asked_is_said(clean_url: str, tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", TRAIN)
    wish: dict[str, Any] = {"store": "redis", "redis_url": clean_url, "name": "team"}
    build_index([train], **wish)

    def ask_while_it_is_replaced() -> None:
        with index_redis.opened(Server(clean_url, "team")):
            build_index([train], replace=True, **wish)

    with pytest.raises(InputError, match="was replaced while it was asked; ask again"):
        ask_while_it_is_replaced()


def test_an_index_of_another_version_is_refused(clean_url: str, tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", TRAIN)
    build_index([train], store="redis", redis_url=clean_url, name="team")
    client: Any = redis.Redis.from_url(clean_url)
    state = json.loads(client.get("tunesmith:index:team"))
    form = {**json.loads(state["form"]), "kernel": "0123456789abcdef"}
    client.set("tunesmith:index:team", json.dumps({**state, "form": json.dumps(form)}))
    with pytest.raises(InputError, match="another version made the sketches"):
        query_index("team", [train], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)
    client.set("tunesmith:index:team", "something else")
    with pytest.raises(InputError, match="holds something else"):
        query_index("team", [train], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)
    client.set("tunesmith:index:team", "[1]")
    with pytest.raises(InputError, match="holds something else"):
        query_index("team", [train], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)


def test_nothing_on_the_server_is_a_pickle(clean_url: str, tmp_path: Path) -> None:
    build_index([write(tmp_path / "t.jsonl", TRAIN)], store="redis", redis_url=clean_url, name="team")
    client: Any = redis.Redis.from_url(clean_url)
    members = {member for key in client.scan_iter("*_bucket_*", _type="set") for member in client.smembers(key)}
    rows_with_tokens = [number for number, row in enumerate(TRAIN) if row["prompt"] != "+++"]
    assert sorted(int.from_bytes(member, "little") for member in members) == rows_with_tokens
    assert {len(member) for member in members} == {8}


def test_a_server_that_cannot_be_asked_is_said_without_the_password(clean_url: str, tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", TRAIN)
    port = clean_url.split(":")[2].split("/")[0]
    redis.Redis.from_url(clean_url).acl_setuser(
        "bob", enabled=True, passwords=["+s3cret"], keys=["*"], categories=["+@all"]
    )
    build_index([train], store="redis", redis_url=f"redis://bob:s3cret@127.0.0.1:{port}/0", name="team")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        wrong = {
            f"redis://bob:h1dden@127.0.0.1:{port}/0": "refuses the log-in",
            f"redis://bob:h1dden@127.0.0.1:{dead}/0": "expected a Redis server, none answers",
            "http://bob:h1dden@127.0.0.1/0": "saw another one; correct --redis-url",
            "redis://bob:h1dden@127.0.0.1:port/0": "saw another one; correct --redis-url",
            "redis://bob:h1dden@127.0.0.1/0?decode_responses=true": "takes no further options",
        }
        for url, said in wrong.items():
            with pytest.raises(TunesmithError) as told:
                build_index([train], store="redis", redis_url=url, name="other")
            assert said in str(told.value)
            assert "h1dden" not in str(told.value)


def test_names_and_addresses_are_judged(clean_url: str, tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", TRAIN)
    with pytest.raises(InputError, match="'a:b' is no name for an index"):
        build_index([train], store="redis", redis_url=clean_url, name="a:b")
    with pytest.raises(InputError, match="found no such index"):
        query_index("none", [train], out=tmp_path / "m.jsonl", store="redis", redis_url=clean_url)
    with pytest.raises(InputError, match="set TUNESMITH_REDIS_URL"):
        query_index("none", [train], out=tmp_path / "m.jsonl", store="redis")
    options = connection_options("rediss://u:p%40@example.org/3")
    del options["retry"]
    assert options == {
        "host": "example.org",
        "port": 6379,
        "db": 3,
        "username": "u",
        "password": "p@",
        "ssl": True,
        "socket_connect_timeout": 30.0,
        "socket_timeout": 30.0,
    }
