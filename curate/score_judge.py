"""A judge model's score of each row, for a first screening: asked in the row's language, read strictly.

>>> reply = 'Here: {"reason": "Right.", "correct": 5, "helpful": 4, "complete": 4, "safe": 5, "score": 4}'
>>> read_judgement(reply).score
4
>>> read_judgement('{"score": 4}') is None
True

What is no whole judgement is null with its reason, never a number.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import xxhash

from tunesmith.curate.endpoint_requests import Reply, Request, chat
from tunesmith.curate.records import Record
from tunesmith.curate.score_judge_text import CRITERIA, TEMPLATES, VERSION
from tunesmith.curate.score_rows import Exchange, Row, exchange_of
from tunesmith.curate.turns import turns_of

#: Room for the judgement, and for the thoughts of a model that reasons.
MAX_TOKENS = 2048

_LEAST, _MOST = 1, 5


class Asking(Protocol):
    """An `Endpoint`, as the judge needs it."""

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]: ...


class Verdict(NamedTuple):
    """What a judge said: whole numbers of 1 to 5."""

    score: int
    criteria: dict[str, int]
    reason: str


class Judgement(NamedTuple):
    """One row: a verdict, or the `missing` reason: `no_answer`, `no_prompt`, `unparsable`, `cut` (by `max_tokens`), or
    a failure of the endpoint with its `detail`."""

    verdict: Verdict | None
    template: str | None = None
    missing: str | None = None
    detail: str = ""


def judgements_of(
    rows: Iterable[Row], endpoint: Asking, *, max_tokens: int = MAX_TOKENS
) -> Generator[Judgement, None, None]:
    """The judgement of each row, in order. Several questions are under way at once."""
    waiting: deque[Judgement | str] = deque()  # a row that needs no question, or the template that was asked

    def requests() -> Iterator[Request]:
        for row in rows:
            exchange = exchange_of(row.record)
            reason = _unasked(exchange)
            if reason is not None:
                waiting.append(Judgement(None, missing=reason))
                continue
            language = exchange.language if exchange.language in TEMPLATES else "en"
            waiting.append(f"{language}-{VERSION}")
            yield question(exchange, language, max_tokens=max_tokens)

    for reply in endpoint.ask_all(requests()):
        while isinstance(found := waiting.popleft(), Judgement):
            yield found
        yield _judgement(reply, found)
    yield from (found for found in waiting if isinstance(found, Judgement))


def question(exchange: Exchange, language: str, *, max_tokens: int = MAX_TOKENS) -> Request:
    """What the judge is asked about one row. Every line that structures the row begins with a mark that the row's own
    texts do not contain, so that none of them can pose as another turn or as the end of the data."""
    template = TEMPLATES[language]
    answer = () if exchange.answer is None else (exchange.answer,)
    turns = turns_of(Record("sft", (*exchange.before, *answer)))
    mark = _mark([exchange.tools or "", *(turn.text for turn in turns)])
    lines = [f"mark: {mark}", f"{mark} BEGIN"]
    lines += [f"{mark} {template.tools}", exchange.tools] if exchange.tools else []
    for turn in turns[:-1]:
        lines += [f"{mark} {turn.role}", turn.text]
    lines += [f"{mark} {template.answer}", turns[-1].text, f"{mark} END", "", template.closing]
    messages = [{"role": "system", "content": template.system}, {"role": "user", "content": "\n".join(lines)}]
    return chat(messages, temperature=0, max_tokens=max_tokens)


def read_judgement(text: str) -> Verdict | None:
    """The last JSON object of a reply that is a whole judgement; None where there is none.

    Words around it, a fence and a `<think>` block do no harm; a number that is no whole number of 1 to 5 does.
    """
    decoder = json.JSONDecoder()
    start = text.rfind("{")
    while start >= 0:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value = None
        found = _verdict(value)
        if found is not None:
            return found
        start = text.rfind("{", 0, start)
    return None


def _verdict(value: Any) -> Verdict | None:
    if not isinstance(value, dict) or not isinstance(value.get("reason"), str):
        return None
    numbers = {name: value.get(name) for name in (*CRITERIA, "score")}
    if not all(type(number) is int and _LEAST <= number <= _MOST for number in numbers.values()):
        return None
    reason = value["reason"].encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    return Verdict(value["score"], {name: value[name] for name in CRITERIA}, reason.strip())


def _unasked(exchange: Exchange) -> str | None:
    """Why there is nothing to judge."""
    answer = exchange.answer
    if answer is None or not ((answer.content or "").strip() or answer.tool_calls):
        return "no_answer"
    return None if any(message.role == "user" for message in exchange.before) else "no_prompt"


def _judgement(reply: Reply, template: str) -> Judgement:
    if reply.failure is not None:
        return Judgement(None, template, reply.failure, reply.detail)
    found = read_judgement(reply.text or "")
    if found is None:
        return Judgement(None, template, "cut" if reply.finish_reason == "length" else "unparsable")
    return Judgement(found, template)


def _mark(texts: list[str]) -> str:
    """A word that none of the texts contains; the same for the same texts."""
    whole, number = "\n".join(texts), 0
    while (mark := f"ROW-{xxhash.xxh3_64_hexdigest(f'{number}{whole}'.encode()).upper()}") in whole.upper():
        number += 1
    return mark
