"""The texts that quality is measured on."""

from __future__ import annotations

from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.sides import Sides, sides_of


def _sides(*records: Record) -> list[tuple[str, ...]]:
    return [*zip(*(column.to_pylist() for column in sides_of(to_batch(list(records)))))]


def _user(text: str | None) -> Message:
    return Message("user", text)


def _assistant(text: str | None) -> Message:
    return Message("assistant", text)


def test_all_questions_are_the_prompt_and_the_last_is_the_question() -> None:
    talk = Record("sft", (Message("system", "S"), _user("a"), _assistant("x"), _user("b"), _assistant("y")))
    assert _sides(talk) == [Sides("a\nb", "b", "y", "", "S")]


def test_a_conversation_that_ends_with_the_user_has_no_answer() -> None:
    assert _sides(Record("sft", (_user("a"), _assistant("x"), _user("b")))) == [Sides("a\nb", "b", "", "", "")]


def test_a_pair_answers_with_its_chosen_side() -> None:
    pair = Record("preference", (_user("甲"),), chosen=(_assistant("好"),), rejected=(_assistant("坏"),))
    talk = Record("sft", (_user("a"), _assistant("x")))
    assert _sides(talk, pair) == [Sides("a", "a", "x", "", ""), Sides("甲", "甲", "好", "坏", "")]


def test_a_text_is_its_own_answer() -> None:
    assert _sides(Record("text", text="Once.")) == [Sides("", "", "Once.", "", "")]


def test_a_row_that_could_not_be_read_says_nothing() -> None:
    talk = Record("sft", (_user("a"), _assistant("x")))
    assert _sides(Record("invalid"), talk, Record("invalid")) == [
        Sides("", "", "", "", ""),
        Sides("a", "a", "x", "", ""),
        Sides("", "", "", "", ""),
    ]


def test_a_turn_without_content_says_nothing() -> None:
    call = Message("assistant", None, tool_calls=[{"function": {"name": "f", "arguments": "{}"}}])
    assert _sides(Record("sft", (_user("a"), call))) == [Sides("a", "a", "", "", "")]


def test_rows_in_a_slice_are_the_same_rows() -> None:
    batch = to_batch([Record("sft", (_user(str(n)), _assistant(str(-n)))) for n in range(5)])
    assert sides_of(batch.slice(2, 2)).prompt.to_pylist() == ["2", "3"]
    assert sides_of(batch.slice(2, 2)).answer.to_pylist() == ["-2", "-3"]
