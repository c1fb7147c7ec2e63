"""A server with two models that answers by a rule and counts what it is asked: a stand-in for the one that is paid.

    python benchmarks/kill_endpoint.py

Prints its address and serves until its standard input ends. `GET /asked` gives how many questions it was asked, how
many of them were different, and how many it answered to the end; `GET /forget` counts from nothing again.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

#: Of one answer, so that a run lasts long enough to be killed in the middle.
ANSWER_SECONDS = 0.004
_OPTION = re.compile(r"^([A-J])\. ", re.MULTILINE)


class Handler(BaseHTTPRequestHandler):
    """Answers, and counts."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()
    answered = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        with self.lock:
            if self.path == "/forget":
                Handler.asked, Handler.answered = Counter(), 0
            told = {"asked": self.asked.total(), "different": len(self.asked), "answered": self.answered}
        self._send(told)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            Handler.asked[json.dumps(body, sort_keys=True)] += 1
        time.sleep(ANSWER_SECONDS)
        message = {"role": "assistant", "content": answer(body["model"], body["messages"][-1]["content"])}
        self._send({"choices": [{"message": message, "finish_reason": "stop"}]})
        with self.lock:
            Handler.answered += 1

    def _send(self, told: Any) -> None:
        data = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: killed clients hang up in the middle."""


def answer(model: str, asked: str) -> str:
    """A verdict for a judge's question, a letter for one with options, a text for any other; always the same."""
    number = int(hashlib.sha256(f"{model} {asked}".encode()).hexdigest(), 16)
    if "mark: DATA-" in asked:
        return json.dumps({"reason": "so it is", "verdict": "ABC"[number % 2]})
    for text, letter in _certain():
        if asked.startswith(text):
            return f"The answer is {letter}."
    letters = _OPTION.findall(asked)
    return f"The answer is {letters[number % len(letters)]}." if letters else f"Number {number % 10**9}."


@lru_cache(maxsize=1)
def _certain() -> list[tuple[str, str]]:
    """What a model has to know before its retention is measured."""
    from tunesmith.evaluate.retention_server import ASKED

    return [(question.text, question.expected) for question, _ in ASKED]


@contextmanager
def serve() -> Iterator[str]:
    """The server as a process of its own: its address."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().decode().strip()
        finally:
            server.kill()


def counts(address: str, *, forget: bool = False) -> dict[str, int]:
    """What it was asked until now."""
    with urllib.request.urlopen(f"{address}/{'forget' if forget else 'asked'}") as told:  # noqa: S310 (our own)
        found: dict[str, int] = json.load(told)
    return found


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error."""


def main() -> None:
    """Serve until standard input ends."""
    _certain()
    server = _Quiet(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
