"""A real model, tiny, made on the fly: byte-level BPE of 1,024, Qwen2 of two layers, a template with marks."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}"
    "{% if message.get('reasoning_content') %}"
    "{{ '<think>\n' + message['reasoning_content'] + '\n</think>\n\n' }}{% endif %}"
    "{{ (message['content'] or '') + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}"
    "{% else %}{{ (message['content'] or '') + '<|im_end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEXTS = (
    "什么是高血压？高血压是血压长期高于正常值的慢性病，需要按时吃药，少吃盐，多运动。",
    "What is the capital of France? The capital of France is Paris. 12 + 30 = 42.",
)


def make_tokenizer(
    *, template: str | dict[str, str] | None = TEMPLATE, eos: str | None = "<|im_end|>", vocabulary: int = 1024
) -> Any:
    """A fast tokenizer with chat marks; several templates by their names."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    core = ByteLevelBPETokenizer()
    root = Path(__file__).resolve().parents[2]
    texts = [*TEXTS, *(root / "data" / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()]
    core.train_from_iterator(texts, vocab_size=vocabulary, special_tokens=list(MARKS), show_progress=False)
    marks = {"eos_token": eos, "pad_token": MARKS[0]}
    made: Any = PreTrainedTokenizerFast(tokenizer_object=core._tokenizer, **marks)
    if template is not None:
        made.chat_template = template
    return made


def make_config(*, vocabulary: int = 1024, layers: int = 2, hidden: int = 64, length: int = 1024) -> Any:
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=length,
        tie_word_embeddings=True,
        eos_token_id=2,
        pad_token_id=0,
    )


def make_model(folder: Path, *, seed: int = 0, **sizes: int) -> Path:
    """A model with its tokenizer, in a folder."""
    import torch
    from transformers import Qwen2ForCausalLM

    torch.manual_seed(seed)
    Qwen2ForCausalLM(make_config(**sizes)).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model with random weights; nobody writes in it."""
    return make_model(tmp_path_factory.mktemp("tiny-model"))


@pytest.fixture(scope="session")
def tiny_tokenizer() -> Any:
    """Its tokenizer; nobody changes it."""
    return make_tokenizer()


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Two test processes on two cores: one thread each is faster than both fighting for both."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _few_objects() -> None:
    """A run looks for garbage several times. Among all that torch, transformers and TRL made when they were imported it
    takes longer than the run's few steps: 0.4 s each time."""
    gc.freeze()
