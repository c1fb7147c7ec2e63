"""The lock, the constraints and pyproject.toml say the same, and no host stands in the lock."""

from __future__ import annotations

import re

import pytest

from supply.lock import without_torch
from supply.pins import CONSTRAINTS, LOCK, Locked, disagreements, read_constraints, read_lock, wished

TEXT = LOCK.read_text(encoding="utf-8")
HASH = "0" * 64


def test_lock_constraints_and_pyproject_agree() -> None:
    assert disagreements(read_constraints(), read_lock(TEXT)) == []


def test_every_locked_file_has_a_sha256_and_the_lock_names_no_host() -> None:
    locked = read_lock(TEXT)
    assert all(len(set(one.hashes)) == len(one.hashes) > 0 for one in locked.values())
    assert len(locked) > 100
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host| @ ", TEXT + CONSTRAINTS.read_text())


def test_what_only_some_systems_need_says_which() -> None:
    locked = read_lock(TEXT)
    assert locked["async-timeout"].marker == "python_full_version < '3.11.3'"
    assert locked["numpy"].marker is None
    assert len(locked["numpy"].hashes) > 20  # the wheels of every system and Python, and the source


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"numpy": None}, ["numpy is wished and not locked", "numpy is pinned and not locked"]),
        ({"numpy": Locked("1.0", None, (HASH,))}, ["numpy is pinned at 2.4.6 and locked at 1.0"]),
        ({"surprise": Locked("1.0", None, (HASH,))}, ["surprise is locked and not pinned"]),
        ({"click": Locked("8.5.1", None, ())}, ["click is locked without a hash"]),
        ({"torch": Locked("2.13.0", None, (HASH,))}, ["torch is locked, and NOT_LOCKED says that it is not"]),
        ({"async-timeout": None}, ["async-timeout is no longer locked; take it out of ONLY_LOCKED"]),
    ],
)
def test_a_lock_that_says_something_else_is_told(change: dict[str, Locked | None], told: list[str]) -> None:
    pins = {**read_constraints(), "numpy": "2.4.6", "click": "8.5.1"}
    changed = {**read_lock(TEXT), **change}
    locked = {name: one for name, one in changed.items() if one is not None}
    if "numpy" not in change:
        locked["numpy"] = locked["numpy"]._replace(version="2.4.6")
    if "click" not in change:
        locked["click"] = locked["click"]._replace(version="8.5.1")
    assert disagreements(pins, locked) == told


@pytest.mark.parametrize(
    "line", ["numpy>=2", "numpy @ https://example.org/numpy.whl", "--index-url https://x", "a==1\na==1"]
)
def test_a_line_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line "):
        read_lock(line)


def test_what_only_a_torch_with_cuda_brings_is_left_out() -> None:
    hashed = f" \\\n    --hash=sha256:{HASH}\n"
    text = f"nvidia-nccl-cu13==2.29.7{hashed}numba==0.68.1{hashed}triton==3.7.1{hashed}"
    assert without_torch(text) == f"numba==0.68.1{hashed}"


def test_wishes_are_read_without_extras_and_ranges() -> None:
    assert {"psycopg", "lm-eval", "pyyaml", "streamlit", "torch"} <= wished()
    assert "tunesmith" not in wished()
