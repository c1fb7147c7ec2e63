"""What the preflight's pages have in common: frame, reasons, lengths, and rows token by token.

>>> place_of([0, 16, 32, 64], 48)
2.5
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from tunesmith.curate import charts
from tunesmith.curate import report as curation
from tunesmith.curate.page_templates import page_environment
from tunesmith.curate.report_format import number
from tunesmith.train.preflight_found import AnyAccount, AnyPreflight
from tunesmith.train.preflight_lengths import GENEROUS
from tunesmith.train.preflight_page_rows import row_view
from tunesmith.train.preflight_text import verdict
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import Language

View = dict[str, Any]

_FOLDERS = (Path(__file__).with_name("templates"), Path(curation.__file__).with_name("templates"))


def page(
    template: str,
    found: AnyPreflight,
    language: Language,
    sections: Sequence[str],
    predicted: View | None,
    **views: Any,
) -> str:
    """A page with its frame; the same findings give the same bytes.

    :param sections: ids of the sections, in order; `predicted` only where there is such a view.
    """
    environment = page_environment(_FOLDERS)
    environment.globals["name"] = partial(name, language)
    t = partial(say, language)
    titles = {"predicted": predicted["title"]} if predicted else {}
    html: str = environment.get_template(template).render(
        f=found,
        t=t,
        title=Path(found.model).name if Path(found.model).is_absolute() else found.model,
        verdict=verdict(found, language),
        settings=_settings(found, language),
        sections=[
            {"id": code, "title": titles.get(code) or t(code)} for code in sections if code != "predicted" or predicted
        ],
        predicted=predicted,
        reasons=_reasons(found, language),
        **_lengths(found, language),
        rows=[row_view(row, language) for row in found.rows],
        **views,
    )
    return html


def set_lines(found: AnyPreflight, language: Language) -> list[tuple[str, AnyAccount, bool]]:
    """Whole sets with their titles, and under the training set its sources."""
    lines: list[tuple[str, AnyAccount, bool]] = [(say(language, "set.train"), found.train, False)]
    lines += [(one.source or "", one, True) for one in found.sources if len(found.sources) > 1]
    return [*lines, *((f"{say(language, 'set.validation')} · {one.group}", one, False) for one in found.validation)]


def _settings(found: AnyPreflight, language: Language) -> str:
    told = {key: str(value) for key, value in found.encoding.items()}
    told["max_length"] = number(found.encoding["max_length"])
    if "train_on" not in told:
        return say(language, "settings_pairs", stage=found.stage, **told)
    told["packing"] = say(language, "packed" if found.encoding["packing"] else "not_packed")
    return say(language, "settings_line", stage=found.stage, **told)


def _reasons(found: AnyPreflight, language: Language) -> list[View]:
    return [
        {
            "why": name(language, "reason", one.reason),
            "code": one.reason,
            "set": " · ".join([say(language, f"set.{account.split}"), *([account.group] if account.group else [])]),
            "outcome": name(language, "outcome", one.outcome),
            "rows": one.rows,
            "examples": one.examples,
            "detail": one.detail,
        }
        for account in found.accounts
        for one in account.reasons
    ]


def _lengths(found: AnyPreflight, language: Language) -> View:
    lengths, cutoff = found.train.lengths, found.cutoff
    percentiles = [("50%", lengths.p50), ("90%", lengths.p90), ("95%", lengths.p95), ("99%", lengths.p99)]
    cutoffs = [
        ("cutoff_used", cutoff.used, cutoff.over_used),
        ("cutoff_advised", cutoff.advised, cutoff.over_advised),
        ("cutoff_generous", GENEROUS, cutoff.over_generous),
    ]
    return {
        "histogram": _histogram(found, language),
        "percentiles": [*percentiles, (say(language, "longest"), lengths.max)],
        "cutoffs": [
            {"title": say(language, key), "tokens": tokens, "longer": longer} for key, tokens, longer in cutoffs
        ],
    }


def _histogram(found: AnyPreflight, language: Language) -> Any:
    from markupsafe import Markup  # a chart holds numbers and its escaped label, nothing else

    bins = found.histogram
    figures = {"rows": sum(bins["before"]), "trained": sum(bins["after"]), "cutoff": bins["cutoff"]}
    label = say(language, "histogram", **{key: number(value) for key, value in figures.items()})
    spec = charts.histogram_spec(bins["edges"], bins["before"], bins["after"])
    spec["layer"].append(_line(place_of(bins["edges"], bins["cutoff"])))
    return Markup(charts.draw(spec, label=label))  # noqa: S704


def place_of(edges: Sequence[int], length: int) -> float:
    """Where a length stands on an axis on which every bin is equally wide."""
    for place, (low, high) in enumerate(pairwise(edges)):
        if low <= length < high:
            return place + (length - low) / (high - low)
    return float(len(edges) - 1)


def _line(place: float) -> View:
    return {
        "mark": {"type": "rule", "color": "var(--odd)", "strokeWidth": 1.5},
        "encoding": {
            "x": {"datum": place, "type": "quantitative"},
            "y": {"value": 0},
            "y2": {"value": "height"},
        },
    }
