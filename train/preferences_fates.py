"""What becomes of one row of a stage of pairs: given to TRL whole, cut, or dropped, with the reason.

>>> judged("dpo", row, template, max_length=2048, over_long="drop").fate.outcome  # doctest: +SKIP
'trained'
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tunesmith.errors import RowError
from tunesmith.train.preferences_parts import Parts, marks_in, parts_of
from tunesmith.train.preferences_rows import dict_of
from tunesmith.train.preferences_tokens import Tokens, cut, sequences_of, tokens_of
from tunesmith.train.template import Template
from tunesmith.train.types import Fate, OverLong, Row, Stage


class Pair(NamedTuple):
    """What TRL gets of a row (None: nothing), how often, and its fate."""

    given: dict[str, Any] | None
    copies: int
    fate: Fate


class _Limit(NamedTuple):
    max_length: int
    over_long: OverLong


def judged(stage: Stage, row: Row, template: Template, *, max_length: int, over_long: OverLong) -> Pair:
    """One row."""
    try:
        parts = parts_of(stage, row.record, template)
        given = dict_of(stage, row, parts, template)
        tokens = tokens_of(stage, given, template)
        _check_prompt_kept(stage, given, tokens, template)
    except RowError as error:
        return _dropped(row, error.code, detail=error.what)
    limit = _Limit(max_length, over_long)
    return _fitted(stage, row, given, tokens, limit, _flags(stage, parts, tokens, template))


def _fitted(
    stage: Stage, row: Row, given: dict[str, Any], tokens: Tokens, limit: _Limit, flags: tuple[str, ...]
) -> Pair:
    sequences = sequences_of(stage, tokens)
    longest = max(len(ids) for ids, _ in sequences)
    n_tokens, n_trained = _sizes(stage, tokens)
    if stage != "grpo" and any(len(ids) == start for ids, start in sequences):
        return _dropped(row, "no_trained_token", n_tokens=n_tokens)
    if longest <= limit.max_length:
        return _kept(
            row, given, Fate(*_names(row), "trained", None, longest, limit.max_length), n_tokens, n_trained, flags
        )
    prompt = max(start for _, start in sequences)
    if stage != "grpo" and prompt >= limit.max_length:
        return _dropped(row, "prompt_too_long", prompt, limit.max_length, n_tokens=n_tokens)
    if limit.over_long == "drop" or stage == "grpo":
        return _dropped(row, "too_long", longest, limit.max_length, n_tokens=n_tokens)
    return _truncated(stage, row, given, tokens, longest, limit.max_length, flags)


def _truncated(
    stage: Stage, row: Row, given: dict[str, Any], tokens: Tokens, longest: int, max_length: int, flags: tuple[str, ...]
) -> Pair:
    """Cut as TRL does; ids that we hand over are cut here, for there TRL would drop the pair."""
    if stage == "reward":
        short = {name: ids[:max_length] for name, ids in tokens.items()}
        given = given | short
    else:
        short = cut(stage, tokens, max_length)
    sequences = [ids for ids, _ in sequences_of(stage, short)]
    if len(sequences) == 2 and sequences[0] == sequences[1]:
        detail = "what is left of chosen and rejected after the cut is the same"
        return _dropped(row, "identical", longest, max_length, detail=detail)
    fate = Fate(*_names(row), "truncated", "too_long", longest, max_length)
    return _kept(row, given, fate, *_sizes(stage, short), flags)


def _check_prompt_kept(stage: Stage, given: dict[str, Any], tokens: Tokens, template: Template) -> None:
    """ORPO and CPO of TRL end with an error where the two answers change more of the prompt than its last token."""
    if stage in ("orpo", "simpo"):
        starts = {start for _, start in sequences_of(stage, tokens)}
        if max(starts) - min(starts) > 1:
            raise RowError("template_refused", "the prompt becomes other tokens before each of the two answers")


def _sizes(stage: Stage, tokens: Tokens) -> tuple[int, int]:
    """Tokens of all sequences, and those that the loss sees: of a reward model every one stands behind its score."""
    sequences = sequences_of(stage, tokens)
    return sum(len(ids) for ids, _ in sequences), sum(len(ids) - start for ids, start in sequences)


def _flags(stage: Stage, parts: Parts, tokens: Tokens, template: Template) -> tuple[str, ...]:
    sequences = sequences_of(stage, tokens)
    ends = set(template.end_ids)
    answers = [ids[start:] for ids, start in sequences]
    found = {
        "no_end_token": stage != "grpo" and any(ends.isdisjoint(answer) for answer in answers),
        "double_bos": template.bos_id is not None and any(ids[:2] == [template.bos_id] * 2 for ids, _ in sequences),
        "extra_end_token": stage in ("orpo", "simpo") and any(len(ends & set(answer[-2:])) > 1 for answer in answers),
        "special_tokens_in_text": bool(marks_in(stage, parts, template)),
        "other_turns_trained": any(turn.role != "assistant" for answer in parts.answers for turn in answer),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _names(row: Row) -> tuple[str, str, str]:
    return row.row_id, row.source, row.group


def _kept(row: Row, given: dict[str, Any], fate: Fate, n_tokens: int, n_trained: int, flags: tuple[str, ...]) -> Pair:
    told = fate._replace(n_tokens=n_tokens, n_trained=n_trained, n_examples=1, flags=flags)
    if fate.outcome == "trained":
        told = told._replace(value=None, threshold=None)
    return Pair(given, row.copies, told)


def _dropped(
    row: Row,
    reason: str,
    value: float | None = None,
    threshold: float | None = None,
    *,
    detail: str | None = None,
    n_tokens: int = 0,
) -> Pair:
    fate = Fate(*_names(row), "dropped", reason, value, threshold, detail, n_tokens)
    return Pair(None, row.copies, fate)
