"""Pages of the evaluation: one HTML file each that needs nothing else, in English or Chinese.

`page` fills a template of `evaluate/templates`, which builds on the style and the macros of the curation report
(`curate/templates`). Whatever comes from data is escaped, and characters that could turn or hide text are written out.

>>> page("scores.html.j2", "en", s=summary, ...)  # doctest: +SKIP
'<!doctype html>…'
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tunesmith.curate import report as curation
from tunesmith.curate.report_format import number, percent, share, visible
from tunesmith.evaluate import report_figures, report_words
from tunesmith.evaluate.report_words import Language

_FOLDERS = (Path(__file__).with_name("templates"), Path(curation.__file__).with_name("templates"))


def page(template: str, language: Language, **views: Any) -> str:
    """The whole page as HTML; the same views give the same bytes."""
    environment = _environment(language)
    html: str = environment.get_template(template).render(t=partial(report_words.say, language), **views)
    return html


def _environment(language: Language) -> Any:
    import jinja2  # heavy: only who renders pays for it

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder, encoding="utf-8") for folder in _FOLDERS]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        bytecode_cache=_bytecode_cache(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["name"] = partial(report_words.name, language)
    environment.globals.update(share=share, percent=percent, kinds=report_figures.kind_of)
    environment.filters["number"] = number
    return environment


def _finalize(value: Any) -> Any:
    """Every expression of a page passes here before it is escaped, so that none can be forgotten."""
    return visible(value) if type(value) is str else value


def _bytecode_cache() -> Any:
    """Compiled templates lie where Python keeps its own, so that only the first page of an installation pays."""
    import jinja2

    folder = _FOLDERS[0] / "__pycache__"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None
