"""What the tests of the jobs are given: a server of answers that holds them back, commands, and a way to wait."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tunesmith.ui.jobs import Job, read_job
from tunesmith.ui.workspace import Workspace

#: Under which a command reads the server's key.
KEY_VARIABLE = "TUNESMITH_API_KEY"

#: A command that ends with a person's mistake as soon as the command line is there, without loading anything more.
QUICK = ("--nonsense",)


class Answers:
    """A server that answers nobody before `free` is called; so a command that asks it runs as long as a test wants."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.address = ""
        self._free = threading.Event()

    def free(self) -> None:
        self._free.set()

    def wait_until_freed(self) -> None:
        self._free.wait(60)


@contextmanager
def holding_server() -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answers.keys.append(str(self.headers["Authorization"]))
            answers.wait_until_freed()
            message = {"role": "assistant", "content": "four"}
            found = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    answers.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield answers
    finally:
        answers.free()
        server.shutdown()
        server.server_close()


def held_command(workspace: Workspace, answers: Answers, name: str = "held") -> list[str]:
    """A command that runs until the server is freed."""
    questions = workspace.root / "questions.jsonl"
    questions.write_text('{"id": "1", "messages": [{"role": "user", "content": "2 + 2?"}], "reference": "four"}\n')
    out = ["--out", f"predictions/{name}.jsonl"]
    return ["evaluate", "predict", "--data", "questions.jsonl", "--model", "m", "--endpoint", answers.address, *out]


def wait_for(workspace: Workspace, job: Job, true: Callable[[Job], bool], seconds: float = 90.0) -> Job:
    """The job once something is true of it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = read_job(workspace, job.id)
        if true(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"not so after {seconds} s: {read_job(workspace, job.id)}")


def end_of(workspace: Workspace, job: Job) -> Job:
    return wait_for(workspace, job, lambda found: not found.is_open)
