"""A run over a set of questions: cache, resumption, failures, and what stands on a line. The model is a fake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.predict import Failure, as_json, as_text, predict
from tunesmith.evaluate.predict_backend import Answer, Decoding, Prompt
from tunesmith.evaluate.predict_questions import Questions, read_questions
from tunesmith.evaluate.predict_thinking import split_off
from tunesmith.evaluate.predictions import read_predictions


class Echo:
    """Answers with the question, three at a time; fails where it is told to, and dies before the batch of a number."""

    def __init__(self, *, dies_at: int | None = None, **settings: Any) -> None:
        self.more, self.dies_at = settings, dies_at
        self.failing: set[str] = set()
        self.asked: list[list[str]] = []

    def settings(self) -> dict[str, Any]:
        return {"model": "echo", "revision": None, "adapter": None, "template_hash": "t", **self.more}

    def batches(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        order = sorted(range(len(prompts)), key=lambda number: -len(prompts[number].messages[-1]["content"]))
        return [order[first : first + 3] for first in range(0, len(order), 3)]

    def generate(self, batches: Iterable[Sequence[Prompt]], decoding: Decoding) -> Iterator[list[Answer]]:
        for batch in batches:
            if len(self.asked) == self.dies_at:
                raise KeyboardInterrupt
            words = [prompt.messages[-1]["content"] for prompt in batch]
            self.asked.append(words)
            yield [self.answer(word, words) for word in words]

    def answer(self, word: str, beside: list[str]) -> Answer:
        if word in self.failing:
            return Answer(None, "timeout", detail="no whole reply in 5 s")
        return Answer(f"re: {word} of {len(beside)}", finish_reason="stop", tokens=len(word), prompt_tokens=1)


def questions(folder: Path, *words: str) -> Questions:
    path = folder / "set.jsonl"
    rows = [{"id": f"q{i}", "prompt": word, "reference": word, "level": i % 2} for i, word in enumerate(words)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_questions(path)


WORDS = [f"{'word ' * (i % 4)}{i}" for i in range(10)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_holds_question_answer_and_how_it_came_about(tmp_path: Path) -> None:
    decoding = Decoding(0.5, 0.9, 32, 7, ("\n\n",))
    done = predict(questions(tmp_path, "Hi"), Echo(adapter="a1"), tmp_path / "out.jsonl", decoding=decoding)
    assert lines(done.path) == [
        {
            "id": "q0",
            "messages": [{"role": "user", "content": "Hi"}],
            "prediction": "re: Hi of 1",
            "reference": "Hi",
            "meta": {
                "model": "echo",
                "revision": None,
                "adapter": "a1",
                "template_hash": "t",
                "decoding": {"temperature": 0.5, "top_p": 0.9, "max_tokens": 32, "stop": ["\n\n"], "thinking": "split"},
                "seed": 7,
                "finish_reason": "stop",
                "tokens": 2,
                "prompt_tokens": 1,
            },
            "level": 0,
        }
    ]
    assert read_predictions(done.path).rows[0].fields == {"level": 0}


def test_answers_stand_in_the_order_of_the_questions(tmp_path: Path) -> None:
    done = predict(questions(tmp_path, *WORDS), Echo(), tmp_path / "out.jsonl")
    assert [line["prediction"].split(" of ")[0] for line in lines(done.path)] == [f"re: {word}" for word in WORDS]
    assert done.counts == {"questions": 10, "answered": 10, "failed": 0, "empty": 0, "cut": 0, "from_cache": 0}


@pytest.mark.parametrize("dies_at", [0, 1, 2, 3])
def test_a_run_that_was_stopped_goes_on_and_ends_in_the_same_bytes(tmp_path: Path, dies_at: int) -> None:
    asked = questions(tmp_path, *WORDS)
    whole = predict(asked, Echo(), tmp_path / "whole.jsonl").path.read_bytes()
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        predict(asked, Echo(dies_at=dies_at), out)
    assert not out.exists()
    resumed = Echo()
    done = predict(asked, resumed, out)
    assert out.read_bytes() == whole
    assert len(resumed.asked) == 4 - dies_at
    assert done.counts["from_cache"] == 3 * dies_at


@pytest.mark.parametrize("kept", [1, 2])
def test_a_batch_that_was_half_kept_is_computed_as_a_whole(tmp_path: Path, kept: int) -> None:
    asked = questions(tmp_path, "a", "b", "c")
    out = tmp_path / "out.jsonl"
    whole = predict(asked, Echo(), out).path.read_bytes()
    cache = tmp_path / "out.jsonl.cache" / "answers.jsonl"
    cache.write_bytes(b"".join(cache.read_bytes().splitlines(keepends=True)[:kept]) + b'{"key":"12')
    out.unlink()
    again = Echo()
    predict(asked, again, out)
    assert again.asked == [["a", "b", "c"]]
    assert out.read_bytes() == whole  # each answer says how many were in its batch


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    asked, out = questions(tmp_path, *WORDS), tmp_path / "out.jsonl"
    first = predict(asked, Echo(), out)
    backend = Echo()
    second = predict(asked, backend, out)
    assert (second.continued, backend.asked) == (True, [])
    assert second.counts == {**first.counts, "from_cache": 10}
    assert "nothing changed" in as_text(second)


def test_equal_questions_are_asked_once_and_answered_each(tmp_path: Path) -> None:
    backend = Echo()
    done = predict(questions(tmp_path, "a", "a", "b"), backend, tmp_path / "out.jsonl")
    assert backend.asked == [["a", "b"]]
    assert [line["id"] for line in lines(done.path)] == ["q0", "q1", "q2"]


def test_a_failed_question_is_null_with_its_reason_and_asked_again_by_the_same_command(tmp_path: Path) -> None:
    asked, out, backend = questions(tmp_path, *WORDS), tmp_path / "out.jsonl", Echo()
    backend.failing = {WORDS[3], WORDS[4]}
    done = predict(asked, backend, out)
    assert done.failures == {"timeout": Failure(2, "no whole reply in 5 s")}
    row = lines(out)[3]
    assert (row["prediction"], row["failure"]) == (None, "timeout")
    assert row["meta"]["failure_detail"] == "no whole reply in 5 s"
    assert read_predictions(out).rows[3].failure == "timeout"
    assert "failed: 2 timeout (no whole reply in 5 s)\nthe same command asks those again" in as_text(done)
    assert as_json(done)["failures"] == {"timeout": {"n": 2, "detail": "no whole reply in 5 s"}}
    again = predict(asked, Echo(), out)
    assert (again.counts["failed"], again.counts["from_cache"]) == (0, 8)


def test_where_no_question_is_answered_nothing_is_written(tmp_path: Path) -> None:
    backend = Echo()
    backend.failing = {"a", "b"}
    with pytest.raises(InputError, match="not one of 2 questions was answered, most by timeout: no whole reply in 5 s"):
        predict(questions(tmp_path, "a", "b"), backend, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("change", [{"weights": "w2"}, {"adapter": "a2"}, {"template_hash": "t2"}, {"model": "m2"}])
def test_another_model_adapter_or_template_is_asked_anew(tmp_path: Path, change: dict[str, Any]) -> None:
    asked, cache = questions(tmp_path, "a"), tmp_path / "cache"
    predict(asked, Echo(), tmp_path / "one.jsonl", cache=cache)
    backend = Echo(**change)
    predict(asked, backend, tmp_path / "two.jsonl", cache=cache)
    assert backend.asked == [["a"]]


@pytest.mark.parametrize(
    ("decoding", "n_asked"),
    [
        (Decoding(), 0),
        (Decoding(seed=3), 0),  # a greedy answer depends on no seed
        (Decoding(max_tokens=9), 1),
        (Decoding(stop=("x",)), 1),
        (Decoding(temperature=0.5), 1),
    ],
)
def test_the_cache_is_keyed_by_what_an_answer_depends_on(tmp_path: Path, decoding: Decoding, n_asked: int) -> None:
    asked, cache = questions(tmp_path, "a"), tmp_path / "cache"
    predict(asked, Echo(), tmp_path / "one.jsonl", cache=cache)
    backend = Echo()
    predict(asked, backend, tmp_path / "two.jsonl", cache=cache, decoding=decoding)
    assert len(backend.asked) == n_asked


def test_sampled_answers_have_a_seed_each(tmp_path: Path) -> None:
    asked, cache, backend = questions(tmp_path, "a"), tmp_path / "cache", Echo()
    for seed in (1, 2):
        predict(asked, backend, tmp_path / f"{seed}.jsonl", cache=cache, decoding=Decoding(1.0, seed=seed))
    assert len(backend.asked) == 2


def test_a_file_of_something_else_is_not_replaced_unasked(tmp_path: Path) -> None:
    asked, out = questions(tmp_path, "a"), tmp_path / "out.jsonl"
    predict(asked, Echo(), out)
    for content in (out.read_bytes(), b"my notes\n", b""):
        out.write_bytes(content)
        with pytest.raises(OutputError, match=r"exists already, with other questions or settings; .*--replace"):
            predict(asked, Echo(), out, decoding=Decoding(max_tokens=5))
        assert out.read_bytes() == content
    assert predict(asked, Echo(), out, decoding=Decoding(max_tokens=5), replace=True).counts["answered"] == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [("out.txt", "expected a name that ends in"), ("no/out.jsonl", "there is no folder"), ("set.jsonl", "is the set")],
)
def test_a_place_that_cannot_be_meant_is_refused_before_anything_is_asked(
    tmp_path: Path, name: str, message: str
) -> None:
    asked, backend = questions(tmp_path, "a"), Echo()
    with pytest.raises(OutputError, match=message):
        predict(asked, backend, tmp_path / name, replace=True)
    assert backend.asked == []


@pytest.mark.parametrize(
    "wrong", [Decoding(-1.0), Decoding(float("nan")), Decoding(top_p=0.0), Decoding(max_tokens=0), Decoding(stop=("",))]
)
def test_decoding_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: Decoding) -> None:
    with pytest.raises(InputError, match="decoding: expected a "):
        predict(questions(tmp_path, "a"), Echo(), tmp_path / "out.jsonl", decoding=wrong)


@pytest.mark.parametrize(
    ("written", "finish", "text", "reasoning", "failure"),
    [
        ("4", "stop", "4", None, None),
        ("<think>\nTwo and two.\n</think>\n\n4", "stop", "4", "Two and two.", None),
        ("\n<think></think>4", "stop", "4", None, None),
        ("Two and two.</think>\n4", "stop", "4", "Two and two.", None),
        ("<think>\nTwo", "length", None, "Two", "unfinished_thinking"),
        ("<think>\nTwo", "stop", "", "Two", None),
        ("Write <think> and </think> around it.", "stop", "Write <think> and </think> around it.", None, None),
        ("<think>a</think>b</think>c", "stop", "b</think>c", "a", None),
        ("", "stop", "", None, None),
    ],
)
def test_thoughts_are_split_off(
    written: str, finish: str, text: str | None, reasoning: str | None, failure: str | None
) -> None:
    found = split_off(Answer(written, finish_reason=finish))
    assert (found.text, found.reasoning or None, found.failure) == (text, reasoning, failure)


def test_thoughts_go_to_meta_or_stay_and_both_come_from_one_cache(tmp_path: Path) -> None:
    class Thinks(Echo):
        def answer(self, word: str, beside: list[str]) -> Answer:
            return Answer(f"<think>hm</think>{word}", finish_reason="stop")

    asked, cache, backend = questions(tmp_path, "a"), tmp_path / "cache", Thinks()
    split = predict(asked, backend, tmp_path / "split.jsonl", cache=cache)
    kept = predict(asked, backend, tmp_path / "kept.jsonl", cache=cache, keep_thinking=True)
    assert len(backend.asked) == 1
    (one,), (other,) = lines(split.path), lines(kept.path)
    assert (one["prediction"], one["meta"]["reasoning"]) == ("a", "hm")
    assert (other["prediction"], "reasoning" in other["meta"]) == ("<think>hm</think>a", False)
    assert (one["meta"]["decoding"]["thinking"], other["meta"]["decoding"]["thinking"]) == ("split", "kept")
