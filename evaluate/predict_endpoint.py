"""Answers of a server with OpenAI's interface (vLLM, SiliconFlow, Ollama …).

>>> backend = EndpointBackend(Endpoint("http://127.0.0.1:8000", "qwen"))
>>> backend.settings()["base_url"]
'http://127.0.0.1:8000/v1'

A server's chat template is not known here: `template_hash` is None, unless settings are handed to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from tunesmith.curate import jsontext
from tunesmith.curate.endpoint_requests import Reply, Request, chat, first_choice
from tunesmith.evaluate.predict_backend import Answer, Decoding, Prompt, template_hash
from tunesmith.evaluate.predict_thinking import UNFINISHED

#: How servers say that a prompt does not fit: OpenAI's code and vLLM's, SGLang's and llama.cpp's words.
_TOO_LONG = re.compile(
    r"context_length_exceeded|(maximum|model's|available)? ?context (length|size|window)|(prompt|input) is too long",
    re.I,
)


class Server(Protocol):
    """An `Endpoint`, as predictions need it."""

    @property
    def url(self) -> str: ...

    @property
    def model(self) -> str: ...

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]: ...


class EndpointBackend:
    """A model on a server. Every question stands for itself; as many are under way as the endpoint allows."""

    def __init__(self, server: Server, *, template_settings: Mapping[str, Any] | None = None) -> None:
        """
        :param template_settings: for the server's template, such as `{"enable_thinking": False}`; vLLM and SGLang take
            them as `chat_template_kwargs`.
        """
        self._server = server
        self._template_settings = dict(template_settings or {})

    def settings(self) -> dict[str, Any]:
        """See `Backend`."""
        return {
            "model": self._server.model,
            "revision": None,
            "adapter": None,
            "template_hash": template_hash(None, self._template_settings),
            "base_url": self._server.url,
        }

    def batches(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """Each prompt alone."""
        return [[number] for number in range(len(prompts))]

    def generate(self, batches: Iterable[Sequence[Prompt]], decoding: Decoding) -> Iterator[list[Answer]]:
        """See `Backend`."""
        requests = (self._request(prompt, decoding) for batch in batches for prompt in batch)
        for reply in self._server.ask_all(requests):
            yield [answer_of(reply)]

    def _request(self, prompt: Prompt, decoding: Decoding) -> Request:
        settings: dict[str, Any] = {"temperature": decoding.temperature, "max_tokens": decoding.max_tokens}
        if not decoding.is_greedy:
            settings |= {"top_p": decoding.top_p, "seed": decoding.seed}
        if decoding.stop:
            settings["stop"] = list(decoding.stop)
        if prompt.tools:
            settings["tools"] = [_wrapped(tool) for tool in jsontext.loads(prompt.tools.encode())]
        if self._template_settings:
            settings["chat_template_kwargs"] = self._template_settings
        return chat(prompt.messages, **settings)


def _wrapped(tool: dict[str, Any]) -> dict[str, Any]:
    return tool if "function" in tool else {"type": "function", "function": tool}


def answer_of(reply: Reply) -> Answer:
    """A reply as an answer, or why it is none."""
    if reply.body is None:
        is_long = (reply.failure or "").startswith("http_4") and _TOO_LONG.search(reply.detail)
        return Answer(None, "prompt_too_long" if is_long else reply.failure or "unknown", detail=reply.detail)
    message = (first_choice(reply.body) or {}).get("message")
    message = message if isinstance(message, Mapping) else {}
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    answer = Answer(
        reply.text,
        finish_reason=reply.finish_reason,
        tokens=_count(reply.usage.get("completion_tokens")),
        prompt_tokens=_count(reply.usage.get("prompt_tokens")),
        reasoning=reasoning if isinstance(reasoning, str) else None,
        tool_calls=message.get("tool_calls") or None,
    )
    failure = _failure(answer)
    return answer._replace(text=None, failure=failure) if failure else answer


def _failure(answer: Answer) -> str | None:
    """Why a reply is no answer although the server gave one."""
    if answer.finish_reason == "content_filter":
        return "content_filter"
    if answer.text:
        return None
    if answer.tool_calls:
        return "tool_call"
    if answer.reasoning and answer.finish_reason == "length":
        return UNFINISHED
    return "no_text" if answer.text is None else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
