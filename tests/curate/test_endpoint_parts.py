"""Addresses, keys, waits, the cache and log-probabilities: the parts of the client that need no server."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.endpoint import Endpoint, normal_url
from tunesmith.curate.endpoint_cache import key_of, open_cache
from tunesmith.curate.endpoint_requests import Reply, TokenLogprob, chat, echo, text_logprobs, written_logprobs
from tunesmith.curate.endpoint_waits import backoff_seconds, seconds_asked
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        (" https://api.siliconflow.cn/v1/chat/completions", "https://api.siliconflow.cn/v1"),
        ("https://ark.example.com/api/v3", "https://ark.example.com/api/v3"),
        ("https://models.example.com/v1beta/openai/", "https://models.example.com/v1beta/openai"),
        ("https://gateway.example.com/llm", "https://gateway.example.com/llm/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_url_may_have_its_ending_or_not(given_url: str, url: str) -> None:
    assert normal_url(given_url) == url


@pytest.mark.parametrize(
    "bad", ["127.0.0.1:8000", "localhost", "", "ftp://host/v1", "http://", "http://host:port/v1", "http://[x"]
)
def test_what_is_no_address_is_refused_with_an_example(bad: str) -> None:
    with pytest.raises(InputError, match=r"expected a base URL such as http://127.0.0.1:8000/v1"):
        Endpoint(bad, "m")


@pytest.mark.parametrize("bad", ["https://me:sk-secret@host/v1", "https://host/v1?key=sk-secret", "sk://u:sk-secret@h"])
def test_a_key_in_the_address_is_refused_without_repeating_it(bad: str) -> None:
    with pytest.raises(InputError) as caught:
        Endpoint(bad, "m")
    assert "sk-secret" not in str(caught.value)


def test_a_named_key_must_be_there_and_look_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUNESMITH_API_KEY", raising=False)
    assert Endpoint("http://h", "m").key is None
    monkeypatch.setenv("TUNESMITH_API_KEY", " sk-1\n")
    assert Endpoint("http://h", "m").key == "sk-1"
    with pytest.raises(InputError, match="the environment variable MY_KEY is not set; export MY_KEY=… with the key"):
        _ = Endpoint("http://h", "m", key_variable="MY_KEY").key
    monkeypatch.setenv("MY_KEY", "my secret words")
    with pytest.raises(InputError, match="holds no key") as caught:
        _ = Endpoint("http://h", "m", key_variable="MY_KEY").key
    assert "secret" not in str(caught.value)


def test_the_key_is_no_part_of_what_an_endpoint_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_API_KEY", "sk-very-secret")
    assert "sk-very-secret" not in repr(Endpoint("http://h", "m"))


@pytest.mark.parametrize("setting", ["concurrency", "attempts", "timeout_seconds"])
def test_settings_that_cannot_be_meant_are_refused(setting: str) -> None:
    with pytest.raises(InputError, match=f"expected {setting} above 0, saw 0"):
        Endpoint("http://h", "m", **{setting: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("0", 0),
        ("17", 17),
        (" 1.5 ", 1.5),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 01 Jan 1970 08:02:00 +0800", 20),
        ("soon", 0),
        ("-5", 0),
        ("²", 0),
    ],
)
def test_retry_after_holds_seconds_or_a_date(header: str | None, seconds: float) -> None:
    assert seconds_asked(header, now=100.0) == seconds


@given(st.integers(1, 60))
def test_waits_double_up_to_the_most_and_are_spread(attempt: int) -> None:
    whole = min(60.0, 2.0 ** (attempt - 1))
    assert whole / 2 <= backoff_seconds(attempt, first=1.0, most=60.0) <= whole


def test_a_cache_keeps_the_last_value_and_outlives_a_cut_line(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    with open_cache(path) as cache:
        for value in ({"a": "一"}, None, [1, 2.5], {"a": "二"}):
            cache.add(key_of("x", type(value).__name__), value)
    whole = path.read_bytes()
    for cut in range(len(whole) - 1, whole.rindex(b'{"key"'), -1):
        path.write_bytes(whole[:cut])
        with open_cache(path) as cache:
            assert cache.get(key_of("x", "dict")) == {"a": "一"}
            assert cache.get(key_of("x", "list")) == [1, 2.5]
            assert cache.get(key_of("y")) is None
            cache.add(key_of("x", "dict"), {"a": "二"})
        assert path.read_bytes() == whole


def test_a_cache_has_one_process_and_nothing_is_added_after_its_end(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    with open_cache(path) as cache:
        with pytest.raises(OutputError, match="another process is using this cache"), open_cache(path):
            pass
        cache.add(key_of(1), 1)
    cache.add(key_of(2), 2)
    assert len(path.read_bytes().splitlines()) == 1


def test_a_full_disk_leaves_no_piece_of_a_line_in_a_cache(tmp_path: Path) -> None:
    path, limits = tmp_path / "cache.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_cache(path) as cache:
        cache.add(key_of(1), "a" * 900)
        whole = path.read_bytes()
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            with pytest.raises(OutputError, match="the file grew past the size limit"):
                cache.add(key_of(2), "b" * 900)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == whole
    with open_cache(path) as cache:
        cache.add(key_of(2), "b")
        assert (cache.get(key_of(1)), cache.get(key_of(2))) == ("a" * 900, "b")


@pytest.mark.parametrize("content", [b"my notes\n", b'{"key":"zz"}\n', b'{"prompt": "a"}', b"\x00\x01"])
def test_a_file_of_something_else_is_never_taken_for_a_cache(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"notes.txt:1: is no line of a cache; name another file"), open_cache(path):
        pass
    assert path.read_bytes() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"), open_cache(tmp_path / "cache.jsonl"):
        pass


class Counting(Progress):
    """Counts what is done."""

    done = 0

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        def advance(count: int) -> None:
            self.done += count

        self.asked = (name, total, unit)
        yield advance


def test_kept_replies_need_no_server_and_count_as_progress(tmp_path: Path) -> None:
    endpoint = Endpoint("http://127.0.0.1:9", "m", cache=tmp_path / "cache.jsonl")
    request, progress = chat([{"role": "user", "content": "Hi"}]), Counting()
    with open_cache(endpoint.cache) as cache:
        body = {"model": "m", **request.body}
        cache.add(key_of("reply", endpoint.url, request.path, body), {"choices": [{"message": {"content": "Hello"}}]})
    assert [one.text for one in endpoint.ask_all([request] * 3, total=3, progress=progress)] == ["Hello"] * 3
    assert (progress.asked, progress.done) == (("ask m", 3, "requests"), 3)


def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "quic://127.0.0.1:1")
    with pytest.raises(InputError, match=r"the proxy .* cannot be used .*; correct or unset HTTP_PROXY"):
        Endpoint("http://models.example.com", "m").ask(chat([]))


def test_the_key_of_a_question_does_not_depend_on_the_order_of_its_fields() -> None:
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    assert len({key_of(1), key_of("1"), key_of([1]), key_of(1, 2), key_of(None)}) == 5


def test_logprobs_of_a_text_come_without_the_generated_token() -> None:
    logprobs = {
        "tokens": ["A", " b", "!"],
        "token_logprobs": [None, -1.5, -0.1],
        "text_offset": [0, 1, 3],
    }
    reply = Reply({"choices": [{"text": "A b!", "logprobs": logprobs}]})
    assert text_logprobs(reply) == [TokenLogprob("A", None, 0), TokenLogprob(" b", -1.5, 1)]
    assert echo("A b").body == {"prompt": "A b", "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0}


def test_logprobs_of_a_conversation_come_in_the_form_of_vllm() -> None:
    entries = [None, {"17": {"logprob": -0.5, "rank": 1, "decoded_token": "Hi"}}]
    reply = Reply({"choices": [{"message": {"content": "x"}}], "prompt_logprobs": entries})
    assert text_logprobs(reply) == [TokenLogprob("", None, None), TokenLogprob("Hi", -0.5, None)]


def test_logprobs_of_what_the_model_wrote_are_read_and_absent_ones_are_none() -> None:
    asked = chat([{"role": "user", "content": "Hi"}], logprobs=True, seed=1).body
    assert (asked["logprobs"], asked["seed"]) == (True, 1)
    content = [{"token": "He", "logprob": -0.25, "top_logprobs": []}]
    choice = {"message": {"content": "He"}, "logprobs": {"content": content}}
    assert written_logprobs(Reply({"choices": [choice]})) == [TokenLogprob("He", -0.25, None)]
    without = Reply({"choices": [{"message": {"content": "He"}, "logprobs": None}]})
    assert (written_logprobs(without), text_logprobs(without)) == (None, None)
    failed = Reply(None, "timeout")
    assert (failed.text, failed.usage, failed.finish_reason, text_logprobs(failed)) == (None, {}, None, None)
