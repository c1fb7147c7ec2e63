"""What pip-audit answers, read without taking silence for a clean result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supply import audit
from supply.audit import NOT_RUN, Audit, Weak, read_answer, told

WEAK = Weak("jinja2", "2.10", "PYSEC-2019-217", ("2.10.1",))
ANSWER = {
    "dependencies": [
        {"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}]},
        {"name": "click", "version": "8.5.1", "vulns": []},
    ],
    "fixes": [],
}
SKIPPED = {"dependencies": [{"name": "click", "skip_reason": "not found"}], "fixes": []}


def test_a_known_weakness_is_told_with_the_version_that_mends_it() -> None:
    found = read_answer(json.dumps(ANSWER), "")
    assert found == Audit((WEAK,))
    lines, code = told(found, 2, "pypi")
    assert lines[0] == "jinja2 2.10: PYSEC-2019-217, mended in 2.10.1"
    assert code == 1


def test_a_pin_that_the_service_does_not_know_is_no_clean_pin() -> None:
    lines, code = told(read_answer(json.dumps(SKIPPED), ""), 1, "pypi")
    assert lines == ["the audit by pypi is not whole: 1 of 1 pins were not looked up: click"]
    assert code == NOT_RUN


def test_only_a_whole_answer_without_weaknesses_is_a_success() -> None:
    assert told(Audit(), 170, "osv") == (["170 pins looked up at osv: 0 known weaknesses"], 0)
    assert told(read_answer("", "one\nno network\n"), 1, "osv") == (
        ["the audit by osv is not whole: no network"],
        NOT_RUN,
    )


@pytest.mark.parametrize(("given", "code"), [([], NOT_RUN), (["--if-answered"], 0)])
def test_a_service_that_knows_no_old_weakness_does_not_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: list[str], code: int
) -> None:
    def nobody(service: str, pins: Any) -> Audit:
        assert pins == {"jinja2": "2.10"}, "the pins themselves are never sent to a service that does not serve"
        return Audit(unknown=("jinja2",)) if service == "pypi" else Audit(silent="no network")

    monkeypatch.setattr(audit, "ask", nobody)
    monkeypatch.setattr("sys.argv", ["audit", *given])
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code == code
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("NOT RUN")
    assert said[1:] == ["  pypi: does not know a weakness that is public since 2019", "  osv: no network"]


def test_the_first_service_that_finds_is_asked_about_every_pin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def second(service: str, pins: Any) -> Audit:
        if service == "pypi":
            return Audit(unknown=("jinja2",))
        return Audit((WEAK,)) if "jinja2" in pins and len(pins) == 1 else Audit()

    monkeypatch.setattr(audit, "ask", second)
    monkeypatch.setattr("sys.argv", ["audit"])
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.endswith("pins looked up at osv: 0 known weaknesses\n")
