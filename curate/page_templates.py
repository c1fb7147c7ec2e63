"""The templates of every page: folders that are searched in order, escaping that no expression can go round.

>>> environment = page_environment([Path(__file__).with_name("templates")])
>>> environment.from_string("{{ text }}").render(text="<b>\\u202e")
'&lt;b&gt;⟨U+202E⟩'
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tunesmith.curate.report_format import number, percent, share, visible


def page_environment(folders: Sequence[Path]) -> Any:
    """Jinja's environment with the figures of `report_format`; compiled templates are kept in the first folder."""
    import jinja2  # heavy: only who renders pays for it

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder, encoding="utf-8") for folder in folders]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        bytecode_cache=_bytecode_cache(folders[0]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(share=share, percent=percent)
    environment.filters["number"] = number
    return environment


def _bytecode_cache(folder: Path) -> Any:
    """Compiled templates lie where Python keeps its own, so that only the first page of an installation pays."""
    import jinja2

    place = folder / "__pycache__"
    with suppress(OSError):
        place.mkdir(exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(place)) if os.access(place, os.W_OK) else None


def _finalize(value: Any) -> Any:
    """Every expression of a page passes here before it is escaped, so that none can be forgotten."""
    return visible(value) if type(value) is str else value
