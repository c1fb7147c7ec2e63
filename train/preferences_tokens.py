"""The tokens that TRL 1.16 makes of a row, by the names of the columns that its trainers hold them in.

>>> tokens_of("kto", given, template)["completion_ids"][-2:]  # doctest: +SKIP
[2, 201]

DPO and KTO render prompt and whole conversation apart; the answer begins where the two differ, and an end of the prompt
that is not in the whole is left out. ORPO and CPO encode prompt and whole text, and add BOS and EOS where they lack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.errors import RowError
from tunesmith.train.jinja import rendered
from tunesmith.train.preferences_rows import escaped_ids
from tunesmith.train.preferences_tokenizer import tokenizer_of
from tunesmith.train.special import texts_in
from tunesmith.train.template import Template
from tunesmith.train.types import MASKED, Stage

Turns = list[dict[str, Any]]
Ids = list[int]
Tokens = dict[str, Ids]

_SIDES = ("chosen", "rejected")
#: Characters that transformers takes out of texts where it escapes.
_SWALLOWED = re.compile("[\U000f0000\U000f0001]")


def tokens_of(stage: Stage, given: Mapping[str, Any], template: Template) -> Tokens:
    """All columns of token ids (and labels, where the trainer has them) of one row, uncut.

    :raises RowError: `template_refused`, with what the template said.
    """
    return _MAKERS[stage](given, template)


def sequences_of(stage: Stage, tokens: Mapping[str, Ids]) -> list[tuple[Ids, int]]:
    """What the model will read, a sequence for each answer, and how many tokens of each belong to the prompt."""
    if stage == "reward":
        return [(tokens[f"{side}_ids"], 0) for side in _SIDES]
    if stage == "grpo":
        return [(tokens["prompt_ids"], len(tokens["prompt_ids"]))]
    if stage in ("orpo", "simpo"):
        labels = [tokens[f"{side}_labels"] for side in _SIDES]
        starts = [sum(label == MASKED for label in side) for side in labels]
        return [(tokens[f"{side}_input_ids"], start) for side, start in zip(_SIDES, starts)]
    prompt = tokens["prompt_ids"]
    names = ("completion_ids",) if stage == "kto" else tuple(f"{side}_ids" for side in _SIDES)
    return [(prompt + tokens[name], len(prompt)) for name in names]


def cut(stage: Stage, tokens: Tokens, max_length: int | None) -> Tokens:
    """The same row as the trainer sees it at this length: the right end goes, of answers only where a prompt is apart.

    Reward models and GRPO are never cut: TRL drops an over-long pair, and takes a prompt as it is.
    """
    if max_length is None or stage in ("reward", "grpo"):
        return tokens
    if stage in ("orpo", "simpo"):
        return {name: ids if name.startswith("prompt") else ids[:max_length] for name, ids in tokens.items()}
    prompt = tokens["prompt_ids"][:max_length]
    left = max_length - len(prompt)
    return {name: prompt if name == "prompt_ids" else ids[:left] for name, ids in tokens.items()}


def _rendered(given: Mapping[str, Any], template: Template, *names: str) -> Ids:
    """The ids of the prompt alone, or of the prompt with an answer."""
    turns = [turn for name in ("prompt", *names) for turn in given[name]]
    tools = jsontext.loads(given["tools"].encode()) if given.get("tools") else None
    if given.get("chat_template_kwargs"):
        return _escaped(turns, tools, template, prompt=not names)
    text = rendered(template.source_for(tools), template.variables, turns, tools, add_generation_prompt=not names).text
    return _ids(text, template)


def _escaped(turns: Turns, tools: list[dict[str, Any]] | None, template: Template, *, prompt: bool) -> Ids:
    """What TRL gets from transformers where it is told to escape.

    :raises RowError: where that is not what the row says: a mark stands in the key of an object, or is a word of the
        tokenizer itself.
    """
    wanted = escaped_ids(turns, tools, template, prompt=prompt)
    try:
        found = _tokenizer(template).apply_chat_template(
            turns, tools=tools, add_generation_prompt=prompt, return_dict=False, sanitize_control_tokens=True
        )
    except ValueError as error:
        raise RowError("special_tokens_in_text", f"transformers cannot encode it as text: {error}") from None
    if found != wanted:
        raise RowError("special_tokens_in_text", "transformers encodes the special tokens in its text otherwise")
    return wanted


@lru_cache(maxsize=8)
def _tokenizer(template: Template) -> Any:
    return tokenizer_of(template, own_tools=True)


def _ids(text: str, template: Template) -> Ids:
    ids: Ids = template.tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _dpo(given: Mapping[str, Any], template: Template) -> Tokens:
    return _apart(given, template, _SIDES)


def _kto(given: Mapping[str, Any], template: Template) -> Tokens:
    return _apart(given, template, ("completion",))


def _apart(given: Mapping[str, Any], template: Template, names: Sequence[str]) -> Tokens:
    prompt = _rendered(given, template)
    wholes = [_rendered(given, template, name) for name in names]
    shared = min(_common(prompt, whole) for whole in wholes)
    return {"prompt_ids": prompt[:shared], **{f"{name}_ids": whole[shared:] for name, whole in zip(names, wholes)}}


def _common(one: Ids, other: Ids) -> int:
    return next((place for place, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))


def _orpo(given: Mapping[str, Any], template: Template) -> Tokens:
    """ORPO and CPO."""
    prompts, answers = zip(*(_split(given["prompt"], given[side], template) for side in _SIDES))
    shared = _ids(given["prompt"], template)[: min(map(len, prompts))]
    found: Tokens = {"prompt_input_ids": _with_bos(shared, template)}
    for side, prompt, answer in zip(_SIDES, prompts, answers):
        start = _with_bos(prompt, template)
        ended = answer if answer[-1:] == [template.eos_id] else [*answer, template.eos_id]
        found[f"{side}_input_ids"] = start + ended
        found[f"{side}_labels"] = [MASKED] * len(start) + ended
    return found


def _split(prompt: str, answer: str, template: Template) -> tuple[Ids, Ids]:
    """Where a tokenizer joins the last letters of the prompt with the answer, the joined token is the answer's."""
    alone, whole = _ids(prompt, template), _ids(prompt + answer, template)
    start = len(alone) if whole[: len(alone)] == alone else len(alone) - 1
    return whole[:start], whole[start:]


def _with_bos(ids: Ids, template: Template) -> Ids:
    return ids if template.bos_id is None or ids[:1] == [template.bos_id] else [template.bos_id, *ids]


def _reward(given: Mapping[str, Any], template: Template) -> Tokens:
    return {f"{side}_ids": list(given[f"{side}_ids"]) for side in _SIDES}


def _grpo(given: Mapping[str, Any], template: Template) -> Tokens:
    """Every prompt is escaped, and may bring its tools; most have nothing to escape."""
    turns = given["prompt"]
    tools = turns[0].get("tools")
    if any(template.special_pattern.search(text) or _SWALLOWED.search(text) for text in texts_in(turns)):
        return {"prompt_ids": _escaped(turns, tools, template, prompt=True)}
    source = template.source_for(tools)
    return {
        "prompt_ids": _ids(
            rendered(source, template.variables, turns, tools, add_generation_prompt=True).text, template
        )
    }


_MAKERS = {"dpo": _dpo, "kto": _kto, "orpo": _orpo, "simpo": _orpo, "reward": _reward, "grpo": _grpo}
