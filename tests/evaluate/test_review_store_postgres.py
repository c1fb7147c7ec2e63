"""A PostgreSQL store where the server, the name or the rights are at fault: said plainly, and never with a password."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tunesmith.errors import InputError, OutputError, TunesmithError
from tunesmith.evaluate import review_store_engines
from tunesmith.evaluate.review_store import STORE_VARIABLE, Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, log, reviewers

_SECRET = "geheim-und-lang"  # noqa: S105 (the password that must never appear)


def _with_name(address: str, name: str, password: str = _SECRET) -> str:
    return re.sub(r"//[^@]*@", f"//{name}:{password}@", address)


def _run(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def address(postgres: Any) -> str:
    return str(postgres.new_database())


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with open_store(address, create=True, wait_seconds=0.1) as opened:
        yield opened


def _message(where: str, *, create: bool = False) -> str:
    with pytest.raises(TunesmithError) as told:
        open_store(where, create=create).close()
    assert _SECRET not in str(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None  # no driver's words in a traceback
    return str(told.value)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    assert _message(f"postgresql://ann:{_SECRET}@127.0.0.1:1/review") == (
        "postgresql+psycopg://ann:***@127.0.0.1:1/review: the database server cannot be reached; "
        "see that it runs, and check host and port in the address"
    )


def test_a_missing_database_and_an_unknown_name_are_told_apart(address: str) -> None:
    assert "the server has no such database; make it with createdb" in _message(f"{_with_name(address, 'postgres')}_x")
    assert "refuses the name or the password; check both in the" in _message(_with_name(address, "nobody_of_that_name"))


def test_an_address_from_the_environment_hides_its_password_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STORE_VARIABLE, f"postgresql://ann:{_SECRET}@127.0.0.1:1/review")
    assert "cannot be reached" in _message("")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (f"postgresql://ann:{_SECRET}@127.0.0.1:port/review", "not a database address; name a file, or postgresql://"),
        (f"postgresql://ann:{_SECRET}@127.0.0.1/review?nonsense=1", "invalid connection option"),
        (f"postgresql//ann:{_SECRET}@127.0.0.1/review", "not a database address; name a file, or postgresql://"),
        (f"postgresql://127.0.0.1/review?password={_SECRET}", "holds its password before the host, not after the ?"),
        (f"sqlite:///review?password={_SECRET}", "holds its password before the host, not after the ?"),
        (f"mysql://ann:{_SECRET}@host/review", "cannot keep a review in mysql; name a file, or postgresql://"),
        (f"http://ann:{_SECRET}@host/review", "cannot keep a review in http; name a file, or postgresql://"),
    ],
)
def test_an_address_of_no_known_kind_is_refused_without_its_password(where: str, told: str) -> None:
    assert told in _message(where)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_psycopg(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "psycopg":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    told = _message(f"postgresql://ann:{_SECRET}@127.0.0.1/review")
    assert 'the driver for PostgreSQL is not installed; pip install "tunesmith[postgres]"' in told


def test_missing_rights_are_told(address: str, store: Store) -> None:
    role = f"CREATE ROLE lesser_{address.rpartition('_')[2]} LOGIN"
    name = role.split()[2]
    _run(address, role)
    assert "this name may not use the tables of the review; let the owner grant" in _message(_with_name(address, name))
    _run(address, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    with open_store(_with_name(address, name)) as lesser:
        assert reviewers(lesser) == ()
        with pytest.raises(OutputError, match="this name may not use the tables"):
            add_reviewer(lesser, "ann")


def test_a_database_that_may_not_be_filled_is_told(address: str) -> None:
    role = f"poor_{address.rpartition('_')[2]}"
    _run(address, f"CREATE ROLE {role} LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert "let the owner grant it the rights to make" in _message(_with_name(address, role), create=True)


def test_a_locked_table_is_told_after_the_wait(address: str, store: Store) -> None:
    import psycopg

    with psycopg.connect(address) as other:
        other.execute("LOCK TABLE reviewer IN EXCLUSIVE MODE")
        with pytest.raises(
            OutputError, match="another program keeps it locked for too long; what was just sent was not"
        ):
            add_reviewer(store, "ann")
        assert reviewers(store) == ()
    add_reviewer(store, "ann")


def _log_around(store: Store, statement: str) -> None:
    """A transaction that writes before and after a statement."""
    with store.write() as connection:
        if "READ ONLY" not in statement:
            log(connection, None, 1.0, "test", data={})
        connection.exec_driver_sql(statement)
        log(connection, None, 1.0, "test", data={})


def test_a_full_disk_is_told_and_the_unfinished_transaction_is_gone(store: Store) -> None:
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    with pytest.raises(OutputError, match="the disk is full; what was just sent was not kept"):
        _log_around(store, full)
    with store.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM event")).scalar() == 0


def test_a_connection_that_the_server_ended_is_told_and_the_next_one_works(store: Store) -> None:
    with pytest.raises(OutputError, match="the database server went away; what was just sent"):
        _log_around(store, "SELECT pg_terminate_backend(pg_backend_pid())")
    add_reviewer(store, "ann")


def test_a_connection_that_ended_while_nobody_voted_is_replaced_unnoticed(
    address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_reviewer(store, "Li")
    _run(address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    monkeypatch.setattr(review_store_engines, "_TRUSTED_SECONDS", 0.0)
    assert [person.name for person in reviewers(store)] == ["Li"]


def test_a_server_that_only_reads_is_told(store: Store) -> None:
    with pytest.raises(OutputError, match="the database may only be read; name the server that takes writes"):
        _log_around(store, "SET TRANSACTION READ ONLY")  # as a standby does by itself


def test_a_wrong_password_is_never_repeated() -> None:
    import psycopg

    from tunesmith.evaluate.review_store_errors import explained

    said = psycopg.OperationalError(f"connection is bad: invalid something in {_SECRET}")
    told = explained(said, "here", _SECRET)
    assert isinstance(told, InputError)
    assert (
        str(told)
        == "here: no connection to the database: connection is bad: invalid something in ***; check the address"
    )
