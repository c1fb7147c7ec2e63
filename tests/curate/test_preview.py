"""Preview: other thresholds on a finished run decide every row as a run with those thresholds does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tunesmith.curate import preview as previewing
from tunesmith.curate.preview import Preview, arrived_rows, kept_rows, measured_columns, preview
from tunesmith.curate.preview_changes import change_rules
from tunesmith.curate.recipe import load_recipe, parse_recipe, resolved_rules
from tunesmith.curate.rules import RULES
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.curate.signals import LANGUAGES
from tunesmith.curate.stage_rules import judge_rules
from tunesmith.curate.stages import CACHE
from tunesmith.errors import InputError, RecipeError

MakeRun = Callable[..., RunData]


def _pair(question: str, answer: str) -> dict[str, str]:
    return {"instruction": question, "input": "", "output": answer}


ROWS: list[Any] = [
    *(_pair(f"Why {i}" + "?" * i, "so" * (i + 1)) for i in range(12)),
    *(_pair(f"为什么{i}" + "？" * i, "因为" * (i + 1)) for i in range(8)),
    *(_pair(f"なぜですか{i}", "です" * (i + 1)) for i in range(4)),
    *(_pair(f"왜 그래요 {i}", "네" * (i + 1)) for i in range(4)),
    *(_pair(f"Почему {i}", "да" * (i + 1)) for i in range(4)),
    _pair("Who are you, friend?", "I am {{name}}."),
    _pair("The same", "the same"),
    _pair("", ""),
    _pair("Kept by a person", "ok"),
    _pair("Dropped by a person", "no"),
    _pair("Edited by a person", "what it was, at some length"),
    "{broken",
    {"messages": [{"role": "user", "content": "no answer"}]},
    {"text": "x"},
    {"text": "Dear {{name}}"},
]
FEW = [_pair(f"Sampled question {i}", "a" * i) for i in range(9)]
BASES: tuple[dict[str, Any], ...] = (
    {},
    {
        "answer_too_short": {"min_characters": {"zh": 3, "en": 9}},
        "prompt_too_long": {"max_characters": 9},
        "placeholder": False,
        "prompt_too_short": False,
    },
)


class Lab:
    """One input, run under any rules."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, count()
        for name, rows in (("rows.jsonl", ROWS), ("few.jsonl", FEW)):
            lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        registry = {"few": {"file_name": "few.jsonl", "num_samples": 5}}
        (folder / "dataset_info.json").write_text(json.dumps(registry))
        (folder / "decisions.jsonl").write_text("")
        first = self.run({}).ledger.to_pylist()
        ids = {line["row_id"]: line["content_id"] for line in first}
        place = {row["instruction"]: f"rows:{n}" for n, row in enumerate(ROWS, 1) if "instruction" in row}
        decisions = [
            {"content_id": ids[place["Kept by a person"]], "action": "keep"},
            {"content_id": ids[place["Dropped by a person"]], "action": "drop"},
            {"content_id": ids[place["Edited by a person"]], "action": "edit", "row": _pair("Edited now", "hm")},
        ]
        (folder / "decisions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in decisions))
        self.bases = [self.run(rules) for rules in BASES]

    def run(self, rules: dict[str, Any]) -> RunData:
        number = next(self.numbers)
        recipe = {
            "sources": ["rows.jsonl", "dataset_info.json#few"],
            "decisions": "decisions.jsonl",
            "duplicates": {"near": False},
            "rules": rules,
        }
        path = self.folder / f"recipe{number}.yaml"
        path.write_text(json.dumps(recipe))
        return open_run(run(load_recipe(path), self.folder / f"out{number}", workers=1).out)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("preview"))


_NUMBERS = st.integers(0, 30) | st.floats(0, 30).map(lambda number: round(number, 2))
_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        name: st.just(False)
        | st.fixed_dictionaries(
            {key: _NUMBERS | st.dictionaries(st.sampled_from(LANGUAGES), _NUMBERS, min_size=1) for key in rule.defaults}
        )
        for name, rule in RULES.items()
    },
)


def _arguments(wanted: dict[str, Any]) -> tuple[list[str], list[str]]:
    sets = []
    for rule, block in wanted.items():
        for key, numbers in (block or {}).items():
            named = numbers if isinstance(numbers, dict) else {"": numbers}
            sets += [f"{rule}.{key}{'.' * bool(name)}{name}={number}" for name, number in named.items()]
    return sets, [rule for rule, block in wanted.items() if block is False]


@settings(max_examples=30, deadline=None)
@example(wanted={"noise": {"from_share_with_punctuation": {"en": 0}}}, base=0)  # other has a default of its own
@given(wanted=_SETTINGS, base=st.sampled_from(range(len(BASES))))
def test_preview_and_the_rules_stage_of_a_run_agree_on_every_threshold(
    lab: Lab, wanted: dict[str, Any], base: int
) -> None:
    before = lab.bases[base]
    sets, off = _arguments(wanted)
    found = preview(before, sets, off)
    after = lab.run({**BASES[base], **found.settings})
    _agree_by_row(before, after, resolved_rules(parse_recipe(dict(after.recipe), "the run")))
    _agree_in_counts(found, before, after)
    if base == 0:  # what was asked for means what the same words mean in a recipe
        written = resolved_rules(parse_recipe({"sources": ["a"], "rules": wanted}, "as written"))
        pasted = resolved_rules(parse_recipe({"sources": ["a"], "rules": found.settings}, "as pasted"))
        assert written == pasted


def _agree_by_row(before: RunData, after: RunData, rules: Any) -> None:
    decided = judge_rules(measured_columns(before), rules, arrived_rows(before) & ~kept_rows(before))
    told = after.ledger.to_pylist()
    assert decided.rule_names().tolist() == [line["rule"] if line["stage"] == "rules" else None for line in told]
    for number, line in enumerate(told):
        if line["stage"] == "rules":
            judged = decided.judged[line["rule"]]
            assert judged.at(number) == (line["value"], line["threshold"])
            names = [name for name, found in decided.judged.items() if found.failed[number]]
            assert names == [one["rule"] for one in line["failed"]]


def _agree_in_counts(found: Preview, before: RunData, after: RunData) -> None:
    was, now = (
        [line if line["stage"] == "rules" else None for line in one.ledger.to_pylist()] for one in (before, after)
    )
    both = [*zip(was, now)]
    assert found.dropped_before == sum(line is not None for line in was)
    assert found.dropped_after == sum(line is not None for line in now)
    assert found.newly_dropped == sum(a is None and b is not None for a, b in both)
    assert found.newly_kept == sum(a is not None and b is None for a, b in both)
    for one in found.rules:
        for lines, fails, drops, only in (
            (was, one.fails_before, one.drops_before, one.only_before),
            (now, one.fails_after, one.drops_after, one.only_after),
        ):
            failed = [[entry["rule"] for entry in line["failed"]] for line in lines if line]
            assert fails == sum(one.rule in names for names in failed)
            assert drops == sum(names[0] == one.rule for names in failed)
            assert only == sum(names == [one.rule] for names in failed)
        assert one.newly_dropped == sum(a is None and b is not None and b["rule"] == one.rule for a, b in both)
        assert one.newly_kept == sum(a is not None and b is None and a["rule"] == one.rule for a, b in both)


def test_no_change_changes_nothing(lab: Lab) -> None:
    found = preview(lab.bases[1])
    assert (found.newly_dropped, found.newly_kept, found.settings) == (0, 0, {})
    assert found.dropped_before == found.dropped_after > 0
    assert not any(one.changed for one in found.rules)


def test_rows_that_a_person_or_num_samples_took_and_unreadable_rows_are_not_judged(lab: Lab) -> None:
    found = preview(lab.bases[0], ["answer_too_short.min_characters=1000"])
    assert found.rows == len(ROWS) + len(FEW)
    assert found.judged == found.rows - 1 - 1 - (len(FEW) - 5)
    assert found.kept_by_decision == 1
    texts = 2
    assert next(one.fails_after for one in found.rules if one.rule == "answer_too_short") == found.judged - 1 - texts


def test_rows_on_both_sides_of_a_threshold_are_named_nearest_first(make_run: MakeRun) -> None:
    rows = [_pair(f"Question {i}?", "x" * i) for i in (9, 3, 5, 4, 1, 7)]
    opened = make_run({"a.jsonl": [*rows, {"text": "xxxx"}]}, "sources: [a.jsonl]")
    found = preview(opened, ["answer_too_short.min_characters.en=5"], nearest=2)
    one = next(one for one in found.rules if one.changed)
    assert [(row.row_id, row.value, row.threshold) for row in one.failing] == [("a:4", 4, 5), ("a:2", 3, 5)]
    assert [(row.row_id, row.value, row.language) for row in one.passing] == [("a:3", 5, "en"), ("a:6", 7, "en")]


def test_no_row_is_read(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [_pair("Question?", "x")]}, "sources: [a.jsonl]")
    shutil.rmtree(opened.folder / CACHE)
    for name in ("train.jsonl", "validation.jsonl", "dropped.jsonl"):
        (opened.folder / name).unlink()
    assert preview(open_run(opened.folder), ["answer_too_short.min_characters=2"]).newly_dropped == 1


def test_a_run_without_the_decisions_that_it_applied_is_refused(lab: Lab, tmp_path: Path) -> None:
    folder = shutil.copytree(lab.bases[0].folder, tmp_path / "copy")
    shutil.rmtree(folder / CACHE)
    with pytest.raises(InputError, match="the decisions that this run applied are gone"):
        preview(open_run(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("answer_to_short.min_characters=4", "unknown rule `answer_to_short`; did you mean `answer_too_short`?"),
        ("answer_too_short.min_charcters=4", "unknown parameter `min_charcters`; did you mean `min_characters`?"),
        ("answer_too_short.min_characters.cn=4", "unknown language `cn`"),
        ("answer_too_short.min_characters=four", "expected a number of at least 0"),
        ("answer_too_short.min_characters.zh=-1", "expected a number of at least 0, saw -1"),
        ("answer_too_short.min_characters=nan", "expected a number of at least 0"),
        ("placeholder.max=1", "unknown parameter `max`; the rule has none, it is on or off, or has a policy"),
        ("answer_too_short=4", "expected off or its parameters such as {min_characters:"),
    ],
)
def test_a_wrong_name_or_number_is_told_as_in_a_recipe(lab: Lab, change: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        preview(lab.bases[0], [change])
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once(lab: Lab) -> None:
    with pytest.raises(RecipeError, match="2 mistakes in the recipe"):
        preview(lab.bases[0], ["answer_too_short.min_characters=x"], ["placehodler"])


@pytest.mark.parametrize(
    "change", ["answer_too_short", "=4", "answer_too_short.=4", "answer_too_short.min_characters="]
)
def test_a_change_that_is_none_is_told_with_an_example(change: str) -> None:
    with pytest.raises(InputError, match=r"expected rule\.parameter=number, saw .*; write answer_too_short"):
        change_rules({}, [change])


def test_a_rule_cannot_be_set_and_off(lab: Lab) -> None:
    with pytest.raises(InputError, match="answer_too_short is both set and switched off"):
        preview(lab.bases[0], ["answer_too_short.min_characters=2"], ["answer_too_short"])


def test_a_rule_that_is_off_is_switched_on_with_its_defaults_or_by_a_number(lab: Lab) -> None:
    changes = ["placeholder=on", "prompt_too_short.min_characters.zh=7"]
    found = preview(lab.bases[1], changes)
    assert found.settings == {"placeholder": {}, "prompt_too_short": {"min_characters": {"zh": 7, "en": 2}}}
    assert next(one for one in found.rules if one.rule == "placeholder").before is None


def test_a_language_that_was_set_apart_does_not_follow_its_kin() -> None:
    rules = {"answer_too_short": {"min_characters": {"zh": 1, "ja": 5, "ko": 1, "en": 1, "other": 1}}}
    changed = change_rules(rules, ["answer_too_short.min_characters.zh=4"])
    assert changed["answer_too_short"]["min_characters"] == {"zh": 4, "ja": 5, "ko": 4, "en": 1, "other": 1}


def test_a_run_that_other_rules_decided_is_refused(lab: Lab) -> None:
    base = lab.bases[1]
    manifest = {**base.manifest, "recipe": {**base.recipe, "rules": lab.bases[0].recipe["rules"]}}
    with pytest.raises(InputError, match="rows were decided by another version of the rules"):
        preview(RunData(base.folder, manifest, base.ledger, base.signals))


def test_the_text_tells_counts_borderline_rows_and_what_to_write(lab: Lab) -> None:
    text = previewing.as_text(preview(lab.bases[0], ["answer_too_short.min_characters.en=6"], ["placeholder"]))
    assert "newly dropped" in text
    assert "limit 6 (en)" in text
    assert "    answer_too_short: {min_characters: {zh: 1, en: 6}}\n    placeholder: off" in text
    assert "Nearest to the threshold of answer_too_short" in text


def test_json_is_plain_data(lab: Lab) -> None:
    told = previewing.as_json(preview(lab.bases[0], ["answer_too_short.min_characters=6"]))
    assert json.loads(json.dumps(told))["rules"][0]["rule"] == "empty_turn"
