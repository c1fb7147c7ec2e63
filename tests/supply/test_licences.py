"""No dependency forbids commercial use, none has a licence that nobody judged, and the page says what is installed."""

from __future__ import annotations

import re

import pytest

from supply.licence_terms import TERMS, terms_of
from supply.licences import Found, all_found, page, unjudged
from supply.pins import NOT_LOCKED, ROOT, read_lock
from tunesmith.train.config_optimizers import OPTIMIZERS

PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found() -> list[Found]:
    return all_found()


def test_no_dependency_forbids_anything_and_every_licence_was_judged(found: list[Found]) -> None:
    assert unjudged(found) == []
    assert len(found) > 150


def test_the_page_has_every_package_that_is_installed_and_none_that_is_not_locked(found: list[Found]) -> None:
    def lines(text: str) -> set[str]:  # without versions; another system or Python may want fewer packages
        return set(re.findall(r"^\| (?!package|---)(\S+ \| [^|]+ \| [^|]+) \|", text, re.MULTILINE))

    assert lines(page(found)) <= lines(PAGE), "run `make licences`"
    locked = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert {line.partition(" ")[0] for line in lines(PAGE)} <= {*locked, *NOT_LOCKED}, "run `make lock licences`"


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("MIT", "free"),
        ("Apache 2.0 License", "free"),
        ("(Apache-2.0 OR MIT) AND BSD-3-Clause", "free"),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", "weak copyleft"),
        ("CC-BY-NC-4.0", "unknown"),
        ("CC-BY-NC", "unknown"),
        ("GPL-3.0-only", "unknown"),
        ("AGPL-3.0-or-later", "unknown"),
        ("MIT AND Proprietary", "unknown"),
        ("SSPL-1.0", "unknown"),
        ("not said", "unknown"),
        ("", "unknown"),
    ],
)
def test_terms_are_those_of_the_strictest_part(licence: str, terms: str) -> None:
    assert terms_of(licence) == terms


def test_no_listed_licence_forbids_commerce_or_binds_who_uses_a_package() -> None:
    assert not [name for name in TERMS if re.search(r"(?<!L)GPL|-NC|-ND|SSPL|BUSL|Elastic", name)]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (Found("new", "1", "CC-BY-NC", "unknown", "train", "field"), "new 1: CC-BY-NC (field)"),
        (Found("new", "1", "MPL-2.0", "weak copyleft", "base", "field"), "new: copyleft, and COPYLEFT does not say"),
    ],
)
def test_a_package_to_be_judged_is_told(found: list[Found], one: Found, told: str) -> None:
    (line,) = unjudged([*found, one])
    assert line.startswith(told)


def test_an_exception_that_nobody_needs_any_more_is_told(found: list[Found]) -> None:
    (line,) = unjudged([one for one in found if one.name != "altair"])
    assert line == "altair: in a table of licence_terms.py, and no longer wanted there"


def test_what_forbids_commercial_use_is_told_where_it_is_asked_for() -> None:
    for name in ("apollo", "apollo_layerwise"):
        assert "forbids commercial use" in str(OPTIMIZERS[name].pip)
    assert "apollo" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
