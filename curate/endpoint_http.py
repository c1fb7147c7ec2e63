"""One question over HTTP: what came back, or what went wrong in one word. The only file that imports the HTTP library.

>>> with Wire("http://127.0.0.1:8000/v1", None, timeout_seconds=60, connections=8) as wire:  # doctest: +SKIP
...     wire.post(chat([{"role": "user", "content": "1 + 1?"}], model="qwen")).code
''
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx2

from tunesmith.curate import jsontext
from tunesmith.curate.endpoint_requests import Request, first_choice
from tunesmith.errors import InputError

_MOST_BYTES = 64_000_000
_MOST_DETAIL = 300
_CONNECT_SECONDS = 20.0


class Attempt(NamedTuple):
    """What one attempt gave: `body`, or a `code` that says why there is none.

    :param retry_after: the header's text.
    :param connected: whether anything answered at the address.
    """

    body: dict[str, Any] | None
    code: str = ""
    detail: str = ""
    retry_after: str | None = None
    connected: bool = True


class Wire:
    """Open connections to one server. Threads may share it."""

    def __init__(self, url: str, key: str | None, *, timeout_seconds: float, connections: int) -> None:
        """
        :param timeout_seconds: for a whole reply, from the question to the last byte.
        :raises InputError: where the environment names a proxy that cannot be used.
        """
        self._url, self._key, self._seconds = url, key, timeout_seconds
        is_local = httpx2.URL(url).host in ("localhost", "127.0.0.1", "::1")
        try:
            self._client = httpx2.Client(
                headers={"User-Agent": "tunesmith"} | ({"Authorization": f"Bearer {key}"} if key else {}),
                timeout=httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, _CONNECT_SECONDS)),
                limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
                trust_env=not is_local,  # a proxy knows no server on this machine
            )
        except (ImportError, ValueError, httpx2.InvalidURL) as error:
            remedy = "correct or unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; SOCKS needs pip install 'httpx2[socks]'"
            # of an address that cannot be read the library may quote any piece, a password too
            why = "it is no address" if isinstance(error, httpx2.InvalidURL) else error
            raise InputError(f"the proxy of the environment cannot be used ({why})", remedy=remedy) from None

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def post(self, request: Request) -> Attempt:
        """Ask once."""
        try:
            return self._post(request)
        except httpx2.TimeoutException as error:
            reached = not isinstance(error, httpx2.ConnectTimeout)
            return Attempt(None, "timeout", f"no whole reply in {self._seconds:g} s", connected=reached)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            return Attempt(None, "address", self._safe(str(error)))
        except httpx2.HTTPError as error:
            reached = not isinstance(error, httpx2.ConnectError)
            return Attempt(None, "connection", self._safe(str(error) or type(error).__name__), connected=reached)

    def _post(self, request: Request) -> Attempt:
        deadline = time.monotonic() + self._seconds
        data = jsontext.dump_bytes(request.body)
        headers = {"Content-Type": "application/json"}
        with self._client.stream("POST", f"{self._url}/{request.path}", content=data, headers=headers) as response:
            received = bytearray()
            for chunk in response.iter_bytes():
                received += chunk
                if time.monotonic() > deadline:  # the library's own limit starts anew with every byte
                    raise httpx2.ReadTimeout("too slow")
                if len(received) > _MOST_BYTES:
                    return Attempt(None, "bad_reply", f"more than {_MOST_BYTES:,} bytes")
        text = bytes(received).decode("utf-8", "replace")
        body = self._safe(_json(text))
        shown = self._safe(text) if body is None else jsontext.dumps(body)
        found = _read(response.status_code, shown, body, response.headers)
        return found._replace(detail=self._safe(found.detail))

    def _safe(self, said: Any) -> Any:
        """A server may repeat the key in what it says, in a text or anywhere in JSON (where it may be written with
        escapes, so the texts in it are looked at), or in an address; it must reach no message and no file."""
        if self._key is None:
            return said
        if isinstance(said, str):
            written = jsontext.dumps(self._key)[1:-1]
            for form in (self._key, quote(self._key, safe=""), written, written.replace("/", "\\/")):
                said = said.replace(form, "[key]")
            return said
        if isinstance(said, list):
            return [self._safe(one) for one in said]
        if isinstance(said, dict):
            return {self._safe(name): self._safe(one) for name, one in said.items()}
        return said


def _read(status: int, text: str, body: Any, headers: httpx2.Headers) -> Attempt:
    if 300 <= status < 400:
        return Attempt(None, "redirect", f"{status} to {headers.get('location', 'nowhere')}")
    if status >= 400:
        code = "no_quota" if _error_code(body) == "insufficient_quota" else f"http_{status}"
        return Attempt(None, code, f"{status}: {_said(body, text)}", headers.get("retry-after"))
    if not isinstance(body, dict):
        return Attempt(None, "bad_reply", f"expected a JSON object, saw {_short(text) or 'nothing'}")
    if first_choice(body) is None:
        return Attempt(None, "bad_reply", f"expected `choices`, saw {_said(body, text)}")
    return Attempt(body)


def _json(text: str) -> Any:
    try:
        return jsontext.loads(text.encode())
    except ValueError:
        return None


def _error(body: Any) -> Any:
    return body.get("error") if isinstance(body, dict) else None


def _error_code(body: Any) -> Any:
    error = _error(body)
    return error.get("code") if isinstance(error, dict) else None


def _said(body: Any, text: str) -> str:
    """The message in an error's body: OpenAI nests it, vLLM and SiliconFlow do not always."""
    error = _error(body)
    for one in (error, body):
        message = one.get("message") if isinstance(one, dict) else None
        if isinstance(message, str):
            return _short(message)
    return _short(error if isinstance(error, str) else text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_DETAIL else f"{line[:_MOST_DETAIL]} …"
