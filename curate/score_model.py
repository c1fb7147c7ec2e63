"""A local language model that says how likely an answer is. The only file of the curation that imports transformers.

>>> model = load_model("Qwen/Qwen2.5-0.5B-Instruct")  # doctest: +SKIP
>>> model.mean_losses([Sequence([1, 2], [3, 4])])  # doctest: +SKIP
[5.137]
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.score_tokens import Sequence
from tunesmith.errors import InputError

#: Sequences × their padded length that go through the model at once; logits are what takes memory.
BATCH_TOKENS = 2048
DTYPES = ("auto", "float32", "bfloat16", "float16")

_LIMIT = 1_000_000  # tokenizers without a limit name 10^30
_SAMPLE = 16  # weights of each parameter that go into the fingerprint
_ROWS_AT_ONCE = 256  # positions whose logits are made float32 together


class LocalModel:
    """A causal language model and its tokenizer."""

    def __init__(self, model: Any, tokenizer: Any, *, name: str, batch_tokens: int = BATCH_TOKENS) -> None:
        self.tokenizer, self.name = tokenizer, name
        self._model, self._batch_tokens = model.eval(), batch_tokens
        self._can_keep = "logits_to_keep" in signature(model.forward).parameters

    @property
    def limit(self) -> int:
        """Tokens that the model takes at once."""
        config = self._model.config.get_text_config()
        named = getattr(config, "max_position_embeddings", None)
        return min(limit for limit in (named, self.tokenizer.model_max_length, _LIMIT) if limit)

    def settings(self) -> dict[str, Any]:
        """What its figures depend on."""
        template = self.tokenizer.chat_template
        return {
            "name": self.name,
            "weights": self._fingerprint(),
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "device": self._model.device.type,
            "chat_template": xxhash.xxh3_64_hexdigest(jsontext.dump_bytes(template)) if template else None,
            "batch_tokens": self._batch_tokens,
        }

    def _fingerprint(self) -> str:
        """Of the configuration and a few weights of every parameter: another checkpoint has another."""
        digest = xxhash.xxh3_128()
        for name, weights in self._model.named_parameters():
            some = weights.detach().flatten()[:_SAMPLE].float().cpu().numpy()
            digest.update(f"{name}{tuple(weights.shape)}".encode() + some.tobytes())
        return digest.hexdigest()

    def mean_losses(self, sequences: list[Sequence]) -> list[float]:
        """The mean negative log-likelihood of each answer's tokens, in nats; each sequence has context and answer.

        :raises InputError: where the memory of the device does not suffice.
        """
        import torch

        losses = [0.0] * len(sequences)
        try:
            for batch in self._batches(sequences):
                found = self._of_batch([sequences[number] for number in batch])
                for number, loss in zip(batch, found):
                    losses[number] = loss
        except torch.OutOfMemoryError as error:
            remedy = f"add --batch-tokens {max(256, self._batch_tokens // 2)}, or a shorter --max-tokens"
            raise InputError("the device has too little memory for a batch", where=self.name, remedy=remedy) from error
        return losses

    def _batches(self, sequences: list[Sequence]) -> Iterator[list[int]]:
        """Sequences of like length together, by their numbers."""
        order = sorted(range(len(sequences)), key=lambda number: (_length(sequences[number]), number))
        batch: list[int] = []
        for number in order:
            if batch and (len(batch) + 1) * _length(sequences[number]) > self._batch_tokens:
                yield batch
                batch = []
            batch.append(number)
        if batch:
            yield batch

    def _of_batch(self, sequences: list[Sequence]) -> list[float]:
        """Padded on the right: a causal model never sees what comes after, and positions count from the first token."""
        import torch

        width = max(map(_length, sequences))
        tokens = torch.zeros((len(sequences), width), dtype=torch.long)
        mask = torch.zeros_like(tokens)
        for i, one in enumerate(sequences):
            tokens[i, : _length(one)] = torch.tensor([*one.context, *one.answer])
            mask[i, : _length(one)] = 1
        first = min(len(one.context) for one in sequences) - 1  # the first position that predicts an answer's token
        device = self._model.device
        with torch.inference_mode():
            made = self._model(
                input_ids=tokens.to(device),
                attention_mask=mask.to(device),
                use_cache=False,
                **({"logits_to_keep": width - first} if self._can_keep else {}),
            )
            logits = made.logits[:, first - width :]
            return [
                _mean_loss(logits[i, len(one.context) - 1 - first :], one.answer) for i, one in enumerate(sequences)
            ]


def load_model(name: str, *, device: str = "auto", dtype: str = "auto", batch_tokens: int = BATCH_TOKENS) -> LocalModel:
    """Load a model by its folder or its name on the hub.

    :param device: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto` for the best there is.
    :param dtype: of the weights; `auto` is float32 on a CPU and bfloat16 elsewhere.
    :raises InputError: where it cannot be loaded, or the extra `train` is not installed.
    """
    try:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        remedy = "pip install 'tunesmith[train]', or leave out --ifd and --perplexity"
        raise InputError(f"a local model needs torch and transformers ({error})", remedy=remedy) from None
    if dtype not in DTYPES:
        raise InputError(f"expected the dtype {', '.join(DTYPES)}, saw {dtype!r}", remedy="correct --dtype")
    place = _device(device)
    kind = ("float32" if place == "cpu" else "bfloat16") if dtype == "auto" else dtype
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        loaded: Any = AutoModelForCausalLM.from_pretrained(name, dtype=getattr(torch, kind), output_loading_info=True)
        model, info = loaded[0].to(place), loaded[1]
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:300]
        remedy = "give the folder of a causal language model, or a name on the hub, and a device that is there"
        raise InputError(f"cannot be loaded ({reason})", where=name, remedy=remedy) from error
    if lacking := sorted(info["missing_keys"]):  # the library would fill them at random
        what = f"has no weights for {', '.join(lacking[:3])}" + (" …" if len(lacking) > 3 else "")
        raise InputError(what, where=name, remedy="name a causal language model, with its head")
    return LocalModel(model, tokenizer, name=name, batch_tokens=batch_tokens)


def _device(wish: str) -> str:
    import torch

    if wish != "auto":
        return wish
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _length(one: Sequence) -> int:
    return len(one.context) + len(one.answer)


def _mean_loss(logits: Any, answer: list[int]) -> float:
    """From logits of shape `(at least n_answer, n_vocabulary)`, the first of which predict the answer's first token."""
    import torch

    total = 0.0
    wanted = torch.tensor(answer, device=logits.device)
    for start in range(0, len(answer), _ROWS_AT_ONCE):
        targets = wanted[start : start + _ROWS_AT_ONCE]
        some = logits[start : start + len(targets)].float()
        total += torch.nn.functional.cross_entropy(some, targets, reduction="sum").item()
    return total / len(answer)
