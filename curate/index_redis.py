"""An index on a Redis server, for a team that shares one: datasketch's tables, and beside them the rows.

    tunesmith:index:NAME                 the form of the index, its number of rows, and which edition holds them
    tunesmith:index:NAME:EDITION:…       datasketch's buckets and keys
    tunesmith:index:NAME:EDITION:rows    row number -> row id, content id, class (JSON)
    tunesmith:index:NAME:EDITION:compared, …:answer      row number -> shingle set, little-endian uint64
    tunesmith:index:NAME:EDITION:contents                content id -> number of the first row with it

An edition is written under a new name and counts from the moment when the first key names it: a build that fails leaves
the old one as it was. Nothing is pickled, and nothing that comes from the server is ever unpickled.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.index_form import NO_SETS, IndexForm, parse_form, sets_of
from tunesmith.curate.index_lsh import LshIndex, fill, new_lsh
from tunesmith.curate.index_store import Taken
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.tokens import Places
from tunesmith.errors import InputError, OutputError

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_AT_ONCE = 1000  # rows of one command
_SECONDS = 30.0  # that a server may take to answer
_OPTIONS = ("host", "port", "db", "username", "password")


class Server:
    """One index on a server. `shown` says where, without user and password."""

    def __init__(self, url: str, name: str) -> None:
        if not _NAME.fullmatch(name):
            what = f"{name!r} is no name for an index: up to 100 letters, digits, dots, dashes and underscores"
            raise InputError(what, remedy="choose another name")
        self.options = connection_options(url)
        self.shown = f"{self.options['host']}:{self.options['port']}/{self.options['db']}, index {name}"
        self.key = f"tunesmith:index:{name}"
        self.client: Any = _redis().Redis(**self.options)

    def state(self) -> dict[str, Any] | None:
        """What the index says of itself: `form`, `rows`, `edition`; None where there is none."""
        data = self.client.get(self.key)
        if data is None:
            return None
        try:
            state = jsontext.loads(data)
            return {"form": str(state["form"]), "rows": int(state["rows"]), "edition": str(state["edition"])}
        except (ValueError, TypeError, KeyError) as error:
            what = "the key of this index holds something else"
            raise InputError(what, where=self.shown, remedy="choose another name") from error

    def storage(self, edition: str) -> dict[str, Any]:
        """What datasketch is told of an edition. Without transactions the server serves others between our commands."""
        buffer = {"transaction": False}
        return {
            "type": "redis",
            "basename": self.prefix(edition).encode(),
            "redis": self.options,
            "redis_buffer": buffer,
        }

    def prefix(self, edition: str) -> str:
        """The beginning of all keys of an edition. No other index has it, for a name holds no colon."""
        return f"{self.key}:{edition}:"

    def forget(self, beginning: str, *, but: str | None = None) -> None:
        """Delete all keys that begin so, but those of one edition."""
        spared = self.prefix(but).encode() if but else None
        batch: list[bytes] = []
        for key in self.client.scan_iter(match=f"{beginning}*", count=10_000):
            if spared is None or not key.startswith(spared):
                batch.append(key)
            if len(batch) == _AT_ONCE:
                self.client.unlink(*batch)
                batch = []
        if batch:
            self.client.unlink(*batch)


def connection_options(url: str) -> dict[str, Any]:
    """What a URL such as `redis://:password@host:6379/0` says, for `redis.Redis`.

    :raises InputError: for another kind of URL. The message never repeats the URL, which may hold a password.
    """
    try:
        found = dict(_redis().connection.parse_url(url))
    except ValueError:
        found = {"path": None}
    secure = url.startswith("rediss://")
    found.pop("connection_class", None)
    if not url.startswith(("redis://", "rediss://")) or not found.keys() <= set(_OPTIONS):
        what = "expected a URL such as redis://127.0.0.1:6379/0 (rediss:// with TLS, user:password@ before the host)"
        raise InputError(f"{what}, saw another one", remedy="correct --redis-url; it takes no further options")
    fixed = {"socket_connect_timeout": _SECONDS, "socket_timeout": _SECONDS, "ssl": secure, "retry": _few_retries()}
    return {"host": "127.0.0.1", "port": 6379, "db": 0, **found, **fixed}


def _few_retries() -> Any:
    """About a second for a server that restarts; by default the client tries for eight before it says anything."""
    redis = _redis()
    return redis.retry.Retry(redis.backoff.ExponentialBackoff(cap=0.5, base=0.1), 3)


def _redis() -> Any:
    try:
        import redis
    except ImportError as error:
        what, remedy = "this store needs datasketch and redis", "install them with: pip install 'tunesmith[index]'"
        raise InputError(what, remedy=remedy) from error
    return redis


@contextmanager
def told(server: Server) -> Iterator[None]:
    """The errors of the client as ours: which server, what it said, what to do."""
    errors = _redis().exceptions
    where = server.shown
    try:
        yield
    except errors.AuthenticationError as error:
        remedy = "check the user and password in --redis-url"
        raise InputError(f"the Redis server refuses the log-in ({error})", where=where, remedy=remedy) from error
    except (errors.ConnectionError, errors.TimeoutError) as error:
        what = f"expected a Redis server, none answers ({error})"
        raise InputError(what, where=where, remedy="start it, or correct --redis-url") from error
    except errors.RedisError as error:
        what = f"the Redis server refuses a command ({error})"
        raise OutputError(what, where=where, remedy="check its memory and its rights") from error


def build(server: Server, form: IndexForm, batches: Iterable[pa.RecordBatch], *, replace: bool = False) -> None:
    """Write all rows as a new edition, then let it count. What fails before leaves nothing behind.

    :raises OutputError: where an index of that name is there already, without `replace`.
    """
    with told(server):
        refuse_existing(server, replace=replace)
        edition = secrets.token_hex(8)
        try:
            rows = _write(server, edition, form, batches)
            _publish(server, edition, form, rows, replace=replace)
        except BaseException:
            server.forget(server.prefix(edition))
            raise
        if replace:  # also what a killed build left
            server.forget(f"{server.key}:", but=edition)


def refuse_existing(server: Server, *, replace: bool) -> None:
    """:raises OutputError: where an index of that name is there already, without `replace`."""
    if not replace and server.client.exists(server.key):
        raise OutputError("exists already", where=server.shown, remedy="choose another --name, or add --replace")


def _write(server: Server, edition: str, form: IndexForm, batches: Iterable[pa.RecordBatch]) -> int:
    rows = 0

    def stored() -> Iterator[tuple[int, pa.RecordBatch]]:
        nonlocal rows
        for batch in batches:
            _store(server, edition, rows, batch)
            yield rows, batch
            rows += len(batch)

    fill(new_lsh(form, server.storage(edition)), form, stored())
    return rows


def _store(server: Server, edition: str, start: int, batch: pa.RecordBatch) -> None:
    """The rows of one batch into the hashes of the edition."""
    prefix = server.prefix(edition)
    sides = {name: sets_of(batch.column(name)) for name in batch.schema.names if name in ("compared", "answer")}
    told_of = zip(*(batch.column(name).to_pylist() for name in ("row_id", "content_id", "class")))
    lines = [jsontext.dump_bytes(line) for line in told_of]
    for first in range(0, len(batch), _AT_ONCE):
        places = range(first, min(first + _AT_ONCE, len(batch)))
        pipe = server.client.pipeline(transaction=False)
        pipe.hset(f"{prefix}rows", mapping={start + place: lines[place] for place in places})
        for name, sets in sides.items():
            mapping = {start + place: sets.row(place).astype("<u8").tobytes() for place in places}
            pipe.hset(f"{prefix}{name}", mapping=mapping)
        for place in places:
            pipe.hsetnx(f"{prefix}contents", batch.column("content_id")[place].as_py(), start + place)
        pipe.execute()


def _publish(server: Server, edition: str, form: IndexForm, rows: int, *, replace: bool) -> None:
    state = jsontext.dump_bytes({"form": form.as_json().decode(), "rows": rows, "edition": edition})
    if server.client.hlen(f"{server.prefix(edition)}rows") != rows:
        what = "another build of this index took away the rows of this one"
        raise OutputError(what, where=server.shown, remedy="build it again, one at a time")
    if not server.client.set(server.key, state, nx=not replace):
        raise OutputError("was built by somebody else meanwhile", where=server.shown, remedy="add --replace")


@contextmanager
def opened(server: Server) -> Iterator[LshIndex]:
    """The index, to be asked in this block.

    :raises InputError: where there is none, where another version made it, or where it was replaced meanwhile: then
        some of its rows were missing for some questions.
    """
    with told(server):
        state = server.state()
        if state is None:
            remedy = "build it with `tunesmith curate index build --store redis`, or correct the name"
            raise InputError("found no such index", where=server.shown, remedy=remedy)
        form = parse_form(state["form"].encode(), where=server.shown)
        stored = _RedisRows(server, state["edition"], form)
        yield LshIndex(new_lsh(form, server.storage(state["edition"])), stored, form, state["rows"])
        if server.state() != state:
            raise stored.replaced()


class _RedisRows:
    """The rows of an edition, by number."""

    def __init__(self, server: Server, edition: str, form: IndexForm) -> None:
        self._server, self._form = server, form
        self._prefix = server.prefix(edition)

    def take(self, numbers: Places) -> Taken:
        sets = [
            self._sets(name, numbers) for name in (["compared", "answer"] if self._form.with_answer else ["compared"])
        ]
        classes = np.array([line[2] for line in self._lines(numbers)], np.int8)
        return Taken(classes, sets[0], sets[1] if self._form.with_answer else NO_SETS)

    def names(self, numbers: Places) -> list[tuple[str, str]]:
        return [(row_id, content_id) for row_id, content_id, _ in self._lines(numbers)]

    def with_content(self, content_ids: Sequence[str]) -> dict[str, int]:
        found = self._server.client.hmget(f"{self._prefix}contents", content_ids) if content_ids else []
        return {one: int(number) for one, number in zip(content_ids, found) if number is not None}

    def _lines(self, numbers: Places) -> list[list[Any]]:
        return [jsontext.loads(line) for line in self._values("rows", numbers)]

    def _sets(self, name: str, numbers: Places) -> ShingleSets:
        parts = [np.frombuffer(data, "<u8") for data in self._values(name, numbers)]
        offsets = np.cumsum([0, *map(len, parts)])
        return ShingleSets(np.concatenate([np.empty(0, np.uint64), *parts]), offsets)

    def _values(self, name: str, numbers: Places) -> Iterator[bytes]:
        for first in range(0, len(numbers), _AT_ONCE):
            for value in self._server.client.hmget(f"{self._prefix}{name}", numbers[first : first + _AT_ONCE].tolist()):
                if value is None:
                    raise self.replaced()
                yield value

    def replaced(self) -> InputError:
        """Somebody replaced the index while it was asked."""
        what = "the index was replaced while it was asked"
        return InputError(what, where=self._server.shown, remedy="ask again")
