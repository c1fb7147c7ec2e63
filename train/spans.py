"""Which characters of a rendered conversation the assistant wrote, and in which context.

The measure is what a server does. The context of an answer is `prompt = render(turns before it, add_generation_prompt)`
and the answer is what `render(turns up to it)` has behind that, up to the mark that ends the turn. Nothing of this
needs `{% generation %}`; where a template has it, both are compared.

>>> talk = Conversation(template, messages, None)  # doctest: +SKIP
>>> answer = talk.answer(1)  # doctest: +SKIP
>>> answer.text[answer.begin : answer.end]  # doctest: +SKIP
'Paris.<|im_end|>'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from tunesmith.curate.records import Message
from tunesmith.errors import RowError
from tunesmith.train.jinja import Rendered, rendered
from tunesmith.train.template import Template
from tunesmith.train.turns import Turn, chat_tools, chat_turns, thoughts
from tunesmith.train.types import PARTS

SYSTEM, USER, ASSISTANT, REASONING, TOOL_CALLS, TOOL, END, TEXT, BOS = (
    PARTS.index(name)
    for name in ("system", "user", "assistant", "reasoning", "tool_calls", "tool", "end", "text", "bos")
)
ROLE_PARTS = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT, "tool": TOOL}

_OPEN, _CLOSE = "\U000f0000", "\U000f0001"
_OPENED = "<think>"
_THINKING = re.compile(r"</?(?:think|thinking|reasoning)>")
_CLOSED = re.compile(r"\s*</\w+>\s*")


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a text, and which of `PARTS` they are."""

    start: int
    end: int
    part: int


@dataclass
class Draft:
    """A text that becomes one example.

    :param answers: characters of each answer that is trained here, with the mark that ends it.
    :param spans: what is written by whom, in order, without overlap; the rest is the template's.
    """

    text: str
    answers: list[tuple[int, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


class Answer(NamedTuple):
    """One answer in the text that ends with it: `text[begin:end]`, the mark that ends it from `mark` on."""

    number: int
    text: str
    begin: int
    mark: int
    end: int


class Conversation:
    """A row's turns and a template; renders what is asked.

    :param messages: without special strings (see `special.py`).
    :raises RowError: `template_refused`.
    """

    def __init__(self, template: Template, messages: Sequence[Message], tools: str | None) -> None:
        self.template, self.messages = template, messages
        self._tools = chat_tools(tools)
        self._source = template.source_for(self._tools)
        self._turns: list[Turn] = chat_turns(messages, reasoning=template.reasoning, arguments=template.arguments)
        self.flags: set[str] = set()
        self.whole = self._render(len(messages), marks=template.has_generation)

    def _render(self, until: int, *, prompt: bool = False, marks: bool = False) -> Rendered:
        return self._rendered(self._turns[:until], prompt=prompt, marks=marks)

    def _rendered(self, turns: list[Turn], *, prompt: bool = False, marks: bool = False) -> Rendered:
        variables = self.template.variables
        return rendered(self._source, variables, turns, self._tools, add_generation_prompt=prompt, marks=marks)

    def unwritten(self) -> set[str]:
        """What the template leaves out in silence: the text is the same without it."""
        flags = set()
        if self._tools is not None and self._is_whole_without(self._turns, tools=False):
            flags.add("tools_not_written")
        without = [{key: value for key, value in turn.items() if key != "tool_calls"} for turn in self._turns]
        if without != self._turns and self._is_whole_without(without, tools=True):
            flags.add("calls_not_written")
        return flags

    def _is_whole_without(self, turns: list[Turn], *, tools: bool) -> bool:
        offered = self._tools if tools else None
        variables = self.template.variables
        with suppress(RowError):
            return rendered(self._source, variables, turns, offered).text == self.whole.text
        return False

    def answer(self, number: int) -> Answer:
        """Where the answer with this number stands in the text that ends with it."""
        shown = self.whole
        if number < len(self.messages) - 1:
            shown = self._render(number + 1, marks=self.template.has_generation)
        text, prompt = shown.text, self._prompt(number)
        lacks = self.messages[number].reasoning and self.template.reasoning == "removed"
        goes_on = prompt and text.startswith(prompt) and not lacks
        begin = len(prompt) if goes_on else self._own_words(number, shown, prompt)
        if prompt and not goes_on:
            self.flags.add("prompt_differs")
            text, begin = prompt + self._behind(number, text[begin:], prompt), len(prompt)
        mark, end = self._end(number, text, begin)
        if self.template.has_generation and text is shown.text:
            self._compare(shown, begin, end)
        return Answer(number, text, begin, mark, end)

    def _prompt(self, number: int) -> str:
        """What a server asks the model to go on with; empty where the template refuses to ask."""
        try:
            return self._render(number, prompt=True).text
        except RowError:  # an answer that begins a conversation, for some templates
            self.flags.add("prompt_refused")
            return ""

    def _own_words(self, number: int, shown: Rendered, prompt: str) -> int:
        """Where an answer begins, in a text that does not go on from the prompt.

        :raises RowError: `answer_not_found`, where that cannot be told; a guess would train the wrong tokens.
        """
        if shown.generated:
            return shown.generated[-1][0]
        start = self._marked_start(number, shown.text)
        if start is None:
            raise RowError("answer_not_found", "the template writes a finished turn otherwise than it asks for one")
        head = shown.text[:start]
        spaces = range(len(head.rstrip()), start + 1)  # white space may be the prompt's or the answer's
        return max(reversed(spaces), key=lambda place: _n_common(head[:place][::-1], prompt[::-1]))

    def _marked_start(self, number: int, text: str) -> int | None:
        """Where the content of the last turn begins, an empty one too; None where a mark changes more than itself."""
        turn = dict(self._turns[number])
        place = turn["content"].rfind(core_of(self.messages[number].content))  # thoughts may stand before it
        turn["content"] = f"{turn['content'][:place]}{_OPEN}{turn['content'][place:]}"
        try:
            shown = self._rendered([*self._turns[:number], turn]).text
        except RowError:
            return None
        return shown.find(_OPEN) if shown.replace(_OPEN, "") == text and shown.count(_OPEN) == 1 else None

    def _behind(self, number: int, answer: str, prompt: str) -> str:
        """What the model has to write behind a prompt that no finished turn goes on from: some templates take the
        thoughts out of every turn, or open them in the prompt alone (DeepSeek-R1), or show the system turn to the last
        user only (Mistral)."""
        message = self.messages[number]
        if message.reasoning and not (self.template.has_generation and self.template.reasoning == "field"):
            answer = thoughts(message) + answer
        if not prompt.rstrip().endswith(_OPENED):
            return answer
        if answer.startswith(_OPENED):
            return answer.removeprefix(_OPENED).lstrip("\n")
        return f"\n</think>\n\n{answer}"

    def _end(self, number: int, text: str, begin: int) -> tuple[int, int]:
        """Where the mark that ends the turn begins and ends. No row can write one itself: those are shielded."""
        found = self.template.end_pattern.search(text, begin)
        if found is None:
            *_, found = [None, *self.template.special_pattern.finditer(text, begin)]
            if found is not None and text[found.end() :].strip():
                found = None
        if found is not None:
            return found.start(), found.end()
        self.flags.add("no_end_token")
        core = core_of(self.messages[number].content)
        words = text.rfind(core, begin) + len(core) if core and core in text[begin:] else begin
        end = max(len(text.rstrip()), words)
        return end, end

    def _compare(self, shown: Rendered, begin: int, end: int) -> None:
        """The template's own marks, held against the answer that a server would get."""
        for start, stop in shown.generated:
            if start < end and stop > begin:
                if start != begin or stop < end or shown.text[end:stop].strip():
                    self.flags.add("generation_marks_differ")
                return
        self.flags.add("generation_marks_differ")

    def spans(self, draft: Draft, answers: Sequence[Answer]) -> list[Span]:
        """Who wrote what in a draft; `answers` stand in it, in order."""
        spans: list[Span] = []
        before, cursor = 0, 0
        for answer in answers:
            spans += self._others(draft.text, before, answer.number, cursor, answer.begin)
            spans += self._parts(draft.text, answer)
            before, cursor = answer.number + 1, answer.end
        return spans + self._others(draft.text, before, len(self.messages), cursor, len(draft.text))

    def _parts(self, text: str, answer: Answer) -> list[Span]:
        """Thoughts, words, calls and end of an answer."""
        message = self.messages[answer.number]
        begin, mark = answer.begin, answer.mark
        thought = self._thoughts(message, text, begin, mark)
        core = core_of(message.content)
        at = text.find(core, thought, mark) if core else -1
        words = at + len(core) if at >= 0 else (thought if message.tool_calls else mark)
        rest = TOOL_CALLS if message.tool_calls else ASSISTANT
        made = [
            Span(begin, thought, REASONING),
            Span(thought, words, ASSISTANT),
            Span(words, mark, rest),
            Span(mark, answer.end, END),
        ]
        return [span for span in made if span.start < span.end]

    def _thoughts(self, message: Message, text: str, begin: int, mark: int) -> int:
        """Where the thoughts of an answer end, with the marks around them; `begin` where there are none."""
        core, words = core_of(message.reasoning), core_of(message.content)
        at = text.find(core, begin, mark) if core else begin
        if core and at < 0:
            self.flags.add("reasoning_removed")
            core, at = "", begin
        found = text.find(words, at + len(core), mark) if words else -1
        if core:
            closed = _CLOSED.match(text, at + len(core), mark)
            return found if found >= 0 else closed.end() if closed else at + len(core)
        head = text[begin : found if found >= 0 else mark]
        marks = [*_THINKING.finditer(head)]
        if not marks:
            return begin
        return begin + marks[-1].end() + (len(head) - marks[-1].end() if found >= 0 else 0)

    def _others(self, text: str, first: int, last: int, start: int, end: int) -> list[Span]:
        """The words of the messages `first` to `last` (exclusive), which stand in `text[start:end]`."""
        spans: list[Span] = []
        for message in self.messages[first:last]:
            core = core_of(message.content)
            at = text.find(core, start, end) if core else -1
            if at < 0:
                continue
            if text.find(core, at + 1, end) >= 0:
                marked = self._marked(text, first, last)
                return marked if marked is not None else spans
            spans.append(Span(at, at + len(core), ROLE_PARTS[message.role]))
            start = at + len(core)
        return spans

    def _marked(self, text: str, first: int, last: int) -> list[Span] | None:
        """The same, where words stand more than once: found by rendering them between two marks of our own. None where
        the marks change more than themselves."""
        turns = [dict(turn) for turn in self._turns]
        for number in range(first, last):
            content, core = turns[number]["content"], core_of(self.messages[number].content)
            if core:
                before, _, behind = content.rpartition(core)  # thoughts may stand before it
                turns[number]["content"] = f"{before}{_OPEN}{core}{_CLOSE}{behind}"
        for until in range(len(turns), last - 1, -1):
            try:
                shown = self._rendered(turns[:until]).text
            except RowError:
                continue
            if shown.replace(_OPEN, "").replace(_CLOSE, "") == text:
                return _between(shown, [self.messages[number] for number in range(first, last)])
        return None


def _n_common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((n for n, (left, right) in enumerate(zip(one, other)) if left != right), min(len(one), len(other)))


def core_of(text: str | None) -> str:
    """What is left where a template strips a text."""
    return text.strip() if text else ""


def _between(shown: str, messages: Sequence[Message]) -> list[Span]:
    spans, removed, place = [], 0, 0
    for message in messages:
        if not core_of(message.content):
            continue
        start = shown.find(_OPEN, place)
        end = shown.find(_CLOSE, start)
        if start < 0 or end < 0:
            continue
        spans.append(Span(start - removed, end - removed - 1, ROLE_PARTS[message.role]))
        removed, place = removed + 2, end + 1
    return spans
