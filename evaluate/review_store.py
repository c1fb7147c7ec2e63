"""Where a review is kept: one SQLite file by default, or a PostgreSQL database for a team.

>>> with open_store("sqlite://", create=True) as store:
...     store.is_sqlite
True

Reads and writes are transactions: `with store.read() as connection`, `with store.write() as connection`. On SQLite a
write begins IMMEDIATE, so that two writers wait for each other and never fail half-way; on PostgreSQL the queue locks
the rows it takes. Opening brings an older database to today's tables. What this module's neighbours (`review_store_*`)
know of SQL, nothing else does.

An SQLite file belongs on a disk of the one machine that uses it. Over a network folder (NFS, SMB, a cloud drive) two
machines do not see each other's locks, and votes can be lost; for several machines there is PostgreSQL.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.review_store_engines import WRITES, check_keys, engine_for, keys_at_the_end
from tunesmith.evaluate.review_store_errors import told

#: The newest revision in `migrations/versions`; a test holds the two together.
HEAD = "0001"
#: Holds the address of the store where no other is named, with its password if it has one.
STORE_VARIABLE = "TUNESMITH_REVIEW_STORE"
DEFAULT_STORE = "review.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"

_WAIT_SECONDS = 30.0
_MIGRATION_LOCK = 7_310_577_061  # any number: processes that open the same new PostgreSQL database wait for each other
_NAMES_LOCK = _MIGRATION_LOCK + 1
_URL = re.compile(r"[a-z][a-z0-9+]*://", re.I)
#: What tells our tables from those of another program that has an `alembic_version` too.
_OURS = {"campaign", "assignment", "response", "event"}
_MAKE_ONE = "make one with `tunesmith review create`"
_ADDRESSES = "name a file, or postgresql://user@host/name"
_LIKE_AN_ADDRESS = re.compile(r"//[^/]*:[^/]*@")  # a file has no such name, a mistyped address may hold a password
_SECRETS = ("password", "sslpassword")


class Store:
    """An open store. It may be used by many threads; each transaction has a connection of its own. A process that is
    forked opens its own."""

    def __init__(self, engine: sa.Engine, where: str, clock: Callable[[], float] | None = None) -> None:
        """
        :param where: for messages, without a password.
        :param clock: seconds since 1970; by default the database's clock on PostgreSQL, so that hosts whose clocks
            differ agree on leases, and this host's on SQLite.
        """
        self.engine = engine
        self.where = where
        self._clock = clock
        self._password = str(engine.url.password or "") or None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether one writer at a time is all there is."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database, whatever others write meanwhile, and that cannot write."""
        with told(self.where, self._password), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that is done whole or not at all.

        :raises OutputError: a full disk, a database that others keep locked, or that may not be written.
        """
        with told(self.where, self._password), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def rebuild(self) -> Iterator[sa.Connection]:
        """`write`, in which tables may be dropped and made anew; that no row points nowhere is checked at the end."""
        with told(self.where, self._password), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with keys_at_the_end(connection), connection.begin():
                yield connection
                check_keys(connection)

    def now(self, connection: sa.Connection, *, brought: float | None = None) -> float:
        """Seconds since 1970.

        :param brought: what a statement that selects `DatabaseClock()` has brought along, which spares another one.
        """
        if self._clock is not None:
            return self._clock()
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(_CLOCK).scalar_one() if brought is None else brought)

    def alone(self, connection: sa.Connection) -> None:
        """Let nobody else pass this line before this transaction ends: for a name that is looked for, then written."""
        if not self.is_sqlite:  # where a writer is alone from the beginning
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NAMES_LOCK)))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


class DatabaseClock(FunctionElement[float]):
    """The server's clock in seconds since 1970; null on SQLite, which has none but this host's."""

    inherit_cache = True
    type = sa.Float()


@compiles(DatabaseClock)
def _server_clock(*_: object, **__: object) -> str:
    return "extract(epoch FROM clock_timestamp())"


@compiles(DatabaseClock, "sqlite")
def _no_clock(*_: object, **__: object) -> str:
    return "NULL"


_CLOCK = sa.select(DatabaseClock())


def open_store(
    where: str | Path | None = None,
    *,
    create: bool = False,
    clock: Callable[[], float] | None = None,
    wait_seconds: float = _WAIT_SECONDS,
) -> Store:
    """Open a store and bring it to today's tables.

    A file in a folder that may not be written is read as it stands at this moment, and can only be read.

    :param where: the path of an SQLite file, or a database URL (`postgresql://user@host/name`). By default what the
        environment variable TUNESMITH_REVIEW_STORE names, else `review.sqlite`.
    :param create: whether a file that is not there is made, with its folder, and an empty database filled.
    :param wait_seconds: how long a step waits for a lock that another program holds.
    :raises InputError: no such file, no database, one of another program, or one made by a newer version.
    :raises OutputError: where it cannot be made.
    """
    url, shown = _address(where)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        _check_path(Path(url.database), shown, create=create)
    store = Store(_engine(url, shown, wait_seconds), shown, clock)
    try:
        _bring_up(store, create=create)
    except BaseException:
        store.close()
        raise
    return store


def _address(where: str | Path | None) -> tuple[sa.URL, str]:
    text = str(where or os.environ.get(STORE_VARIABLE) or DEFAULT_STORE)
    if not _URL.match(text) and _LIKE_AN_ADDRESS.search(text):
        raise InputError("not a database address", remedy=_ADDRESSES)
    if not _URL.match(text):
        return sa.URL.create("sqlite+pysqlite", database=text), text
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise InputError("not a database address", remedy=_ADDRESSES) from None  # the text may hold a password
    if any(name in url.query for name in _SECRETS):  # there SQLAlchemy hides nothing
        remedy = "write postgresql://user:password@host/name, or leave it to ~/.pgpass"
        raise InputError("a database address holds its password before the host, not after the ?", remedy=remedy)
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    elif backend == "sqlite":
        url = url.set(drivername="sqlite+pysqlite")
    else:
        raise InputError(f"cannot keep a review in {backend}", remedy=_ADDRESSES)
    return url, url.render_as_string(hide_password=True)


def _check_path(path: Path, shown: str, *, create: bool) -> None:
    if path.is_dir():
        raise InputError("this is a folder, a review is a file", where=shown, remedy="name a file in it")
    if not create:
        if not path.exists():
            raise InputError("there is no review here", where=shown, remedy=_MAKE_ONE)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"its folder cannot be made ({error.strerror})"
        raise OutputError(what, where=shown, remedy="choose a folder that you may write to") from error


def _engine(url: sa.URL, shown: str, wait_seconds: float) -> sa.Engine:
    try:
        return engine_for(url, wait_seconds=wait_seconds)
    except ImportError:
        raise InputError(
            "the driver for PostgreSQL is not installed", where=shown, remedy='pip install "tunesmith[postgres]"'
        ) from None


def _bring_up(store: Store, *, create: bool) -> None:
    """To the newest revision; a database that is there already costs one look."""
    with store.read() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        found = revision_of(connection) if "alembic_version" in tables else None
    if tables and (found is None or not tables >= _OURS):
        what = f"this is a database of something else: it has the tables {', '.join(sorted(tables)[:5])}"
        raise InputError(what, where=store.where, remedy="name another place")
    if found == HEAD:
        return
    if not tables and not create:
        raise InputError("there is no review here", where=store.where, remedy=_MAKE_ONE)
    migrate(store)


def revision_of(connection: sa.Connection) -> str | None:
    """The revision of the tables, None where it is not noted."""
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def migrate(store: Store, revision: str = "head", *, scripts: Path = MIGRATIONS) -> None:
    """Apply what is missing up to a revision, in one transaction: a step that fails leaves all as it was.

    :raises InputError: the tables are of a revision that `scripts` does not know.
    :raises InternalError: a step left a row that points nowhere.
    """
    from alembic import command  # 0.2 s, and only needed here
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with store.rebuild() as connection:
        if not store.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError:
            what = (
                f"its tables are of revision {revision_of(connection)}, which this version of Tunesmith does not know"
            )
            raise InputError(what, where=store.where, remedy="open it with a newer version") from None
