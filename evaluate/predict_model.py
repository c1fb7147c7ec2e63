"""A local model made ready to answer: weights, tokenizer, adapter, and what tells them from others.

>>> loaded = load("Qwen/Qwen3-0.6B")  # doctest: +SKIP
>>> loaded.settings["dtype"], loaded.limit  # doctest: +SKIP
('float32', 40960)
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import xxhash

from tunesmith.curate.io import file_digest
from tunesmith.curate.local_model import first_names, load_causal, short_reason, token_limit, weights_fingerprint
from tunesmith.errors import InputError

_TAIL = 16  # tokens of a prompt that are looked at for how it ends


@dataclass(frozen=True)
class Loaded:
    """A causal language model that is ready.

    :param limit: tokens that it takes, prompt and answer together.
    :param pad: the token in front of shorter prompts of a batch, which no attention sees.
    :param ends: tokens that end an answer.
    :param settings: what its answers depend on.
    """

    model: Any
    tokenizer: Any
    limit: int
    pad: int
    ends: frozenset[int]
    settings: dict[str, Any]

    def decoded(self, tokens: list[int]) -> str:
        """The text of an answer, without marks."""
        text = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(text)

    def ending(self, tokens: list[int]) -> str:
        """How a prompt ends, with marks."""
        return str(self.tokenizer.decode(tokens[-_TAIL:], skip_special_tokens=False))


def load(name: str, *, adapter: Path | None, revision: str | None, device: str, dtype: str) -> Loaded:
    """Load everything.

    :raises InputError: see `load_backend`.
    """
    words = str(adapter) if adapter is not None and (adapter / "tokenizer_config.json").is_file() else None
    model, tokenizer = load_causal(
        name, device=device, dtype=dtype, revision=revision, words=words, instead="ask a server with --endpoint"
    )
    return _ready(model, tokenizer, name, adapter)


def _ready(model: Any, tokenizer: Any, name: str, adapter: Path | None) -> Loaded:
    from transformers import GenerationConfig

    known = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        what = f"the tokenizer has {len(tokenizer):,} tokens, the model knows {known:,}"
        raise InputError(what, where=str(adapter or name), remedy="merge the adapter into its model and give that one")
    settings = {
        "model": name,
        "revision": getattr(model.config, "_commit_hash", None),
        "adapter": None if adapter is None else adapter_hash(adapter),
        "weights": weights_fingerprint(model),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": model.device.type,
    }
    ends = _ends(model, tokenizer)
    limit = token_limit(model, tokenizer)
    clean: Any = GenerationConfig  # without types
    model.generation_config = clean()  # or the model's own penalties and temperature would join ours
    if adapter is not None:
        model = _adapted(model, adapter)
    pad = tokenizer.pad_token_id
    return Loaded(model, tokenizer, limit, pad if pad is not None else min(ends, default=0), ends, settings)


def _config(model: Any) -> Any:
    """The settings of the language model, in a model that has others beside it."""
    return model.config.get_text_config()


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """All that ends an answer by the model's settings and its tokenizer's; each alone is often incomplete."""
    named = [getattr(one, "eos_token_id", None) for one in (model.generation_config, _config(model), tokenizer)]
    flat = [end for one in named for end in (one if isinstance(one, list) else [one])]
    return frozenset(end for end in flat if end is not None)


def adapter_hash(folder: Path) -> str:
    """Of an adapter's configuration and weights.

    :raises InputError: where the folder holds no adapter.
    """
    files = [path for path in sorted(folder.glob("adapter_*")) if path.suffix in (".json", ".safetensors", ".bin")]
    if not any(path.name == "adapter_config.json" for path in files):
        remedy = "give the folder that the training wrote, with adapter_config.json in it"
        raise InputError("expected the folder of a PEFT adapter", where=str(folder), remedy=remedy)
    digest = xxhash.xxh3_128()
    for path in files:
        digest.update(f"{path.name}\n{file_digest(path, str(path))}\n".encode())
    return digest.hexdigest()


def _adapted(model: Any, folder: Path) -> Any:
    """The model with its adapter.

    :raises InputError: where it does not fit. The library loads what fits and only warns of the rest, and the answers
        would be those of the model without it.
    """
    try:
        from peft import PeftModel, get_peft_model_state_dict
        from peft.utils.save_and_load import load_peft_weights
        from safetensors import SafetensorError
    except ImportError as error:
        raise InputError(f"an adapter needs peft ({error})", remedy="pip install 'tunesmith[train]'") from None
    try:
        weights = load_peft_weights(str(folder), device="cpu")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # advice to programmers
            adapted = PeftModel.from_pretrained(model, str(folder)).eval()
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError, UnpicklingError) as error:
        remedy = "give the adapter and the model that it was trained on"
        raise InputError(
            f"the adapter cannot be loaded ({short_reason(error)})", where=str(folder), remedy=remedy
        ) from error
    placed = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    lacking = sorted(placed - weights.keys())
    unplaced = sorted(weights.keys() - placed - adapted.state_dict().keys())
    if lacking or unplaced:
        what = (
            f"has no weights for {first_names(lacking)}"
            if lacking
            else f"the model has no place for {first_names(unplaced)}"
        )
        raise InputError(what, where=str(folder), remedy="give the adapter and the model that it was trained on")
    return adapted
