"""A row as tokens: the answer under the model's chat template, and the same answer without its prompt.

>>> tokens = tokens_of(exchange_of(record), tokenizer, limit=2048)  # doctest: +SKIP
>>> tokens.given.context, tokens.given.answer  # doctest: +SKIP
([1, 887, 526, 13], [450, 7483])
>>> tokens.alone.context  # the beginning of a text and the assistant's header  # doctest: +SKIP
[1, 13]

The answer is tokenised by itself, so that both losses are over the same tokens; where the template would glue its last
token to the answer's first, this differs from how a trainer tokenises by that one token. What the template puts behind
an answer (an end-of-turn mark) is not scored.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from jinja2 import TemplateError

from tunesmith.curate import jsontext
from tunesmith.curate.records import JsonObject, Message
from tunesmith.curate.score_rows import Exchange


class Tokenizer(Protocol):
    """What is used of a tokenizer of transformers."""

    bos_token_id: int | None
    bos_token: str | None
    chat_template: Any

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]: ...

    def apply_chat_template(self, conversation: list[JsonObject], **settings: Any) -> Any: ...


class Sequence(NamedTuple):
    """Tokens of which the model predicts those of the answer, from the context and the answer's earlier ones."""

    context: list[int]
    answer: list[int]


class Tokens(NamedTuple):
    """A row ready for the model: `given` its prompt and `alone`; None with the `reason` where it cannot be scored, and
    `alone` None where there is no prompt. `cut` tokens of the prompt were left out."""

    given: Sequence | None
    alone: Sequence | None = None
    reason: str | None = None
    cut: int = 0


def tokens_of(exchange: Exchange, tokenizer: Tokenizer, *, limit: int, cut: bool = False) -> Tokens:
    """The tokens of one row.

    :param limit: tokens that the model takes at once; a longer row has the reason `too_long`.
    :param cut: leave out the prompt's earliest tokens instead (but its first), as long as the answer fits as a whole.
    """
    text = (exchange.answer.content or "") if exchange.answer else ""
    if not text.strip():
        return Tokens(None, reason="no_answer")
    contexts = _contexts(exchange, tokenizer)
    if contexts is None:
        return Tokens(None, reason="template")
    context, header = contexts
    answer = tokenizer.encode(text, add_special_tokens=False)
    if not header:  # nothing predicts the first token where there is no prompt: it counts in neither loss
        context, header, answer = context + answer[:1], answer[:1], answer[1:]
    if not answer:
        return Tokens(None, reason="one_token")
    excess = max(0, len(context) + len(answer) - limit)
    if excess and (not cut or len(context) - excess < 2):
        return Tokens(None, reason="too_long")
    if excess:
        context = [*context[:1], *context[1 + excess :]]
    given = Sequence(context, answer)
    return Tokens(given, Sequence(header, answer) if exchange.before else None, cut=excess)


def _contexts(exchange: Exchange, tokenizer: Tokenizer) -> tuple[list[int], list[int]] | None:
    """What comes before the answer, with its prompt and without; None where the template refuses the conversation."""
    first = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
    if not exchange.before:
        return first, first
    if not tokenizer.chat_template:
        prompt = "\n".join(message.content or "" for message in exchange.before) + "\n"
        return first + tokenizer.encode(prompt, add_special_tokens=False), first
    try:
        texts = [_rendered(exchange, tokenizer, header=header) for header in (True, False)]
    except (TemplateError, TypeError, KeyError, ValueError):  # how templates say that they have no place for a turn
        return None
    header = texts[0].removeprefix(texts[1]) if texts[0].startswith(texts[1]) else ""
    bos = tokenizer.bos_token or ""
    begins = bos if bos and texts[0].startswith(bos) else ""
    alone = tokenizer.encode(begins + header, add_special_tokens=False)
    return tokenizer.encode(texts[0], add_special_tokens=False), alone or first


def _rendered(exchange: Exchange, tokenizer: Tokenizer, *, header: bool) -> str:
    messages = [_message(message) for message in exchange.before]
    tools = jsontext.loads(exchange.tools.encode()) if exchange.tools else None
    text = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=header, tokenize=False)
    return str(text)


def _message(message: Message) -> JsonObject:
    """A turn as templates want it: the arguments of calls as objects."""
    told: JsonObject = {"role": message.role, "content": message.content or ""}
    if message.reasoning:
        told["reasoning_content"] = message.reasoning
    if message.tool_calls:
        told["tool_calls"] = [_call(call) for call in message.tool_calls]
    told |= {key: value for key in ("name", "tool_call_id") if (value := getattr(message, key))}
    return told


def _call(call: JsonObject) -> JsonObject:
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), str):
        return call
    try:
        arguments = jsontext.loads(function["arguments"].encode())
    except ValueError:
        return call
    return {**call, "function": {**function, "arguments": arguments}}
