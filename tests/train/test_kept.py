"""The run's own general questions: read, asked by likelihood, logged while the model trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.train.watching import rows, train
from tunesmith.errors import InputError
from tunesmith.train.kept import Asked, KeptQuestion, kept_of, read_kept, scores_of
from tunesmith.train.supervisor import Attempt
from tunesmith.train.types import RunPaths
from tunesmith.train.watch import EarlyStop, Watch
from tunesmith.train.watch_log import read_log


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def choices(path: Path, n: int = 12) -> Path:
    lines = [
        {"id": f"q{i}", "question": f"{i} + 1 = ?", "choices": [str(i), str(i + 1), "7"], "answer": i % 3}
        for i in range(n)
    ]
    return write(path, *lines)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Any:
    from transformers import AutoModelForCausalLM

    made: Any = AutoModelForCausalLM
    return made.from_pretrained(tiny_model)


def test_answers_to_questions_with_options_are_those_of_the_harness(
    model: Any, tiny_tokenizer: Any, tmp_path: Path
) -> None:
    from tunesmith.evaluate.retention_engine import answers_to, local_engine
    from tunesmith.evaluate.retention_files import read_subjects
    from tunesmith.evaluate.retention_types import Settings

    path = choices(tmp_path / "q.jsonl")
    engine = local_engine(model, tiny_tokenizer, batch_size=4)
    (theirs,) = answers_to(engine, read_subjects(str(path), shots=0)[0], Settings())
    questions = read_kept(path, limit=99)
    ours = [scores_of(model, tiny_tokenizer, one) for one in questions]
    assert ["ABC"[one.index(max(one))] for one in ours if one] == [item.answer for item in theirs.items]
    asked = kept_of(model, tiny_tokenizer, questions)
    assert asked == Asked(12, sum(bool(item.correct) for item in theirs.items), 0)


def test_a_mean_likelihood_is_that_of_the_whole_text_token_by_token(model: Any, tiny_tokenizer: Any) -> None:
    import torch

    question = KeptQuestion("q", ({"role": "user", "content": "高血压要按时吃药吗？"},), ("要按时吃药。", "Paris"), 0)
    scores = scores_of(model, tiny_tokenizer, question)
    assert scores is not None
    prompt = tiny_tokenizer.apply_chat_template(question.prompt, add_generation_prompt=True, return_dict=False)
    for answer, score in zip(question.answers, scores):
        tokens = tiny_tokenizer.encode(answer, add_special_tokens=False)
        with torch.no_grad():
            table = model(torch.tensor([prompt + tokens])).logits[0].log_softmax(-1)
        each = [table[len(prompt) + place - 1, token].item() for place, token in enumerate(tokens)]
        assert score == pytest.approx(sum(each) / len(each), rel=1e-4)


def test_questions_with_references_get_the_answers_of_others_as_wrong_ones() -> None:
    root = Path(__file__).resolve().parents[2]
    questions = read_kept(root / "data" / "evaluation.jsonl", limit=10)
    assert len(questions) == 10
    for one in questions:
        assert (one.right, len(one.answers), len(set(one.answers))) == (0, 4, 4)


def test_more_questions_than_wanted_are_spread_over_the_file(tmp_path: Path) -> None:
    questions = read_kept(choices(tmp_path / "q.jsonl", 12), limit=4)
    assert [one.id for one in questions] == ["q:q0", "q:q3", "q:q6", "q:q9"]


def test_a_question_that_is_too_long_or_refused_is_failed_and_not_right(model: Any, tiny_tokenizer: Any) -> None:
    class Refusing:
        chat_template = "{{ raise_exception('no') }}"

        def apply_chat_template(self, *args: Any, **settings: Any) -> str:
            raise ValueError("no")

        def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
            return [1]

    long = KeptQuestion("long", "血压 " * 2000, (" A", " B"), 0)
    turns = KeptQuestion("turns", ({"role": "user", "content": "?"},), ("a", "b"), 0)
    assert kept_of(model, tiny_tokenizer, [long, long]) == Asked(2, 0, 2)
    assert kept_of(model, Refusing(), [turns]) == Asked(1, 0, 1)


def test_asking_leaves_the_model_in_its_mode_and_its_gradients_alone(model: Any, tiny_tokenizer: Any) -> None:
    questions = [KeptQuestion("q", "1 + 1 =", (" 2", " 3"), 0)]
    for training in (True, False):
        model.train(training)
        kept_of(model, tiny_tokenizer, questions)
        assert model.training is training
    assert all(weight.grad is None for weight in model.parameters())


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"question": "a", "choices": ["x", "y"], "answer": 5}], "no question with options"),
        ([{"id": "1", "messages": [{"role": "user", "content": "a"}], "reference": "b"}], "saw 0"),
    ],
)
def test_a_file_that_cannot_be_asked_is_told(tmp_path: Path, lines: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_kept(write(tmp_path / "q.jsonl", *lines), limit=10)
    with pytest.raises(InputError, match="found nothing"):
        read_kept(tmp_path / "nothing.jsonl", limit=10)


def test_they_are_asked_before_training_and_once_at_every_evaluation(
    tiny_model: Path, tiny_tokenizer: Any, tmp_path: Path
) -> None:
    paths = RunPaths(tmp_path / "run")
    watch = Watch(kept=choices(tmp_path / "q.jsonl"), early=EarlyStop("eval_kept", patience=99, higher_is_better=True))
    settings = {
        "watch": watch,
        "validation": {"domain": rows(n_rows=2), "general": rows(n_rows=2)},
        "tokenizer": tiny_tokenizer,
        "max_steps": 6,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_kept",
        "greater_is_better": True,
    }
    ended = train(tiny_model, paths, rows(), **settings)
    again = Attempt(1, paths.checkpoints / "checkpoint-3")
    train(tiny_model, paths, rows(), attempt=again, **settings)
    kept = [one for one in read_log(paths.log) if "eval_kept" in one]
    assert [one["step"] for one in kept] == [0, 3, 6]
    assert {one["eval_kept_questions"] for one in kept} == {12}
    assert ended.facts["best"]["value"] == max(one["eval_kept"] for one in kept[1:])


def test_without_a_tokenizer_it_is_told_before_training(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="need the model's tokenizer"):
        train(tiny_model, RunPaths(tmp_path), rows(), watch=Watch(kept=choices(tmp_path / "q.jsonl")))
