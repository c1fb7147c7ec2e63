"""A row's story: each stage's evidence, true to the ledger and to the lines of the output files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.decisions import append_decision
from tunesmith.curate.explain import Story, as_json, as_text, explain
from tunesmith.curate.rules import RULES
from tunesmith.curate.rundata import RunData
from tunesmith.curate.shown import cut, width_of, wrap

MakeRun = Callable[..., RunData]


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


DOMAIN = [
    _pair("发烧怎么办？", "多喝水，休息。"),
    _pair("你是谁？", "我是{{name}}。"),
    _pair("休", "休"),
    _pair("发烧怎么办？", "多喝水，休息。"),
    '{"instruction": "断',
    _pair("发烧怎么办？", "去看医生。"),
]
GENERAL = [
    {"messages": [{"role": "user", "content": f"{i} + {i}?"}, {"role": "assistant", "content": str(2 * i)}]}
    for i in range(8)
]
RECIPE = """
sources: [{path: zh.jsonl, fill: {name: 小匠}}, {path: general.jsonl, group: general}]
rules: {answer_too_short: {min_characters: {zh: 2}}}
split: {validation: 2}
mix: {domain: 1, general: 2}
"""


@pytest.fixture
def opened(make_run: MakeRun) -> RunData:
    return make_run({"zh.jsonl": DOMAIN, "general.jsonl": GENERAL}, RECIPE)


def _stories(run: RunData) -> list[Story]:
    return [explain(run, row_id) for row_id in run.ledger["row_id"].to_pylist()]


def test_every_row_ended_in_the_lines_that_its_story_names(make_run: MakeRun) -> None:
    mixed = [*GENERAL[:3], {"text": "Once upon a time."}, {"text": "The end."}, _pair("a?", "")]
    recipe = "sources: [zh.jsonl, {path: general.jsonl, group: general}]\nmix: {domain: 3, general: 5, short: repeat}\n"
    run = make_run({"zh.jsonl": [_pair(f"问题{i}？", f"回答{i}。") for i in range(9)], "general.jsonl": mixed}, recipe)
    files = {path.name: path.read_text("utf-8").split("\n")[:-1] for path in run.folder.glob("*.jsonl")}
    told: dict[str, list[int]] = {name: [] for name in files}
    for number, story in enumerate(_stories(run)):
        texts = [turn.text for turn in story.turns]
        for ended in story.ended:
            told[ended.file] += ended.lines
            for line in ended.lines:
                row = json.loads(files[ended.file][line - 1])
                assert ended.file == "dropped.jsonl" or _texts_of(row) == texts
                assert ended.file != "dropped.jsonl" or row["row_id"] == story.row_id
        assert sum(len(ended.lines) for ended in story.ended[:1]) == max(1, run.line(number)["copies"])
    assert {name: sorted(lines) for name, lines in told.items()} == {
        name: list(range(1, len(lines) + 1)) for name, lines in files.items()
    }
    assert max(len(story.ended[0].lines) for story in _stories(run)) > 1


def _texts_of(row: dict[str, Any]) -> list[str]:
    return [row["text"]] if "text" in row else [message["content"] for message in row["messages"]]


def test_a_row_that_a_rule_dropped_names_it_with_value_and_threshold(opened: RunData) -> None:
    story = explain(opened, "zh:3")
    failed = [rule for rule in story.rules if not rule.passed]
    assert [(rule.name, rule.value, rule.sign, rule.threshold, rule.dropped) for rule in failed] == [
        ("answer_too_short", 1, "≥", 2, True),
        ("prompt_equals_answer", 1, "=", 0, False),
    ]
    assert story.split is story.mix is story.partner is None
    text = as_text(story)
    assert text.startswith("zh:3 was dropped: answer_too_short\n")
    assert "✗ answer_too_short" in text
    assert "1, under 2: this dropped it" in text
    assert "`rules: {answer_too_short: {min_characters: …}}`" in text


def test_the_rules_of_a_story_agree_with_the_ledger(opened: RunData) -> None:
    for number, story in enumerate(_stories(opened)):
        failed = [{"rule": r.name, "value": r.value, "threshold": r.threshold} for r in story.rules if not r.passed]
        assert failed == opened.line(number)["failed"]
        holds = {
            "≥": lambda r: r.value >= r.threshold,
            "≤": lambda r: r.value <= r.threshold,
            "<": lambda r: r.value < r.threshold,
            "=": lambda r: r.value == 0,
        }
        assert all(rule.passed == holds[rule.sign](rule) for rule in story.rules)


def test_a_duplicate_shows_the_row_that_stayed_and_that_one_names_it(opened: RunData) -> None:
    story, stayed = explain(opened, "zh:4"), explain(opened, "zh:1")
    assert story.partner is not None
    assert (story.partner.row_id, story.partner.similarity) == ("zh:1", 1.0)
    assert [turn.text for turn in story.partner.turns] == ["发烧怎么办？", "多喝水，休息。"]
    assert stayed.partner_of == stayed.same_content == ("zh:4",)
    assert "has the very same content and stayed: nothing is lost" in as_text(story)
    assert "stayed in place of zh:4" in as_text(stayed)


def test_a_duplicate_in_other_words_can_be_kept_instead(make_run: MakeRun) -> None:
    run = make_run({"a.jsonl": [_pair("Why so?", "Because."), _pair("why  SO?", "Because.")]}, "sources: [a.jsonl]")
    (keep, _) = explain(run, "a:2").advice
    assert keep.what == "keep this one in place of a:1"
    assert keep.command is not None
    assert keep.command.endswith(' a:2 keep --reason "…"')


def test_rows_with_one_prompt_share_a_side_and_say_so(opened: RunData) -> None:
    one, other = explain(opened, "zh:1"), explain(opened, "zh:6")
    assert one.split is not None
    assert other.split is not None
    assert one.split.side == other.split.side
    assert one.split.sharing == other.split.sharing == 1
    assert (one.split.row_ids, other.split.row_ids) == (("zh:6",), ("zh:1",))
    assert "1 other row has a like prompt and shares its side: zh:6" in as_text(one)


def test_a_filled_row_shows_its_text_before_and_after(opened: RunData) -> None:
    (edit,) = explain(opened, "zh:2").edits
    assert edit.what == "fill"
    assert [(change.role, change.before, change.after) for change in edit.changes] == [
        ("assistant", "我是{{name}}。", "我是小匠。")
    ]


def test_an_unreadable_row_shows_its_bytes_and_where_to_correct_them(opened: RunData) -> None:
    story = explain(opened, "zh:5")
    assert (story.verdict, story.rule, story.content_id) == ("invalid", "invalid_json", None)
    assert [turn.text for turn in story.turns] == ['{"instruction": "断']
    assert story.rules == story.edits == ()
    text = as_text(story)
    assert "correct zh.jsonl, line 5, and run the recipe again" in text
    assert "curate decide" not in text


def test_a_row_that_the_mix_did_not_need_says_what_would_help(opened: RunData) -> None:
    story = next(story for story in _stories(opened) if story.verdict == "unsampled")
    assert story.mix is not None
    assert (dict(story.mix.ratio), story.mix.unit, story.mix.copies) == ({"domain": 1, "general": 2}, "rows", 0)
    assert "the mix did not need it" in as_text(story)
    assert [advice.command for advice in story.advice] == [None, None]


def test_a_row_over_a_cap_says_so(make_run: MakeRun) -> None:
    recipe = "sources: [{path: general.jsonl, group: general}]\nmix: {general: 1, caps: {general: 2}}\n"
    run = make_run({"general.jsonl": GENERAL}, recipe)
    text = as_text(next(story for story in _stories(run) if story.rule == "cap"))
    assert "was over the cap" in text
    assert "raise `mix.caps`" in text


def test_a_decision_is_told_with_who_and_why(make_run: MakeRun, tmp_path: Path) -> None:
    files = {"zh.jsonl": DOMAIN, "general.jsonl": GENERAL}
    first = make_run(files, RECIPE, out="first")
    told = (
        ("zh:3", {"action": "keep", "reason": "对的", "by": "李"}),
        ("zh:2", {"action": "drop", "reason": "不用"}),
        ("zh:6", {"action": "edit", "row": _pair("发烧怎么办？", "去看医生，别拖。")}),
    )
    for row_id, decision in told:
        content = first.line(first.number_of(row_id))["content_id"]
        append_decision(tmp_path / "decisions.jsonl", {"content_id": content, **decision})
    run = make_run(files, RECIPE + "decisions: [decisions.jsonl]\n")
    kept, dropped, edited = (as_text(explain(run, row_id)) for row_id, _ in told)
    assert "李 exempted it from the rules: 对的" in kept
    assert "1, under 2: but it is exempt" in kept
    assert dropped.startswith("zh:2 was dropped by a person\n")
    assert "a person took it out: 不用" in dropped
    assert "a person changed its text" in edited
    (edit,) = explain(run, "zh:6").edits
    assert [(change.before, change.after) for change in edit.changes] == [("去看医生。", "去看医生，别拖。")]


def test_a_row_is_found_by_its_content_too(opened: RunData) -> None:
    content = explain(opened, "zh:1").content_id
    assert content is not None
    assert explain(opened, content[:10]).row_id == "zh:1"


def test_the_command_is_quoted_for_the_shell(make_run: MakeRun) -> None:
    run = make_run({"my rows.jsonl": GENERAL[:3]}, "sources: ['my rows.jsonl']", out="my run")
    command = explain(run, "my rows:2").advice[0].command
    assert command is not None
    assert command.endswith("/my run' 'my rows:2' drop --reason \"…\"")


def test_pretraining_text_and_pairs_are_told_in_their_own_words(make_run: MakeRun) -> None:
    rows = [{"text": "Once upon a time."}, {"prompt": "1+1?", "chosen": "2", "rejected": "3"}]
    run = make_run({"a.jsonl": rows}, "sources: [a.jsonl]\nsplit: {validation: off}\n")
    text, chosen = explain(run, "a:1"), explain(run, "a:2")
    assert [(turn.role, turn.text) for turn in text.turns] == [("text", "Once upon a time.")]
    assert [turn.role for turn in chosen.turns] == ["user", "chosen", "rejected"]
    assert {rule.name for rule in text.rules if rule.applies} == {name for name in RULES if RULES[name].on_text}
    assert "not asked of text: missing_answer" in as_text(text)


def test_a_tool_call_and_a_reasoning_can_be_read(make_run: MakeRun) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "dose", "arguments": '{"kg": 20}'}}
    turns = [
        {"role": "user", "content": "Dose?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "300 mg", "tool_call_id": "c"},
        {"role": "assistant", "content": "300 mg.", "reasoning_content": "as the tool says"},
    ]
    run = make_run({"a.jsonl": [{"messages": turns}]}, "sources: [a.jsonl]")
    assert [turn.text for turn in explain(run, "a:1").turns] == [
        "Dose?",
        'calls dose({"kg": 20})',
        "300 mg",
        "<think>as the tool says</think>\n300 mg.",
    ]


def test_the_story_is_plain_data_and_its_text_has_colours_only_on_request(opened: RunData) -> None:
    for story in _stories(opened):
        assert json.loads(json.dumps(as_json(story)))["row_id"] == story.row_id
        assert "\x1b" not in as_text(story)
    assert "\x1b[31m" in as_text(explain(opened, "zh:3"), color=True)


def test_no_line_of_the_page_is_wider_than_the_terminal_but_commands(make_run: MakeRun) -> None:
    run = make_run(
        {"a.jsonl": [_pair("为什么" * 200, "word " * 400), _pair("x" * 900, "\x1b[2Jy")]}, "sources: [a.jsonl]"
    )
    for row_id in ("a:1", "a:2"):
        text = as_text(explain(run, row_id), width=80)
        lines = [line for line in text.split("\n") if "tunesmith curate decide" not in line]
        assert max(map(width_of, lines)) <= 80
        assert "\x1b" not in text
    assert "characters …]" in text


def test_cutting_says_how_much_is_gone_and_wrapping_loses_nothing() -> None:
    assert cut("abcdefghij", most=4) == "ab [… 6 characters …] ij"
    assert cut("abcd", most=4) == "abcd"
    assert wrap("one two three", width=7) == ["one two", "three"]
    assert wrap("一二三四", width=5) == ["一二", "三四"]
    assert wrap("a\n\n  b", width=5) == ["a", "", "  b"]
    assert width_of("é中") == 3
