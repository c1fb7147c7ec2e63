"""The embedding model: any model of sentence-transformers, by name or from a folder. The heavy imports are in here.

>>> embedder = open_embedder("models/multilingual-minilm")  # doctest: +SKIP
>>> embedder.dimension, embedder.encode(["发烧怎么办？"]).shape  # doctest: +SKIP
(384, (1, 384))
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xxhash

from tunesmith.curate.embeddings import Reading
from tunesmith.curate.lean import numba_has_looked
from tunesmith.errors import InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: It reads fifty languages, Chinese and English among them, into one space, was trained on paraphrases, which is what
#: duplicates are, spreads its cosines from 0 to 1, so that .95 means something (those of multilingual-e5 lie between .7
#: and 1), and is small enough for a CPU: 384 dimensions. It reads 128 tokens; what it does not see is counted and said.
DEFAULT_MODEL = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"

#: Texts in a batch, and the multiple that their length is padded to. On one machine a text's vector has the same bits
#: in any batch and on any number of threads (measured on all-MiniLM-L6-v2, 16 batches of each of 320 texts).
_BATCH, _PADDING = 32, 32
_MOST_CHARACTERS_A_TOKEN = 32  # a longer text is certainly truncated, and need not be tokenised to its end


def open_embedder(name_or_folder: str, *, device: str | None = None, base: Path | None = None) -> TransformerEmbedder:
    """A model of sentence-transformers.

    :param name_or_folder: a name on the hub, which has to be in its cache where there is no network, or a folder.
    :param device: `cpu`, `cuda`, `cuda:1`, `mps`; by default the accelerator where there is one.
    :param base: where a relative folder starts.
    :raises InputError: where the extra `[semantic]` is not installed, or the model is neither a folder nor reachable.
    """
    folder = (base or Path()) / name_or_folder
    is_folder = folder.is_dir()
    if not is_folder and name_or_folder.startswith((".", "/", "~")):
        raise InputError("expected the folder of an embedding model, found nothing", where=str(folder))
    numba_has_looked()  # scikit-learn, which it loads, needs SciPy
    try:
        with _quiet():
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(str(folder) if is_folder else name_or_folder, device=device).float()
    except ImportError as error:
        raise InputError(
            f"the semantic layer needs sentence-transformers ({error})",
            remedy='install it with: pip install "tunesmith[semantic]"',
        ) from error
    except (OSError, ValueError, RuntimeError, UnpicklingError) as error:  # of the hub, a broken folder, a device
        raise _not_opened(name_or_folder, is_folder, error) from error
    return TransformerEmbedder(name_or_folder.rstrip("/").rpartition("/")[2], model)


def _not_opened(name: str, is_folder: bool, error: Exception) -> InputError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, UnpicklingError):  # the library's first line says how to open it all the same
        reason = "one of its files is a pickle of more than weights, which could run code, and was not opened"
    if is_folder:
        return InputError(
            f"expected a model of sentence-transformers, could not load it ({reason})",
            where=name,
            remedy="give the folder that holds modules.json or config.json",
        )
    return InputError(
        f"no folder has this name, and the model could not be loaded from the hub or its cache ({reason})",
        where=name,
        remedy=f"on a machine with a network run `hf download {name} --local-dir model`, and give that folder as model",
    )


class TransformerEmbedder:
    """A loaded model as an `Embedder`."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self._model = model
        self.name = name
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.digest = _digest(model)

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """Vectors of length 1, float32, shape `(n_texts, dimension)`."""
        settings: dict[str, Any] = {}
        if self._is_transformer:
            settings["processing_kwargs"] = {"text": {"pad_to_multiple_of": _PADDING}}
        vectors = self._model.encode(
            self._cut(texts), batch_size=_BATCH, show_progress_bar=False, normalize_embeddings=True, **settings
        )
        return np.asarray(vectors, np.float32)

    def read(self, texts: list[str]) -> Reading:
        """Which texts are longer than what the model reads, and what it does not know of the part that it does."""
        limit, unknown = self._limit, self._unknown_token
        ids = self._token_ids(self._cut(texts))
        truncated = [len(tokens) > limit for tokens in ids]
        shares = [sum(token == unknown for token in tokens) / max(len(tokens), 1) for tokens in ids]
        return Reading(np.array(truncated, bool), np.array(shares, np.float32))

    @property
    def _is_transformer(self) -> bool:
        """False for models of static word vectors, whose tokenizer is one of the bare library `tokenizers`."""
        return not hasattr(self._model.tokenizer, "encode_batch")

    @property
    def _limit(self) -> float:
        """Tokens that the model reads of a text."""
        return self._model.max_seq_length or math.inf

    @property
    def _unknown_token(self) -> int | None:
        """The number of the token for what the vocabulary lacks; None where it spells any text in bytes."""
        tokenizer = self._model.tokenizer
        number: int | None = tokenizer.unk_token_id if self._is_transformer else tokenizer.token_to_id("[UNK]")
        return number

    def _cut(self, texts: list[str]) -> list[str]:
        if math.isinf(self._limit):
            return texts
        return [text[: int(self._limit) * _MOST_CHARACTERS_A_TOKEN] for text in texts]

    def _token_ids(self, texts: list[str]) -> list[list[int]]:
        """The tokens of each text, one more than the limit where there are more."""
        if not self._is_transformer:
            return [[*found.ids] for found in self._model.tokenizer.encode_batch(texts, add_special_tokens=False)]
        limits = {} if math.isinf(self._limit) else {"truncation": True, "max_length": int(self._limit) + 1}
        ids: list[list[int]] = self._model.tokenizer(texts, **limits)["input_ids"]
        return ids


def _digest(model: SentenceTransformer) -> str:
    """16 hex digits of all that a vector depends on: weights, modules, tokenizer, limits, prompts, library versions."""
    import sentence_transformers
    import torch

    digest = xxhash.xxh3_64()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    spelled = tokenizer.to_str() if hasattr(tokenizer, "to_str") else str(sorted(tokenizer.get_vocab().items()))
    settings = (str(model), model.max_seq_length, model.prompts, model.default_prompt_name, spelled)
    libraries = (sentence_transformers.__version__, torch.__version__)
    digest.update(repr((settings, libraries)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """No bar of the library's own while a model is loaded."""
    from transformers.utils import logging as library

    logging: Any = library  # its functions have no types
    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()
