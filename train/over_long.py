"""What happens to rows that are longer than an example may be: dropped, cut from the right, or split between turns.

>>> [group for group in rounds((Message("user", "1"), Message("assistant", "2"), Message("user", "3")))]
[(0, 2), (2, 3)]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tunesmith.curate.records import Message
from tunesmith.train.planned import Planned, dropped, examples_of, plan_messages
from tunesmith.train.template import Template
from tunesmith.train.tokenised import tokenised
from tunesmith.train.types import MASKED, Encoded, Encoding, Example, Fate

#: Why a row that is short enough became several examples.
_WHY_SPLIT = ("reasoning_removed", "history_rewritten", "boundary_cut")


def fitted(plan: Planned, examples: Sequence[Example], template: Template, encoding: Encoding) -> Encoded:
    """A row with its examples, all short enough, and its fate."""
    longest = max((len(one.input_ids) for one in examples), default=0)
    if longest <= encoding.max_length:
        return _booked(plan, examples, None)
    if encoding.over_long == "truncate":
        return _truncated(plan, examples, encoding)
    if encoding.over_long == "split":
        return _split(plan, longest, template, encoding)
    return _too_long(plan, longest, encoding)


def n_labels(example: Example) -> int:
    """Its tokens with a label."""
    return int(np.count_nonzero(example.labels != MASKED))


def _n_tokens(examples: Sequence[Example]) -> int:
    return sum(len(one.input_ids) for one in examples)


def _too_long(plan: Planned, longest: int, encoding: Encoding, detail: str | None = None) -> Encoded:
    fate = dropped(
        plan.row,
        "too_long",
        value=float(longest),
        threshold=float(encoding.max_length),
        detail=detail,
        n_tokens=longest,
        flags=tuple(sorted(plan.flags)),
    )
    return Encoded(plan.row, (), fate)


def _booked(plan: Planned, examples: Sequence[Example], cut: Fate | None) -> Encoded:
    """The fate of a row whose examples fit. `cut` has the outcome, reason, value and threshold, if it is not whole."""
    row, flags = plan.row, tuple(sorted(plan.flags))
    labels = [n_labels(one) for one in examples]
    kept = tuple(one for one, count in zip(examples, labels) if count)
    if not kept:
        value, threshold = (cut.value, cut.threshold) if cut else (None, None)
        nothing = "its answers have no token" if examples else "none of its answers has a weight"
        detail = "all that is trained lies behind the cut" if cut else nothing
        more = {
            "value": value,
            "threshold": threshold,
            "detail": detail,
            "n_tokens": _n_tokens(examples),
            "flags": flags,
        }
        return Encoded(row, (), dropped(row, "no_trained_token", **more))
    counts = {
        "n_tokens": _n_tokens(kept),
        "n_trained": sum(labels),
        "n_examples": len(kept),
        "flags": flags,
    }
    if cut is None:
        reason = next(
            (flag for flag in ("reasoning_removed", "history_rewritten", "boundary_cut") if flag in flags), None
        )
        is_split = len(kept) > 1
        cut = Fate(row.row_id, row.source, row.group, "split" if is_split else "trained", reason if is_split else None)
    return Encoded(row, kept, cut._replace(**counts))  # type: ignore[arg-type]


def _truncated(plan: Planned, examples: Sequence[Example], encoding: Encoding) -> Encoded:
    """From the right; what is cut off is told."""
    most, longest = encoding.max_length, max(len(one.input_ids) for one in examples)
    cut = [Example(one.row_id, one.input_ids[:most], one.labels[:most], one.parts[:most]) for one in examples]
    plan = plan._replace(flags=plan.flags | {"end_cut"})
    fate = Fate(plan.row.row_id, plan.row.source, plan.row.group, "truncated", "too_long", float(longest), float(most))
    return _booked(plan, cut, fate)


def rounds(messages: Sequence[Message]) -> list[tuple[int, int]]:
    """The turns behind the system turn, as rounds `(first, last)`: each begins with a user behind an answer."""
    first = next((number for number, message in enumerate(messages) if message.role != "system"), len(messages))
    numbers = range(first + 1, len(messages))
    starts = [first, *(n for n in numbers if messages[n].role == "user" and messages[n - 1].role != "user")]
    return [pair for pair in zip(starts, [*starts[1:], len(messages)]) if pair[0] < pair[1]]


def _split(plan: Planned, longest: int, template: Template, encoding: Encoding) -> Encoded:
    """At the ends of rounds, as many in an example as fit, each behind the system turn. A round that does not fit alone
    is left out and told."""
    messages = plan.row.record.turns
    pairs = rounds(messages)
    if len(pairs) < 2:
        return _too_long(plan, longest, encoding, "a single round of turns, which cannot be split")
    head = messages[: pairs[0][0]]
    if encoding.train_on == "last-answer":
        pairs = _only_last(messages, pairs)
    made: list[Example] = []
    flags = plan.flags
    first = 0
    while first < len(pairs):
        count, noticed, examples = _longest_fit(plan, head, pairs[first:], template, encoding)
        flags |= noticed if count else {"turn_too_long"}
        made += examples
        first += max(1, count)
    if not made:
        return _too_long(plan, longest, encoding, "each of its rounds of turns is too long")
    value, threshold = float(longest), float(encoding.max_length)
    fate = Fate(plan.row.row_id, plan.row.source, plan.row.group, "split", "too_long", value, threshold)
    return _booked(plan._replace(flags=flags), made, fate)


def _only_last(messages: Sequence[Message], pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The round of the last answer: nothing else is trained."""
    last = max(number for number, message in enumerate(messages) if message.role == "assistant")
    return [pair for pair in pairs if pair[0] <= last < pair[1]]


def _longest_fit(
    plan: Planned,
    head: Sequence[Message],
    pairs: Sequence[tuple[int, int]],
    template: Template,
    encoding: Encoding,
) -> tuple[int, frozenset[str], list[Example]]:
    """How many of the first rounds fit together, what was noticed, and their examples."""
    best: tuple[int, frozenset[str], list[Example]] = 0, frozenset(), []
    for count in range(1, len(pairs) + 1):
        turns = (*head, *plan.row.record.turns[pairs[0][0] : pairs[count - 1][1]])
        part = plan_messages(plan.row, turns, plan.row.record.tools, template, encoding)
        if part.refusal is not None:
            break
        flags, examples = examples_of(part, tokenised(template, part.pieces), template, encoding)
        if any(len(one.input_ids) > encoding.max_length for one in examples):
            break
        best = count, flags, examples
    return best
