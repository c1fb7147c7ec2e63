"""Models behind servers: log-probabilities by echo, written answers, and servers that would score at chance."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lm_eval")

from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.curate.endpoint_requests import Reply, Request, TokenLogprob
from tunesmith.errors import InputError
from tunesmith.evaluate.retention_server import ASKED, CERTAIN, ServerSystem, _scored, continuation_logprob
from tunesmith.evaluate.retention_types import Question, Settings, Subject

QUESTIONS = tuple(Question(f"s:{i}", f"{i} + 0 = ?", ("90", str(i), "70", "80"), 1) for i in range(8))
SUBJECT = Subject("s", QUESTIONS, language="en")
RIGHT_ENDS = {prompt + texts[0] for prompt, texts in CERTAIN} | {"Answer: B"}


def knows(text: str) -> float:
    """The log-probability of a text's last token."""
    return -0.1 if any(text.endswith(end) for end in RIGHT_ENDS) else -3.0


class EchoServer:
    """A server that gives log-probabilities of what it is sent, token by token, in one of several ways."""

    url, model = "http://127.0.0.1:1/v1", "tiny"

    def __init__(self, way: str = "right") -> None:
        self.way = way

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            yield self.reply(str(request.body["prompt"]))

    def reply(self, text: str) -> Reply:
        if self.way == "refuses":
            return Reply(None, "http_400", "echo is not supported")
        tokens = [*text]
        values: list[float | None] = [None, *[-1.0] * (len(text) - 1)]
        values[-1] = -2.0 if self.way == "constant" else knows(text)
        if self.way == "fails at 3" and "3 + 0" in text:
            return Reply(None, "timeout")
        if self.way == "ignores echo":
            tokens, values = [], []
        if self.way == "drops the end":
            tokens, values = tokens[:-3], values[:-3]
        written = {"tokens": [*tokens, "!"], "token_logprobs": [*values, -9.0]}  # one token has to be generated
        choice = {"text": "", "logprobs": None if self.way == "no logprobs" else written}
        return Reply({"choices": [choice]})


def test_a_server_that_knows_is_measured_by_echo() -> None:
    system = ServerSystem(EchoServer())
    assert system.check(Settings()) == {"kind": "echo", "asked": 3, "right": 3}
    (found,) = system.answers(SUBJECT, Settings())
    assert [(item.correct, item.answer) for item in found.items] == [(True, "B")] * 8
    assert (found.failed, found.tied, found.cut) == (0, 0, 0)


CHANCE = {
    "refuses": r"refuses to score a text \(http_400: echo is not supported\)",
    "no logprobs": "does not give the log-probabilities of a prompt",
    "ignores echo": "does not give the log-probabilities of a prompt",
    "drops the end": "log-probabilities that do not fit the text",
    "constant": "find the certain continuation in 0 of 3 cases",
}


@pytest.mark.parametrize("way", CHANCE)
def test_a_server_that_would_score_at_chance_is_refused_with_what_to_do(way: str) -> None:
    with pytest.raises(InputError, match=CHANCE[way] + r".*--mode generate.*--model"):
        ServerSystem(EchoServer(way)).check(Settings())


def test_a_question_that_fails_has_no_answer_and_its_reason() -> None:
    (found,) = ServerSystem(EchoServer("fails at 3")).answers(SUBJECT, Settings())
    assert [item.failure for item in found.items] == [None] * 3 + ["timeout"] + [None] * 4
    assert (found.items[3].correct, found.items[3].answer, found.failed) == (None, None, 1)


@pytest.mark.parametrize("figures", [["x", -1.0], [{"5": {"rank": 1}}, None], [[1], 2]])
def test_figures_of_another_shape_are_none(figures: list[Any]) -> None:
    reply = Reply({"choices": [{"prompt_logprobs": figures}]})
    assert _scored(reply, "Q:", " A") == (None, "no_logprobs")


def test_what_is_kept_of_a_server_that_was_set_up_wrong_is_asked_again() -> None:
    system = ServerSystem(EchoServer("no logprobs"), fresh=EchoServer())
    assert system.check(Settings()) == {"kind": "echo", "asked": 3, "right": 3}
    (found,) = system.answers(SUBJECT, Settings())
    assert [item.answer for item in found.items] == ["B"] * 8


def test_equal_likelihoods_are_counted() -> None:
    (found,) = ServerSystem(EchoServer("constant")).answers(SUBJECT, Settings())
    assert (found.tied, {item.answer for item in found.items}) == (8, {"A"})


T = TokenLogprob
SPELLINGS: list[tuple[list[TokenLogprob], str, str, float | None]] = [
    ([T("Q", None, 0), T(":", -1, 1), T(" A", -2, 2)], "Q:", " A", -2),
    ([T("Q", None, 0), T(":", -1, 1), T(" ", -2, 2), T("A", -4, 3)], "Q:", " A", -6),
    ([T("Q", None, 0), T(": ", -1, 1), T("A", -4, 3)], "Q:", " A", -5),  # a token in both counts
    ([T("Q", None, 0), T(":", -1, 1), T(" A", -2, 2)], "Q: ", "A", -2),  # the space goes to the answer
    ([T("Q", None, None), T(":", -1, None), T("▁A", -2, None)], "Q:", " A", -2),
    ([T("Ġ", None, None), T("ĠA", -2, None)], "Q:", " A", -2),
    # a character of several tokens, which servers show as replacement marks: the offsets count
    ([T("Q", None, 0), T(":", -1, 1), T("\ufffd", -2, 2), T("\ufffd", -4, 2)], "Q:", "龘", -6),
    ([T("Q", None, 0), T("\ufffd", -2, None)], "Q:", "龘", None),
    ([T("Q", None, 0), T(":", -1, 1)], "Q:", " A", None),
    ([T(" A", None, 0)], "", " A", None),  # nothing predicts a first token
]


@pytest.mark.parametrize(("tokens", "context", "continuation", "expected"), SPELLINGS)
def test_the_tokens_of_an_answer_are_told_from_those_of_its_prompt(
    tokens: list[TokenLogprob], context: str, continuation: str, expected: float | None
) -> None:
    assert continuation_logprob(tokens, context, continuation) == expected


class ChatServer:
    """Writes an answer to each question by a rule."""

    url, model = "http://127.0.0.1:1/v1", "tiny"

    def __init__(self, answers: Mapping[str, str | None], default: str | None) -> None:
        self.answers, self.default = answers, default

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            asked = request.body["messages"][-1]["content"]
            text = next((told for part, told in self.answers.items() if asked.startswith(part)), self.default)
            if text is None:
                yield Reply(None, "http_500", "no luck")
            else:
                yield Reply({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})


CERTAIN_ANSWERS = {question.text: f"The answer is {question.expected}." for question, _ in ASKED}


def test_written_answers_are_read_and_what_cannot_be_read_is_wrong_and_counted() -> None:
    said = {"1 +": "<think>A or B? A.</think>\nB", "2 +": "(A)", "3 +": "I cannot say.", "4 +": None, "5 +": "<think>B"}
    (found,) = ServerSystem(ChatServer(said, "B")).answers(SUBJECT, Settings("generate"))
    marks = [(item.correct, item.answer) for item in found.items]
    assert marks[:6] == [(True, "B"), (True, "B"), (False, "A"), (False, None), (None, None), (False, None)]
    assert (found.unreadable, found.failed, found.items[4].failure) == (2, 1, "http_500")


def test_solved_examples_are_earlier_turns_of_the_chat() -> None:
    seen: list[Any] = []

    class Noting(ChatServer):
        def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
            asked = list(requests)
            seen.extend(request.body for request in asked)
            return super().ask_all(asked)

    subject = SUBJECT._replace(questions=QUESTIONS[:1], shots=QUESTIONS[5:7])
    ServerSystem(Noting({}, "B")).answers(subject, Settings("generate", max_tokens=99))
    assert [turn["role"] for turn in seen[0]["messages"]] == ["user", "assistant"] * 2 + ["user"]
    assert seen[0]["messages"][1]["content"] == "B"
    assert (seen[0]["temperature"], seen[0]["max_tokens"]) == (0, 99)


def test_a_chat_that_cannot_answer_what_is_certain_is_refused() -> None:
    assert ServerSystem(ChatServer(CERTAIN_ANSWERS, None)).check(Settings("generate")) == {
        "kind": "chat",
        "asked": 3,
        "right": 3,
    }
    with pytest.raises(InputError, match=r"answers 1 of 3 questions that are certain; it says 'B'.*--max-tokens"):
        ServerSystem(ChatServer({}, "B")).check(Settings("generate"))
    with pytest.raises(InputError, match=r"answers no question \(http_500: no luck\)"):
        ServerSystem(ChatServer({}, None)).check(Settings("generate"))


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = body["messages"][-1]["content"]
        told = next((text for part, text in CERTAIN_ANSWERS.items() if asked.startswith(part)), "选 A")
        if body["model"] == "tuned" and asked.startswith("直接"):
            told = "选 C"
        choice = {"message": {"content": told}, "finish_reason": "stop"}
        data = json.dumps({"choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


def command(*words: object) -> tuple[int, str, str]:
    line = [sys.executable, "-m", "tunesmith.cli", "evaluate", "retention", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_command_measures_two_models_of_a_server(url: str, shared_data: Path, tmp_path: Path) -> None:
    tasks = shared_data / "cmmlu" / "test" / "anatomy.csv"
    words = ["--endpoint", url, "--model", "tuned", "--before", "base", "--mode", "generate", "--limit", 5]
    code, out, errors = command(*words, "--tasks", tasks, "--out", tmp_path / "out", "--json")
    assert code == 0, errors
    found = json.loads(out)
    assert found == json.loads((tmp_path / "out" / "retention.json").read_text())
    overall = found["overall"]
    assert (overall["n"], overall["gained"], overall["verdict"]) == (5, ["anatomy:1"], "not shown")
    assert found["preflight"]["before"]["check"] == {"kind": "chat", "asked": 3, "right": 3}
    assert [warning["code"] for warning in found["warnings"]][-1] == "limited"
    assert "ask after: 1 of 1 subjects" in errors


MISTAKES = {
    "no tasks": (["--model", "m", "--endpoint", "http://127.0.0.1:9"], "there is nothing to measure"),
    "no such mode": (["--model", "m", "--mode", "guess"], "expected loglikelihood or generate, saw 'guess'"),
    "a text at a server": (
        ["--model", "m", "--endpoint", "http://h", "--text", "t"],
        "bits per byte need a local model",
    ),
    "a device at a server": (["--model", "m", "--endpoint", "http://h", "--device", "cpu"], "is for a local model"),
    "a server that is not asked": (
        ["--model", "m", "--before-endpoint", "http://h"],
        "is for a server; add --endpoint",
    ),
    "several files, one missing": (["--model", "m", "--tasks", "a.csv,b.csv"], "a.csv: expected a file or folder"),
    "an adapter at a server": (["--model", "m", "--endpoint", "http://h", "--adapter", "a"], "--model tuned --before"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_ends_in_one_message(tmp_path: Path, name: str) -> None:
    words, says = MISTAKES[name]
    found = CliRunner().invoke(app, ["evaluate", "retention", *words, "--out", str(tmp_path / "out")])
    told = f"{found.output} {found.exception}".replace("│", " ")
    assert says in " ".join(told.split())
    assert found.exit_code == 2 or isinstance(found.exception, InputError)  # which `main` tells and exits with 2
    assert not (tmp_path / "out").exists()
