"""How many tokens each row has for a named tokenizer, counted by the `tokenizers` library without any model.

    tokenizer = open_tokenizer("Qwen/Qwen2.5-0.5B-Instruct", base=recipe_folder)
    counts = count_tokens(rows, tokenizer)  # int32, one per row

The text of all turns counts: content, reasoning, and the name and arguments of tool calls; of pre-training text the
text. Special tokens and the words of a chat template do not: they depend on how the rows are rendered for training.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.records import MESSAGE_TYPE
from tunesmith.errors import InputError

#: The file that holds a whole tokenizer.
FILE_NAME = "tokenizer.json"
#: Texts that are encoded at once: enough for every core, few enough that their encodings stay small.
BATCH = 1000

_SIDES = ("messages", "chosen", "rejected")


class Tokenizer(NamedTuple):
    """A loaded tokenizer; `digest` is the xxh3_128 of its file: equal digests give equal counts."""

    name: str
    digest: str
    loaded: Any


def open_tokenizer(name_or_folder: str, *, base: Path) -> Tokenizer:
    """The tokenizer of a `tokenizer.json`, of a folder that holds one, or of a model on the Hugging Face hub.

    :param base: the folder that a relative path starts from, the recipe's.
    :raises InputError: where there is none, it cannot be read, or the hub cannot be reached.
    """
    data = _file_of(name_or_folder, base).read_bytes()
    from tokenizers import Tokenizer as Loaded

    try:
        loaded = Loaded.from_buffer(data)
    except Exception as error:  # the library raises nothing narrower for a file that it cannot read
        raise InputError(
            f"expected a {FILE_NAME} of the tokenizers library, saw {error}",
            where=f"tokenizer {name_or_folder}",
            remedy="save it again with tokenizer.save_pretrained(folder) of a recent transformers",
        ) from error
    loaded.no_truncation()
    loaded.no_padding()
    return Tokenizer(name_or_folder, xxhash.xxh3_128_hexdigest(data), loaded)


def count_tokens(rows: pa.RecordBatch, tokenizer: Tokenizer) -> pa.Array:
    """The tokens of each row without special tokens, int32; 0 for a row that could not be read."""
    counts = np.zeros(len(rows), np.int64)
    for owners, texts in _texts_of(rows):
        np.add.at(counts, owners, _lengths(texts, tokenizer))
    return pa.array(counts, pa.int32())


def _file_of(name_or_folder: str, base: Path) -> Path:
    path = base / name_or_folder
    if path.is_dir():
        path /= FILE_NAME
    if path.is_file():
        return path
    if path.name == FILE_NAME or path.suffix == ".json" or name_or_folder.startswith((".", "/", "~")):
        raise InputError(
            f"expected {path} to be a {FILE_NAME}, saw no such file",
            where=f"tokenizer {name_or_folder}",
            remedy=f"name a folder that holds a {FILE_NAME}, or a model on the Hugging Face hub",
        )
    return _from_hub(name_or_folder)


def _from_hub(name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(name, FILE_NAME))
    except HFValidationError:
        saw, remedy = "neither a path nor a name of the form owner/model", "check the spelling"
    except LocalEntryNotFoundError:
        saw = "no copy of it on this machine, and no way to the hub"
        remedy = f"download it once while online: hf download {name} {FILE_NAME}; or name a folder that holds it"
    except (HfHubHTTPError, OSError) as error:
        saw = f"{type(error).__name__} from the hub"
        remedy = f"check that the model exists and has a {FILE_NAME}, or name a folder that holds one"
    expected = f"expected a folder or a model on the Hugging Face hub, saw {saw}"
    raise InputError(expected, where=f"tokenizer {name}", remedy=remedy)


def _texts_of(rows: pa.RecordBatch) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """All texts of the rows, and the number of the row that each belongs to."""
    text = rows.column("text")
    yield np.arange(len(rows)), pc.fill_null(text, "")
    for name in _SIDES:
        messages = rows.column(name)
        if messages.null_count == len(messages):
            continue
        lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
        owners, flat = np.repeat(np.arange(len(rows)), lengths), messages.flatten()
        for field in ("content", "reasoning"):
            yield owners, pc.fill_null(flat.field(MESSAGE_TYPE.get_field_index(field)), "")
        calls = flat.field(MESSAGE_TYPE.get_field_index("tool_calls"))
        if calls.null_count < len(calls):
            yield owners, pa.array([_call_text(text) for text in calls.to_pylist()], pa.string())


def _call_text(calls: str | None) -> str:
    """What a model has to write of the calls of a turn: a name and arguments a line."""
    if calls is None:
        return ""
    functions = [call.get("function", call) for call in jsontext.loads(calls.encode())]
    return "\n".join(f"{function.get('name') or ''} {_argument_text(function)}".strip() for function in functions)


def _argument_text(function: dict[str, Any]) -> str:
    arguments = function.get("arguments")
    return arguments if isinstance(arguments, str) else "" if arguments is None else jsontext.dumps_spaced(arguments)


def _lengths(texts: pa.Array, tokenizer: Tokenizer) -> np.ndarray:
    """The tokens of each text; an empty one is not encoded."""
    lengths = np.zeros(len(texts), np.int64)
    said = np.flatnonzero(pc.binary_length(texts).to_numpy(zero_copy_only=False))
    for first in range(0, len(said), BATCH):
        numbers = said[first : first + BATCH]
        batch = texts.take(pa.array(numbers)).to_pylist()
        encoded = tokenizer.loaded.encode_batch_fast(batch, add_special_tokens=False)
        lengths[numbers] = [len(encoding) for encoding in encoded]
    return lengths
