"""One row as a trainer of TRL takes it.

>>> dict_of("dpo", row, parts, template)["prompt"]  # doctest: +SKIP
[{'role': 'user', 'content': 'I have a cold. What helps?'}]
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import FORM
from tunesmith.curate.records import Messages
from tunesmith.train.jinja import rendered
from tunesmith.train.preferences_parts import Parts, marks_in
from tunesmith.train.special import shield_turns
from tunesmith.train.template import Template
from tunesmith.train.tokenised import cut, tokenised
from tunesmith.train.turns import chat_tools, chat_turns, render
from tunesmith.train.types import Row, Stage

_SIDES = ("chosen", "rejected")


def dict_of(stage: Stage, row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    """The row's columns, as in the table of `preferences.py`.

    :raises RowError: `template_refused`, with what the template said.
    """
    return {**_MAKERS[stage](row, parts, template), "row_id": row.row_id}


def _dpo(row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    made = {"prompt": _turns(parts.prompt, template), "tools": _tools(parts), **_escape("dpo", parts, template)}
    return made | {side: _turns(answer, template) for side, answer in zip(_SIDES, parts.answers)}


def _kto(row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    completion = _turns(parts.answers[0], template)
    prompt = _turns(parts.prompt, template)
    made = {"prompt": prompt, "completion": completion, "label": parts.label, "tools": _tools(parts)}
    return made | _escape("kto", parts, template)


def _escape(stage: Stage, parts: Parts, template: Template) -> dict[str, Any]:
    """What the trainer passes on to `apply_chat_template` for this row."""
    return {"chat_template_kwargs": {"sanitize_control_tokens": True} if marks_in(stage, parts, template) else {}}


def _texts(row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    """Prompt and answers as text; an answer ends with its end token, so that TRL adds no other."""
    prompt = render(template, parts.prompt, parts.tools, add_generation_prompt=True)
    wholes = [render(template, parts.prompt + answer, parts.tools) for answer in parts.answers]
    shared = _common_start(prompt, *wholes)
    answers = [_to_its_end(whole[len(shared) :], template) for whole in wholes]
    return {"prompt": shared, **dict(zip(_SIDES, answers))}


def _common_start(*texts: str) -> str:
    """Some templates write more behind a prompt that stands alone, such as an empty block of thoughts."""
    return "".join(letters[0] for letters in takewhile(lambda letters: len(set(letters)) == 1, zip(*texts)))


def _to_its_end(text: str, template: Template) -> str:
    """Without the line break that many templates write behind the end token."""
    stripped = text.rstrip()
    return stripped if any(stripped.endswith(mark) for mark in template.end_marks) else text


def _reward(row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    tools = chat_tools(parts.tools)
    encoded = (escaped_ids(_turns(parts.prompt + answer, template), tools, template) for answer in parts.answers)
    return {f"{side}_ids": ids for side, ids in zip(_SIDES, encoded)}


def _grpo(row: Row, parts: Parts, template: Template) -> dict[str, Any]:
    """The reward functions of a person get `reference` and the row's further fields beside the completions."""
    extra = {key: value for key, value in (row.record.extra or {}).items() if key != FORM}
    reference = parts.answers[0][-1].content if parts.answers else None
    prompt = _turns(parts.prompt, template)
    if tools := chat_tools(parts.tools):
        prompt[0]["tools"] = tools
    return {"prompt": prompt, "reference": reference, "group": row.group, "extra": extra}


def _turns(messages: Messages, template: Template) -> list[dict[str, Any]]:
    return chat_turns(messages, reasoning=template.reasoning, arguments=template.arguments)


def _tools(parts: Parts) -> str | None:
    """JSON text, which TRL parses: as objects `datasets` would mix the fields of different tools."""
    tools = chat_tools(parts.tools)
    return None if tools is None else jsontext.dumps(tools)


def escaped_ids(
    turns: list[dict[str, Any]], tools: list[dict[str, Any]] | None, template: Template, *, prompt: bool = False
) -> list[int]:
    """The ids of a conversation in which special strings are the text that they are, as in the frozen rows of sft.

    :param prompt: whether it ends where an answer is asked for.
    :raises RowError: `template_refused`, with what the template said.
    """
    turns, tools, shields = shield_turns(turns, tools, template.special_pattern)
    source = template.source_for(tools)
    text = rendered(source, template.variables, turns, tools, add_generation_prompt=prompt).text
    (tokens,) = tokenised(template, [cut(text, shields)])
    ids: list[int] = tokens.ids.tolist()
    return ids


_MAKERS = {"dpo": _dpo, "kto": _kto, "orpo": _texts, "simpo": _texts, "reward": _reward, "grpo": _grpo}
