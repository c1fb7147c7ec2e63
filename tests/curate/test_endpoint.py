"""The client against a real server on this machine that misbehaves in every way we know of."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.endpoint import Endpoint
from tunesmith.curate.endpoint_requests import Reply, Request, chat
from tunesmith.errors import InputError

KEY = "sk-very-secret-key"


class FakeServer:
    """Answers "re: <question>" after whatever `behave` does; `behave` returns True where it has answered itself."""

    def __init__(self) -> None:
        self.behave: Callable[[BaseHTTPRequestHandler, str, int], bool] = lambda handler, asked, number: False
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.under_way = self.most_under_way = 0
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server.count(1)
                try:
                    server.answer(self)
                finally:
                    server.count(-1)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def count(self, change: int, *, seen: bool = True) -> None:
        with self.lock:
            self.under_way += change
            self.most_under_way = max(self.most_under_way, self.under_way * seen)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        asked = body["messages"][-1]["content"]
        with self.lock:
            self.asked[asked] += 1
            number = self.asked[asked]
            self.bodies.append(body)
            self.headers.append({"path": handler.path, **dict(handler.headers)})
        if not self.behave(handler, asked, number):
            self.count(-1)  # before the client can know: else its next question would count beside this one
            send(handler, 200, reply(asked))
            self.count(1, seen=False)


def reply(asked: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": f"re: {asked}"}
    return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"total_tokens": 3}}


def send(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> bool:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
    return True


def cut(handler: BaseHTTPRequestHandler) -> bool:
    """Promise more bytes than are sent, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def drip(handler: BaseHTTPRequestHandler) -> bool:
    """One byte at a time, for ever: each read succeeds."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)
    return True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "TUNESMITH_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    made = FakeServer()
    yield made
    made.http.shutdown()
    made.http.server_close()


def endpoint(server: FakeServer, **settings: Any) -> Endpoint:
    return Endpoint(**{"base_url": server.url, "model": "m", "wait_seconds": 0.01, "timeout_seconds": 5, **settings})


def questions(*words: str) -> list[Request]:
    return [chat([{"role": "user", "content": word}], temperature=0) for word in words]


def test_replies_come_in_the_order_of_the_questions_although_later_ones_are_faster(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: bool(time.sleep(0.2 if asked == "0" else 0))
    words = [str(i) for i in range(30)]
    assert [one.text for one in endpoint(server).ask_all(questions(*words))] == [f"re: {word}" for word in words]


def test_no_more_questions_are_under_way_than_allowed_and_that_many_are(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: bool(time.sleep(0.03))
    assert len(list(endpoint(server, concurrency=3).ask_all(questions(*map(str, range(20)))))) == 20
    assert server.most_under_way == 3


def test_the_request_holds_model_settings_and_key(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    found = endpoint(server, key_variable="MY_KEY", base_url=f"{server.url}/v1/").ask(questions("hi")[0])
    assert (found.text, found.finish_reason, found.usage) == ("re: hi", "stop", {"total_tokens": 3})
    assert server.bodies == [{"model": "m", "messages": [{"role": "user", "content": "hi"}], "temperature": 0}]
    assert (server.headers[0]["path"], server.headers[0]["Authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (lambda handler: send(handler, 500, {"error": {"message": "oops"}}), "http_500"),
        (lambda handler: send(handler, 429, {}), "http_429"),
        (lambda handler: send(handler, 200, b"<html>busy</html>"), "bad_reply"),
        (lambda handler: send(handler, 200, b'{"choices": ['), "bad_reply"),
        (lambda handler: send(handler, 200, {"error": "overloaded"}), "bad_reply"),
        (lambda handler: send(handler, 200, {"choices": []}), "bad_reply"),
        (cut, "connection"),
    ],
)
def test_what_may_pass_is_asked_again_until_it_is_a_failure(
    server: FakeServer, trouble: Callable[[BaseHTTPRequestHandler], bool], code: str
) -> None:
    server.behave = lambda handler, asked, number: (number <= 2 or asked == "never") and trouble(handler)
    good, bad = endpoint(server, attempts=3).ask_all(questions("soon", "never"))
    assert (good.text, good.attempts) == ("re: soon", 3)
    assert (bad.body, bad.text, bad.failure, bad.attempts) == (None, None, code, 3)
    assert server.asked == {"soon": 3, "never": 3}


@pytest.mark.parametrize("silent", [lambda handler: bool(time.sleep(1)), drip])
def test_a_reply_that_takes_too_long_as_a_whole_is_a_timeout(
    server: FakeServer, silent: Callable[[BaseHTTPRequestHandler], bool]
) -> None:
    server.behave = lambda handler, asked, number: number == 1 and silent(handler)
    found = endpoint(server, timeout_seconds=0.4).ask(questions("hi")[0])
    assert (found.text, found.attempts) == ("re: hi", 2)
    server.asked.clear()
    assert endpoint(server, timeout_seconds=0.4, attempts=1).ask(questions("hi")[0]).failure == "timeout"


def test_other_4xx_are_never_asked_again_and_say_what_the_server_said(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: (
        asked == "long" and send(handler, 400, {"object": "error", "message": "maximum context length is 4096 tokens"})
    )
    short, long = endpoint(server).ask_all(questions("short", "long"))
    assert short.text == "re: short"
    assert (long.failure, long.attempts) == ("http_400", 1)
    assert long.detail == "400: maximum context length is 4096 tokens"


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_makes_all_threads_wait(server: FakeServer, form: str) -> None:
    arrivals: list[float] = []
    until: list[datetime] = []

    def behave(handler: BaseHTTPRequestHandler, asked: str, number: int) -> bool:
        with server.lock:
            arrivals.append(time.time())
            if first := not until:
                date = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
                until.append(date if form == "date" else datetime.now(UTC) + timedelta(seconds=1))
        time.sleep(0 if first else 0.2)  # so that "c" is not asked before the first reply is read
        header = format_datetime(until[0], usegmt=True) if form == "date" else "1"
        return first and send(handler, 429, {}, Retry_After=header)

    server.behave = behave
    asked = endpoint(server, concurrency=2).ask_all(questions("a", "b", "c"))
    assert [one.text for one in asked] == ["re: a", "re: b", "re: c"]
    late = arrivals[2:]  # "b" was under way when "a" was put off
    assert len(late) == 2
    assert min(late) >= until[0].timestamp() - 0.05


def test_a_wait_that_nobody_wants_ends_the_work(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: send(handler, 429, {}, Retry_After="86400")
    with pytest.raises(InputError, match=r"asks to wait 86,400 s .*; run the same command later"):
        endpoint(server).ask(questions("hi")[0])


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, r"refuses the key \(401: bad key \[key\]\); put a valid key into the environment variable MY_KEY"),
        (402, "no credit"),
        (404, "has no such address or model .*; check the base URL and the model's name"),
        (301, "sends elsewhere"),
    ],
)
def test_a_failure_of_the_whole_endpoint_stops_early_without_naming_the_key(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, says: str
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    server.behave = lambda handler, asked, number: send(handler, status, {"error": {"message": f"bad key {KEY}"}})
    asked = endpoint(server, key_variable="MY_KEY", concurrency=2, cache=tmp_path / "cache.jsonl")
    with pytest.raises(InputError, match=says) as caught:
        list(asked.ask_all(questions(*map(str, range(100)))))
    assert sum(server.asked.values()) <= 4
    assert KEY not in str(caught.value)


def test_one_forbidden_question_among_good_ones_is_its_own_failure(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: asked == "rude" and send(handler, 403, {"message": "moderated"})
    found = endpoint(server, concurrency=1).ask_all(questions("a", "rude", "b"))
    assert [one.failure for one in found] == [None, "http_403", None]


def test_an_address_where_nothing_listens_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(InputError, match=r"cannot be reached .*; check the base URL, and that the server runs"):
        list(Endpoint(url, "m", wait_seconds=0.01).ask_all(questions(*map(str, range(100)))))


def test_a_server_that_stays_broken_is_given_up(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: send(handler, 503, b"down")
    with pytest.raises(InputError, match="failed 20 questions in a row, at last with 503: down"):
        list(endpoint(server, attempts=1, concurrency=4).ask_all(questions(*map(str, range(100)))))
    assert sum(server.asked.values()) < 30


def test_what_was_answered_is_not_asked_again_and_failures_are(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUNESMITH_API_KEY", KEY)
    path = tmp_path / "cache.jsonl"
    server.behave = lambda handler, asked, number: asked == "b" and number == 1 and send(handler, 400, {})
    asked = endpoint(server, cache=path)
    assert [one.failure for one in asked.ask_all(questions("a", "b"))] == [None, "http_400"]
    with path.open("ab") as file:
        file.write(b'{"key":"12')  # as a kill leaves it
    again = list(asked.ask_all(questions("a", "b", "a")))
    assert [(one.text, one.attempts) for one in again] == [("re: a", 0), ("re: b", 1), ("re: a", 0)]
    assert server.asked == {"a": 1, "b": 2}
    assert [one.attempts for one in endpoint(server, cache=path, model="other").ask_all(questions("a"))] == [1]
    assert KEY.encode() not in path.read_bytes()


def test_equal_questions_under_way_together_are_asked_once(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: bool(time.sleep(0.05))
    found = list(endpoint(server).ask_all(questions("a", "a", "b", "a")))
    assert [one.text for one in found] == ["re: a", "re: a", "re: b", "re: a"]
    assert server.asked == {"a": 1, "b": 1}


def test_leaving_early_waits_for_no_reply(server: FakeServer) -> None:
    server.behave = lambda handler, asked, number: asked != "0" and bool(time.sleep(3))
    start = time.monotonic()
    replies: Iterator[Reply] = endpoint(server).ask_all(questions(*map(str, range(200))))
    assert next(replies).text == "re: 0"
    replies.close()  # type: ignore[attr-defined]  # a generator
    assert time.monotonic() - start < 2.5
