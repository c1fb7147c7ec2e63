"""Rows become the tokens that a model is trained on, each with a label or without one.

A row is rendered by the model's own template and encoded as `apply_chat_template(..., tokenize=True)` does for serving;
what an answer's context is, and where it begins and ends, is told in `spans.py`, what happens to special tokens in a
row's text in `special.py`. Nothing is lost in silence: each row comes back with its fate.

>>> template = open_template("Qwen/Qwen3-0.6B")  # doctest: +SKIP
>>> for one in encode(rows, template, Encoding(max_length=2048)):  # doctest: +SKIP
...     print(one.fate.outcome, one.fate.reason, one.fate.n_trained)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from tunesmith.train.documents import finish_document, plan_document
from tunesmith.train.over_long import fitted
from tunesmith.train.planned import Planned, dropped, examples_of, plan_messages, refuse_kind
from tunesmith.train.template import Template
from tunesmith.train.tokenised import Tokens, tokenised
from tunesmith.train.turns import render as render
from tunesmith.train.types import Encoded, Encoding, Row

_BATCH_ROWS = 1024
_BATCH_CHARACTERS = 4_000_000


def encode(rows: Iterable[Row], template: Template, encoding: Encoding) -> Iterator[Encoded]:
    """Every row of kind `sft`, in order, with its examples and its fate.

    Texts are rendered in batches, and a batch is encoded while the next one is rendered.
    """
    yield from encode_batches(rows, template, lambda row: _plan(row, template, encoding), _finisher(template, encoding))


def encode_text(rows: Iterable[Row], template: Template, encoding: Encoding) -> Iterator[Encoded]:
    """Every document, in order, for pre-training; see `documents.py`."""
    yield from encode_batches(
        rows,
        template,
        lambda row: plan_document(row, template, encoding),
        lambda plan, tokens: finish_document(plan, tokens, template, encoding),
    )


Finish = Callable[[Planned, Sequence[Tokens]], Encoded]


def encode_batches(
    rows: Iterable[Row], template: Template, plan: Callable[[Row], Planned], finish: Finish
) -> Iterator[Encoded]:
    """Plan a batch while the one before it is encoded in another thread."""
    with ThreadPoolExecutor(1, "encode") as pool:
        waiting = None
        for batch in _batches(map(plan, rows)):
            texts = [pieces for one in batch for pieces in one.pieces]
            work = pool.submit(tokenised, template, texts)
            if waiting is not None:
                yield from _finished(waiting[0], waiting[1].result(), finish)
            waiting = batch, work
        if waiting is not None:
            yield from _finished(waiting[0], waiting[1].result(), finish)


def _batches(plans: Iterable[Planned]) -> Iterator[list[Planned]]:
    batch: list[Planned] = []
    characters = 0
    for one in plans:
        batch.append(one)
        characters += sum(len(piece.text) for pieces in one.pieces for piece in pieces)
        if len(batch) == _BATCH_ROWS or characters > _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _finished(batch: Sequence[Planned], tokens: list[Tokens], finish: Finish) -> Iterator[Encoded]:
    found = iter(tokens)
    for one in batch:
        yield finish(one, [next(found) for _ in one.pieces])


def _plan(row: Row, template: Template, encoding: Encoding) -> Planned:
    if row.record.kind != "sft":
        return refuse_kind(row, "sft")
    messages, tools = row.record.turns, row.record.tools
    if not any(message.role == "assistant" for message in messages) and encoding.train_on != "all":
        return Planned(row, refusal=dropped(row, "no_trained_token", detail="no turn of the assistant"))
    return plan_messages(row, messages, tools, template, encoding)


def _finisher(template: Template, encoding: Encoding) -> Finish:
    def finish(plan: Planned, tokens: Sequence[Tokens]) -> Encoded:
        if plan.refusal is not None:
            return Encoded(plan.row, (), plan.refusal)
        flags, examples = examples_of(plan, tokens, template, encoding)
        return fitted(plan._replace(flags=flags), examples, template, encoding)

    return finish
