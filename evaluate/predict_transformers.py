"""Answers of a local model, with or without an adapter. This file and `predict_model.py`, which loads, are the only
ones of the predictions that import torch, transformers and peft.

>>> backend = load_backend("Qwen/Qwen3-0.6B", adapter=Path("runs/lora"))  # doctest: +SKIP
>>> [[answer]] = backend.generate([[Prompt(({"role": "user", "content": "1 + 1?"},))]], Decoding())  # doctest: +SKIP
>>> answer.text, answer.finish_reason  # doctest: +SKIP
('2', 'stop')

Nothing of a model's own generation settings is used but where it ends: a penalty or a temperature that came with the
weights would make two systems differ in more than their weights. Prompts are padded on the left and answered in batches
of like length, the longest first, so that memory that does not suffice shows at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.curate.endpoint_cache import key_of
from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.predict_backend import Answer, Decoding, Prompt
from tunesmith.evaluate.predict_model import Loaded, load
from tunesmith.evaluate.predict_template import CHAT, Template, template_for
from tunesmith.evaluate.predict_thinking import OPENING

#: Answers × (their prompt's and their own most tokens) that go through the model at once.
BATCH_TOKENS = 16_384

_NEVER = 1 << 60


class TransformersBackend:
    """A causal language model, its tokenizer and a template."""

    def __init__(self, loaded: Loaded, template: Template, *, batch_tokens: int = BATCH_TOKENS) -> None:
        self._loaded, self._template, self._batch_tokens = loaded, template, batch_tokens
        self._ends = sorted(loaded.ends | template.ends_of_turn(loaded.tokenizer))

    def settings(self) -> dict[str, Any]:
        """See `Backend`."""
        return {**self._loaded.settings, "template_hash": self._template.hash, "ends": self._ends}

    def batches(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """Batches of like length, the longest first; where the model has less room than `max_tokens`, of equal length,
        as the longest prompt would take room from the others."""
        sizes = [self._size(prompt) for prompt in prompts]
        batches: list[list[int]] = []
        for number in sorted(range(len(prompts)), key=lambda number: (-sizes[number], number)):
            longest = sizes[batches[-1][0]] if batches else 0
            has_room = longest + decoding.max_tokens <= self._loaded.limit or longest == sizes[number]
            fits = bool(batches) and (len(batches[-1]) + 1) * (longest + decoding.max_tokens) <= self._batch_tokens
            if not (fits and has_room):
                batches.append([])
            batches[-1].append(number)
        return batches

    def _size(self, prompt: Prompt) -> int:
        """Tokens of a prompt; as many as the model takes where the template refuses it."""
        try:
            return len(self._template.tokens(prompt, self._loaded.tokenizer))
        except RowError:
            return self._loaded.limit

    def generate(self, batches: Iterable[Sequence[Prompt]], decoding: Decoding) -> Iterator[list[Answer]]:
        """See `Backend`."""
        for batch in batches:
            yield self._answers(batch, decoding)

    def _answers(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Answer]:
        asked: dict[int, list[int]] = {}
        answers: dict[int, Answer] = {}
        for number, prompt in enumerate(prompts):
            try:
                asked[number] = self._tokens(prompt)
            except RowError as error:
                answers[number] = Answer(None, error.code, detail=error.what)
        if asked:
            answers |= zip(asked, self._written(list(asked.values()), decoding))
        return [answers[number] for number in range(len(prompts))]

    def _tokens(self, prompt: Prompt) -> list[int]:
        tokens = self._template.tokens(prompt, self._loaded.tokenizer)
        if len(tokens) >= self._loaded.limit:
            what = f"the prompt has {len(tokens):,} tokens, the model takes {self._loaded.limit:,} with the answer"
            raise RowError("prompt_too_long", what)
        return tokens

    def _written(self, prompts: list[list[int]], decoding: Decoding) -> list[Answer]:
        """What the model writes behind each prompt."""
        import torch

        budget = min(decoding.max_tokens, self._loaded.limit - max(map(len, prompts)))
        stops = _Stops(decoding.stop, self._loaded.tokenizer, max(map(len, prompts)), len(prompts))
        watch = _Watch()
        try:
            rows = self._run(prompts, budget, decoding, stops, watch)
        except torch.OutOfMemoryError as error:
            smaller = f"--batch-tokens {self._batch_tokens // 2}" if len(prompts) > 1 else "a shorter --max-tokens"
            what = "the device has too little memory for a batch"
            remedy = f"add {smaller}; what was answered is kept"
            raise InputError(what, where=self._loaded.settings["model"], remedy=remedy) from error
        answers = [self._answer(*one, decoding) for one in zip(prompts, rows, stops.ended)]
        return [_finite(*one) for one in zip(answers, watch.broken_at())]

    def _run(
        self, prompts: list[list[int]], budget: int, decoding: Decoding, stops: _Stops, watch: _Watch
    ) -> list[list[int]]:
        """The tokens behind the padded prompts, shape `(n_prompts, up to budget)`."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        width, pad, model = max(map(len, prompts)), self._loaded.pad, self._loaded.model
        tokens = torch.tensor([[pad] * (width - len(one)) + one for one in prompts])
        mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in prompts])
        config: Any = GenerationConfig  # without types
        settings = config(
            max_new_tokens=budget, do_sample=False, num_beams=1, eos_token_id=self._ends or None, pad_token_id=pad
        )
        chance = [] if decoding.is_greedy else [_Sampler(prompts, decoding)]
        with torch.inference_mode():
            made = model.generate(
                input_ids=tokens.to(model.device),
                attention_mask=mask.to(model.device),
                generation_config=settings,
                logits_processor=LogitsProcessorList([watch, *chance]),
                stopping_criteria=StoppingCriteriaList([stops] if decoding.stop else []),
            )
        rows: list[list[int]] = made[:, width:].tolist()
        return rows

    def _answer(self, prompt: list[int], row: list[int], stopped: int | None, decoding: Decoding) -> Answer:
        """The text of a row up to its end; what stands behind it is padding."""
        end = next((place for place, token in enumerate(row) if token in self._ends), None)
        written = row[: min(len(row) if end is None else end, len(row) if stopped is None else stopped)]
        text = whole = self._loaded.decoded(written)
        for stop in decoding.stop:
            text = text.partition(stop)[0]
        opening = f"{OPENING}\n" if self._loaded.ending(prompt).rstrip().endswith(OPENING) else ""
        is_over = end is not None or stopped is not None or text != whole
        if not is_over:
            text = text.rstrip("\ufffd")  # the beginning of a character whose other bytes were cut off
        return Answer(opening + text, None, "stop" if is_over else "length", len(written), len(prompt))


def _finite(answer: Answer, broken_at: int) -> Answer:
    """The answer, or none where the model's figures broke down before its end: what it then writes means nothing."""
    if answer.tokens is None or broken_at > answer.tokens:
        return answer
    detail = "the model's figures overflow; another --dtype, such as bfloat16 or float32, may not"
    return Answer(None, "not_finite", prompt_tokens=answer.prompt_tokens, detail=detail)


class _Watch:
    """Notes the step at which a row's scores are no numbers any more. float16 often ends so, and the best of such
    scores is the first token, again and again."""

    def __init__(self) -> None:
        self._step = 0
        self._broken: Any = None  # on the device: to ask at every step would wait for it

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The scores as they are, shape `(n_rows, n_vocabulary)`."""
        import torch

        steps = torch.where(scores.isnan().any(-1), self._step, _NEVER)
        self._broken = steps if self._broken is None else torch.minimum(self._broken, steps)
        self._step += 1
        return scores

    def broken_at(self) -> list[int]:
        """The first such step of each row, from 0."""
        steps: list[int] = self._broken.tolist()
        return steps


class _Stops:
    """Ends a row as soon as its text holds one of the stop texts; `ended` then has how many tokens it wrote."""

    def __init__(self, stop: tuple[str, ...], tokenizer: Any, width: int, n_rows: int) -> None:
        self._stop, self._tokenizer, self._width = stop, tokenizer, width
        self._window = 4 * max(map(len, stop), default=0) + 4  # a character takes up to four tokens of a byte each
        self.ended: list[int | None] = [None] * n_rows

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Which rows are over, shape `(n_rows,)`."""
        import torch

        length = input_ids.shape[1]
        tails = input_ids[:, max(self._width, length - self._window) :].tolist()
        for number, tail in enumerate(tails):
            text = self._tokenizer.decode(tail, skip_special_tokens=True)
            if self.ended[number] is None and any(stop in text for stop in self._stop):
                self.ended[number] = length - self._width
        return torch.tensor([ended is not None for ended in self.ended], device=input_ids.device)


class _Sampler:
    """Makes a greedy search sample: every row draws its tokens with random numbers of its own, which depend on nothing
    but seed and prompt. So an answer is the same in any batch, on any number of threads, and after a crash."""

    def __init__(self, prompts: list[list[int]], decoding: Decoding) -> None:
        keys = (int(key_of("sample", decoding.seed, prompt), 16) for prompt in prompts)
        self._streams = [np.random.Generator(np.random.Philox(key=key)) for key in keys]
        self._temperature, self._top_p = decoding.temperature, decoding.top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Scores of shape `(n_rows, n_vocabulary)` to some in which the drawn token of each row is the best."""
        import torch

        likely, order = (scores.float() / self._temperature).softmax(-1).sort(descending=True, stable=True)
        stays = likely.cumsum(-1) - likely < self._top_p  # what the likelier ones leave open; the first always stays
        sums = likely.where(stays, 0.0).cumsum(-1)
        drawn = torch.tensor([[stream.random()] for stream in self._streams], device=scores.device) * sums[:, -1:]
        place = torch.minimum((sums <= drawn).sum(-1, keepdim=True), stays.sum(-1, keepdim=True) - 1)
        return torch.full_like(scores, float("-inf")).scatter(-1, order.gather(-1, place), 0.0)


def load_backend(
    model: str,
    *,
    adapter: Path | None = None,
    revision: str | None = None,
    template: str = CHAT,
    template_settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    batch_tokens: int = BATCH_TOKENS,
) -> TransformersBackend:
    """Load a model by its folder or its name on the hub.

    :param adapter: the folder of a PEFT adapter; its tokenizer, where it has one, is the one that it was trained with.
    :param template: `chat` for the tokenizer's own, `plain`, or a file with one in Jinja.
    :param device: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto` for the best there is.
    :param dtype: of the weights; `auto` is float32 on a CPU and bfloat16 elsewhere.
    :raises InputError: where something cannot be loaded, an adapter does not fit its model, there is no template, or
        the extra `train` is not installed.
    """
    loaded = load(model, adapter=adapter, revision=revision, device=device, dtype=dtype)
    chosen = template_for(template, loaded.tokenizer, dict(template_settings or {}), model=model)
    return TransformersBackend(loaded, chosen, batch_tokens=batch_tokens)
