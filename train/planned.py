"""A row on its way to tokens: its texts, then its examples.

>>> dropped(row, "wrong_kind").outcome  # doctest: +SKIP
'dropped'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tunesmith.curate.records import Message
from tunesmith.errors import RowError
from tunesmith.train.drafts import drafts
from tunesmith.train.spans import BOS, REASONING, Conversation, Draft
from tunesmith.train.special import found_in, shield_messages
from tunesmith.train.template import Template
from tunesmith.train.tokenised import Piece, Tokens, cut, cut_at, tokenised
from tunesmith.train.types import MASKED, Encoding, Example, Fate, Row


class Planned(NamedTuple):
    """A row before its tokens are known: its texts, or why it has none."""

    row: Row
    drafts: tuple[Draft, ...] = ()
    pieces: tuple[list[Piece], ...] = ()
    flags: frozenset[str] = frozenset()
    refusal: Fate | None = None


def dropped(row: Row, reason: str, **more: Any) -> Fate:
    """The fate of a row that is not trained."""
    return Fate(row.row_id, row.source, row.group, "dropped", reason, **more)


def refuse_kind(row: Row, wanted: str) -> Planned:
    """A row of another kind than the stage takes."""
    detail = f"a row of kind {row.record.kind}, where {wanted} belongs"
    return Planned(row, refusal=dropped(row, "wrong_kind", detail=detail))


def plan_messages(
    row: Row, messages: Sequence[Message], tools: str | None, template: Template, encoding: Encoding
) -> Planned:
    """The texts of a row, or of some of its turns."""
    marks = found_in(messages, tools, template.special_pattern)
    shields: dict[str, str] = {}
    if marks and encoding.special == "refuse":
        detail = f"its text has {', '.join(marks)}"
        return Planned(row, refusal=dropped(row, "special_tokens_in_text", detail=detail))
    if marks:
        messages, tools, shields = shield_messages(messages, tools, template.special_pattern, marks)
    try:
        talk = Conversation(template, messages, tools)
        made = tuple(drafts(talk, encoding.train_on))
    except RowError as error:
        return Planned(row, refusal=dropped(row, error.code, detail=error.what))
    flags = talk.flags | ({"special_tokens_in_text"} if marks else set()) | talk.unwritten()
    return Planned(row, made, tuple(cut(draft.text, shields) for draft in made), frozenset(flags))


def examples_of(
    plan: Planned, texts: Sequence[Tokens], template: Template, encoding: Encoding
) -> tuple[frozenset[str], list[Example]]:
    """The examples of a row whose texts are tokens now, and its flags.

    Where a token has characters of the prompt and of the answer (a prompt that ends with a space, an answer that begins
    with a line break), a server's tokens differ from those of the whole text: it encodes the prompt alone. Such an
    answer gets an example of its own, cut there.
    """
    examples, flags = [], set(plan.flags)
    for draft, pieces, tokens in zip(plan.drafts, plan.pieces, texts):
        merged = [answer for answer in draft.answers if tokens.is_inside_token(answer[0])]
        if not merged:
            examples.append(_example(plan.row, draft, tokens, template, encoding))
            continue
        flags.add("boundary_cut")
        rest = [answer for answer in draft.answers if answer not in merged]
        for answer in merged:
            alone = Draft(draft.text[: answer[1]], [answer], draft.spans)
            (tokens_alone,) = tokenised(template, [cut_at(pieces, *answer)])
            examples.append(_example(plan.row, alone, tokens_alone, template, encoding))
        if rest:
            examples.append(_example(plan.row, Draft(draft.text, rest, draft.spans), tokens, template, encoding))
    if template.bos_id is not None and any((one.input_ids[:2] == template.bos_id).sum() == 2 for one in examples):
        flags.add("double_bos")
    return frozenset(flags), examples


def _example(row: Row, draft: Draft, tokens: Tokens, template: Template, encoding: Encoding) -> Example:
    """The tokens of a draft with their labels."""
    ids = tokens.ids
    at = {place: tokens.at(place) for place in {place for span in (*draft.answers, *draft.spans) for place in span[:2]}}
    parts = np.zeros(len(ids), np.uint8)
    for start, end, part in draft.spans:
        parts[at[start] : at[end]] = part
    labels = np.full(len(ids), MASKED, np.int32)
    for start, end in draft.answers:
        labels[at[start] : at[end]] = ids[at[start] : at[end]]
    if encoding.reasoning == "masked":
        labels[parts == REASONING] = MASKED
    labels[:1] = MASKED  # nothing stands before it, and in a pack the example before must not predict it
    if template.bos_id is not None:
        parts[:2][ids[:2] == template.bos_id] = BOS
    return Example(row.row_id, ids, labels, parts)
