"""The one client for OpenAI-compatible servers (vLLM, SiliconFlow, Ollama …): everything that asks a model asks here.

>>> endpoint = Endpoint("http://127.0.0.1:8000", "qwen", concurrency=8, cache=Path("replies.jsonl"))
>>> endpoint.url
'http://127.0.0.1:8000/v1'
>>> questions = [chat([{"role": "user", "content": word}], temperature=0) for word in ("Hi", "你好")]
>>> [reply.text for reply in endpoint.ask_all(questions)]  # doctest: +SKIP
['Hello!', '你好！']

A question that fails is a `Reply` with its reason; a server that fails as a whole (wrong address, refused key, silent
for many questions in a row) is an `InputError`, and what was answered by then is in the cache. The key comes from the
environment only, and reaches no cache, message or log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tunesmith.curate.endpoint_cache import open_cache
from tunesmith.curate.endpoint_requests import Reply, Request
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError

if TYPE_CHECKING:
    from tunesmith.curate.endpoint_pool import Server

#: The variable that holds the key where no other is named.
KEY_VARIABLE = "TUNESMITH_API_KEY"

_VERSION = re.compile(r"v\d+[a-z0-9]*")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_PATHS = ("/chat/completions", "/completions")


@dataclass(frozen=True)
class Endpoint:
    """A server, a model on it, and how to treat them.

    :param base_url: with or without the ending `/v1`.
    :param key_variable: the environment variable that holds the key. One that is named must be set; the default,
        `TUNESMITH_API_KEY`, may be missing, as local servers want no key.
    :param concurrency: questions under way at once, at most.
    :param attempts: for each question, the first one included. Only what may pass is asked again: 408, 409, 425, 429,
        5xx, broken connections, timeouts and cut replies.
    :param timeout_seconds: for one whole reply.
    :param wait_seconds: before the second attempt; doubles each time, at random between half and all of it.
    :param most_wait_seconds: of one wait. A server that asks for more with `Retry-After` ends the work.
    :param cache: a file of replies; a question in it is not asked again. Failures are not kept.
    :raises InputError: for settings that cannot be meant.
    """

    base_url: str
    model: str
    key_variable: str | None = None
    concurrency: int = 8
    attempts: int = 6
    timeout_seconds: float = 120.0
    wait_seconds: float = 1.0
    most_wait_seconds: float = 600.0
    cache: Path | None = None

    def __post_init__(self) -> None:
        _ = self.url
        if not self.model:
            raise InputError("no model is named", where=self.base_url, remedy="name one that the server has")
        for name in ("concurrency", "attempts", "timeout_seconds"):
            if getattr(self, name) <= 0:
                raise InputError(f"expected {name} above 0, saw {getattr(self, name)}", where=self.base_url)

    @property
    def url(self) -> str:
        """The base URL in full."""
        return normal_url(self.base_url)

    @property
    def key(self) -> str | None:
        """The key in the environment, None where there is none.

        :raises InputError: where a named variable is not set, or holds what cannot be a key.
        """
        name = self.key_variable or KEY_VARIABLE
        key = os.environ.get(name, "").strip()
        if not key and not _VARIABLE.fullmatch(name):  # most likely the key itself, which no message repeats
            remedy = "export NAME=… with the key, and give NAME; a key on the command line can be seen by others"
            raise InputError("expected the name of an environment variable, saw another text", remedy=remedy)
        if not key and self.key_variable:
            raise InputError(f"the environment variable {name} is not set", remedy=f"export {name}=… with the key")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise InputError(f"the environment variable {name} holds no key", remedy="set it to the key alone")
        return key or None

    def ask_all(
        self, requests: Iterable[Request], *, total: int | None = None, progress: Progress | None = None
    ) -> Iterator[Reply]:
        """The replies, in the order of the questions. These may be any number: they are taken a few ahead of the
        replies. Equal questions that are under way together are asked once.

        :raises InputError: where the endpoint fails as a whole, with what to do.
        :raises OutputError: where the cache cannot be written.
        """
        from tunesmith.curate.endpoint_pool import Pool  # heavy: the HTTP library

        with ExitStack() as stack:
            cache = stack.enter_context(open_cache(self.cache))
            pool = stack.enter_context(Pool(self._server(), cache))
            stage = (progress or Progress()).stage(f"ask {self.model}", total=total, unit="requests")
            advance = stack.enter_context(stage)
            for reply in pool.replies(requests):
                advance(1)
                yield reply

    def ask(self, request: Request) -> Reply:
        """One question."""
        (reply,) = self.ask_all([request])
        return reply

    def _server(self) -> Server:
        from tunesmith.curate.endpoint_pool import Server

        return Server(
            self.url,
            self.model,
            self.key,
            self.key_variable or KEY_VARIABLE,
            self.concurrency,
            self.attempts,
            self.timeout_seconds,
            self.wait_seconds,
            self.most_wait_seconds,
        )


def normal_url(base_url: str) -> str:
    """The base URL as questions need it: a missing `/v1` is added, a question's own path taken away.

    >>> normal_url("https://api.siliconflow.cn/v1/chat/completions")
    'https://api.siliconflow.cn/v1'

    :raises InputError: for what is no address of a server, or has a key in it.
    """
    text = base_url.strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise InputError(
            f"expected a base URL such as http://127.0.0.1:8000/v1, saw {_without_secrets(text)!r}",
            remedy="begin with http:// or https://",
        )
    if parts.username or parts.password or parts.query:
        remedy = f"put the key into the environment variable {KEY_VARIABLE}"
        raise InputError("a base URL holds no password and no key", where=f"{parts.scheme}://{host}", remedy=remedy)
    path = parts.path.rstrip("/")
    for ending in _PATHS:
        path = path.removesuffix(ending)
    has_version = any(_VERSION.fullmatch(part) for part in path.split("/"))
    return f"{parts.scheme}://{parts.netloc}{path}" + ("" if has_version else "/v1")


def _without_secrets(text: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", text.partition("?")[0])
