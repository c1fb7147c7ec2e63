"""One run over a set of questions: what is in the cache, what is asked, and the lines that come of it.

>>> run = Run(questions, backend, Decoding(), keep_thinking=False)  # doctest: +SKIP
>>> with open_cache(Path("answers.jsonl")) as cache:  # doctest: +SKIP
...     run.ask(cache, Progress())
...     lines = list(run.lines(cache))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.curate.endpoint_cache import Cache, key_of
from tunesmith.curate.progress import Progress
from tunesmith.evaluate.predict_backend import Answer, Backend, Decoding, Prompt
from tunesmith.evaluate.predict_questions import Question, Questions
from tunesmith.evaluate.predict_thinking import split_off
from tunesmith.evaluate.predictions import Prediction, line_of

#: What of an answer is kept in the cache.
_KEPT = ("text", "finish_reason", "tokens", "prompt_tokens", "reasoning", "tool_calls")
#: What of the backend's settings every line repeats.
_TOLD = ("model", "revision", "adapter", "template_hash")


class Run:
    """The questions, their keys, and the answers that failed."""

    def __init__(self, questions: Questions, backend: Backend, decoding: Decoding, *, keep_thinking: bool) -> None:
        self._questions, self._backend, self._decoding = questions.rows, backend, decoding
        self._splits = not keep_thinking
        self._settings = backend.settings()
        deciding = decoding.deciding()
        self._keys = [
            key_of("answer", self._settings, question.messages, question.tools, deciding) for question in questions.rows
        ]
        self._failed: dict[str, Answer] = {}
        self.from_cache = 0

    def ask(self, cache: Cache, progress: Progress) -> None:
        """Have everything answered that is not in the cache. A batch of which anything is missing is computed as a
        whole, as it was meant to be; what it had in the cache stays.

        :raises InputError: where the backend fails as a whole; what was answered by then is kept.
        """
        asked = dict(zip(self._keys, self._questions))  # equal questions are asked once
        keys = list(asked)
        prompts = [Prompt(question.messages, question.tools) for question in asked.values()]
        missing = {number for number, key in enumerate(keys) if cache.get(key) is None}
        absent = {keys[number] for number in missing}
        self.from_cache = sum(key not in absent for key in self._keys)
        batches = [batch for batch in self._backend.batches(prompts, self._decoding) if missing.intersection(batch)]
        with progress.stage("predict", total=len(keys), unit="questions") as advance:
            advance(len(keys) - sum(map(len, batches)))
            answers = self._backend.generate(([prompts[n] for n in batch] for batch in batches), self._decoding)
            for batch, found in zip(batches, answers):
                for number in missing.intersection(batch):
                    self._keep(cache, keys[number], found[batch.index(number)])
                advance(len(batch))

    def _keep(self, cache: Cache, key: str, answer: Answer) -> None:
        if answer.failure is not None:
            self._failed[key] = answer
        else:
            cache.add(key, {name: getattr(answer, name) for name in _KEPT})

    def lines(self, cache: Cache) -> Iterator[dict[str, Any]]:
        """The line of each question, in order."""
        for key, question in zip(self._keys, self._questions):
            answer = self._failed.get(key) or Answer(**cache.get(key))
            yield self._line(question, split_off(answer) if self._splits else answer)

    def _line(self, question: Question, answer: Answer) -> dict[str, Any]:
        more = {
            "finish_reason": answer.finish_reason,
            "tokens": answer.tokens,
            "prompt_tokens": answer.prompt_tokens,
            "reasoning": answer.reasoning,
            "tool_calls": answer.tool_calls,
            "failure_detail": answer.detail or None,
        }
        meta = self._meta(question) | {name: value for name, value in more.items() if value is not None}
        row = Prediction(
            question.id, question.messages, answer.text, question.references, meta, answer.failure, question.fields
        )
        return line_of(row)

    def _meta(self, question: Question) -> dict[str, Any]:
        """What is known of a line before its answer."""
        told = {name: self._settings[name] for name in _TOLD}
        decoding = {**self._decoding.told(), "thinking": "split" if self._splits else "kept"}
        tools = {"tools_hash": key_of(question.tools)} if question.tools else {}
        return {**told, "decoding": decoding, "seed": self._decoding.seed, **tools}

    def are_ours(self, lines: list[Mapping[str, Any]]) -> bool:
        """Whether these are lines of this run, whatever was answered."""
        return len(lines) == len(self._questions) and all(map(self._is_ours, self._questions, lines))

    def _is_ours(self, question: Question, line: Mapping[str, Any]) -> bool:
        meta, found = self._meta(question), line.get("meta")
        if not isinstance(found, dict):
            return False
        empty = Prediction(question.id, question.messages, None, question.references, meta, None, question.fields)
        same_meta = {name: value for name, value in found.items() if name in meta}
        seen = {**line, "prediction": None, "meta": same_meta}
        seen.pop("failure", None)
        return seen == line_of(empty)
