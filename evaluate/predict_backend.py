"""What answers questions, as `predict` needs it: a local model or a server. A test brings a fake of ten lines.

>>> Decoding(max_tokens=64).told()
{'temperature': 0.0, 'top_p': 1.0, 'max_tokens': 64, 'stop': []}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from tunesmith.curate.endpoint_cache import key_of
from tunesmith.errors import InputError


class Prompt(NamedTuple):
    """What a model is asked: OpenAI messages, and the JSON text of the tools that it may call."""

    messages: tuple[Mapping[str, Any], ...]
    tools: str | None = None


class Decoding(NamedTuple):
    """How an answer is written.

    :param temperature: 0 is greedy: the most likely token each time.
    :param top_p: sample from the fewest tokens that have this much probability together.
    :param max_tokens: of one answer, thoughts included.
    :param seed: of sampling.
    :param stop: texts that end an answer and are left out of it.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    seed: int = 0
    stop: tuple[str, ...] = ()

    @property
    def is_greedy(self) -> bool:
        """Whether nothing is left to chance."""
        return self.temperature == 0

    def told(self) -> dict[str, Any]:
        """For the `meta` of a line, beside the seed."""
        found = self._asdict()
        del found["seed"]
        return {**found, "temperature": float(self.temperature), "top_p": float(self.top_p), "stop": list(self.stop)}

    def deciding(self) -> list[Any]:
        """What an answer depends on: a greedy one on no seed and no share of probability."""
        chance = [] if self.is_greedy else [float(self.temperature), float(self.top_p), self.seed]
        return [self.max_tokens, list(self.stop), *chance]

    def check(self) -> None:
        """:raises InputError: for settings that cannot be meant."""
        wrong = {
            "temperature of 0 or more": not 0 <= self.temperature < float("inf"),
            "top_p above 0 and up to 1": not 0 < self.top_p <= 1,
            "max_tokens of 1 or more": self.max_tokens < 1,
            "stop texts that are not empty": "" in self.stop,
        }
        if expected := [what for what, is_wrong in wrong.items() if is_wrong]:
            raise InputError(f"expected a {', a '.join(expected)}, saw {self._asdict()}", where="decoding")


class Answer(NamedTuple):
    """What became of one prompt: `text`, or the reason in `failure`; one of the two is None.

    Reasons: `prompt_too_long`, `template_refused`, `unfinished_thinking`, `no_text`, `tool_call`, `content_filter`,
    `not_finite`, and those of `Reply`: `timeout`, `connection`, `bad_reply`, `http_500` and the like.

    :param finish_reason: `stop`, or `length` where `max_tokens` (or the model's room) cut the text.
    :param tokens: that the model wrote, thoughts included.
    :param detail: of a failure, in words.
    :param reasoning: thoughts that came apart from the text; those inside it are split off later.
    :param tool_calls: OpenAI's, where a server gives them.
    """

    text: str | None
    failure: str | None = None
    finish_reason: str | None = None
    tokens: int | None = None
    prompt_tokens: int | None = None
    detail: str = ""
    reasoning: str | None = None
    tool_calls: list[Any] | None = None


class Backend(Protocol):
    """A model that answers."""

    def settings(self) -> dict[str, Any]:
        """Everything that an answer depends on beside prompt and decoding; with `model`, `revision`, `adapter` (a hash,
        None without one) and `template_hash` (None where the server has the template), which every line repeats."""
        ...

    def batches(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """All prompts by number, those together that go through the model at once: the last bits of a figure, and so
        an answer now and then, may depend on them. A run that is resumed computes a batch as a whole or not at all."""
        ...

    def generate(self, batches: Iterable[Sequence[Prompt]], decoding: Decoding) -> Iterator[list[Answer]]:
        """The answers, batch by batch, in order.

        :raises InputError: where the model or the server is of no use at all, with what to do.
        """
        ...


def template_hash(template: str | None, settings: Mapping[str, Any]) -> str | None:
    """Of a chat template's text (or `plain`) and what it is given; None where neither is known here."""
    return key_of("template", template, dict(settings)) if template is not None or settings else None
