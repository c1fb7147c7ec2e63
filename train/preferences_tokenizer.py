"""The tokenizer as the trainers of TRL hold it, which render rows themselves.

>>> given = tokenizer_of(template, own_tools=True)  # doctest: +SKIP
>>> given.apply_chat_template([{"role": "user", "content": "?", "tools": [...]}], tokenize=False)  # doctest: +SKIP
'<|im_start|>system\\nTools: ...'
"""

from __future__ import annotations

import copy
from typing import Any

from tunesmith.train.template import Template


def tokenizer_of(template: Template, *, own_tools: bool = False) -> Any:
    """A copy of the tokenizer with the chat template that a run uses; what `sanitize_control_tokens` of transformers
    encodes as text are the strings that are escaped here.

    :param own_tools: a conversation may bring its tools in its first message. GRPO of TRL has no other place for them:
        it offers every prompt the same ones.
    """
    tokenizer = copy.deepcopy(template.tokenizer)
    tokenizer.chat_control_tokens = list(template.special)
    if not template.source:
        return tokenizer
    if own_tools:
        tokenizer.chat_template = with_own_tools(template.source, template.tool_source)
    elif template.tool_source:
        tokenizer.chat_template = {"default": template.source, "tool_use": template.tool_source}
    else:
        tokenizer.chat_template = template.source
    return tokenizer


def with_own_tools(source: str, tool_source: str | None) -> str:
    """A template that takes the tools from the first message where they stand there, and else writes what it did.

    Each border stands on a line of its own: a line break behind a block is taken out by the environment of chat
    templates, and a template's own last one always is.
    """
    taken = "{% if messages[0].tools is defined %}{% set tools = messages[0].tools %}{% endif %}\n"
    if tool_source is None:
        return taken + source
    whole, with_tools = (text.removesuffix("\n") for text in (source, tool_source))
    return f"{taken}{{% if tools %}}\n{with_tools}{{% else %}}\n{whole}{{% endif %}}"
