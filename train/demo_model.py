"""The demo's model before it knows anything: a tokenizer made of the demo's own texts, and random weights.

>>> make_blank(Path("blank"), texts, Size())  # doctest: +SKIP
PosixPath('blank')

A Qwen2 of under a million parameters. Its initial weights are four times as wide as usual (.08): with .02 a model so
small needs more steps for the same facts than the demo has time for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunesmith.train.demo_types import Size

_MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_INITIAL_RANGE = 0.08
_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ (message['content'] or '') + '<|im_end|>' }}"
    "{% endgeneration %}{{ '\\n' }}{% else %}{{ (message['content'] or '') + '<|im_end|>\\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def make_blank(folder: Path, texts: Iterable[str], size: Size) -> Path:
    """Write the model with its tokenizer; the same texts and seed give the same."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    core = ByteLevelBPETokenizer()
    core.train_from_iterator(texts, vocab_size=size.vocabulary, special_tokens=[*_MARKS], show_progress=False)
    fast: Any = PreTrainedTokenizerFast  # without types
    tokenizer = fast(
        tokenizer_object=core._tokenizer, eos_token=_MARKS[2], pad_token=_MARKS[0], model_max_length=size.max_length
    )
    tokenizer.chat_template = _TEMPLATE
    torch.manual_seed(size.seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        intermediate_size=3 * size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=size.max_length,
        tie_word_embeddings=True,
        initializer_range=_INITIAL_RANGE,
        eos_token_id=2,
        pad_token_id=0,
    )
    model = Qwen2ForCausalLM(config)
    with _without_bars():
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@contextmanager
def _without_bars() -> Iterator[None]:
    import transformers.utils.logging

    library: Any = transformers.utils.logging  # without types
    had_bars = library.is_progress_bar_enabled()
    library.disable_progress_bar()
    try:
        yield
    finally:
        if had_bars:
            library.enable_progress_bar()
