"""Questions read from the files of benchmarks, and how they are put to a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.retention_files import is_path, read_subjects
from tunesmith.evaluate.retention_prompts import scored_prompt, written_prompt
from tunesmith.evaluate.retention_questions import read_question
from tunesmith.evaluate.retention_types import Question

HEADER = "Question,A,B,C,D,Answer\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_real_subjects_are_read_with_their_examples(shared_data: Path) -> None:
    subjects = read_subjects(str(shared_data / "cmmlu"))
    sizes = {one.name: len(one.questions) for one in subjects}
    expected = {"anatomy": 148, "chinese_history": 323, "clinical_knowledge": 237, "college_medicine": 273}
    assert sizes == {**expected, "world_history": 161}
    assert {(len(one.shots), one.language, one.left_out) for one in subjects} == {(5, "zh", 0)}
    first = Question("anatomy:0", "女性生殖腺是", ("卵巢", "前庭大腺", "前庭球", "乳腺"), 0)
    assert subjects[0].questions[0] == first


def test_one_file_of_a_benchmark_finds_its_examples_beside_it(shared_data: Path) -> None:
    (one,) = read_subjects(str(shared_data / "cmmlu" / "test" / "anatomy.csv"), shots=2, limit=10)
    assert (one.name, len(one.shots), len(one.questions), one.left_out) == ("anatomy", 2, 10, 138)
    assert one.shots[0].text == "壁胸膜的分部不包括"


def test_a_test_set_without_answers_gives_way_to_the_validation_set(tmp_path: Path) -> None:
    # C-Eval keeps the answers of its test set secret
    write(tmp_path / "test" / "law_test.csv", "id,question,A,B,C,D\n0,甲？,a,b,c,d\n")
    write(tmp_path / "val" / "law_val.csv", "id,question,A,B,C,D,answer\n7,乙？,a,b,c,d,C\n")
    write(tmp_path / "dev" / "law_dev.csv", "id,question,A,B,C,D,answer,explanation\n0,丙？,a,b,c,d,D,因为\n")
    (one,) = read_subjects(str(tmp_path))
    assert (one.name, one.questions, one.shots) == (
        "law",
        (Question("law:7", "乙？", ("a", "b", "c", "d"), 2),),
        (Question("law:0", "丙？", ("a", "b", "c", "d"), 3),),
    )


ROWS: list[tuple[Any, tuple[int, int]]] = [
    ({"question": "q", "choices": ["x", "y", "z"], "answer": 2}, (3, 2)),
    ({"question": "q", "choices": ["x", "y"], "answer": "B"}, (2, 1)),
    ({"question": "q", "options": {"A": "x", "B": "y"}, "answer": "y"}, (2, 1)),
    ({"Question": "q", "A": "x", "B": "y", "C": "z", "Answer": "（Ｃ）"}, (3, 2)),
    ({"question": "q", "A": "x", "B": "y", "C": "", "answer": "a."}, (2, 0)),
    ({"question": "q", "choices": [1, 2.5], "label": "2.5"}, (2, 1)),
    ({"query": "q", "choices": list("abcdefghij"), "gold": "J"}, (10, 9)),
]


@pytest.mark.parametrize(("row", "expected"), ROWS)
def test_the_spellings_of_options_and_answers_are_understood(row: dict[str, Any], expected: tuple[int, int]) -> None:
    _, question = read_question(json.dumps(row).encode(), 1)
    assert (len(question.options), question.answer) == expected


WRONG: list[tuple[Any, str]] = [
    ({"question": "q", "choices": ["x"], "answer": 0}, "expected 2 to 10 options, saw 1 of them"),
    ({"question": "q", "choices": ["x", "y"], "answer": "E"}, "expected as answer A to B"),
    ({"question": "q", "choices": ["x", "y"], "answer": 2}, "saw 2"),
    ({"question": "q", "choices": ["x", "y"], "answer": True}, "saw True"),
    ({"question": "q", "choices": ["x", "x"], "answer": "x"}, "expected as answer"),
    ({"question": "q", "A": "x", "C": "y", "answer": "A"}, "without a gap"),
    ({"question": " ", "A": "x", "B": "y", "answer": "A"}, "expected a text as question, saw ' '"),
    ({"question": "q", "A": "x", "B": "y"}, "expected a field answer or label"),
    ({"text": "q"}, "expected a field question or query, saw text"),
    ([1], "expected an object, saw list"),
]


@pytest.mark.parametrize(("row", "says"), WRONG)
def test_what_is_no_question_is_refused_with_what_was_seen(row: Any, says: str) -> None:
    with pytest.raises(RowError, match=says.replace("(", r"\(")):
        read_question(json.dumps(row).encode(), 1)


def test_all_mistakes_of_all_files_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", HEADER + "q,1,2,3,4,A\nq,1,2,3,4,X\nq,1,2\n")
    write(tmp_path / "b.jsonl", '{"question": "q"}\n{"question"\n')
    with pytest.raises(InputError) as caught:
        read_subjects(str(tmp_path))
    told = str(caught.value)
    assert "4 rows are no question with options" in told
    for place in (
        "a.csv: row 2: expected as answer",
        "a.csv: row 3: expected 6 fields",
        "b.jsonl:1:",
        "b.jsonl:2: not",
    ):
        assert place in told


def test_of_many_mistakes_ten_are_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER + "q,1,2,3,4,X\n" * 25)
    with pytest.raises(InputError, match="25 rows are no question") as caught:
        read_subjects(str(path))
    assert str(caught.value).count("a.csv: row") == 10


def test_an_index_that_is_not_unique_is_not_used_as_an_id(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "," + HEADER + "0,q,1,2,3,4,A\n0,r,1,2,3,4,B\n")
    (one,) = read_subjects(str(path))
    assert [question.id for question in one.questions] == ["a:1", "a:2"]


def test_more_examples_than_there_are_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "test" / "a.csv", HEADER + "q,1,2,3,4,A\n")
    write(tmp_path / "dev" / "a.csv", HEADER + "r,1,2,3,4,A\n")
    assert len(read_subjects(str(tmp_path))[0].shots) == 1
    assert read_subjects(str(tmp_path), shots=0)[0].shots == ()
    with pytest.raises(InputError, match=r"expected 3 solved examples, saw 1 in .*lower --shots"):
        read_subjects(str(tmp_path), shots=3)
    with pytest.raises(InputError, match=r"no folder `dev` with b.csv"):
        read_subjects(str(write(tmp_path / "b.csv", HEADER + "q,1,2,3,4,A\n")), shots=1)


def test_a_place_without_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found nothing"):
        read_subjects(str(tmp_path / "none"))
    with pytest.raises(InputError, match="expected files of questions"):
        read_subjects(str(tmp_path))
    with pytest.raises(InputError, match="has no questions"):
        read_subjects(str(write(tmp_path / "a.csv", HEADER)))


def test_two_files_of_one_subject_are_an_error(tmp_path: Path) -> None:
    for name in ("a.csv", "a_test.csv"):
        write(tmp_path / name, HEADER + "q,1,2,3,4,A\n")
    with pytest.raises(InputError, match="several files are the subject 'a'"):
        read_subjects(str(tmp_path))


def test_names_of_tasks_are_told_from_places(tmp_path: Path) -> None:
    assert is_path(str(tmp_path))
    assert is_path("missing.csv")
    assert is_path("some/folder")
    assert not is_path("cmmlu_anatomy")
    assert not is_path(str(write(tmp_path / "task.yaml", "task: mine")))


def test_english_questions_are_asked_in_english(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER + "Which bone is the longest?,femur,tibia,ulna,radius,A\n")
    (one,) = read_subjects(str(path))
    assert one.language == "en"
    assert scored_prompt(one.questions[0], one.language).endswith("D. radius\nAnswer:")
    assert written_prompt(one.questions[0], "zh").endswith("D. radius\n请只回答正确选项的字母。")
