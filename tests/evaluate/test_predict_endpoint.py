"""A server on this machine that misbehaves in every way, and the command as a person runs it, killed and run again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.curate.endpoint import Endpoint
from tunesmith.curate.endpoint_requests import Reply
from tunesmith.errors import InputError
from tunesmith.evaluate.predict import predict
from tunesmith.evaluate.predict_backend import Decoding
from tunesmith.evaluate.predict_endpoint import EndpointBackend, answer_of
from tunesmith.evaluate.predict_questions import read_questions
from tunesmith.evaluate.predictions import read_predictions

KEY = "sk-very-secret-key"


class ChatServer(ThreadingHTTPServer):
    """Answers "re: <question>" after what `behave` does, unless that has answered; kills a process at a question."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave: Callable[[Handler, str, int], bool] = lambda handler, asked, number: False
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.kill_at, self.victim = -1, None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = body["messages"][-1]["content"]
        with server.lock:
            server.asked[asked] += 1
            server.bodies.append(body)
            if server.asked.total() == server.kill_at:
                os.kill(server.victim.pid, signal.SIGKILL)
                server.victim.wait()
        if not server.behave(self, asked, server.asked[asked]):
            self.send(200, reply(f"re: {asked}"))

    def send(self, status: int, body: Any, **headers: str) -> bool:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return True

    def cut(self) -> bool:
        """Promise more bytes than are sent, and hang up."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices": [')
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
        return True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def reply(text: str | None, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    return {"choices": [choice], "usage": {"completion_tokens": 3, "prompt_tokens": 5}}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "TUNESMITH_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    made = ChatServer()
    yield made
    made.shutdown()
    made.server_close()


def saved(folder: Path, *words: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("".join(json.dumps({"id": word, "prompt": word, "reference": word}) + "\n" for word in words))
    return path


def backend(server: ChatServer, **settings: Any) -> EndpointBackend:
    how = {"wait_seconds": 0.01, "attempts": 2, "timeout_seconds": 0.5, **settings}
    return EndpointBackend(Endpoint(server.url, "m", **how))


def misbehave(handler: Handler, asked: str, number: int) -> bool:
    answers: dict[str, Callable[[], bool]] = {
        "limited": lambda: number == 1 and handler.send(429, {}, Retry_After="0.05"),
        "broken": lambda: handler.send(500, {"error": {"message": "out of luck"}}),
        "hangs": lambda: bool(time.sleep(1.5)),
        "cut": handler.cut,
        "html": lambda: handler.send(200, b"<html>Bad gateway</html>"),
        "long": lambda: handler.send(400, {"message": "This model's maximum context length is 4096 tokens."}),
        "refused": lambda: handler.send(400, {"message": "not today"}),
        "filtered": lambda: handler.send(200, reply("I", finish="content_filter")),
        "silent": lambda: handler.send(200, reply(None)),
        "empty": lambda: handler.send(200, reply("")),
        "calls": lambda: handler.send(200, reply(None, tool_calls=[{"function": {"name": "add"}}])),
        "thinks": lambda: handler.send(200, reply("4", reasoning_content="Two and two.")),
        "broods": lambda: handler.send(200, reply(None, finish="length", reasoning_content="Two and")),
        "inline": lambda: handler.send(200, reply("<think>\nTwo.\n</think>\n\n4")),
        "stops": lambda: handler.send(200, reply("1, 2,", finish="length")),
    }
    return answers[asked]() if asked in answers else False


def test_everything_that_can_go_wrong_is_null_with_its_reason_and_the_rest_is_answered(
    server: ChatServer, tmp_path: Path
) -> None:
    server.behave = misbehave
    words = ["good", "limited", "broken", "hangs", "cut", "html", "long", "refused", "filtered", "silent", "empty"]
    words += ["calls", "thinks", "broods", "inline", "stops"]
    done = predict(read_questions(saved(tmp_path, *words)), backend(server), tmp_path / "out.jsonl")
    rows = {row.id: row for row in read_predictions(done.path).rows}
    assert {name: row.prediction for name, row in rows.items() if row.failure is None} == {
        "good": "re: good", "limited": "re: limited", "empty": "", "thinks": "4", "inline": "4", "stops": "1, 2,"
    }  # fmt: skip
    assert {name: row.failure for name, row in rows.items() if row.failure is not None} == {
        "broken": "http_500", "hangs": "timeout", "cut": "connection", "html": "bad_reply", "long": "prompt_too_long",
        "refused": "http_400", "filtered": "content_filter", "silent": "no_text", "calls": "tool_call",
        "broods": "unfinished_thinking",
    }  # fmt: skip
    assert rows["broken"].meta["failure_detail"] == "500: out of luck"
    assert "<html>Bad gateway</html>" in rows["html"].meta["failure_detail"]
    assert rows["calls"].meta["tool_calls"] == [{"function": {"name": "add"}}]
    assert rows["thinks"].meta["reasoning"] == "Two and two."
    assert rows["inline"].meta["reasoning"] == "Two."
    assert rows["stops"].meta["finish_reason"] == "length"
    assert (rows["good"].meta["tokens"], rows["good"].meta["prompt_tokens"]) == (3, 5)
    assert done.counts == {"questions": 16, "answered": 6, "failed": 10, "empty": 1, "cut": 1, "from_cache": 0}
    server.behave, asked_before = lambda handler, asked, number: False, server.asked.copy()
    again = predict(read_questions(saved(tmp_path, *words)), backend(server), tmp_path / "out.jsonl")
    assert (again.counts["failed"], again.counts["from_cache"]) == (0, 6)
    assert (server.asked - asked_before).keys() == {name for name, row in rows.items() if row.failure}


def test_the_request_holds_decoding_tools_and_template_settings(server: ChatServer, tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    row = {"id": "a", "messages": [{"role": "user", "content": "Hi"}], "tools": [tool]}
    (tmp_path / "set.jsonl").write_text(json.dumps(row) + "\n")
    made = EndpointBackend(Endpoint(server.url, "m"), template_settings={"enable_thinking": False})
    decoding = Decoding(0.7, 0.9, 64, 3, ("\n\n",))
    predict(read_questions(tmp_path / "set.jsonl"), made, tmp_path / "out.jsonl", decoding=decoding)
    predict(read_questions(tmp_path / "set.jsonl"), backend(server), tmp_path / "greedy.jsonl")
    sampled, greedy = server.bodies
    assert sampled == {
        "model": "m", "messages": row["messages"], "temperature": 0.7, "max_tokens": 64, "top_p": 0.9, "seed": 3,
        "stop": ["\n\n"], "tools": [tool], "chat_template_kwargs": {"enable_thinking": False},
    }  # fmt: skip
    assert greedy.keys() == {"model", "messages", "temperature", "max_tokens", "tools"}
    hashes = [read_predictions(tmp_path / name).rows[0].meta["template_hash"] for name in ("out.jsonl", "greedy.jsonl")]
    assert isinstance(hashes[0], str)
    assert hashes[1] is None


def test_a_server_that_is_of_no_use_is_an_error_and_no_file_of_nulls(server: ChatServer, tmp_path: Path) -> None:
    server.behave = lambda handler, asked, number: handler.send(404, {"message": "no model m"})
    with pytest.raises(InputError, match=r"the server has no such address or model \(404: no model m\)"):
        predict(read_questions(saved(tmp_path, "a")), backend(server), tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "detail",
    [
        "400: This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "400: the request exceeds the available context size, try increasing it",
        "400: context_length_exceeded",
        "413: The input is too long for this model",
    ],
)
def test_servers_say_in_many_ways_that_a_prompt_is_too_long(detail: str) -> None:
    assert answer_of(Reply(None, f"http_{detail[:3]}", detail)).failure == "prompt_too_long"
    assert answer_of(Reply(None, "http_500", detail)).failure == "http_500"


def start(*words: object, cwd: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tunesmith.cli", "evaluate", "predict", *map(str, words)]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"TUNESMITH_API_KEY": KEY}
    return subprocess.Popen(
        command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run(*words: object, cwd: Path) -> tuple[int, str, str]:
    process = start(*words, cwd=cwd)
    out, error = process.communicate(timeout=60)
    return process.returncode, out, error


def test_a_killed_command_goes_on_and_ends_in_the_same_bytes_and_the_key_stands_nowhere(
    server: ChatServer, tmp_path: Path
) -> None:
    data = saved(tmp_path, *[f"question {number}" for number in range(40)])
    words = ("--data", data, "--endpoint", server.url, "--model", "m", "--concurrency", "4")
    code, out, error = run(*words, "--out", "whole.jsonl", "--json", cwd=tmp_path)
    assert (code, json.loads(out)["answered"], json.loads(out)["failures"]) == (0, 40, {})
    server.asked.clear()
    server.kill_at = 25
    server.victim = start(*words, "--out", "out.jsonl", cwd=tmp_path)  # type: ignore[assignment]
    server.victim.communicate(timeout=60)  # type: ignore[attr-defined]
    assert not (tmp_path / "out.jsonl").exists()
    server.kill_at = -1
    server.asked.clear()
    code, out, error = run(*words, "--out", "out.jsonl", cwd=tmp_path)
    assert code == 0, error
    assert 16 <= server.asked.total() <= 24
    assert "40 questions: 40 answered (" in out
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    files = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(KEY in text for text in (*files, out, error))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "set.jsonl"], "name a model, local or on the server"),
        (["--data", "none.jsonl", "--model", "m"], "none.jsonl: there is no such file"),
        (["--data", "set.jsonl", "--model", "m", "--temperature", "-1"], "expected a temperature of 0 or more"),
        (["--data", "set.jsonl", "--model", "m", "--endpoint", "x"], "expected a base URL such as"),
        (["--data", "set.jsonl", "--model", "m", "--endpoint", "http://h", "--adapter", "a"], "is for a local model"),
        (["--data", "set.jsonl", "--model", "m", "--key-variable", "K"], "is for a server; add --endpoint"),
        (["--data", "set.jsonl", "--model", "m", "--concurrency", "8"], "is for a server; add --endpoint"),
        (["--data", "set.jsonl", "--model", "m", "--endpoint", "http://h", "--dtype", "auto"], "is for a local model"),
        (["--data", "set.jsonl", "--model", "m", "--top-p", "0.9"], "is for sampling; add a --temperature"),
    ],
)
def test_mistakes_are_told_before_a_model_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    saved(tmp_path, "a")
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, ["evaluate", "predict", *words, "--out", "out.jsonl"])
    told = str(found.exception) if isinstance(found.exception, InputError) else found.output
    assert message in " ".join(told.replace("│", " ").split())
    assert found.exit_code != 0
