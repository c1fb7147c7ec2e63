"""What data/README.md says is planted in the bundled sample is found, and what only looks wrong is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import open_run

#: The rule that drops the row.
DROPPED = {
    "mojibake": "medical_zh:159 general:171",
    "url_only": "general:478",
    "truncated_answer": "medical_zh:285 general:96 general:154 general:224 general:599 general:752",
    "refusal": "medical_zh:299 medical_zh:352 general:151 general:204 general:225 general:683",
    "wrong_language": "medical_zh:79 medical_zh:203 general:60 general:89 general:328",
    "loop": "medical_zh:177 general:466 general:658",
    "roles_out_of_order": "general:53",
    "broken_tool_call": "general:610 general:612 general:924 general:966 general:1023",
    "template_marks": "general:428 general:647 general:922",
    "empty_politeness": "general:684",
    "answer_repeats_prompt": "general:800",
    "contamination": "medical_zh:161 medical_zh:263 medical_zh:316 general:236 general:762 general:826",
}
#: What was done to the row.
EDITED = {
    "clean:mojibake": "medical_zh:5 general:632 general:810 general:901",
    "clean:html": "medical_zh:327 general:28 general:735 general:990",
    "clean:control": "medical_zh:114 general:704 general:822 general:868",
    "redact:phone": "medical_zh:87 general:12 general:46",
    "redact:email": "general:12",
    "redact:address": "medical_zh:101 general:608",
    "redact:resident_id": "medical_zh:258",
    "redact:passport": "general:330",
    "redact:api_key": "general:409",
    "redact:ip": "general:530",
    "redact:private_key": "general:750",
    "redact:bank_card": "general:811",
}
#: Order numbers, ISBNs, code, tables, LaTeX, traditional characters, pairs that differ in their numbers.
RIGHT = (
    "general:416 general:542 general:670 general:906 general:946 general:179 medical_zh:77 general:567 medical_zh:20 "
    "general:405 general:412 general:555 general:698 general:788 general:305 general:575 general:625 general:865 "
    "medical_zh:38 medical_zh:113"
)


@pytest.fixture(scope="module")
def lines(bundled_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    out = run(load_recipe(bundled_data / "recipe.yaml"), tmp_path_factory.mktemp("sample") / "out").out
    return {line["row_id"]: line for line in open_run(out).ledger.to_pylist()}


@pytest.mark.parametrize("rule", DROPPED)
def test_a_planted_fault_is_dropped_by_its_rule(lines: dict[str, dict[str, Any]], rule: str) -> None:
    found = {name: (lines[name]["verdict"], lines[name]["rule"]) for name in DROPPED[rule].split()}
    assert found == dict.fromkeys(DROPPED[rule].split(), ("dropped", rule))


@pytest.mark.parametrize("edit", EDITED)
def test_a_planted_fault_is_repaired_or_redacted(lines: dict[str, dict[str, Any]], edit: str) -> None:
    assert [name for name in EDITED[edit].split() if edit not in lines[name]["edits"]] == []


def test_what_only_looks_wrong_is_left_alone(lines: dict[str, dict[str, Any]]) -> None:
    touched = {
        name: (line["rule"], line["failed"], line["edits"])
        for name, line in ((name, lines[name]) for name in RIGHT.split())
        if line["verdict"] == "dropped" or line["failed"] or line["edits"]
    }
    assert touched == {}
