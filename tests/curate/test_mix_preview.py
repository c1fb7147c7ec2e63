"""The preview of a mix takes what a run with that mix takes, row for row in number."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.mix import MixPlan
from tunesmith.curate.mix_preview import pool_of_profiles, pool_of_run, preview_mix
from tunesmith.curate.profile_data import open_profile
from tunesmith.curate.profile_folder import write_profile
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run

WORDS = "apple river stone cloud paper green seven table light music garden winter bread silver".split()


def _file(path: Path, count: int, start: int) -> None:
    rows = [
        {
            "instruction": f"Tell me about {WORDS[i % 14]} number {start + i}?",
            "output": f"{WORDS[(i * 5) % 14]} {WORDS[(i * 3 + start) % 14]} {start + i} is " + "good " * (1 + i % 4),
        }
        for i in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _file(tmp_path / "domain.jsonl", 12, 0)
    _file(tmp_path / "general.jsonl", 30, 500)
    return tmp_path


def _run(folder: Path, name: str, mix: dict[str, Any] | None, decisions: str = "") -> RunData:
    sources = [{"path": f"{group}.jsonl", "group": group} for group in ("domain", "general")]
    recipe: dict[str, Any] = {"sources": sources, "rules": {"loop": "off"}, "duplicates": {"near": "off"}}
    recipe |= {"mix": mix} if mix else {}
    recipe |= {"decisions": [decisions]} if decisions else {}
    (folder / f"{name}.yaml").write_text(json.dumps(recipe))
    run(load_recipe(folder / f"{name}.yaml"), folder / name)
    return open_run(folder / name)


@pytest.mark.parametrize(
    ("ratio", "unit", "short"),
    [
        ((1, 2), "rows", "shrink"),
        ((1, 5), "rows", "repeat"),
        ((3, 1), "tokens", "shrink"),
        ((1, 9), "tokens", "repeat"),
    ],
)
@pytest.mark.parametrize("before", [None, {"domain": 2, "general": 1}])
def test_a_preview_of_a_run_takes_what_the_run_takes(
    folder: Path, ratio: tuple[int, int], unit: str, short: str, before: dict[str, int] | None
) -> None:
    asked: dict[str, float] = {"domain": ratio[0], "general": ratio[1]}
    found = preview_mix(pool_of_run(_run(folder, "before", before)), MixPlan(asked, {}, {}, unit, short, 4, 0))
    after = _run(folder, "after", {**asked, "unit": unit, "short": short})
    copies: Counter[str] = Counter()
    for line in after.ledger.to_pylist():
        if line["split"] == "train":
            copies[line["group"]] += line["copies"]
    assert {group.group: group.lines for group in found.groups} == dict(copies)
    said = [text["en"] for text in after.manifest["announcements"] if text["en"].startswith("mix ")]
    assert ([found.announcement.en] if found.announcement else []) == said


def test_a_row_that_a_person_keeps_is_taken_first(folder: Path) -> None:
    first = _run(folder, "before", None)
    kept = [line["content_id"] for line in first.ledger.to_pylist() if line["group"] == "general"][:3]
    decisions = [json.dumps({"content_id": name, "action": "keep"}) for name in kept]
    (folder / "decisions.jsonl").write_text("\n".join(decisions) + "\n")
    decided = pool_of_run(_run(folder, "decided", None, "decisions.jsonl")).decided
    assert int(decided.sum()) == 3


def test_profiles_count_the_rows_that_can_be_read(folder: Path) -> None:
    with (folder / "domain.jsonl").open("a") as file:
        file.write("{broken\n")
    profiles = []
    for group in ("domain", "general"):
        write_profile([str(folder / f"{group}.jsonl")], folder / f"profile-{group}")
        profiles.append((open_profile(folder / f"profile-{group}"), group))
    plan = MixPlan({"domain": 1, "general": 2}, {}, {}, "rows", "shrink", 4, 0)
    found = preview_mix(pool_of_profiles(profiles), plan)
    assert [(group.rows, group.lines) for group in found.groups] == [(12, 12), (30, 24)]
