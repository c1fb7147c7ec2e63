"""What a preflight is asked, and what it answers.

>>> Asked(data=("runs/medical",), model="Qwen/Qwen3-0.6B", encoding=Encoding(2048)).stage
'sft'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.train.preflight_types import Shown
from tunesmith.train.types import Encoding, Language, Stage


@dataclass(frozen=True)
class Asked:
    """What a person asks for; see `tunesmith train preflight --help`."""

    data: tuple[str, ...]
    model: str
    encoding: Encoding
    stage: Stage = "sft"
    validation: tuple[str, ...] = ()
    template: Path | None = None
    batch_size: int = 8
    row: str | None = None
    system: str | None = None
    out: Path | None = None
    replace: bool = False
    language: Language = "en"
    trust_remote_code: bool = False


@dataclass(frozen=True)
class Done:
    """What was found: as an object, as a text, what `--strict` does not let pass, and some rows token by token."""

    figures: dict[str, Any]
    text: Callable[..., str]
    problems: tuple[str, ...]
    rows: tuple[Shown, ...] = ()
