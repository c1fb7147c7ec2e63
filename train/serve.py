"""The command line that serves what was trained with vLLM, which is installed on its own and never beside this.

>>> serve_line(Path("runs/medical"))  # doctest: +SKIP
'vllm serve Qwen/Qwen3-0.6B --enable-lora --lora-modules medical=runs/medical/model --max-lora-rank 16 --max-model-len
2048 --chat-template runs/medical/model/chat_template.jinja'
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.errors import InputError
from tunesmith.train.types import RunPaths

#: Ranks that vLLM has room for; the least that suffices is named, as memory is set aside for it.
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)

_ADAPTER, _CONFIG, _TEMPLATE = "adapter_config.json", "config.json", "chat_template.jinja"


def serve_line(folder: Path | str, *, max_model_len: int | None = None) -> str:
    """The command, or two where the adapter must be merged first: vLLM has no DoRA, no biases, no whole layers of an
    adapter.

    `--max-model-len` is twice the length that was trained, up to the model's own: the model's own alone, often 40k and
    more tokens, asks for more memory at the start than a small GPU has. `--chat-template` is the one of the training.

    :param folder: a run, or the folder of a model or an adapter.
    :raises InputError: where there is no model in it.
    """
    paths = RunPaths(Path(folder))
    found = paths.model if paths.model.is_dir() else paths.out
    name = paths.out.name or "tuned"
    length = max_model_len or _length(paths)
    if (adapter := _json(found / _ADAPTER)) is None:
        if not (found / _CONFIG).is_file():
            remedy = "name the folder of a run, a model or an adapter"
            raise InputError("holds no model", where=str(folder), remedy=remedy)
        return _line(found, name, found, length)
    if (paths.merged / _CONFIG).is_file():
        return _line(paths.merged, name, paths.merged, length)
    if _merges(adapter):
        merged = paths.merged if found != paths.out else Path(f"{paths.out}-merged")
        merge = ["tunesmith", "train", "merge", str(paths.out), "--out", str(merged)]
        return f"{shlex.join(merge)} && {_line(merged, name, found, length, template=merged)}"
    base = str(adapter.get("base_model_name_or_path") or "BASE")
    rank = max(int(adapter.get("r") or 8), *(adapter.get("rank_pattern") or {"": 0}).values())
    most = next((known for known in RANKS if known >= rank), rank)
    more = ["--enable-lora", "--lora-modules", f"{name}={found}", "--max-lora-rank", str(most)]
    return _line(base, None, found, length, more)


def _line(
    model: Path | str,
    name: str | None,
    words: Path,
    length: int | None,
    more: list[str] | None = None,
    *,
    template: Path | None = None,
) -> str:
    parts = ["vllm", "serve", str(model), *(["--served-model-name", name] if name else []), *(more or [])]
    if length is not None:
        parts += ["--max-model-len", str(length)]
    if (words / _TEMPLATE).is_file():
        parts += ["--chat-template", str((template or words) / _TEMPLATE)]
    return shlex.join(parts)


def _merges(adapter: Mapping[str, Any]) -> bool:
    """Whether vLLM refuses the adapter as it is."""
    return bool(
        adapter.get("use_dora")
        or adapter.get("modules_to_save")
        or adapter.get("trainable_token_indices")
        or adapter.get("bias", "none") != "none"
        or adapter.get("peft_type", "LORA") != "LORA"
    )


def _length(paths: RunPaths) -> int | None:
    """Twice the length that was trained, at most what the model has; None where neither is known."""
    manifest = _json(paths.manifest) or {}
    mark = manifest.get("mark")
    settings = mark.get("settings", {}) if isinstance(mark, dict) else {}
    trained = settings.get("max_length")
    whole = next((one for place in (paths.model, paths.out) if (one := _json(place / _CONFIG)) is not None), None)
    own = (whole or {}).get("max_position_embeddings")
    lengths = [2 * trained if isinstance(trained, int) else None, own if isinstance(own, int) else None]
    return min((length for length in lengths if length), default=None) if isinstance(trained, int) else None


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = jsontext.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
