"""Scoring from end to end with a hand-written model and judge: order, copies, nulls, going on after an interruption."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.endpoint_requests import Reply, Request
from tunesmith.curate.rundata import RunData
from tunesmith.curate.score_losses import WINDOW_ROWS
from tunesmith.curate.score_rows import open_rows
from tunesmith.curate.score_run import Plan, cache_folder, score
from tunesmith.curate.score_summary import Scored, as_text
from tunesmith.curate.score_tokens import Sequence
from tunesmith.errors import InputError, OutputError

N_ROWS = 2 * WINDOW_ROWS + 40


class LetterTokenizer:
    """A token a letter, no template."""

    bos_token_id: int | None = 0
    bos_token: str | None = None
    chat_template: Any = None

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return [ord(letter) for letter in text]

    def apply_chat_template(self, conversation: list[dict[str, Any]], **settings: Any) -> Any:
        raise AssertionError("has none")


class LetterModel:
    """The loss of an answer is its first letter's number / 100, and a tenth more for each letter of context."""

    tokenizer = LetterTokenizer()

    def __init__(self, interrupt_at: int = -1) -> None:
        self.calls, self.interrupt_at = 0, interrupt_at

    def settings(self) -> dict[str, Any]:
        return {"name": "letters"}

    def mean_losses(self, sequences: list[Sequence]) -> list[float]:
        if self.calls == self.interrupt_at:
            raise KeyboardInterrupt
        self.calls += 1
        return [math.nan if 33 in one.answer else one.answer[0] / 100 + len(one.context) / 10 for one in sequences]


class FakeJudge:
    """Scores 1 to 5 by the length of the question."""

    url, model = "http://fake/v1", "fake"

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            size = len(request.body["messages"][1]["content"]) % 6
            numbers = dict.fromkeys(("correct", "helpful", "complete", "safe", "score"), size)
            content = json.dumps({"reason": "so\u2028", **numbers})
            yield Reply({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]})


def rows(*extra: str) -> str:
    made = [{"instruction": f"Question {'?' * (i % 9)}{i}", "output": f"{chr(65 + i % 26)} {i}"} for i in range(N_ROWS)]
    return "".join(json.dumps(row) + "\n" for row in made) + "".join(f"{line}\n" for line in extra)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(rows())
    return path


def run(data: Path, out: Path, model: LetterModel | None = None, **settings: Any) -> Scored:
    plan = Plan(("ifd", "perplexity", "judge"), model or LetterModel(), 100, judge=FakeJudge())
    return score(open_rows(str(data)), out, plan, **settings)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_every_content_has_its_line_in_the_order_of_the_rows(data: Path, tmp_path: Path) -> None:
    copy = json.dumps({"instruction": "Question 0", "output": "A 0"})
    data.write_text(rows(copy, "{cut", '{"instruction": "!", "output": "A!"}', '{"text": "plain"}'))
    found = run(data, tmp_path / "scores.jsonl")
    head, *told = lines(tmp_path / "scores.jsonl")
    assert head["settings"]["measures"] == ["ifd", "perplexity", "judge"]
    expected = [*range(1, N_ROWS + 1), N_ROWS + 3, N_ROWS + 4]
    assert [line["row_id"] for line in told] == [f"rows:{number}" for number in expected]
    assert (found.rows_in, found.lines, found.copies, found.invalid) == (N_ROWS + 4, N_ROWS + 2, 1, 1)
    first = told[0]  # context: the beginning, "Question 0" and a line break
    assert (first["loss"], first["loss_alone"], first["answer_tokens"]) == (0.65 + 1.2, 0.75, 3)
    assert first["ifd"] == pytest.approx(1.85 / 0.75, rel=1e-5)
    assert first["perplexity"] == pytest.approx(math.exp(1.85), rel=1e-5)
    assert told[-2]["missing"]["perplexity"] == told[-2]["missing"]["ifd"] == "not_finite"
    assert (told[-1]["perplexity"] > 1, told[-1]["missing"]) == (True, {"ifd": "no_prompt", "judge": "no_prompt"})


def test_nulls_are_counted_by_reason_and_scores_summed_up(data: Path, tmp_path: Path) -> None:
    data.write_text(rows(json.dumps({"instruction": "a" * 200, "output": "b"})))
    found = run(data, tmp_path / "scores.jsonl")
    told = lines(tmp_path / "scores.jsonl")[1:]
    for name in ("ifd", "perplexity", "judge"):
        values = [line[name] for line in told if line[name] is not None]
        assert found.measures[name]["n"] == len(values)
        assert found.measures[name]["quantiles"]["0"] == pytest.approx(min(values), abs=1e-4)
        assert sum(found.measures[name]["missing"].values()) == len(told) - len(values)
        assert all((line[name] is None) == (name in line["missing"]) for line in told)
    assert found.measures["ifd"]["missing"] == {"too_long": 1}
    assert found.measures["judge"]["missing"].keys() == {"unparsable"}
    assert found.measures["ifd"]["above_1"] == N_ROWS
    text = as_text(found)
    assert f"{N_ROWS + 1:,} rows in: {N_ROWS + 1:,} scored, 0 copies of others, 0 could not be read" in text
    assert "without: 1 longer than the model takes" in text


@pytest.mark.parametrize("interrupt_at", [0, 1, 2])
def test_an_interrupted_run_goes_on_and_ends_in_the_same_bytes(data: Path, tmp_path: Path, interrupt_at: int) -> None:
    whole = LetterModel()
    run(data, tmp_path / "whole.jsonl", whole)
    assert whole.calls == 3
    out = tmp_path / "scores.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run(data, out, LetterModel(interrupt_at))
    assert not out.exists()
    rest = LetterModel()
    run(data, out, rest)
    assert rest.calls == 3 - interrupt_at
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not list(tmp_path.glob(".*part"))


def test_a_finished_run_is_not_repeated_and_another_one_not_written_over(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.jsonl"
    first = run(data, out)
    again = run(data, out, LetterModel(interrupt_at=0))
    assert again.continued
    assert replace(again, seconds=0.0, continued=False) == replace(first, seconds=0.0)
    data.write_text(rows('{"instruction": "one more", "output": "b"}'))
    with pytest.raises(OutputError, match=r"exists already, with other rows or settings; .*--replace"):
        run(data, out)
    model = LetterModel()
    assert run(data, out, model, replace=True).lines == N_ROWS + 1
    assert model.calls == 1  # the windows before the new row are in the cache


def test_only_what_is_asked_for_is_measured(data: Path, tmp_path: Path) -> None:
    plan = Plan(("judge",), judge=FakeJudge())
    score(open_rows(str(data)), tmp_path / "judged.jsonl", plan)
    assert not {"ifd", "perplexity", "loss"} & lines(tmp_path / "judged.jsonl")[1].keys()
    score(open_rows(str(data)), tmp_path / "p.jsonl", Plan(("perplexity",), LetterModel(), 100))
    line = lines(tmp_path / "p.jsonl")[1]
    assert (line["perplexity"] > 1, line["loss_alone"], "judge" in line) == (True, None, False)


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan(()), "expected some of ifd, perplexity, judge"),
        (Plan(("ifd",)), "need a local model; name one with --model"),
        (Plan(("judge",)), "a judge needs a server"),
    ],
)
def test_a_plan_without_its_means_is_refused(data: Path, tmp_path: Path, plan: Plan, says: str) -> None:
    with pytest.raises(InputError, match=says):
        score(open_rows(str(data)), tmp_path / "scores.jsonl", plan)


def test_the_input_is_never_written_over_and_a_folder_has_one_writer(data: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is what is to be scored"):
        run(data, data, replace=True)
    out = tmp_path / "scores.jsonl"

    class Second(LetterModel):
        def mean_losses(self, sequences: list[Sequence]) -> list[float]:
            run(data, out)
            return []

    with pytest.raises(OutputError, match="another process is scoring here"):
        run(data, out, Second())
    assert cache_folder(out).is_dir()


def test_of_a_run_the_rows_that_were_not_dropped_are_scored_under_their_content_ids(
    make_run: Callable[..., RunData], tmp_path: Path
) -> None:
    made = [{"instruction": f"Why is {i} a number?", "output": f"Because it counts {i} things."} for i in range(9)]
    opened = make_run({"a.jsonl": [*made, made[0], {"instruction": "Why?", "output": ""}]}, "sources: [a.jsonl]")
    score(open_rows(str(opened.folder)), tmp_path / "s.jsonl", Plan(("perplexity",), LetterModel(), 100))
    kept = [line for line in opened.ledger.to_pylist() if line["verdict"] in ("kept", "unsampled")]
    assert len(kept) == 9
    ids = [(line["row_id"], line["content_id"]) for line in lines(tmp_path / "s.jsonl")[1:]]
    assert ids == [(line["row_id"], line["content_id"]) for line in kept]
