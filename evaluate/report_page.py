"""Pages of the evaluation: one HTML file each that needs nothing else, in English or Chinese.

`page` fills a template of `evaluate/templates`, which builds on the style and the macros of the curation report
(`curate/templates`). Whatever comes from data is escaped, and characters that could turn or hide text are written out.

>>> page("scores.html.j2", "en", s=summary, ...)  # doctest: +SKIP
'<!doctype html>…'
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tunesmith.curate import report as curation
from tunesmith.curate.page_templates import page_environment
from tunesmith.evaluate import report_figures, report_words
from tunesmith.evaluate.report_words import Language

_FOLDERS = (Path(__file__).with_name("templates"), Path(curation.__file__).with_name("templates"))


def page(template: str, language: Language, **views: Any) -> str:
    """The whole page as HTML; the same views give the same bytes."""
    environment = _environment(language)
    html: str = environment.get_template(template).render(t=partial(report_words.say, language), **views)
    return html


def _environment(language: Language) -> Any:
    environment = page_environment(_FOLDERS)
    environment.globals["name"] = partial(report_words.name, language)
    environment.globals["kinds"] = report_figures.kind_of
    return environment
