"""Documents for pre-training as tokens: each with an end token, in chunks of at most `max_length`, nothing lost.

>>> chunk_lengths(11, 5)
[5, 4, 2]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tunesmith.train.planned import Planned, dropped, refuse_kind
from tunesmith.train.spans import BOS, END, TEXT, Draft
from tunesmith.train.special import pattern_of, shielded, shields_for
from tunesmith.train.template import Template
from tunesmith.train.template_facts import adds_bos
from tunesmith.train.tokenised import Tokens, cut
from tunesmith.train.types import MASKED, Encoded, Encoding, Example, Fate, Row


def plan_document(row: Row, template: Template, encoding: Encoding) -> Planned:
    """The text of a document, cut at special strings."""
    text = row.record.text
    if row.record.kind != "text" or text is None:
        return refuse_kind(row, "text")
    if not text.strip():
        return Planned(row, refusal=dropped(row, "no_trained_token", detail="an empty document"))
    marks = tuple(sorted(set(template.special_pattern.findall(text))))
    if not marks:
        return Planned(row, (Draft(text),), (cut(text, {}),))
    if encoding.special == "refuse":
        return Planned(row, refusal=dropped(row, "special_tokens_in_text", detail=f"its text has {', '.join(marks)}"))
    shields = shields_for(marks, text)
    text = shielded(text, pattern_of(marks), shields)
    pieces = cut(text, {shield: mark for mark, shield in shields.items()})
    return Planned(row, (Draft(text),), (pieces,), frozenset({"special_tokens_in_text"}))


def finish_document(plan: Planned, tokens: Sequence[Tokens], template: Template, encoding: Encoding) -> Encoded:
    """A document's chunks; every token of it, and its end token, is in exactly one."""
    row = plan.row
    if plan.refusal is not None:
        return Encoded(row, (), plan.refusal)
    begin = [template.bos_id] if adds_bos(template.tokenizer) else []
    ids = np.concatenate([np.array(begin, np.int32), tokens[0].ids, np.array([template.eos_id], np.int32)])
    parts = np.full(len(ids), TEXT, np.uint8)
    parts[: len(begin)], parts[-1] = BOS, END
    examples, start = [], 0
    for length in chunk_lengths(len(ids), encoding.max_length):
        chunk = ids[start : start + length]
        labels = chunk.copy()
        labels[:1] = MASKED  # nothing in the chunk predicts its first token
        examples.append(Example(row.row_id, chunk, labels, parts[start : start + length]))
        start += length
    fate = Fate(
        row.row_id,
        row.source,
        row.group,
        "split" if len(examples) > 1 else "trained",
        "chunked" if len(examples) > 1 else None,
        float(len(ids)) if len(examples) > 1 else None,
        float(encoding.max_length) if len(examples) > 1 else None,
        n_tokens=len(ids),
        n_trained=len(ids) - len(examples),
        n_examples=len(examples),
        flags=tuple(sorted(plan.flags)),
    )
    return Encoded(row, tuple(examples), fate)


def chunk_lengths(n_tokens: int, max_length: int) -> list[int]:
    """Full chunks and the rest. A rest of one token, which nothing would predict, takes one from the chunk before."""
    full, rest = divmod(n_tokens, max_length)
    lengths = [max_length] * full + [rest] * bool(rest)
    if rest == 1 and full and max_length > 2:
        lengths[-2:] = [max_length - 1, 2]
    return lengths
