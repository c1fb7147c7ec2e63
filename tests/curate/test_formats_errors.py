"""Rows that are no records say why, by code; records that a format has no place for are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.formats.columns import check_columns, mapped
from tunesmith.curate.formats.siliconflow import broken_rule
from tunesmith.curate.records import Message, Record
from tunesmith.errors import CannotHold, InputError, RowError

USER, ANSWER = Message("user", "q"), Message("assistant", "a")
CALL = Message("assistant", None, tool_calls=[{"function": {"name": "f", "arguments": "{}"}}])
RESULT = Message("tool", "r")


def messages(*turns: Any) -> dict[str, Any]:
    return {"messages": list(turns)}


@pytest.mark.parametrize(
    ("name", "row", "code", "said"),
    [
        ("alpaca", ["q", "a"], "not_an_object", "a list of 2"),
        ("alpaca", "q", "not_an_object", "a text ('q')"),
        ("alpaca", {"instruction": 5, "output": "a"}, "wrong_type", "`instruction` is a number (5)"),
        ("alpaca", {"instruction": "q", "output": ["a"]}, "wrong_type", "`output` is a list of 1"),
        ("alpaca", {"instruction": "q", "output": "a", "system": True}, "wrong_type", "`system` is true"),
        ("alpaca", {"instruction": "q", "output": "a", "history": "x"}, "wrong_nesting", "`history` is a text"),
        ("alpaca", {"instruction": "q", "output": "a", "history": [["x"]]}, "wrong_nesting", "[question, answer]"),
        ("alpaca", {"instruction": "q", "output": "a", "history": [["x", None]]}, "wrong_nesting", "`history` holds"),
        ("alpaca", {"instruction": "q", "output": "a", "tools": {}}, "wrong_nesting", "`tools` is an object"),
        ("alpaca", {"instruction": "q", "output": "a", "image": "a.png"}, "multimodal", "image"),
        ("alpaca", {"text": "t"}, "missing_column", "`instruction`"),
        ("alpaca", {"instruction": "q", "output": "a", "_tunesmith": 5}, "reserved_field", "`_tunesmith`"),
        ("alpaca", {"instruction": "q", "_tunesmith": {"lifted": []}}, "reserved_field", "did not write"),
        ("alpaca", {"instruction": "q", "_tunesmith": {"alpaca": {"turns": {"a": {"0": 1}}}}}, "reserved_field", ""),
        (
            "alpaca",
            {"instruction": "q", "_tunesmith": {"lifted": {"0": {"extra": {"_tunesmith": 1}}}}},
            "reserved_field",
            "",
        ),
        ("openai", messages({"role": "user", "content": "q", "_tunesmith": {"think": [1]}}), "reserved_field", ""),
        ("openai", messages({"role": "user", "content": "q", "_tunesmith": {"calls": ["f"]}}), "reserved_field", ""),
        ("openai", {"messages": "q"}, "wrong_nesting", "a list of messages"),
        ("openai", messages("q"), "wrong_nesting", "a list of messages"),
        ("openai", messages({"role": "asistant", "content": "a"}), "unknown_role", "did you mean 'assistant'?"),
        ("openai", messages({"role": "zzz", "content": "a"}), "unknown_role", "known roles are system"),
        ("openai", messages({"content": "a"}), "unknown_role", "the role is null"),
        ("openai", messages({"role": "user", "content": 5}), "wrong_type", "content is a number (5)"),
        ("openai", messages({"role": "user", "content": [{"type": "image_url"}]}), "multimodal", "'image_url'"),
        ("openai", messages({"role": "user", "content": [{"type": "text", "text": 5}]}), "wrong_type", "`text`"),
        ("openai", messages({"role": "assistant", "tool_calls": "f"}), "wrong_nesting", "`tool_calls` is a text"),
        ("openai", messages({"role": "assistant", "tool_calls": [{"function": "f"}]}), "wrong_nesting", "`function`"),
        ("openai", messages({"role": "assistant", "tool_calls": [{"function": {"name": 1}}]}), "wrong_type", "`name`"),
        ("openai", {"messages": [], "tools": 5}, "wrong_nesting", "`tools` is a number"),
        ("sharegpt", {"conversations": {"from": "human"}}, "wrong_nesting", "a list of turns"),
        ("sharegpt", {"conversations": [{"from": "humen", "value": "q"}]}, "unknown_role", "'human'"),
        ("sharegpt", {"conversations": [{"from": "human", "value": 1}]}, "wrong_type", "content is a number"),
        ("siliconflow", messages(), "siliconflow_rule", "`messages` is a list of 0"),
        ("prompt_completion", {"prompt": [], "completion": "a"}, "wrong_nesting", "`completion`"),
        ("prompt_completion", {"completion": "a"}, "missing_column", "`prompt`"),
        ("question_answer", {"q": "q", "answer": "a"}, "missing_column", "a question and its answer"),
        ("multiple_choice", {"A": "1", "Answer": "A"}, "missing_column", "`question`"),
        ("multiple_choice", {"Question": "q", "A": 1, "B": "2", "Answer": "A"}, "wrong_type", "`A`"),
        ("text", {"body": "t"}, "missing_column", "`text`"),
        ("text", {"text": 5}, "wrong_type", "`text`"),
        ("alpaca_preference", {"instruction": "q", "chosen": "a"}, "wrong_type", "`rejected` is missing"),
        ("sharegpt_preference", {"conversations": [], "chosen": "a", "rejected": {}}, "wrong_nesting", "`chosen`"),
        ("trl_preference", {"prompt": "q", "chosen": "a", "rejected": 5}, "wrong_type", "`rejected`"),
        (
            "trl_preference",
            {"chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]},
            "wrong_nesting",
            "no common beginning",
        ),
        ("kto", {"messages": [], "label": "yes"}, "wrong_type", "`label` is a text"),
        ("kto", {"messages": [], "label": None}, "wrong_type", "`label` is null"),
        ("kto", {"messages": [], "label": 2}, "wrong_type", "`label` is a number (2)"),
        ("sharegpt_kto", {"conversations": [], "kto_tag": []}, "wrong_type", "`kto_tag`"),
    ],
)
def test_a_row_that_is_no_record_says_why(name: str, row: Any, code: str, said: str) -> None:
    with pytest.raises(RowError) as caught:
        read_row(row, FORMATS[name])
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "has no `messages`"),
        (messages({"role": "user", "content": "q"}) | {"id": 1}, "the fields id beside"),
        (messages(), "a list of 0"),
        (messages({"role": "user"}), "turn 1 is not an object of `role` and `content`"),
        (messages({"role": "user", "content": " "}), "turn 1 has no text"),
        (messages({"role": "assistant", "content": "a"}), "turn 1 is assistant where user belongs"),
        (messages({"role": "system", "content": "s"}, {"role": "assistant", "content": "a"}), "turn 2 is assistant"),
        (
            messages({"role": "user", "content": "q"}, {"role": "user", "content": "q"}),
            "turn 2 is user where assistant",
        ),
        (messages({"role": "user", "content": "q"}), "the last turn is not an answer"),
        (messages({"role": "system", "content": "s"}), "the last turn is not an answer"),
        (messages({"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}), None),
    ],
)
def test_the_upload_rules_name_the_turn_that_breaks_them(row: dict[str, Any], said: str | None) -> None:
    broken = broken_rule(row)
    assert broken is None if said is None else said in (broken or "")


def sft(*turns: Message, **more: Any) -> Record:
    return Record("sft", turns, **more)


def pair(chosen: tuple[Message, ...], rejected: tuple[Message, ...] = (ANSWER,)) -> Record:
    return Record("preference", (USER,), chosen, rejected)


@pytest.mark.parametrize(
    ("name", "record", "said"),
    [
        ("text", sft(USER, ANSWER), "no place for rows of kind sft"),
        ("alpaca", Record("text", text="t"), "no place for rows of kind text"),
        ("alpaca", sft(USER, USER), "do not alternate"),
        ("alpaca", sft(ANSWER), "do not alternate"),
        ("alpaca", sft(), "do not alternate"),
        ("alpaca", sft(Message("system", ""), USER, ANSWER), "an empty system turn would vanish"),
        ("alpaca", sft(USER, CALL), "tool calls need a format with roles"),
        ("alpaca", sft(USER, Message("assistant", "a", reasoning="x</think>y")), "does not fit into a <think> block"),
        ("alpaca", sft(Message("user", "q", reasoning="r"), ANSWER), "role user does not fit"),
        ("alpaca", sft(USER, Message("assistant", "<think>r</think>a")), "itself begins with a <think> block"),
        ("sharegpt", sft(CALL._replace(role="user")), "role user makes a tool call"),
        ("siliconflow", sft(USER, ANSWER, tools="[{}]"), "it has tools"),
        ("siliconflow", sft(USER), "the last turn is not an answer"),
        ("siliconflow", sft(USER, ANSWER, extra={"id": 1}), "no place for `id`"),
        ("siliconflow", sft(USER, ANSWER._replace(extra={"weight": 0})), "the spelling of the row as it came"),
        ("prompt_completion", sft(USER, ANSWER, USER, ANSWER), "not one question with one answer"),
        ("question_answer", sft(USER, ANSWER, tools='[{"name": "f"}]'), "no column for tools"),
        ("multiple_choice", sft(USER, ANSWER), "does not end in choices"),
        (
            "multiple_choice",
            sft(Message("user", "q\nA. 1\nB. 2"), ANSWER, tools='[{"name": "f"}]'),
            "no column for tools",
        ),
        ("alpaca_preference", pair((ANSWER, USER, ANSWER)), "`chosen` is not one assistant turn"),
        ("alpaca_preference", pair((ANSWER,), (USER,)), "`rejected` is not one assistant turn"),
        ("sharegpt_preference", pair((ANSWER,), (ANSWER, ANSWER)), "`rejected` is not one turn"),
        ("kto", Record("kto", (USER,), label=True), "no answer to label"),
    ],
)
def test_a_record_without_a_place_is_refused(name: str, record: Record, said: str) -> None:
    with pytest.raises(CannotHold) as caught:
        write_row(record, FORMATS[name])
    assert said in str(caught.value)


def test_a_strict_format_takes_the_record_without_its_extra() -> None:
    record = sft(USER, ANSWER._replace(extra={"weight": 0}), extra={"id": 1})
    row = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    assert write_row(record, FORMATS["siliconflow"], keep_extra=False) == row


def test_a_mapping_has_no_column_for_what_it_does_not_name() -> None:
    with pytest.raises(CannotHold, match="no column for system"):
        write_row(sft(Message("system", "s"), USER, ANSWER), mapped({"prompt": "a", "answer": "b"}))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"promt": "a"}, "did you mean 'prompt'?"),
        ({"zzzzz": "a"}, "known are prompt, input"),
        ({"prompt": "a"}, "a mapping of prompt makes no record"),
        ({}, "a mapping of nothing makes no record"),
        ({"messages": "a", "chosen": "b", "rejected": "c"}, "makes no record"),
        ({"prompt": "a", "answer": "a"}, "names one column twice"),
    ],
)
def test_a_mapping_that_makes_no_record_is_refused(columns: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        mapped(columns)
    assert said in str(caught.value)


def test_a_row_without_a_mapped_column_is_invalid() -> None:
    with pytest.raises(RowError) as caught:
        read_row({"a": "q"}, mapped({"prompt": "a", "answer": "b"}))
    assert caught.value.code == "missing_column"


def test_a_column_that_no_row_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"rows.csv: has no column `anser` \(answer\); did you mean `answer`\?"):
        check_columns({"prompt": "ask", "answer": "anser"}, [{"ask": "q", "answer": "a"}], "rows.csv")
    check_columns({"prompt": "ask"}, [], "empty.csv")
