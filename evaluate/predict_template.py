"""A prompt as tokens: under the model's chat template, a template from a file, or plain.

>>> template = Template("plain")
>>> template.tokens(Prompt(({"role": "user", "content": "one and two ?"},)), tokenizer)  # doctest: +SKIP
[0, 7, 8, 9]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jinja2 import TemplateError

from tunesmith.curate import jsontext
from tunesmith.curate.io import read_text
from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.predict_backend import Prompt, template_hash

#: For a base model: what everybody said, a line each.
PLAIN = "plain"
#: The tokenizer's own.
CHAT = "chat"

_PROBE = "tunesmith"


class Tokenizer(Protocol):
    """What is used of a tokenizer of transformers."""

    chat_template: Any

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]: ...

    def apply_chat_template(self, conversation: list[dict[str, Any]], **settings: Any) -> Any: ...

    def get_added_vocab(self) -> dict[str, int]: ...


@dataclass(frozen=True)
class Template:
    """How messages become one text.

    :param text: `plain`, or a template in Jinja.
    :param settings: what the template is given beside the messages, such as `{"enable_thinking": False}`.
    """

    text: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str | None:
        """See `template_hash`."""
        return template_hash(self.text, self.settings)

    def rendered(self, prompt: Prompt, tokenizer: Tokenizer, *, header: bool = True) -> str:
        """The text of a prompt, with the header of the answer to come.

        :raises RowError: `template_refused`, where the template has no place for a turn.
        """
        if self.text == PLAIN:
            return "".join(f"{turn.get('content') or ''}\n" for turn in prompt.messages)
        tools = jsontext.loads(prompt.tools.encode()) if prompt.tools else None
        settings = {"tools": tools, "add_generation_prompt": header, "tokenize": False, **self.settings}
        try:
            made = tokenizer.apply_chat_template(
                [_turn(turn) for turn in prompt.messages], chat_template=self.text, **settings
            )
        except (TemplateError, TypeError, KeyError, ValueError) as error:  # how templates refuse a conversation
            reason = " ".join(str(error).split())[:200]
            raise RowError("template_refused", f"the chat template refuses the conversation ({reason})") from None
        return str(made)

    def tokens(self, prompt: Prompt, tokenizer: Tokenizer) -> list[int]:
        """The tokens of a prompt. A chat template writes the beginning of a text itself; plain text gets it here.

        :raises RowError: as `rendered`.
        """
        found = tokenizer.encode(self.rendered(prompt, tokenizer), add_special_tokens=self.text == PLAIN)
        if not found:
            raise RowError("template_refused", "the tokenizer makes no token of the prompt")
        return found

    def ends_of_turn(self, tokenizer: Tokenizer) -> set[int]:
        """The mark that the template puts behind an answer. A model that was trained with it ends there, even where
        the settings that came with its base name another end: without this such a model never stops."""
        if self.text == PLAIN:
            return set()
        asked = Prompt(({"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}))
        try:
            _, found, rest = self.rendered(asked, tokenizer, header=False).rpartition(_PROBE)
        except RowError:
            return set()
        marks = [mark for mark in tokenizer.get_added_vocab() if found and rest.lstrip().startswith(mark)]
        return {tokenizer.get_added_vocab()[max(marks, key=len)]} if marks else set()


def template_for(wish: str, tokenizer: Tokenizer, settings: Mapping[str, Any], *, model: str) -> Template:
    """The template that a person asks for: `chat`, `plain`, or a file.

    :raises InputError: where the model has none and no other is named, or the file cannot be read.
    """
    if wish == PLAIN:
        return Template(PLAIN, settings)
    if wish != CHAT:
        return Template(read_text(Path(wish)), settings)
    text = tokenizer.chat_template
    if isinstance(text, dict):  # several by name
        text = text.get("default")
    if not isinstance(text, str) or not text:
        remedy = "name a tuned model, or add --template plain for a base model, or --template FILE with one in Jinja"
        raise InputError("the tokenizer has no chat template", where=model, remedy=remedy)
    return Template(text, settings)


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as templates want it: a text in any case, and the arguments of calls as objects."""
    calls = [_call(call) for call in turn.get("tool_calls") or ()]
    return {**turn, "content": turn.get("content") or ""} | ({"tool_calls": calls} if calls else {})


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), str):
        return dict(call)
    try:
        arguments = jsontext.loads(function["arguments"].encode())
    except ValueError:
        return dict(call)
    return {**call, "function": {**function, "arguments": arguments}}
