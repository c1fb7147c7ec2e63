"""How many tokens LLaMA-Factory 0.9.5 makes of the turns of a row, and what it cannot write.

It never uses the model's chat template but one of its own by name, which writes each turn by itself: a question with
the header of its answer, an answer with its end. `Chat` says what a few of them write; `chat_like` finds the one that
writes what the model's template writes.

>>> chat = CHATS["qwen"]
>>> chat.user
'<|im_start|>user\\n{}<|im_end|>\\n<|im_start|>assistant\\n'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import describe
from tunesmith.curate.records import Message
from tunesmith.errors import InputError, RowError
from tunesmith.train.predicted_llamafactory_align import Turn
from tunesmith.train.template import Template
from tunesmith.train.turns import render

Count = Callable[[str], int]
Pair = tuple[int, int]

_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_THOUGHT = re.compile(r"<think>\n(.*?)\n</think>\n\n", re.DOTALL)
_EMPTY_THOUGHT = "<think>\n\n</think>\n\n"
#: Tokens of the words around tools, where the model's own template has none to measure.
_TOOL_WORDS = 110


class Chat(NamedTuple):
    """What a template of LLaMA-Factory writes around a text, `{}`; a zero byte stands for the EOS token.

    :param tools: `qwen` writes each call as JSON in marks, `default` as an action; `llama3` as JSON alone.
    :param thinks: whether answers without a thought get an empty one, which is trained.
    """

    user: str
    assistant: str
    system: str
    observation: str
    default_system: str = ""
    tools: str = "default"
    thinks: bool = False
    prefix_bos: bool = False


_QWEN = Chat(
    "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n",
    "{}<|im_end|>\n",
    "<|im_start|>system\n{}<|im_end|>\n",
    "<|im_start|>user\n<tool_response>\n{}\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
    tools="qwen",
)
_LLAMA_USER = "<|start_header_id|>{role}<|end_header_id|>\n\n{{}}<|eot_id|>"
_LLAMA_ANSWER = "<|start_header_id|>assistant<|end_header_id|>\n\n"

#: Templates by LLaMA-Factory's names. Others can be predicted by giving the one that is written alike.
CHATS: dict[str, Chat] = {
    "qwen": _QWEN._replace(default_system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant."),
    "qwen3": _QWEN._replace(thinks=True),
    "qwen3_nothink": _QWEN,
    "chatml": _QWEN._replace(observation="<|im_start|>tool\n{}<|im_end|>\n<|im_start|>assistant\n", tools="default"),
    "llama3": Chat(
        _LLAMA_USER.format(role="user") + _LLAMA_ANSWER,
        "{}<|eot_id|>",
        _LLAMA_USER.format(role="system"),
        _LLAMA_USER.format(role="ipython") + _LLAMA_ANSWER,
        tools="llama3",
        prefix_bos=True,
    ),
    "default": Chat("Human: {}\0\nAssistant:", "{}\0\n", "System: {}\0\n", "Human: {}\0\nAssistant:"),
    "empty": Chat("{}", "{}", "{}", "{}"),
}


def chat_named(name: str) -> Chat:
    """:raises InputError: for a name that is not in `CHATS`."""
    if name not in CHATS:
        remedy = f"name one that writes the same: {', '.join(CHATS)}"
        raise InputError(f"LLaMA-Factory's template {name!r} cannot be predicted", where="template", remedy=remedy)
    return CHATS[name]


def chat_like(template: Template) -> str:
    """The name of the template that writes a question as the model's own does; `qwen3_nothink` where none does.

    A model that was trained with `qwen` and one with `qwen3_nothink` differ in the system text that goes before.
    """
    try:
        asked = render(template, (Message("user", "qzx"),), None, add_generation_prompt=True)
    except RowError:
        return "qwen3_nothink"
    written = {
        name: chat.user.format("qzx").replace("\0", template.tokenizer.eos_token) for name, chat in CHATS.items()
    }
    default = CHATS["qwen"].default_system
    if asked.endswith(written["qwen"]):
        return "qwen" if default in asked else "qwen3_nothink" if template.reasoning != "field" else "qwen3"
    ours = [name for name, text in written.items() if name != "empty" and asked.endswith(text)]
    return ours[0] if ours else "qwen3_nothink"


class Counter:
    """Counts the tokens of rows as one template writes them."""

    def __init__(self, chat: Chat, template: Template) -> None:
        self._chat, self._template = chat, template
        self._tools: dict[str, int] = {}

    def pairs(self, turns: Sequence[Turn], system: Any, tools: Any) -> list[Pair]:
        """Tokens of each question (the first with prefix, system text and tools) and of its answer.

        :raises RowError: where LLaMA-Factory ends with an error; the code is the reason.
        """
        head = self._head(system, tools)
        counts = [self._turn(role, content) for role, content in turns]
        found = [(counts[place], counts[place + 1]) for place in range(0, len(counts) - 1, 2)]
        if self._chat.thinks:
            found = [(ask, said + self._thought(turns[2 * place + 1][1])) for place, (ask, said) in enumerate(found)]
        return [(found[0][0] + head, found[0][1]), *found[1:]]

    def last(self, turns: Sequence[Turn], system: Any, tools: Any) -> Pair:
        """Tokens of everything before the last answer, and of that answer; thoughts of earlier answers are taken out.

        :raises RowError: as `pairs`.
        """
        if self._chat.thinks:
            turns = [
                (role, self._thoughtless(content) if place % 2 else content)
                for place, (role, content) in enumerate(turns[:-1])
            ] + [turns[-1]]
        *before, answer = (self._turn(role, content) for role, content in turns)
        more = self._thought(turns[-1][1]) if self._chat.thinks else 0
        return self._head(system, tools) + sum(before), answer + more

    @staticmethod
    def _thoughtless(content: Any) -> Any:
        return _THOUGHT.sub("", content).lstrip("\n") if isinstance(content, str) else content

    def _head(self, system: Any, tools: Any) -> int:
        system = system or self._chat.default_system
        prefix = 1 if self._chat.prefix_bos and self._template.bos_id is not None else 0
        if not system and not tools:
            return prefix
        offered = _checked_tools(tools) if tools else []
        if not isinstance(system, str):
            raise RowError("system_not_text", f"TypeError: the system text is {describe(system)}")
        return prefix + self._count(self._chat.system.format(system)) + (self._tool_tokens(tools) if offered else 0)

    def _tool_tokens(self, tools: str) -> int:
        """As the model's own template writes them, which LLaMA-Factory imitates; about right for others."""
        if tools not in self._tools:
            self._tools[tools] = self._rendered_tools(tools) or self._count(tools) + _TOOL_WORDS
        return self._tools[tools]

    def _rendered_tools(self, tools: str) -> int:
        turns = (Message("system", "s"), Message("user", "u"))
        try:
            texts = [render(self._template, turns, given) for given in (tools, None)]
        except RowError:
            return 0
        return self._count(texts[0]) - self._count(texts[1])

    def _turn(self, role: str, content: Any) -> int:
        if role == "function":
            content = self._calls(content)
        if not isinstance(content, str):
            raise RowError("not_text", f"RuntimeError: Expected a string, got {content!r}"[:200])
        around = {"user": self._chat.user, "observation": self._chat.observation}.get(role, self._chat.assistant)
        return sum(self._count(part) for part in _parts(around, content)) + around.count("\0")

    def _calls(self, content: Any) -> str:
        """The calls of an answer, written as this template does."""
        if not isinstance(content, str):
            raise RowError("not_text", f"TypeError: a turn of calls is {describe(content)} where JSON text belongs")
        found = _CALL.search(content) or _THOUGHT.search(content)
        before, text = "", content
        if found is not None:
            is_call = found[0].startswith("<tool_call>")
            before, text = (
                (content.replace(found[0], ""), found[1]) if is_call else (found[0], content.replace(found[0], ""))
            )
        return before + "\n".join(self._call(name, arguments) for name, arguments in _checked_calls(text))

    def _call(self, name: Any, arguments: Any) -> str:
        if self._chat.tools == "qwen":
            text = f'{{"name": {jsontext.dumps(name)}, "arguments": {jsontext.dumps_spaced(arguments)}}}'
            return f"<tool_call>\n{text}\n</tool_call>"
        if self._chat.tools == "llama3":
            return f'{{"name": {jsontext.dumps(name)}, "parameters": {jsontext.dumps_spaced(arguments)}}}'
        return f"Action: {name}\nAction Input: {jsontext.dumps_spaced(arguments)}"

    def _thought(self, content: str) -> int:
        return 0 if "<think>" in content or "</think>" in content else self._count(_EMPTY_THOUGHT)

    def _count(self, text: str) -> int:
        return len(self._template.tokenizer(text, add_special_tokens=False)["input_ids"]) if text else 0


def _parts(around: str, content: str) -> list[str]:
    """The texts that are encoded apart: EOS stands between them."""
    return around.replace("{}", content, 1).split("\0")


def _checked_tools(tools: Any) -> list[Any]:
    if not isinstance(tools, str):
        raise RowError("tools_not_text", f"TypeError: the tools are {describe(tools)} where JSON text belongs")
    try:
        parsed = jsontext.loads(tools.encode())
    except ValueError:
        raise RowError("tools_not_json", "RuntimeError: Invalid JSON format in tool description") from None
    if not isinstance(parsed, list | dict | str):
        raise RowError("tools_not_json", f"TypeError: the tools are {describe(parsed)} where a list belongs")
    if not all(isinstance(tool, dict) for tool in parsed):
        raise RowError("tools_not_json", "AttributeError: a tool is no object")
    return list(parsed)


def _checked_calls(text: str) -> list[tuple[Any, Any]]:
    try:
        parsed = jsontext.loads(text.encode())
    except ValueError:
        raise RowError("call_not_json", "RuntimeError: Invalid JSON format in function message") from None
    calls = parsed if isinstance(parsed, list) else [parsed]
    for call in calls:
        if not isinstance(call, dict) or not {"name", "arguments"} <= call.keys():
            raise RowError("broken_call", "KeyError or TypeError: a call has no name or no arguments")
    return [(call["name"], call["arguments"]) for call in calls]
