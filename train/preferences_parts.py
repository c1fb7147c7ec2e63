"""The prompt and the answers of a row, and why some rows cannot be trained on in a stage of pairs.

>>> parts_of("dpo", record, template).answers[0][-1].content  # doctest: +SKIP
'Drink more water.'
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.curate.records import Message, Messages, Record, canonical_call
from tunesmith.errors import RowError
from tunesmith.train.special import found_in
from tunesmith.train.template import Template
from tunesmith.train.types import Stage

#: Stages whose rows are more than one conversation, or less.
PAIR_STAGES: tuple[Stage, ...] = ("dpo", "kto", "orpo", "simpo", "reward", "grpo")

_KINDS: dict[str, tuple[str, ...]] = {
    "dpo": ("preference",),
    "orpo": ("preference",),
    "simpo": ("preference",),
    "reward": ("preference",),
    "kto": ("kto",),
    "grpo": ("sft", "preference", "kto"),
}
_NAMES = {"sft": "a conversation", "preference": "a preference pair", "kto": "a labelled answer", "text": "a text"}


class Parts(NamedTuple):
    """A prompt and what follows it.

    :param answers: chosen and rejected; one with a `label`; the reference, or nothing, for `grpo`.
    """

    prompt: Messages
    answers: tuple[Messages, ...]
    label: bool | None
    tools: str | None


def parts_of(stage: Stage, record: Record, template: Template) -> Parts:
    """Take a row apart.

    :raises RowError: where this stage cannot train on it; the code is the reason in the ledger.
    """
    if record.kind not in _KINDS[stage]:
        wanted = " or ".join(_NAMES[kind] for kind in _KINDS[stage])
        raise RowError("wrong_kind", f"it is {_NAMES.get(record.kind, record.kind)}; {stage} trains on {wanted}")
    parts = _parted(stage, record)
    _check_prompt(parts.prompt)
    for answer in parts.answers:
        _check_answer(answer)
    if len(parts.answers) == 2 and _content(parts.answers[0]) == _content(parts.answers[1]):
        raise RowError("identical", "chosen and rejected are the same: there is nothing to prefer")
    _check_special(stage, parts, template)
    return parts


def _parted(stage: Stage, record: Record) -> Parts:
    if record.kind == "preference":
        sides = (record.chosen or (), record.rejected or ())
        return Parts(record.turns, sides[:1] if stage == "grpo" else sides, None, record.tools)
    if record.kind == "kto" and record.label is None:
        raise RowError("no_label", "says neither true nor false")
    has_answer = bool(record.turns) and record.turns[-1].role == "assistant"
    if stage == "grpo":
        prompt = record.turns[:-1] if has_answer else record.turns
        wanted = has_answer and record.label is not False
        return Parts(prompt, (record.turns[-1:],) if wanted else (), record.label, record.tools)
    if not has_answer:
        raise RowError("no_answer", "the last turn is no answer of the assistant")
    return Parts(record.turns[:-1], (record.turns[-1:],), record.label, record.tools)


def _check_prompt(prompt: Messages) -> None:
    if not any((turn.content or "").strip() or turn.tool_calls for turn in prompt if turn.role != "system"):
        raise RowError("empty_prompt", "asks nothing")
    if prompt[-1].role not in ("user", "tool"):
        what = f"the turn before the answer is one of the {prompt[-1].role}, where a question belongs"
        raise RowError("prompt_end", what)


def _check_answer(answer: Messages) -> None:
    if not answer or answer[0].role != "assistant":
        raise RowError("no_answer", "an answer does not begin with a turn of the assistant")
    if not any((turn.content or "").strip() or turn.tool_calls or turn.reasoning for turn in answer):
        raise RowError("empty_answer", "an answer says nothing")


def marks_in(stage: Stage, parts: Parts, template: Template) -> tuple[str, ...]:
    """The special strings in the texts that the model reads; what only a reward function is given is not among them."""
    answers = () if stage == "grpo" else (turn for answer in parts.answers for turn in answer)
    return found_in((*parts.prompt, *answers), parts.tools, template.special_pattern)


def _check_special(stage: Stage, parts: Parts, template: Template) -> None:
    """These trainers take text only, and no text becomes the tokens of another one."""
    marks = marks_in(stage, parts, template) if stage in ("orpo", "simpo") else ()
    if marks:
        what = f"its text has {', '.join(marks)}, which the trainer of {stage} can only read as the marks of a turn"
        raise RowError("special_tokens_in_text", what)


def _content(messages: Messages) -> list[tuple[object, ...]]:
    return [_said(message) for message in messages]


def _said(message: Message) -> tuple[object, ...]:
    calls = [canonical_call(call) for call in message.tool_calls or ()]
    return message.role, message.content or "", message.reasoning, message.name, calls
