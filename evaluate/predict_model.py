"""A local model made ready to answer: weights, tokenizer, adapter, and what tells them from others.

>>> loaded = load("Qwen/Qwen3-0.6B")  # doctest: +SKIP
>>> loaded.settings["dtype"], loaded.limit  # doctest: +SKIP
('float32', 40960)
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from tunesmith.curate.io import file_digest
from tunesmith.errors import InputError

DTYPES = ("auto", "float32", "bfloat16", "float16")

_LIMIT = 1_000_000  # tokenizers without a limit name 10^30
_SAMPLE = 16  # weights of each parameter that go into the fingerprint
_TAIL = 16  # tokens of a prompt that are looked at for how it ends
_SHOWN = 3


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
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        remedy = "pip install 'tunesmith[train]', or ask a server with --endpoint"
        raise InputError(f"a local model needs torch and transformers ({error})", remedy=remedy) from None
    if dtype not in DTYPES:
        raise InputError(f"expected the dtype {', '.join(DTYPES)}, saw {dtype!r}", remedy="correct --dtype")
    place = device_of(device)
    with _quiet():
        return _loaded(name, adapter, revision, place, dtype)


def _loaded(name: str, adapter: Path | None, revision: str | None, place: str, dtype: str) -> Loaded:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kind = ("float32" if place == "cpu" else "bfloat16") if dtype == "auto" else dtype
    words = adapter if adapter is not None and (adapter / "tokenizer_config.json").is_file() else name
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(words), revision=revision if words == name else None)
        found: Any = AutoModelForCausalLM.from_pretrained(
            name, revision=revision, dtype=getattr(torch, kind), output_loading_info=True
        )
        model, info = found[0].to(place).eval(), found[1]
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError) as error:
        remedy = "give the folder of a causal language model, or a name on the hub"
        raise InputError(f"cannot be loaded ({_short(error)})", where=name, remedy=remedy) from error
    if lacking := sorted(info["missing_keys"]):  # the library would fill them at random
        what = f"has no weights for {_listed(lacking)}"
        raise InputError(what, where=name, remedy="name a causal language model, with its head")
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
        "weights": _fingerprint(model),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": model.device.type,
    }
    ends = _ends(model, tokenizer)
    limit = _limit(model, tokenizer)
    clean: Any = GenerationConfig  # without types
    model.generation_config = clean()  # or the model's own penalties and temperature would join ours
    if adapter is not None:
        model = _adapted(model, adapter)
    pad = tokenizer.pad_token_id
    return Loaded(model, tokenizer, limit, pad if pad is not None else min(ends, default=0), ends, settings)


def device_of(wish: str) -> str:
    """The device that is meant; for `auto` the best there is.

    :raises InputError: for one that is not here.
    """
    import torch

    if wish == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        if torch.device(wish).type == "meta":
            raise RuntimeError("a model there has no weights")
        torch.empty(0, device=wish)
    except (RuntimeError, AssertionError, ImportError) as error:  # torch without CUDA asserts
        reason = _short(error).partition(". ")[0][:120]
        raise InputError(f"the device {wish!r} is not here ({reason})", remedy=f"use --device {_here()}") from None
    return wish


def _here() -> str:
    """The devices of this machine, for a message."""
    import torch

    found = ["auto", "cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    found += ["mps"] * torch.backends.mps.is_available()
    return ", ".join(found[:-1]) + f" or {found[-1]}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's bars for every file that it reads and its advice to programmers. Downloads, which take
    long, still show theirs."""
    import huggingface_hub.utils
    import transformers.utils.logging

    hub: Any = huggingface_hub.utils  # without types, as the other
    library: Any = transformers.utils.logging
    had_bars, downloads_silent = library.is_progress_bar_enabled(), hub.are_progress_bars_disabled()
    restore = hub.disable_progress_bars if downloads_silent else hub.enable_progress_bars
    library.disable_progress_bar()
    restore()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        if had_bars:
            library.enable_progress_bar()
        restore()


def _config(model: Any) -> Any:
    """The settings of the language model, in a model that has others beside it."""
    return model.config.get_text_config()


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """All that ends an answer by the model's settings and its tokenizer's; each alone is often incomplete."""
    named = [getattr(one, "eos_token_id", None) for one in (model.generation_config, _config(model), tokenizer)]
    flat = [end for one in named for end in (one if isinstance(one, list) else [one])]
    return frozenset(end for end in flat if end is not None)


def _limit(model: Any, tokenizer: Any) -> int:
    named = getattr(_config(model), "max_position_embeddings", None)
    return min(limit for limit in (named, tokenizer.model_max_length, _LIMIT) if limit)


def _fingerprint(model: Any) -> str:
    """Of the name, shape and a few weights of every parameter: another checkpoint has another."""
    digest = xxhash.xxh3_128()
    for name, weights in model.named_parameters():
        some = weights.detach().flatten()[:_SAMPLE].float().cpu().numpy()
        digest.update(f"{name}{tuple(weights.shape)}".encode() + some.tobytes())
    return digest.hexdigest()


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
        adapted = PeftModel.from_pretrained(model, str(folder)).eval()
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        remedy = "give the adapter and the model that it was trained on"
        raise InputError(f"the adapter cannot be loaded ({_short(error)})", where=str(folder), remedy=remedy) from error
    placed = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    lacking = sorted(placed - weights.keys())
    unplaced = sorted(weights.keys() - placed - adapted.state_dict().keys())
    if lacking or unplaced:
        what = (
            f"has no weights for {_listed(lacking)}" if lacking else f"the model has no place for {_listed(unplaced)}"
        )
        raise InputError(what, where=str(folder), remedy="give the adapter and the model that it was trained on")
    return adapted


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
