"""Each rule of the table: a row that fails it, one that just passes, and the same in the other language."""

from __future__ import annotations

import operator
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.curate.recipe import parse_recipe, resolved_rules
from tunesmith.curate.rule_types import Columns
from tunesmith.curate.rules import FLAG, POLICIES, RULES, judge_all
from tunesmith.curate.signals import LANGUAGES
from tunesmith.curate.stage_rules import failed_rules, judge_rules

DEFAULTS = resolved_rules(parse_recipe({"sources": ["a"]}, "a test"))

#: A good row, as it is measured. A case changes what it is about.
GOOD: dict[str, Any] = {
    "kind": "sft",
    "language": "en",
    "prompt_characters": 60,
    "answer_characters": 400,
    "empty_turns": 0,
    "missing_answer": False,
    "disordered_turn": 0,
    "prompt_equals_answer": False,
    "sides_equal": False,
    "placeholders": 0,
    "answer_words": 80,
    "symbol_share": 0.01,
    "punctuation_share": 0.05,
    "repeated_ngram_share": 0.0,
    "loop_share": 0.0,
    "loop_count": 0,
    "repeated_line_share": 0.0,
    "repeated_sentence_share": 0.0,
    "code_share": 0.0,
    "math_share": 0.0,
    "list_share": 0.0,
    "url_share": 0.0,
    "answer_overlap": 0.1,
    "prompt_overlap": 0.1,
    "ending": "complete",
    "replacement_characters": 0,
    "side_ratio": 0.0,
    "side_similarity": 0.0,
    "refusal": 0.0,
    "unsafe": 0,
    "template_marks": 0,
    "politeness_only": False,
    "stub_answer": False,
    "language_mismatch": False,
    "task": "qa",
    "broken_tool_calls": 0,
}


def _table(*changes: dict[str, Any]) -> pa.Table:
    rows = [{**GOOD, **change} for change in changes]
    assert all(row.keys() == GOOD.keys() for row in rows)
    kinds = {bool: pa.bool_(), str: pa.string(), int: pa.int32(), float: pa.float32()}
    schema = pa.schema([(name, kinds[type(value)]) for name, value in GOOD.items()])
    return pa.Table.from_pylist(rows, schema)


def _failed(**change: Any) -> list[str]:
    outcome = judge_rules(_table(change), DEFAULTS)
    return [one["rule"] for one in failed_rules(outcome).to_pylist()[0]]


Case = tuple[str, dict[str, Any], dict[str, Any]]
PAIR = {"kind": "preference"}
LOOP = {"loop_share": 0.25, "loop_count": 3}
AGAIN = {"repeated_sentence_share": 0.4, "repeated_ngram_share": 0.4}
ECHO = {"answer_overlap": 0.75, "prompt_overlap": 0.95}

#: Rule, a row in English that fails and one that just passes; the row in Chinese, likewise.
ENGLISH: tuple[Case, ...] = (
    ("empty_turn", {"empty_turns": 1}, {}),
    ("missing_answer", {"missing_answer": True}, {}),
    ("roles_out_of_order", {"disordered_turn": 2}, {}),
    ("prompt_too_short", {"prompt_characters": 1}, {"prompt_characters": 2}),
    ("prompt_too_long", {"prompt_characters": 100_001}, {"prompt_characters": 100_000}),
    ("answer_too_short", {"answer_characters": 0}, {"answer_characters": 1}),
    ("answer_too_long", {"answer_characters": 100_001}, {"answer_characters": 100_000}),
    ("prompt_equals_answer", {"prompt_equals_answer": True}, {}),
    ("chosen_equals_rejected", {**PAIR, "sides_equal": True}, PAIR),
    ("placeholder", {"placeholders": 1}, {}),
    ("mojibake", {"replacement_characters": 1}, {}),
    ("template_marks", {"template_marks": 1}, {}),
    ("truncated_answer", {"ending": "mid_word"}, {"ending": "open"}),
    ("truncated_answer", {"ending": "cut"}, {"ending": "empty"}),
    ("noise", {"symbol_share": 0.4}, {"symbol_share": 0.39}),
    ("noise", {"symbol_share": 0.1, "punctuation_share": 0.6}, {"symbol_share": 0.1, "punctuation_share": 0.59}),
    ("noise", {"symbol_share": 0.9, "answer_characters": 20}, {"symbol_share": 0.9, "answer_characters": 19}),
    ("noise", {"symbol_share": 0.4}, {"symbol_share": 0.9, "code_share": 0.3}),
    ("noise", {"symbol_share": 0.7, "language": "other"}, {"symbol_share": 0.69, "language": "other"}),
    ("loop", LOOP, {**LOOP, "loop_share": 0.24}),
    ("loop", LOOP, {**LOOP, "loop_count": 2}),
    ("loop", {**LOOP, "answer_characters": 240}, {**LOOP, "answer_characters": 236}),
    ("loop", LOOP, {**LOOP, "code_share": 0.2, "math_share": 0.1}),
    ("loop", AGAIN, {**AGAIN, "repeated_sentence_share": 0.39}),
    ("loop", AGAIN, {**AGAIN, "repeated_ngram_share": 0.39}),
    ("loop", {**AGAIN, "answer_words": 40}, {**AGAIN, "answer_words": 39}),
    (
        "loop",
        {"repeated_line_share": 0.6, "repeated_ngram_share": 0.6, "list_share": 0.4},
        {"repeated_line_share": 0.6, "repeated_ngram_share": 0.6, "list_share": 0.5},
    ),
    ("refusal", {"refusal": 0.5}, {"refusal": 0.49}),
    ("empty_politeness", {"politeness_only": True}, {}),
    ("stub_answer", {"stub_answer": True}, {}),
    ("url_only", {"url_share": 0.9}, {"url_share": 0.89}),
    ("answer_repeats_prompt", ECHO, {**ECHO, "answer_overlap": 0.74}),
    ("answer_repeats_prompt", ECHO, {**ECHO, "prompt_overlap": 0.94}),
    ("answer_repeats_prompt", {**ECHO, "answer_words": 6}, {**ECHO, "answer_words": 5}),
    (
        "answer_repeats_prompt",
        {"task": "rewriting", "answer_overlap": 1.0, "prompt_overlap": 0.99},
        {"task": "rewriting", "answer_overlap": 1.0, "prompt_overlap": 0.98},
    ),
    ("wrong_language", {"language_mismatch": True}, {}),
    ("broken_tool_call", {"broken_tool_calls": 1}, {}),
    ("unsafe", {"unsafe": 1}, {}),
    ("chosen_near_rejected", {**PAIR, "side_similarity": 0.95}, {**PAIR, "side_similarity": 0.94}),
    ("preference_length_bias", {**PAIR, "side_ratio": 10.0}, {**PAIR, "side_ratio": 9.9}),
    ("preference_length_bias", {**PAIR, "side_ratio": 0.1}, {**PAIR, "side_ratio": 0.11}),
)
#: Where the numbers are others in Chinese; elsewhere the row is the same but for its language.
CHINESE: tuple[Case, ...] = (
    ("prompt_too_short", {"prompt_characters": 0}, {"prompt_characters": 1}),
    ("prompt_too_long", {"prompt_characters": 30_001}, {"prompt_characters": 30_000}),
    ("answer_too_long", {"answer_characters": 30_001}, {"answer_characters": 30_000}),
    ("loop", {**LOOP, "answer_characters": 96}, {**LOOP, "answer_characters": 92}),
    ("loop", {**AGAIN, "answer_words": 60}, {**AGAIN, "answer_words": 59}),
    ("answer_repeats_prompt", {**ECHO, "answer_words": 8}, {**ECHO, "answer_words": 7}),
)
_OWN_NUMBERS = ("prompt_too_short", "prompt_too_long", "answer_too_long", "loop", "answer_repeats_prompt")
_SAME = tuple(case for case in ENGLISH if case[0] not in _OWN_NUMBERS and "language" not in case[1])


@pytest.mark.parametrize(("rule", "fails", "passes"), ENGLISH)
def test_a_row_fails_its_rule_alone_and_the_nearest_good_one_passes_all(
    rule: str, fails: dict[str, Any], passes: dict[str, Any]
) -> None:
    assert _failed(**fails) == [rule]
    assert _failed(**passes) == []


@pytest.mark.parametrize(("rule", "fails", "passes"), [*CHINESE, *_SAME])
def test_the_same_in_chinese(rule: str, fails: dict[str, Any], passes: dict[str, Any]) -> None:
    assert _failed(**{**fails, "language": "zh"}) == [rule]
    assert _failed(**{**passes, "language": "zh"}) == []


def test_every_rule_has_a_case_in_both_languages() -> None:
    assert {rule for rule, *_ in ENGLISH} == RULES.keys()
    assert {rule for rule, *_ in (*CHINESE, *_SAME)} == RULES.keys()


def test_a_row_fails_exactly_where_value_and_threshold_say_so() -> None:
    rows = [change for _, *both in ENGLISH for change in both]
    holds = {"≥": operator.ge, "≤": operator.le, "<": operator.lt, "=": operator.eq}
    for name, found in judge_all(_table(*rows), DEFAULTS).items():
        passes = holds[RULES[name].passes](found.value, found.threshold)
        assert (~found.failed).tolist() == passes.tolist(), name


def test_a_row_without_content_or_that_could_not_be_read_fails_nothing_by_a_limit_of_zero() -> None:
    limits = {name: dict.fromkeys(rule.defaults, 0) for name, rule in RULES.items() if rule.passes == "<"}
    rules = resolved_rules(parse_recipe({"sources": ["a"], "rules": limits}, "a test"))
    zeros = {name: type(value)() for name, value in GOOD.items()} | {"language": "other", "prompt_characters": 9}
    zeros |= {"answer_characters": 9, "kind": "sft"}
    assert not any(found.failed.any() for found in judge_all(_table(zeros), rules).values())
    assert not any(found.failed.any() for found in judge_all(_table({"kind": "invalid"} | LOOP), rules).values())


@pytest.mark.parametrize("name", RULES)
def test_pretraining_text_is_asked_what_text_can_be_asked(name: str) -> None:
    fails = next(change for rule, change, _ in ENGLISH if rule == name)
    found = judge_all(_table({**fails, "kind": "text"}), DEFAULTS)[name]
    assert bool(found.failed[0]) == RULES[name].on_text


def test_a_rule_reads_the_columns_that_it_names() -> None:
    class Watched(Columns):
        read: set[str]

        def numbers(self, name: str) -> Any:
            self.read.add(name)
            return super().numbers(name)

        def is_among(self, name: str, texts: Any) -> Any:
            self.read.add(name)
            return super().is_among(name, texts)

    for name, rule in RULES.items():
        columns = Watched(_table({}))
        columns.read = set()
        rule.judge(columns, DEFAULTS[name])
        assert columns.read == {*rule.columns}, name


def test_every_rule_has_words_an_example_and_a_number_for_every_language() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.policy in POLICIES
        assert all((*rule.why, *rule.example))
        assert rule.why.en != rule.why.zh
        assert all(set(numbers) == set(LANGUAGES) for numbers in rule.defaults.values())
    assert {name for name, rule in RULES.items() if rule.policy == FLAG} == {"unsafe", "preference_length_bias"}
