"""Verdicts, files and resumption of a retention run, with systems that answer from a table."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.retention import Plan, measure_retention
from tunesmith.evaluate.retention_text import as_text
from tunesmith.evaluate.retention_text_files import Texts, read_texts
from tunesmith.evaluate.retention_types import Answer, Answers, Loss, NamedTask, Question, Settings, Subject, Task

#: Whether a system answers a question of a subject rightly; None where it fails.
Marks = Callable[[str, int], bool | None]


class TableSystem:
    """Answers as it is told, and counts what it is asked."""

    def __init__(self, name: str, marks: Marks, bits: float = 1.0) -> None:
        self.name, self.marks, self.bits = name, marks, bits
        self.asked: list[str] = []
        self.read = self.closed = 0
        self.stop_after = math.inf

    def identity(self) -> Mapping[str, Any]:
        return {"model": self.name, "weights": f"digest of {self.name}"}

    def check(self, settings: Settings) -> None:
        return None

    def answers(self, task: Task, settings: Settings) -> list[Answers]:
        if len(self.asked) >= self.stop_after:
            raise KeyboardInterrupt
        assert isinstance(task, Subject)
        self.asked.append(task.name)
        return [Answers(task.name, tuple(map(self._answer, task.questions)), left_out=task.left_out)]

    def _answer(self, question: Question) -> Answer:
        subject, _, number = question.id.partition(":")
        right = self.marks(subject, int(number))
        chosen = None if right is None else question.expected if right else "ABCD"[question.answer - 1]
        return Answer(question.id, right, chosen, question.expected, "same", "timeout" if right is None else None)

    def losses(self, texts: list[str]) -> list[Loss]:
        self.read += len(texts)
        return [Loss(self.bits * len(text) * (1 + i / 50), len(text), len(text) // 2) for i, text in enumerate(texts)]

    def close(self) -> None:
        self.closed += 1


def subject(name: str, n: int) -> Subject:
    return Subject(name, tuple(Question(f"{name}:{i}", "q", ("x", "y", "z", "w"), i % 4) for i in range(n)))


def knows_all(subject: str, number: int) -> bool:
    return True


def forgot_history(subject: str, number: int) -> bool:
    return number % 2 == 0 if subject == "history" else number != 3


SUBJECTS = [subject("history", 100), subject("law", 400)]


def test_a_planted_loss_is_found_in_its_subject_and_nowhere_else(tmp_path: Path) -> None:
    plan = Plan(TableSystem("base", knows_all), TableSystem("tuned", forgot_history), SUBJECTS)
    result = measure_retention(plan, tmp_path / "out")
    history, law = result["subjects"]
    assert (history["verdict"], law["verdict"], result["overall"]["verdict"]) == ("forgotten", "retained", "forgotten")
    assert history["lost"] == [f"history:{i}" for i in range(1, 100, 2)]
    assert (history["gained"], law["lost"]) == ([], ["law:3"])
    assert (history["before"], history["after"], history["difference"]) == (1.0, 0.5, -0.5)
    assert (result["overall"]["n"], len(result["overall"]["lost"])) == (500, 51)
    assert result["overall"]["difference"] == pytest.approx(-51 / 500)
    assert (result["overall"]["margin"], law["margin"]) == (0.02, 0.05)
    assert history["p_adjusted"] == 2 * history["p"]
    assert result["warnings"] == []


def test_few_questions_show_neither_and_say_how_many_would(tmp_path: Path) -> None:
    plan = Plan(TableSystem("base", knows_all), TableSystem("tuned", knows_all), [subject("law", 20)])
    result = measure_retention(plan, tmp_path / "out")
    assert result["overall"]["verdict"] == "not shown"
    assert result["overall"]["needed"] > 20
    assert "About" in as_text(result)


def test_one_system_alone_has_accuracies_and_no_verdict(tmp_path: Path) -> None:
    result = measure_retention(Plan(None, TableSystem("tuned", forgot_history), SUBJECTS), tmp_path / "out")
    history = result["subjects"][0]
    assert (history["before"], history["after"], history["verdict"], history["difference"]) == (None, 0.5, None, None)
    low, high = history["interval"]
    assert low < 0.5 < high
    assert result["systems"] == {"after": "tuned"}
    assert "89.8% right" in as_text(result)


def test_the_files_hold_every_answer_and_what_was_returned(tmp_path: Path) -> None:
    plan = Plan(TableSystem("base", knows_all), TableSystem("tuned", forgot_history), SUBJECTS)
    result = measure_retention(plan, tmp_path / "out", language="zh")
    assert json.loads((tmp_path / "out" / "retention.json").read_text()) == json.loads(json.dumps(result))
    items = pq.read_table(tmp_path / "out" / "items.parquet").to_pylist()
    assert len(items) == 1000
    wrong = {row["id"] for row in items if row["system"] == "after" and not row["correct"]}
    assert wrong == set(result["overall"]["lost"])
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "总体：遗忘了" in report
    assert "| history | 100 | 100.0% | 50.0% | -50.0 |" in report
    assert "**history**：50 题由对变错" in report


def test_a_stopped_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    whole = Plan(TableSystem("base", knows_all, 1.0), TableSystem("tuned", forgot_history, 1.1), SUBJECTS)
    whole = whole._replace(texts=Texts(["t:1", "t:2"], ["x" * 150_000, "y" * 9], 0, 0))
    measure_retention(whole, tmp_path / "whole")
    base, tuned = TableSystem("base", knows_all, 1.0), TableSystem("tuned", forgot_history, 1.1)
    tuned.stop_after = 1
    plan = whole._replace(before=base, after=tuned)
    with pytest.raises(KeyboardInterrupt):
        measure_retention(plan, tmp_path / "out")
    assert not (tmp_path / "out" / "retention.json").exists()
    tuned.stop_after = 9
    measure_retention(plan, tmp_path / "out")
    assert (base.asked, tuned.asked) == (["history", "law"], ["history", "law"])
    assert (base.read, tuned.read) == (2, 2)
    for name in ("retention.json", "items.parquet", "report.md"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_known_answers_serve_other_margins_but_not_other_questions_or_weights(tmp_path: Path) -> None:
    base, tuned = TableSystem("base", knows_all), TableSystem("tuned", forgot_history)
    plan = Plan(base, tuned, SUBJECTS)
    measure_retention(plan, tmp_path)
    with pytest.raises(OutputError, match=r"another run \(other margin\).*--replace"):
        measure_retention(plan._replace(margin=0.2), tmp_path)
    assert measure_retention(plan._replace(margin=0.2), tmp_path, replace=True)["overall"]["verdict"] == "retained"
    assert len(tuned.asked) == 2
    measure_retention(plan._replace(settings=Settings(shots=3, limit=999)), tmp_path, replace=True)
    assert len(tuned.asked) == 2
    measure_retention(plan._replace(tasks=[subject("law", 399)]), tmp_path, replace=True)
    assert (base.asked, tuned.asked) == (["history", "law", "law"], ["history", "law", "law"])
    other = TableSystem("tuned again", knows_all)
    assert measure_retention(plan._replace(after=other), tmp_path, replace=True)["overall"]["lost"] == []
    assert other.asked == ["history", "law"]


def test_failed_questions_count_for_neither_system_and_are_asked_again(tmp_path: Path) -> None:
    base = TableSystem("base", knows_all)
    shaky = TableSystem("tuned", lambda subject, number: None if number < 7 else number != 8)
    plan = Plan(base, shaky, [subject("law", 100)])
    result = measure_retention(plan, tmp_path)
    assert (result["overall"]["n"], result["overall"]["lost"]) == (93, ["law:8"])
    covered = result["coverage"]["systems"]["after"]
    assert (covered["answered"], covered["failed"], covered["failures"]) == (93, 7, {"timeout": 7})
    assert [warning["code"] for warning in result["warnings"]] == ["failed"]
    items = pq.read_table(tmp_path / "items.parquet").to_pylist()
    assert sum(row["correct"] is None for row in items) == 7
    shaky.marks = knows_all
    assert measure_retention(plan, tmp_path)["overall"]["n"] == 100
    assert (base.asked, shaky.asked) == (["law"], ["law", "law"])


def test_where_every_question_fails_there_is_no_figure(tmp_path: Path) -> None:
    gone = TableSystem("tuned", lambda subject, number: None)
    result = measure_retention(Plan(TableSystem("base", knows_all), gone, [subject("law", 40)]), tmp_path)
    overall = result["overall"]
    assert (overall["n"], overall["before"], overall["after"], overall["verdict"]) == (0, None, None, "not shown")
    assert as_text(result).startswith("No question was answered.")
    alone = measure_retention(Plan(None, gone, [subject("law", 40)]), tmp_path / "alone")
    assert (alone["overall"]["n"], alone["overall"]["after"]) == (0, None)


def test_a_model_that_guesses_is_said_to(tmp_path: Path) -> None:
    guesses = TableSystem("base", lambda subject, number: number % 4 == 0)
    other = TableSystem("tuned", lambda subject, number: number % 4 == 1)
    result = measure_retention(Plan(guesses, other, [subject("law", 200)]), tmp_path)
    assert [warning["code"] for warning in result["warnings"]] == ["at_chance"]
    assert result["preflight"]["before"]["at_chance"] is True
    assert result["preflight"]["before"]["chance"] == 0.25
    assert "the model before cannot be told from guessing (25.0% of 200 right, guessing gives 25.0%)" in as_text(result)


def test_a_model_that_answers_one_letter_whatever_is_asked_is_said_to(tmp_path: Path) -> None:
    only_a = TableSystem("tuned", lambda subject, number: number % 4 == 0)
    only_a._answer = lambda question: Answer(question.id, question.answer == 0, "A", question.expected, "same")  # type: ignore[method-assign]
    result = measure_retention(Plan(TableSystem("base", knows_all), only_a, [subject("law", 100)]), tmp_path)
    assert [(warning["code"], warning["system"]) for warning in result["warnings"]] == [("one_letter", "after")]
    assert "the model after answers A in 100.0% of the questions" in as_text(result)


def test_a_model_that_answers_one_letter_because_it_is_right_is_not(tmp_path: Path) -> None:
    questions = tuple(Question(f"law:{i}", "q", ("x", "y", "z", "w"), 0) for i in range(100))
    plan = Plan(None, TableSystem("tuned", knows_all), [Subject("law", questions)])
    assert measure_retention(plan, tmp_path)["warnings"] == []


def test_bits_per_byte_are_of_all_bytes_and_a_rise_is_a_loss(tmp_path: Path) -> None:
    texts = Texts([f"t:{i}" for i in range(60)], ["x" * (100 + 7 * i) for i in range(60)], 2, 0)
    before, after = TableSystem("base", knows_all, 1.0), TableSystem("tuned", knows_all, 1.5)
    result = measure_retention(Plan(before, after, [], texts=texts), tmp_path)
    bits = result["bits_per_byte"]
    losses = before.losses(texts.texts)
    assert bits["before"] == pytest.approx(sum(loss.bits for loss in losses) / sum(loss.bytes for loss in losses))
    assert bits["difference"] == pytest.approx(bits["before"] / 2)
    assert (bits["verdict"], bits["n"], bits["skipped"]) == ("forgotten", 60, 2)
    assert (result["overall"]["n"], result["subjects"]) == (0, [])
    assert [warning["code"] for warning in result["warnings"]] == ["skipped"]
    assert "Bits per byte: forgotten." in as_text(result)


def test_a_text_without_a_number_is_left_out_and_counted(tmp_path: Path) -> None:
    class Broken(TableSystem):
        def losses(self, texts: list[str]) -> list[Loss]:
            return [Loss(math.nan, 9, 3), *super().losses(texts)[1:]]

    texts = Texts(["t:1", "t:2"], ["x" * 9, "y" * 9], 0, 0)
    plan = Plan(TableSystem("base", knows_all), Broken("tuned", knows_all), [], texts=texts)
    for _ in range(2):  # the second time from what was kept
        bits = measure_retention(plan, tmp_path)["bits_per_byte"]
        assert (bits["n"], bits["not_finite"]) == (1, 1)
        assert (bits["before"], bits["after"]) == pytest.approx((1.02, 1.02))


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    plan = Plan(None, TableSystem("tuned", knows_all), SUBJECTS)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty and no retention run"):
        measure_retention(plan, tmp_path, replace=True)
    with pytest.raises(OutputError, match="is a file where a folder was expected"):
        measure_retention(plan, tmp_path / "notes.txt")
    assert plan.after.asked == []  # type: ignore[attr-defined]


def test_nothing_to_measure_and_one_model_twice_are_errors(tmp_path: Path) -> None:
    system = TableSystem("tuned", knows_all)
    with pytest.raises(InputError, match="nothing to measure"):
        measure_retention(Plan(None, system, []), tmp_path)
    with pytest.raises(InputError, match="before and after are the same model"):
        measure_retention(Plan(system, TableSystem("tuned", knows_all), SUBJECTS), tmp_path)
    with pytest.raises(InputError, match="the subject 'law' comes twice"):
        measure_retention(Plan(None, system, [subject("law", 1), NamedTask("law")]), tmp_path)


def test_names_mean_nothing_in_the_report(tmp_path: Path) -> None:
    plan = Plan(None, TableSystem("<b>x</b>\n# me", knows_all), [subject("a|b*", 3)])
    measure_retention(plan, tmp_path)
    report = (tmp_path / "report.md").read_text()
    assert r"After: \<b\>x\</b\> \# me" in report
    assert r"| a\|b\* | 3 |" in report


def test_texts_are_read_from_lines_and_from_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": "one two"}\n{"text": "三"}\n{"text": " "}\n{"text": "four"}\n{"text"\n', encoding="utf-8")
    found = read_texts(str(path), limit=2)
    assert (found.texts, found.left_out, found.skipped) == (["one two", "三"], 1, 2)
    (tmp_path / "chat.jsonl").write_text('{"instruction": "a", "output": "b"}\n')
    with pytest.raises(InputError, match="expected plain texts, saw 1 rows without any"):
        read_texts(str(tmp_path / "chat.jsonl"))
