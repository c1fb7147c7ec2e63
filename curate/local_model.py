"""A causal language model of this machine, loaded and told apart from others: for scores, predictions and retention.

>>> model, tokenizer = load_causal("Qwen/Qwen3-0.6B", device="auto", dtype="auto")  # doctest: +SKIP
>>> token_limit(model, tokenizer)  # doctest: +SKIP
40960
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pickle import UnpicklingError  # the error alone: nothing is unpickled here
from typing import Any

import xxhash

from tunesmith.errors import InputError

DTYPES = ("auto", "float32", "bfloat16", "float16")

_LIMIT = 1_000_000  # tokenizers without a limit name 10^30
_SAMPLE = 16  # weights of each parameter that go into the fingerprint
_SHOWN = 3


def load_causal(
    name: str,
    *,
    device: str,
    dtype: str,
    revision: str | None = None,
    words: str | None = None,
    instead: str = "",
) -> tuple[Any, Any]:
    """A model, ready to be asked, and its tokenizer.

    :param name: a folder, or a name on the hub.
    :param device: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto` for the best there is.
    :param dtype: of the weights; `auto` is float32 on a CPU and bfloat16 elsewhere.
    :param words: where the tokenizer is, if not with the model.
    :param instead: what else a person without the extra `train` can do, for the message.
    :raises InputError: where it cannot be loaded, lacks weights, or the extra `train` is not installed.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        remedy = "pip install 'tunesmith[train]'" + (f", or {instead}" if instead else "")
        raise InputError(f"a local model needs torch and transformers ({error})", remedy=remedy) from None
    if dtype not in DTYPES:
        raise InputError(f"expected the dtype {', '.join(DTYPES)}, saw {dtype!r}", remedy="correct --dtype")
    place = device_of(device)
    kind = ("float32" if place == "cpu" else "bfloat16") if dtype == "auto" else dtype
    with _quiet():
        return _loaded(transformers, name, words, revision, place, getattr(torch, kind))


def _loaded(
    transformers: Any, name: str, words: str | None, revision: str | None, place: str, dtype: Any
) -> tuple[Any, Any]:
    from safetensors import SafetensorError

    try:
        # False, said: without a word the library asks at the terminal, and runs the model's code for a "y"
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            words or name, revision=None if words else revision, trust_remote_code=False
        )
        model, info = transformers.AutoModelForCausalLM.from_pretrained(
            name, revision=revision, dtype=dtype, output_loading_info=True, trust_remote_code=False
        )
        model = model.to(place).eval()
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError, UnpicklingError) as error:
        remedy = "give the folder of a causal language model, or a name on the hub"
        if "trust_remote_code" in str(error):
            what = "brings Python code of its own, which is not run here"
            raise InputError(what, where=name, remedy="serve it where you trust it, and ask that server") from error
        raise InputError(f"cannot be loaded ({short_reason(error)})", where=name, remedy=remedy) from error
    if lacking := sorted(info["missing_keys"]):  # the library would fill them at random
        what = f"has no weights for {first_names(lacking)}"
        raise InputError(what, where=name, remedy="name a causal language model, with its head")
    return model, tokenizer


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
        reason = short_reason(error).partition(". ")[0][:120]
        raise InputError(f"the device {wish!r} is not here ({reason})", remedy=f"use --device {_here()}") from None
    return wish


def _here() -> str:
    """The devices of this machine, for a message."""
    import torch

    found = ["auto", "cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    found += ["mps"] * torch.backends.mps.is_available()
    return ", ".join(found[:-1]) + f" or {found[-1]}"


def token_limit(model: Any, tokenizer: Any) -> int:
    """Tokens that a model takes at once, prompt and answer together."""
    named = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(limit for limit in (named, tokenizer.model_max_length, _LIMIT) if limit)


def weights_fingerprint(model: Any) -> str:
    """Of the name, shape and a few weights of every parameter: another checkpoint has another."""
    digest = xxhash.xxh3_128()
    for name, weights in model.named_parameters():
        some = weights.detach().flatten()[:_SAMPLE].float().cpu().numpy()
        digest.update(f"{name}{tuple(weights.shape)}".encode() + some.tobytes())
    return digest.hexdigest()


def first_names(names: Sequence[str]) -> str:
    """The first few of many, for a message."""
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def short_reason(error: BaseException) -> str:
    """What a library says, on one line of bearable length."""
    if isinstance(error, UnpicklingError):  # it would say how to open the file all the same
        return "one of its files is a pickle of more than weights, which could run code, and was not opened"
    return " ".join(str(error).split())[:300]


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
