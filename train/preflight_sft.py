"""The preflight of `sft` and `pretrain`, whose tokens are frozen here: what `preflight_run.py` calls.

>>> done, page = look_at_examples(asked, sets, template, Progress())  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tunesmith.curate.progress import Progress
from tunesmith.train.preflight import preflight
from tunesmith.train.preflight_asked import Asked, Done
from tunesmith.train.preflight_for import Ours, predicted, told_text
from tunesmith.train.preflight_output import LEDGER
from tunesmith.train.preflight_page import render_page
from tunesmith.train.preflight_text import as_text
from tunesmith.train.types import Sets

if TYPE_CHECKING:
    from tunesmith.train.template import Template


def look_at_examples(
    asked: Asked, sets: Sets, template: Template, progress: Progress
) -> tuple[Done, Callable[[], str]]:
    """What was found, and the page, which is drawn only where it is wanted."""
    ours = Ours()
    found = preflight(
        sets,
        template,
        asked.encoding,
        progress=progress,
        stage=asked.stage,
        batch_size=asked.batch_size,
        ledger=asked.out / LEDGER if asked.out else None,
        row=asked.row,
        watch=ours.watch if asked.system else None,
    )
    told = predicted(asked, sets, ours, template)
    figures: dict[str, Any] = found.as_json() | ({"predicted": told.figures} if told else {})

    def text(*, color: bool = False) -> str:
        return "\n".join([as_text(found, color=color), *(told_text(asked, told, color=color))])

    view = told.view(asked.language) if told else None
    return Done(figures, text, found.problems, found.rows), lambda: render_page(found, asked.language, predicted=view)
