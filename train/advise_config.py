"""Advice as a configuration that `train sft` takes as it is, each line with its reason.

>>> print(as_yaml(advice, data=["runs/medical"]))  # doctest: +SKIP
stage: sft
model: Qwen/Qwen3-0.6B
data: [runs/medical]
epochs: 3  # the lower end of what most share: it forgets less
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.curate.io import write_bytes
from tunesmith.train.advise_types import Advice

_HEAD = {
    "en": "# Written by `tunesmith train advise`; keys that are not here have their defaults.",
    "zh": "# 由 `tunesmith train advise` 生成；未列出的键取默认值。",
}


def settings_of(advice: Advice, *, data: Sequence[str]) -> dict[str, Any]:
    """The settings, nested as in a file. What was refused is left out, and has its default."""
    settings: dict[str, Any] = {"stage": advice.facts.stage, "model": advice.facts.model, "data": list(data)}
    for item in advice.items:
        if item.topic.key is None or item.value is None:
            continue
        part, _, name = item.topic.key.rpartition(".")
        inside = settings.setdefault(part, {}) if part else settings
        inside[name] = item.value
    if advice.facts.gpus > 1:
        settings["distributed"] = "zero2"
    return settings


def as_yaml(advice: Advice, *, data: Sequence[str], language: str = "en") -> str:
    """The text of the file."""
    reasons = {item.topic.key: item.why.in_language(language) for item in advice.items if item.value is not None}
    lines = [_HEAD["zh" if language == "zh" else "en"]]
    for key, value in settings_of(advice, data=data).items():
        if isinstance(value, Mapping):
            lines.append(f"{key}:")
            lines += [_line(f"  {name}", one, reasons.get(f"{key}.{name}")) for name, one in value.items()]
        else:
            lines.append(_line(key, value, reasons.get(key)))
    return "\n".join(lines) + "\n"


def write_config(path: Path, advice: Advice, *, data: Sequence[str], language: str = "en") -> None:
    """:raises OutputError: where it cannot be written."""
    write_bytes(path, as_yaml(advice, data=data, language=language).encode())


def _line(key: str, value: Any, why: str | None) -> str:
    import yaml

    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**6).strip()
    text = text.removesuffix("...").strip()  # what closes a scalar that stands alone
    return f"{key}: {text}" + (f"  # {why}" if why else "")
