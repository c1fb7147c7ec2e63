"""The licence of every dependency, from the metadata of what is installed here, as a page.

    make licences          # or: python -m supply.licences --markdown docs/licences.md

Followed from `pyproject.toml` through every extra. A licence that is not in `licence_terms.py`, or one that forbids
something (commercial use, above all), ends with exit code 1: it is to be judged by a person, or the package to go.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from supply.licence_terms import BROUGHT, COPYLEFT, JUDGED, Terms, normal, terms_of
from supply.pins import ROOT, plain

_CLASSIFIER = "License :: "
_HEAD = """\
# Licences of what Tunesmith needs

Made by `make licences` from the metadata of the installed packages, not by hand. Tunesmith itself is Apache-2.0.

**None forbids commercial use, none is GPL or AGPL**: `tests/supply/test_licences.py` holds that for every dependency
of every extra. {n} packages: {free} ask no more than to keep their notices, {weak} have a weak copyleft.

## Weak copyleft

None of it is copied into Tunesmith or changed: each is a package of its own, imported at run time or not at all, which
a user can replace. That is what these licences ask of a program beside them.

"""
_NOTES = """
## What is not a package of this list

- **torch with CUDA** brings NVIDIA's libraries (`nvidia-*`). They are not open source: NVIDIA's own terms hold, and are
  to be read. The CPU build has none of them.
- **Compiled packages carry libraries**, such as numpy, scipy and scikit-learn the run-time of GCC (GPL, with the
  exception that leaves free what is linked with it), or psycopg-binary libpq and OpenSSL. Their texts lie in the
  packages' own folders. Whoever passes those files on does so under those terms.
- **apollo-torch** (CC BY-NC 4.0: no commercial use) is no dependency. Who writes `optimizer: apollo` without it is told
  so, and decides for himself.
- **Models and data sets** have licences of their own, which no metadata of a package holds.
- Chromium, PostgreSQL and Redis, which some tests start, are programs beside ours, no part of it.

## All

`wanted by`: the base install, or the first extra that wants it; `dev` is tests and checks alone.

"""


class Found(NamedTuple):
    """A package, what its metadata say or a person judged, and the part of Tunesmith that wants it."""

    name: str
    version: str
    licence: str
    terms: Terms
    part: str
    source: str


def dependencies() -> dict[str, tuple[Distribution, str]]:
    """Every installed package that a part of Tunesmith wants, by name, with the first part that does: the base, an
    extra, or `dev` for what only tests and checks want.

    :raises SystemExit: where something that is wanted is not installed.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = {"base": project["dependencies"], **project["optional-dependencies"]}
    found: dict[str, tuple[Distribution, str]] = {}
    missing: set[str] = set()
    for part, lines in parts.items():
        waiting = [Requirement(line) for line in lines]
        seen: set[str] = set()
        while waiting:
            wish = waiting.pop()
            if plain(wish.name) == "tunesmith" or str(wish) in seen:
                continue
            seen.add(str(wish))
            try:
                there = distribution(wish.name)
            except PackageNotFoundError:
                missing.add(wish.name)
                continue
            found.setdefault(plain(wish.name), (there, part))
            waiting += _wishes(there, wish.extras)
    if missing:
        sys.exit(f"expected every dependency here, found none of {', '.join(sorted(missing))}; run `make test` once")
    return found


def _wishes(there: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a package wants on this Python and system."""
    for wish in map(Requirement, there.requires or []):
        marker = wish.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield wish


def licence_of(there: Distribution) -> tuple[str, str]:
    """An SPDX expression, and where it stands: judged, an expression, the old field, or a classifier."""
    name = plain(there.metadata["Name"])
    if name in JUDGED:
        return JUDGED[name].licence, f"judged: {JUDGED[name].why}"
    expression = there.metadata.get("License-Expression")
    if expression:
        return expression, "expression"
    field = (there.metadata.get("License") or "").strip()
    if field and terms_of(normal(field)) != "unknown":
        return _joined(field), "field"
    classifiers = [line.rpartition("::")[2] for line in there.metadata.get_all("Classifier") or [] if _is_licence(line)]
    told = " AND ".join(normal(one) for one in classifiers)
    return (told, "classifier") if told and not field else (field or told or "not said", "field")


def _joined(field: str) -> str:
    return " AND ".join(normal(part) for part in re.split(r"\s+(?:AND|and)\s+", field))


def _is_licence(line: str) -> bool:
    return line.startswith(_CLASSIFIER) and line != "License :: OSI Approved"


def all_found() -> list[Found]:
    """Every dependency with its licence, by name."""
    lines = []
    for name, (there, part) in sorted(dependencies().items()):
        licence, source = licence_of(there)
        lines.append(Found(name, there.version.partition("+")[0], licence, terms_of(licence), part, source))
    return lines


def unjudged(found: list[Found]) -> list[str]:
    """What a person has to look at; empty where all is well."""
    wrong = [f"{one.name} {one.version}: {one.licence} ({one.source})" for one in found if one.terms == "unknown"]
    weak = {one.name for one in found if one.terms == "weak copyleft"}
    wrong += [f"{name}: copyleft, and COPYLEFT does not say how it is used" for name in sorted(weak - {*COPYLEFT})]
    gone = sorted(({*COPYLEFT} - weak) | ({*JUDGED, *BROUGHT} - {one.name for one in found}))
    return wrong + [f"{name}: in a table of licence_terms.py, and no longer wanted there" for name in gone]


def page(found: list[Found]) -> str:
    """The page, in Markdown."""
    weak = [one for one in found if one.terms == "weak copyleft"]
    text = _HEAD.format(n=len(found), free=len(found) - len(weak), weak=len(weak))
    used = [(*_three(one), COPYLEFT[one.name]) for one in weak]
    text += _table(("package", "licence", "wanted by", "how it is used"), used)
    text += "\n## Data that packages bring\n\n"
    text += "".join(f"- **{name}**: {what}.\n" for name, what in sorted(BROUGHT.items())) + _NOTES
    lines = [(*_three(one), one.version, one.source) for one in found]
    return text + _table(("package", "licence", "wanted by", "version", "told by"), lines)


def _three(one: Found) -> tuple[str, str, str]:
    return one.name, one.licence, one.part


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    rows = [head, ("---",) * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="List the licences of all dependencies.")
    parser.add_argument("--markdown", type=Path, help="write the page here")
    asked = parser.parse_args()
    found = all_found()
    wrong = unjudged(found)
    if wrong:
        sys.exit("\n  ".join([f"{len(wrong)} to be judged, in supply/licence_terms.py:", *wrong]))
    if asked.markdown:
        asked.markdown.write_text(page(found), encoding="utf-8")
    weak = sum(one.terms == "weak copyleft" for one in found)
    print(f"{len(found)} packages: {len(found) - weak} free, {weak} weak copyleft, none that forbids commercial use")


if __name__ == "__main__":
    main()
