"""Many questions under way at once: threads that ask, wait, ask again, and give up together.

>>> with Pool(server, cache) as pool:  # doctest: +SKIP
...     replies = list(pool.replies(requests))
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from queue import SimpleQueue
from types import TracebackType
from typing import NamedTuple

from tunesmith.curate.endpoint_cache import Cache, key_of
from tunesmith.curate.endpoint_http import Attempt, Wire
from tunesmith.curate.endpoint_requests import Reply, Request
from tunesmith.curate.endpoint_waits import STOPS, backoff_seconds, is_passing, seconds_asked
from tunesmith.errors import InputError, TunesmithError

# Questions taken ahead of the reply that is due, for each thread: one slow reply must not make the others idle.
_AHEAD = 8
# Attempts to reach an address at which nothing ever answered: a server that starts needs longer, a typo never comes.
_FIRST_ATTEMPTS = 3
# Questions in a row that fail before the server is taken to be gone.
_MOST_FAILURES = 20

Task = tuple[str, Request, "Future[Reply]"]


class Server(NamedTuple):
    """Whom to ask, and how: the settings of an `Endpoint`, with the key itself."""

    url: str
    model: str
    key: str | None
    key_variable: str
    concurrency: int
    attempts: int
    timeout_seconds: float
    wait_seconds: float
    most_wait_seconds: float

    def __repr__(self) -> str:
        """Without the key, wherever it may be printed."""
        return f"Server({self.url!r}, {self.model!r}, key of {self.key_variable})"


class _Stopped(Exception):  # noqa: N818 (no error: the word to a thread that its question is wanted no more)
    pass


class Pool:
    """Threads over one server, with what they know of it together."""

    def __init__(self, server: Server, cache: Cache) -> None:
        self._server, self._cache = server, cache
        self._wire = Wire(
            server.url, server.key, timeout_seconds=server.timeout_seconds, connections=server.concurrency
        )
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failed: Future[Reply] = Future()  # ends with the error of the whole endpoint
        self._not_before = 0.0  # no question is asked earlier: the server wants a rest
        self._reached = False  # anything answered at all
        self._good = 0
        self._in_a_row = 0  # failed questions since the last good one

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Threads that still wait for a reply end with the process: nobody waits for them."""
        self._stop.set()
        for _ in self._threads:
            self._tasks.put(None)
        if kind is None:
            for thread in self._threads:
                thread.join()
            self._wire.__exit__(kind, error, at)

    def replies(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """In the order of the questions."""
        due: deque[tuple[str, Future[Reply]]] = deque()
        under_way: dict[str, Future[Reply]] = {}
        for request in requests:
            due.append(self._begin(request, under_way))
            if len(due) > self._server.concurrency * _AHEAD:
                yield self._next(due, under_way)
        while due:
            yield self._next(due, under_way)

    def _begin(self, request: Request, under_way: dict[str, Future[Reply]]) -> tuple[str, Future[Reply]]:
        request = Request(request.path, {"model": self._server.model, **request.body})
        key = key_of("reply", self._server.url, request.path, request.body)
        if key not in under_way:
            under_way[key] = self._submitted(key, request)
        return key, under_way[key]

    def _submitted(self, key: str, request: Request) -> Future[Reply]:
        future: Future[Reply] = Future()
        known = self._cache.get(key)
        if known is not None:
            future.set_result(Reply(known))
            return future
        if len(self._threads) < self._server.concurrency:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put((key, request, future))
        return future

    def _next(self, due: deque[tuple[str, Future[Reply]]], under_way: dict[str, Future[Reply]]) -> Reply:
        key, future = due.popleft()
        if not any(other == key for other, _ in due):
            del under_way[key]
        wait((future, self._failed), return_when=FIRST_COMPLETED)
        if self._failed.done():
            self._failed.result()
        return future.result()

    def _work(self) -> None:
        """What each thread does until there is nothing left."""
        while (task := self._tasks.get()) is not None and not self._stop.is_set():
            key, request, future = task
            try:
                reply = self._ask(request)
                if reply.body is not None:
                    self._cache.add(key, reply.body)
                future.set_result(reply)
            except _Stopped:
                return
            except TunesmithError as error:
                self._fail(error)
                return
            except BaseException as error:  # noqa: BLE001 (a bug of ours shows where the reply is awaited)
                future.set_exception(error)
                return

    def _fail(self, error: TunesmithError) -> None:
        self._stop.set()
        with self._lock:
            if not self._failed.done():
                self._failed.set_exception(error)

    def _ask(self, request: Request) -> Reply:
        """Ask until there is an answer, or no sense in asking again."""
        number = 0
        while True:
            number += 1
            self._rest()
            attempt = self._wire.post(request)
            self._check(attempt, number)
            if attempt.body is not None or not is_passing(attempt.code) or number >= self._server.attempts:
                return self._counted(attempt, number)
            self._plan_rest(attempt, number)

    def _rest(self) -> None:
        while (seconds := self._not_before - time.monotonic()) > 0:
            if self._stop.wait(seconds):
                raise _Stopped
        if self._stop.is_set():
            raise _Stopped

    def _plan_rest(self, attempt: Attempt, number: int) -> None:
        """Wait by oneself; where the server names a time, all threads keep to it.

        :raises InputError: where it names one that nobody wants to wait for.
        """
        asked = seconds_asked(attempt.retry_after, now=time.time())
        most = self._server.most_wait_seconds
        if asked > most:
            remedy = "run the same command later; what was answered is kept"
            raise self._error(f"asks to wait {asked:,.0f} s ({attempt.detail})", remedy)
        if asked:
            with self._lock:
                self._not_before = max(self._not_before, time.monotonic() + asked)
            return
        if self._stop.wait(backoff_seconds(number, first=self._server.wait_seconds, most=min(60.0, most))):
            raise _Stopped

    def _check(self, attempt: Attempt, number: int) -> None:
        """:raises InputError: where the attempt shows that the whole endpoint is of no use."""
        with self._lock:
            self._reached |= attempt.connected
            self._good += attempt.body is not None
            reached, good = self._reached, self._good
        stop = STOPS.get(attempt.code)
        if stop is not None and (stop.always or not good):
            raise self._error(f"{stop.what} ({attempt.detail})", stop.remedy.format(key=self._server.key_variable))
        if not reached and number >= min(_FIRST_ATTEMPTS, self._server.attempts):
            remedy = "check the base URL, and that the server runs"
            raise self._error(f"cannot be reached ({attempt.detail})", remedy)

    def _counted(self, attempt: Attempt, number: int) -> Reply:
        """The reply; counts the failures in a row. To refuse one question with 4xx is no fault of a server that
        answered others.

        :raises InputError: after too many.
        """
        is_good = attempt.body is not None
        with self._lock:
            is_fault = not is_good and not (self._good and attempt.code.startswith("http_4"))
            self._in_a_row = 0 if is_good else self._in_a_row + is_fault
            in_a_row = self._in_a_row
        if is_good:
            return Reply(attempt.body, attempts=number)
        if in_a_row >= max(_MOST_FAILURES, 2 * self._server.concurrency):
            remedy = "see to the server, then run the same command again; what was answered is kept"
            raise self._error(f"failed {in_a_row} questions in a row, at last with {attempt.detail}", remedy)
        return Reply(None, attempt.code, attempt.detail, number)

    def _error(self, what: str, remedy: str) -> InputError:
        return InputError(f"the server {what}", where=self._server.url, remedy=remedy)
