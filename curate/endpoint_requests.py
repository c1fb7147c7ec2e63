"""What an OpenAI-compatible server is asked, and what it replies.

>>> request = chat([{"role": "user", "content": "1 + 1?"}], temperature=0, max_tokens=8)
>>> request.path, request.body["temperature"]
('chat/completions', 0)
>>> Reply({"choices": [{"message": {"content": "2"}, "finish_reason": "stop"}]}).text
'2'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Request(NamedTuple):
    """One question: the path below the base URL, and the body, to which the client adds the model."""

    path: str
    body: Mapping[str, Any]


class Reply(NamedTuple):
    """What became of one question: the server's JSON in `body`, or the reason in `failure`; one of the two is None.

    A reason is `timeout`, `connection`, `bad_reply` (no JSON, or none of this API) or `http_400` and the like; `detail`
    has the words of the server. `attempts` is 0 for a reply from the cache.
    """

    body: Mapping[str, Any] | None
    failure: str | None = None
    detail: str = ""
    attempts: int = 0

    @property
    def text(self) -> str | None:
        """What the model wrote; None where the question failed or the model wrote nothing."""
        message = self._choice.get("message")
        text = message.get("content") if isinstance(message, Mapping) else self._choice.get("text")
        return text if isinstance(text, str) else None

    @property
    def finish_reason(self) -> str | None:
        """`stop`, or `length` where `max_tokens` cut the text, or another word of the server."""
        reason = self._choice.get("finish_reason")
        return reason if isinstance(reason, str) else None

    @property
    def usage(self) -> Mapping[str, Any]:
        """The server's count of tokens; empty where it gives none."""
        usage = (self.body or {}).get("usage")
        return usage if isinstance(usage, Mapping) else {}

    @property
    def _choice(self) -> Mapping[str, Any]:
        return first_choice(self.body) or {}


class TokenLogprob(NamedTuple):
    """A token of a text, its natural logarithm of probability given those before it (None for the first), and where it
    starts in the text, in characters (None where the server does not say)."""

    token: str
    logprob: float | None
    offset: int | None


def chat(messages: Sequence[Mapping[str, Any]], *, logprobs: bool = False, **settings: Any) -> Request:
    """A chat completion.

    :param logprobs: ask for those of the tokens that the model writes; `written_logprobs` reads them.
    :param settings: further fields of the body, such as `temperature`, `max_tokens`, `seed`, `tools`.
    """
    asked = {"logprobs": True} if logprobs else {}
    return Request("chat/completions", {"messages": [dict(message) for message in messages], **asked, **settings})


def completion(prompt: str, **settings: Any) -> Request:
    """A plain completion, without a chat template."""
    return Request("completions", {"prompt": prompt, **settings})


def echo(text: str, **settings: Any) -> Request:
    """Asks for the log-probabilities of a text itself, by `echo` (vLLM, llama.cpp, older OpenAI); `text_logprobs` reads
    them. One token has to be generated, since servers refuse none; it does not count."""
    return completion(text, echo=True, logprobs=1, max_tokens=1, temperature=0, **settings)


def echo_chat(messages: Sequence[Mapping[str, Any]], **settings: Any) -> Request:
    """The same of a conversation under the server's chat template, by vLLM's `prompt_logprobs`."""
    return chat(messages, prompt_logprobs=0, max_tokens=1, temperature=0, **settings)


def written_logprobs(reply: Reply) -> list[TokenLogprob] | None:
    """Those of the tokens that the model wrote; None where the server gives none."""
    logprobs = (first_choice(reply.body) or {}).get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(content, list):
        return None
    return [TokenLogprob(one["token"], one["logprob"], None) for one in content]


def text_logprobs(reply: Reply) -> list[TokenLogprob] | None:
    """Those of the asked text, for the replies to `echo` and `echo_chat`; None where the server gives none."""
    choice = first_choice(reply.body) or {}
    body = reply.body or {}
    prompt = body.get("prompt_logprobs") or choice.get("prompt_logprobs")
    if isinstance(prompt, list):
        return [_of_vllm(entry) for entry in prompt]
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, Mapping) or not isinstance(logprobs.get("token_logprobs"), list):
        return None
    tokens, values = logprobs.get("tokens") or [], logprobs["token_logprobs"]
    offsets = logprobs.get("text_offset") or [None] * len(values)
    return [TokenLogprob(*one) for one in zip(tokens, values, offsets)][:-1]  # the last was generated


def _of_vllm(entry: Mapping[str, Any] | None) -> TokenLogprob:
    """vLLM maps the token's id to its figures, and has null for the first token."""
    if not entry:
        return TokenLogprob("", None, None)
    figures = next(iter(entry.values()))
    return TokenLogprob(figures.get("decoded_token") or "", figures["logprob"], None)


def first_choice(body: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The first choice of a reply's body, None where it has none."""
    choices = (body or {}).get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        return None
    return choices[0]
