"""A local model that talks: one answer at a time, written out as it comes.

>>> speaker = open_speaker("runs/medical", decoding=Decoding(max_tokens=256))  # doctest: +SKIP
>>> said = speaker.answer([{"role": "user", "content": "你好"}], say=lambda piece: None)  # doctest: +SKIP
>>> said.text, said.finish  # doctest: +SKIP
('你好！', 'stop')

It is loaded as `evaluate predict` loads it, with the same template and the same ends of an answer, so that what a
person sees here is what is measured there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.predict_backend import Decoding, Prompt
from tunesmith.train.chat_stream import Pieces, TokenStream
from tunesmith.train.types import RunPaths

if TYPE_CHECKING:
    from tunesmith.evaluate.predict_model import Loaded
    from tunesmith.evaluate.predict_template import Template

Message = Mapping[str, Any]


class Written(NamedTuple):
    """An answer.

    :param finish: `stop`, `length` where the tokens or the model's room ran out, `interrupted` by Ctrl-C.
    """

    text: str
    finish: Literal["stop", "length", "interrupted"]
    n_tokens: int
    n_prompt_tokens: int


class Speaker(Protocol):
    """What the conversation needs of a model. A test brings one of five lines."""

    def answer(self, messages: Sequence[Message], say: Callable[[str], None]) -> Written:
        """Answer, and say each piece as it is written.

        :raises RowError: where the conversation is too long, or the template has no place for a turn.
        """
        ...


class LocalSpeaker:
    """A loaded model."""

    def __init__(self, loaded: Loaded, template: Template, decoding: Decoding) -> None:
        import torch

        self._loaded, self._template, self._decoding = loaded, template, decoding
        self._ends = sorted(loaded.ends | template.ends_of_turn(loaded.tokenizer))
        torch.manual_seed(
            decoding.seed
        )  # once: the same session gives the same answers, a question asked twice may not

    def answer(self, messages: Sequence[Message], say: Callable[[str], None]) -> Written:
        """See `Speaker`."""
        prompt = self._template.tokens(Prompt(tuple(messages)), self._loaded.tokenizer)
        room = self._loaded.limit - len(prompt)
        if room < 1:
            what = (
                f"the conversation has {len(prompt):,} tokens, the model takes {self._loaded.limit:,} with the answer"
            )
            raise RowError("prompt_too_long", what)
        pieces = Pieces(self._loaded.decoded, say)
        stream = TokenStream(pieces, self._ends)
        try:
            self._write(prompt, min(room, self._decoding.max_tokens), stream)
        except KeyboardInterrupt:
            return Written(pieces.end(), "interrupted", len(pieces.tokens), len(prompt))
        text = pieces.end()
        return Written(text, "stop" if stream.ended else "length", len(pieces.tokens), len(prompt))

    def _write(self, prompt: list[int], n_tokens: int, stream: TokenStream) -> None:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        model, asked = self._loaded.model, self._decoding
        config: Any = GenerationConfig  # without types
        chance = {} if asked.is_greedy else {"temperature": asked.temperature, "top_p": asked.top_p, "top_k": 0}
        settings = config(
            max_new_tokens=n_tokens, do_sample=not asked.is_greedy, num_beams=1, eos_token_id=self._ends or None,
            pad_token_id=self._loaded.pad, **chance,
        )  # fmt: skip
        tokens = torch.tensor([prompt], device=model.device)
        try:
            with torch.inference_mode():
                model.generate(
                    input_ids=tokens,
                    attention_mask=torch.ones_like(tokens),
                    generation_config=settings,
                    logits_processor=LogitsProcessorList([self._finite]),
                    streamer=stream,
                )
        except torch.OutOfMemoryError as error:
            what = f"the device has too little memory for a conversation of {len(prompt):,} tokens"
            raise RowError("out_of_memory", what) from error

    def _finite(self, input_ids: Any, scores: Any) -> Any:
        """The scores as they are; those that are no numbers would name the first token for ever."""
        if bool(scores.isnan().any()):
            remedy = "try another --dtype, such as bfloat16 or float32"
            raise InputError("the model's figures overflow", where=self._loaded.settings["model"], remedy=remedy)
        return scores


def model_of(name: str) -> str:
    """What a run folder has trained; any other name is a model's or an adapter's own.

    :raises InputError: for a training run that has not saved a model yet.
    """
    paths = RunPaths(Path(name))
    if paths.model.is_dir():
        return str(paths.model)
    if paths.manifest.is_file() and not (paths.out / "config.json").is_file():
        remedy = "let it end (the same command goes on), or name one of its checkpoints"
        raise InputError("is a run folder without a model", where=name, remedy=remedy)
    return name


def open_speaker(
    name: str,
    *,
    adapter: Path | None = None,
    revision: str | None = None,
    template: str = "chat",
    device: str = "auto",
    dtype: str = "auto",
    decoding: Decoding,
) -> LocalSpeaker:
    """Load a run's model, a model, or an adapter, which names its model.

    :param template: `chat` for the tokenizer's own, `plain`, or a file with one in Jinja.
    :raises InputError: where something cannot be loaded or has no template.
    """
    from tunesmith.evaluate.predict_model import load
    from tunesmith.evaluate.predict_template import template_for
    from tunesmith.evaluate.retention_local import base_and_adapter

    decoding.check()
    base, trained = base_and_adapter(model_of(name), None if adapter is None else model_of(str(adapter)))
    where = None if trained is None else Path(trained)
    loaded = load(base, adapter=where, revision=revision, device=device, dtype=dtype)
    return LocalSpeaker(loaded, template_for(template, loaded.tokenizer, {}, model=base), decoding)
