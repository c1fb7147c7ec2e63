"""The key of a server reaches no message, file or log, however the server repeats it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.curate.test_endpoint import FakeServer, endpoint, questions, reply, send, server
from tunesmith.curate.endpoint import Endpoint
from tunesmith.curate.endpoint_pool import Server
from tunesmith.errors import InputError

__all__ = ["server"]

#: With all that is written otherwise in JSON, in an address, or in a pattern.
KEY = 'sk-a/b+c"d\\e=f.z'
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
NEVER = (KEY, json.dumps(KEY)[1:-1], KEY.replace("/", "\\/"), ESCAPED, quote(KEY, safe=""), "b+c", quote("b+c"))


@pytest.fixture
def asked(server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Endpoint:
    monkeypatch.setenv("MY_KEY", KEY)
    return endpoint(server, key_variable="MY_KEY", attempts=1, cache=tmp_path / "cache.jsonl")


def answer(status: int, body: Any, **headers: str) -> Any:
    return lambda handler, asked, number: send(handler, status, body, **headers)


BODIES: dict[str, tuple[int, Any, dict[str, str]]] = {
    "a message": (400, {"error": {"message": f"bad key {KEY}"}}, {}),
    "a text": (400, f"bad key {KEY}".encode(), {}),
    "an escaped text": (400, f'{{"error": {{"message": "bad key {ESCAPED}"}}}}'.encode(), {}),
    "slashes escaped": (400, json.dumps({"error": KEY}).replace("/", "\\/").encode(), {}),
    "a name": (400, {"error": {KEY: "is bad"}}, {}),
    "an address": (400, {"message": f"see https://example.org/?key={quote(KEY, safe='')}"}, {}),
    "no JSON after all": (400, json.dumps({"error": KEY}).replace("/", "\\/").encode() + b" NaN", {}),
    "no choices": (200, {"given": [{"key": KEY}]}, {}),
    "no JSON": (200, f"<p>{KEY}</p>".encode(), {}),
    "a wait": (429, {"error": {"message": f"slow down, {KEY}"}}, {"Retry_After": "1"}),
}


@pytest.mark.parametrize("how", BODIES)
def test_a_server_that_repeats_the_key_in_a_failure_is_not_quoted(
    server: FakeServer, asked: Endpoint, caplog: pytest.LogCaptureFixture, tmp_path: Path, how: str
) -> None:
    caplog.set_level(logging.DEBUG)
    status, body, headers = BODIES[how]
    server.behave = answer(status, body, **headers)
    (found,) = asked.ask_all(questions("Hi"))
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"  # it was sent, and only there
    assert found.failure
    assert found.detail
    seen = f"{found.detail} {found.body} {caplog.text} {(tmp_path / 'cache.jsonl').read_text()}"
    assert not [one for one in NEVER if one in seen]


@pytest.mark.parametrize("where", [KEY, quote(KEY, safe="")])
def test_an_address_that_a_server_sends_elsewhere_holds_no_key(server: FakeServer, asked: Endpoint, where: str) -> None:
    server.behave = answer(302, {}, Location=f"https://example.org/?key={where}")
    with pytest.raises(InputError, match=r"302 to https://example.org/\?key=\[key\]") as caught:
        asked.ask(questions("Hi")[0])
    assert not [one for one in NEVER if one in str(caught.value)]


def test_a_reply_that_repeats_the_key_is_kept_without_it(server: FakeServer, asked: Endpoint, tmp_path: Path) -> None:
    text = json.dumps(reply("Hi")).replace("re: Hi", f"your key is {ESCAPED}")
    server.behave = answer(200, text.encode())
    (found,) = asked.ask_all(questions("Hi"))
    assert found.text == "your key is [key]"
    assert "your key is [key]" in (tmp_path / "cache.jsonl").read_text()


def test_a_reply_without_the_key_is_kept_as_it_came(server: FakeServer, asked: Endpoint) -> None:
    body = {**reply("Hi"), "more": [1, None, True, {"a": 0.5}]}
    server.behave = answer(200, body)
    assert asked.ask(questions("Hi")[0]).body == body


def test_a_key_where_the_name_of_a_variable_was_expected_is_not_repeated() -> None:
    for given in ("sk-proj-abc123", "deadbeefdeadbeefdeadbeefdeadbeef"):
        with pytest.raises(InputError, match="expected the name of an environment variable") as caught:
            _ = Endpoint("http://h", "m", key_variable=given).key
        assert given not in str(caught.value)
    with pytest.raises(InputError, match="the environment variable MY_OTHER_KEY is not set"):
        _ = Endpoint("http://h", "m", key_variable="MY_OTHER_KEY").key


def test_what_holds_the_key_does_not_show_it() -> None:
    server = Server("http://h/v1", "m", KEY, "MY_KEY", 1, 1, 1.0, 1.0, 1.0)
    assert (
        f"{server} {server!r}" == "Server('http://h/v1', 'm', key of MY_KEY) Server('http://h/v1', 'm', key of MY_KEY)"
    )


@pytest.mark.parametrize(
    "proxy", ["htp://li:geheim@proxy:1", "socks5://li:geheim@proxy:1", "http://li:geheim@[::1", "http://li:geheim"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(InputError) as caught:
        Endpoint("http://models.example.org", "m", attempts=1).ask(questions("Hi")[0])
    assert "geheim" not in str(caught.value)
