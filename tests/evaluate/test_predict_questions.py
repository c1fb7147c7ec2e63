"""Sets of questions in every form, and what becomes of rows that ask nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError
from tunesmith.evaluate.predict_questions import Question, read_questions

USER = {"role": "user", "content": "1 + 1?"}
ANSWER = {"role": "assistant", "content": "2"}


def saved(folder: Path, *rows: Any) -> Path:
    path = folder / "set.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def test_our_form_keeps_id_reference_and_fields(bundled_data: Path) -> None:
    questions = read_questions(bundled_data / "evaluation.jsonl").rows
    assert len(questions) == 150
    assert questions[0].id == "eval-001"
    assert questions[0].fields == {"task": "open_qa", "language": "zh", "domain": "medical"}
    assert len(questions[0].references) == 1
    assert questions[0].messages[-1]["role"] == "user"


def test_in_our_form_an_assistant_turn_is_part_of_the_prompt(tmp_path: Path) -> None:
    path = saved(tmp_path, {"id": 1, "messages": [USER, ANSWER], "reference": ["3", "three"]})
    assert read_questions(path).rows == (Question("1", (USER, ANSWER), ("3", "three"), {}),)


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "1 + 1?", "output": "2"},
        {"messages": [USER, ANSWER]},
        {"conversations": [{"from": "human", "value": "1 + 1?"}, {"from": "gpt", "value": "2"}]},
        {"question": "1 + 1?", "answer": "2"},
        {"prompt": "1 + 1?", "reference": "2"},
        {"prompt": "1 + 1?", "chosen": "2", "rejected": "3"},
        {"messages": [USER, ANSWER], "label": True},
    ],
)
def test_the_last_assistant_turn_of_any_format_is_the_reference(tmp_path: Path, row: dict[str, Any]) -> None:
    (question,) = read_questions(saved(tmp_path, row)).rows
    assert (question.messages, question.references) == ((USER,), ("2",))
    assert len(question.id) == 32


def test_zero_is_an_id(tmp_path: Path) -> None:
    path = saved(tmp_path, {"id": 0, "prompt": "1 + 1?"}, {"id": 1, "instruction": "1 + 1?", "output": "2"})
    assert [question.id for question in read_questions(path).rows] == ["0", "1"]


def test_a_prompt_alone_is_a_question(tmp_path: Path) -> None:
    assert read_questions(saved(tmp_path, {"id": "a", "prompt": "1 + 1?"})).rows == (Question("a", (USER,), (), {}),)


def test_an_answer_that_people_disliked_is_no_reference(tmp_path: Path) -> None:
    (question,) = read_questions(saved(tmp_path, {"messages": [USER, ANSWER], "label": False})).rows
    assert (question.messages, question.references) == ((USER,), ())


def test_a_conversation_that_ends_with_the_user_has_no_reference(tmp_path: Path) -> None:
    (question,) = read_questions(saved(tmp_path, {"messages": [USER, ANSWER, USER], "topic": "sums"})).rows
    assert (len(question.messages), question.references, question.fields) == (3, (), {"topic": "sums"})


def test_a_row_without_id_is_called_by_its_content_and_a_second_of_it_too(tmp_path: Path) -> None:
    row = {"instruction": "1 + 1?", "output": "2"}
    first, second, other = read_questions(saved(tmp_path, row, row, {**row, "output": "3"})).rows
    assert second.id == f"{first.id}-2"
    assert other.id != first.id
    assert read_questions(saved(tmp_path, {"messages": [USER, ANSWER]})).rows[0].id == first.id


def test_ids_that_rows_have_are_kept_in_every_format(tmp_path: Path) -> None:
    path = saved(tmp_path, {"id": "a", "instruction": "1 + 1?", "output": "2", "source": "x"})
    assert read_questions(path).rows == (Question("a", (USER,), ("2",), {"source": "x"}),)


@pytest.mark.parametrize(
    "columns",
    [{"id": "nr", "prompt": "ask", "reference": "gold"}, {"id": "nr", "prompt": "ask", "answer": "gold"}],
)
def test_columns_may_be_mapped_to_a_reference_or_an_answer(tmp_path: Path, columns: dict[str, str]) -> None:
    path = saved(tmp_path, {"nr": "n-1", "ask": "1 + 1?", "gold": "2", "level": 3})
    assert read_questions(path, columns=columns).rows == (Question("n-1", (USER,), ("2",), {"level": 3}),)


def test_tools_come_along(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    for more in ({"reference": "2"}, {}):
        (question,) = read_questions(saved(tmp_path, {"id": "a", "messages": [USER], "tools": [tool], **more})).rows
        assert json.loads(question.tools or "") == [{"name": "add", "parameters": {}}]
        assert question.fields == {}


def test_every_row_that_cannot_be_asked_is_named(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        {"id": "a", "messages": [USER], "reference": "2"},
        {"id": "a", "messages": [USER], "reference": "2"},
        {"id": "c", "reference": "2"},
        {"id": "d", "messages": [{"role": "system", "content": "Be brief."}], "reference": "2"},
        {"id": "e", "prompt": "  ", "reference": "2"},
        {"id": "f", "messages": [{"role": "asistant", "content": "?"}], "reference": "2"},
        {"id": "g", "messages": [{"role": "user", "content": [{"type": "image_url"}]}], "reference": "2"},
        {"colour": "red"},
    )
    with pytest.raises(InputError) as caught:
        read_questions(path)
    lines = str(caught.value).split("\n  ")
    assert lines[0] == f"{path}: 7 rows cannot be taken for a question:"
    assert [line.split(": ")[0] for line in lines[1:]] == [f"set.jsonl:{number}" for number in range(2, 9)]
    assert "did you mean 'assistant'" in lines[5]
    assert sum("asks nothing; give it `messages` or a `prompt`" in line for line in lines) == 3


def test_real_sets_are_read(shared_data: Path) -> None:
    (first, *_), cmmlu = (
        read_questions(shared_data / "gsm8k_test.jsonl").rows,
        read_questions(shared_data / "cmmlu/test"),
    )
    assert first.references[0].endswith("18")
    assert cmmlu.rows[0].references == ("A",)
    assert "\nB. " in cmmlu.rows[0].messages[0]["content"]
    assert len(cmmlu.files) == 5
