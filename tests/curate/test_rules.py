"""The rules: each judges a measured value by a threshold that may depend on the language, and says both."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.measured import measure_batch
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.rules import FLAG, RULES, Columns, Settings, in_order, judge_all, policy_of, rule_of
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.signals import LANGUAGES
from tunesmith.curate.stage_rules import failed_rules, judge_rules
from tunesmith.errors import InputError

DEFAULTS: dict[str, Settings] = {name: rule.defaults for name, rule in RULES.items()}


def _table(*records: Record) -> pa.Table:
    arrays = measure_batch(to_batch(records))
    named = dict(zip((name for name, _, _ in SIGNALS), arrays))
    return pa.table({"kind": pa.array([record.kind for record in records]), **named})


def _sft(question: str, answer: str) -> Record:
    return Record("sft", (Message("user", question), Message("assistant", answer)))


def _failed(record: Record) -> list[str]:
    return [found["rule"] for found in failed_rules(judge_rules(_table(record), DEFAULTS)).to_pylist()[0]]


PAIR = Record("preference", (Message("user", "q?"),), (Message("assistant", "a"),), (Message("assistant", "a"),))


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (_sft("What is AI?", "  "), "empty_turn"),
        (Record("sft", (Message("user", "What?"),)), "missing_answer"),
        (Record("sft", (Message("assistant", "So."), Message("user", "What?"))), "roles_out_of_order"),
        (_sft("q", "An answer."), "prompt_too_short"),
        (_sft("why " * 30_000, "So."), "prompt_too_long"),
        (_sft("为什么" * 11_000, "因为。"), "prompt_too_long"),
        (_sft("Why?", "so " * 40_000), "answer_too_long"),
        (_sft("为什么？", "因为" * 15_001), "answer_too_long"),
        (_sft("What is AI?", ""), "answer_too_short"),
        (_sft("What is AI?", "what is ai?"), "prompt_equals_answer"),
        (PAIR, "chosen_equals_rejected"),
        (_sft("Who are you?", "I am {{name}}."), "placeholder"),
        (Record("text", text="  "), "empty_turn"),
        (Record("text", text="Dear {{name}}"), "placeholder"),
    ],
)
def test_a_fault_is_found_by_its_rule(record: Record, rule: str) -> None:
    assert rule in _failed(record)


@pytest.mark.parametrize(
    "record",
    [
        _sft("Which is right, A or B?", "B"),
        _sft("6 × 7 = ?", "42"),
        _sft("对吗", "是"),
        _sft("hi", "Hello!"),
        Record("text", text="x"),
        _sft("Use `{{name}}` in Jinja", "`{{name}}` is a variable."),
    ],
)
def test_short_right_answers_of_real_data_pass_every_rule(record: Record) -> None:
    assert _failed(record) == []


def test_pretraining_text_is_not_asked_for_a_prompt_or_an_answer() -> None:
    assert _failed(Record("text", text="Once upon a time.")) == []


def test_a_threshold_is_the_one_of_the_rows_language() -> None:
    table = _table(_sft("为什么？", "因为"), _sft("Why so?", "so"))
    limits = dict.fromkeys(LANGUAGES, 9.0) | {"zh": 2.0}
    found = judge_all(table, {"answer_too_short": {"min_characters": limits}})["answer_too_short"]
    assert found.failed.tolist() == [False, True]
    assert found.value.tolist() == [2.0, 2.0]
    assert found.threshold.tolist() == [2.0, 9.0]


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_a_bound_itself_passes(characters: int, least: int, most: int) -> None:
    table = _table(_sft("Why so?", "x" * characters))
    every = {name: float(least) for name in LANGUAGES}, {name: float(most) for name in LANGUAGES}
    active = {"answer_too_short": {"min_characters": every[0]}, "answer_too_long": {"max_characters": every[1]}}
    judged = judge_all(table, active)
    assert judged["answer_too_short"].failed[0] == (characters < least)
    assert judged["answer_too_long"].failed[0] == (characters > most)


def test_only_active_rules_judge_and_in_the_order_of_the_table() -> None:
    active = {"placeholder": {}, "empty_turn": {}}
    assert list(judge_all(_table(_sft("a", "b")), active)) == ["empty_turn", "placeholder"]


def test_all_failed_rules_of_a_row_are_listed_with_value_and_threshold() -> None:
    table = _table(_sft("fine?", "fine."), _sft(" ", "{{name}}"))
    own = {"own": {"when": "words < 3"}, "two": {"when": "words < 3 and turns > 1"}}
    rules: dict[str, Settings] = {"empty_turn": {}, "placeholder": {}, **own}
    passed, failed = failed_rules(judge_rules(table, rules)).to_pylist()
    assert [one["rule"] for one in passed] == ["own", "two"]
    assert failed == [
        {"rule": "empty_turn", "value": 1.0, "threshold": 0.0},
        {"rule": "placeholder", "value": 1.0, "threshold": 0.0},
        {"rule": "own", "value": 1.0, "threshold": 3.0},
        {"rule": "two", "value": 1.0, "threshold": None},
    ]


def test_a_table_without_rows_is_judged_too() -> None:
    assert all(len(found.failed) == 0 for found in judge_all(_table(_sft("a", "b")).slice(0, 0), DEFAULTS).values())


def test_rules_of_the_recipe_judge_after_those_of_the_table_in_their_order() -> None:
    names = ["b_own", "placeholder", "a_own", "empty_turn"]
    assert in_order(names) == ["empty_turn", "placeholder", "b_own", "a_own"]


def test_an_own_rule_judges_text_too_and_no_row_that_could_not_be_read() -> None:
    table = _table(_sft("Why?", "So."), Record("text", text="So."), Record("text", text="So."))
    table = table.set_column(0, "kind", pa.array(["sft", "text", "invalid"]))
    found = judge_all(table, {"few": {"when": "words < 9"}, "text": {"when": "words < 9 and kind == 'text'"}})
    assert found["few"].failed.tolist() == [True, True, False]
    assert found["text"].failed.tolist() == [False, True, False]


def test_one_comparison_gives_its_value_and_threshold_and_the_sign_of_a_row_that_passes() -> None:
    settings: Settings = {"when": "9 < words", "policy": "flag", "why": "long"}
    rule = rule_of("long", settings)
    found = rule.judge(Columns(_table(_sft("Why so?", "so"))), settings)
    assert (found.failed.tolist(), found.value.tolist(), found.threshold.tolist()) == ([False], [3.0], [9.0])
    assert (rule.passes, rule.why.en, policy_of("long", settings)) == ("≤", "long", FLAG)


def test_a_rule_says_what_it_misses_in_a_table_of_another_version() -> None:
    with pytest.raises(InputError, match="the rule `scored` reads ifd, which this run did not measure; run the recipe"):
        judge_all(_table(_sft("a", "b")), {"scored": {"when": "ifd > 1 or words > 1"}})
