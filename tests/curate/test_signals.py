"""What is measured of a row: languages, lengths, turns out of order, placeholders, and the two keys."""

from __future__ import annotations

import pytest

from tunesmith.curate.records import Message, Record
from tunesmith.curate.signal_table import BASICS, SIGNALS
from tunesmith.curate.signals import LANGUAGES, Signals, language_of, measure

CALL = [{"id": "c1", "type": "function", "function": {"name": "dose", "arguments": "{}"}}]


def _sft(*turns: tuple[str, str | None]) -> Record:
    return Record("sft", tuple(Message(role, text) for role, text in turns))


def _asked(question: str, answer: str) -> Signals:
    return measure(_sft(("user", question), ("assistant", answer)))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is a fever?", "en"),
        ("Qu’est-ce que c’est, “la fièvre”?", "en"),  # Latin script
        ("发烧是什么？", "zh"),
        ("ibuprofen 和 paracetamol 有什么区别？", "zh"),
        ("Please translate into English: 发烧", "en"),
        ("これは何ですか", "ja"),
        ("薬を飲む時間", "ja"),
        ("이것은 무엇입니까", "ko"),
        ("что такое жар", "other"),
        ("1 + 1 = 2", "other"),
        ("", "other"),
    ],
)
def test_the_language_is_told_by_its_script(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language in LANGUAGES


def test_lengths_are_characters_without_outer_white_space() -> None:
    signals = measure(_sft(("system", "简短"), ("user", " 发烧 \n"), ("assistant", "  多喝水。")))
    assert (signals.prompt_characters, signals.answer_characters) == (2, 4)
    assert (signals.turns, signals.characters) == (3, 2 + 5 + 6)


def test_a_han_character_is_a_word_and_a_latin_word_is_one() -> None:
    assert _asked("发烧 38.5 度", "drink water").words == 2 + 1 + 1 + 2


def test_the_answer_is_the_last_assistant_turn_or_missing() -> None:
    assert measure(_sft(("user", "a b"), ("assistant", "c"), ("user", "d"))).missing_answer
    assert not _asked("a", "b").missing_answer
    assert measure(_sft(("user", "a"))).missing_answer


@pytest.mark.parametrize(
    ("roles", "first_wrong"),
    [
        ("user assistant user assistant", 0),
        ("system user assistant", 0),
        ("user user", 2),
        ("assistant", 1),
        ("user system assistant", 2),
        ("user assistant assistant", 3),
        ("user tool", 2),
        ("system assistant", 2),
    ],
)
def test_the_first_turn_out_of_order_is_named(roles: str, first_wrong: int) -> None:
    assert measure(_sft(*((role, "x") for role in roles.split()))).disordered_turn == first_wrong


def test_a_tool_result_follows_a_call_and_an_answer_follows_the_result() -> None:
    asked, called = Message("user", "dose?"), Message("assistant", None, tool_calls=CALL)
    result, answer = Message("tool", "5 mg", tool_call_id="c1"), Message("assistant", "5 mg")
    assert measure(Record("sft", (asked, called, result, result, answer))).disordered_turn == 0
    assert measure(Record("sft", (asked, called, asked))).disordered_turn == 3


def test_a_turn_with_a_call_is_not_empty_and_a_blank_one_is() -> None:
    called = Message("assistant", None, tool_calls=CALL)
    assert measure(Record("sft", (Message("user", "dose?"), called))).empty_turns == 0
    assert _asked(" \n", "b").empty_turns == 1
    assert measure(_sft(("user", None), ("assistant", ""))).empty_turns == 2


def test_an_answer_that_repeats_the_question_is_seen_through_its_case() -> None:
    assert _asked("What is AI?", "what is  ai?").prompt_equals_answer
    assert not _asked("What is AI?", "what is it?").prompt_equals_answer
    assert not _asked("", "").prompt_equals_answer


def test_sides_are_compared_and_the_chosen_one_is_the_answer() -> None:
    prompt, good, bad = Message("user", "q"), Message("assistant", "good"), Message("assistant", "bad!!")
    pair = measure(Record("preference", (prompt,), (good,), (bad,)))
    assert (pair.turns, pair.answer_characters, pair.sides_equal, pair.missing_answer) == (3, 4, False, False)
    assert measure(Record("preference", (prompt,), (good,), (good._replace(),))).sides_equal
    assert measure(Record("preference", (prompt,), (good,), ())).missing_answer


def test_placeholders_are_counted_outside_code() -> None:
    assert _asked("I am {{name}}", "{{ author }} and {{名字}}").placeholders == 3
    assert _asked("In Jinja", "write `{{ name }}` or ```\n{{ name }}\n```").placeholders == 0
    assert _asked("LaTeX", r"\frac{{1}}{{2}} and {{}} and {name}").placeholders == 0


def test_text_has_one_turn_and_no_prompt() -> None:
    signals = measure(Record("text", text=" Once upon a time. "))
    assert (signals.turns, signals.prompt_characters, signals.answer_characters) == (1, 0, 17)
    assert (signals.missing_answer, signals.disordered_turn, signals.empty_turns) == (False, 0, 0)


def test_equal_row_keys_are_equal_rows_in_normal_form() -> None:
    row = _asked("What is AI?", "Much.")
    assert _asked("what  is ＡＩ?", "much.").row_key == row.row_key
    assert _asked("What is AI?", "More.").row_key != row.row_key
    assert measure(_sft(("system", "x"), ("user", "What is AI?"), ("assistant", "Much."))).row_key != row.row_key


def test_the_row_key_tells_apart_what_the_text_alone_does_not() -> None:
    turns = (Message("user", "q"), Message("assistant", "a"))
    keys = {
        measure(record).row_key
        for record in (
            Record("sft", turns),
            Record("kto", turns, label=True),
            Record("kto", turns, label=False),
            Record("sft", turns, tools='[{"name":"f"}]'),
            Record("sft", (turns[0], turns[1]._replace(reasoning="because"))),
            Record("sft", (turns[0], turns[1]._replace(tool_calls=CALL))),
            Record("preference", (turns[0],), (turns[1],), (turns[1],)),
        )
    }
    assert len(keys) == 7


def test_the_prompt_key_is_of_the_questions_alone() -> None:
    key = _asked("What is AI?", "Much.").prompt_key
    assert _asked("what is ai?", "Little.").prompt_key == key
    assert measure(_sft(("system", "x"), ("user", "What is AI?"), ("assistant", "Much."))).prompt_key == key
    assert _asked("What is ML?", "Much.").prompt_key != key


def test_every_signal_is_named_once_with_its_type_and_meaning() -> None:
    assert tuple(name for name, _, _ in BASICS) == Signals._fields
    assert all(meaning for _, _, meaning in SIGNALS)
    assert len({name for name, _, _ in SIGNALS}) == len(SIGNALS)
