"""Advice as text for a terminal, at most 100 columns, in English or Chinese.

>>> print(as_text(advice, "en"))  # doctest: +SKIP
data: 2,000 rows (domain 2,000), 812,000 tokens; half have up to 311 tokens, 95 % up to 911 …
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.train.advise_types import Advice, Candidate, Facts, Item
from tunesmith.train.advise_words import SOURCES, TEXTS, WORDS
from tunesmith.train.vocabulary import Fit, Vocabulary

WIDTH = 100
_SHOWN = 10  # candidates for tokens; the rest is in --json


def as_text(advice: Advice, language: str = "en") -> str:
    """Everything: what was measured, what is advised and why, where sources disagree, warnings, the vocabulary."""
    parts = [*_measured(advice.facts, language), "", _settings(advice, language), *_follows(advice, language)]
    if any(item.disagree for item in advice.items):
        parts += ["", _disagreements(advice, language)]
    parts += ["", _say("sources", language)]
    parts += [_say("warning", language) + one.said.in_language(language) for one in advice.warnings]
    if advice.facts.vocabulary is not None:
        parts += ["", *_vocabulary(advice.facts.vocabulary, language)]
    return "\n".join(_wrapped(part) for part in parts)


def as_json(advice: Advice, language: str = "en") -> dict[str, Any]:
    """Everything as one object; sentences in `language`."""
    return {
        "facts": advice.facts.as_dict(),
        "advice": [_item(item, language) for item in advice.items],
        "warnings": [
            {"code": one.code, "text": one.said.in_language(language), "value": one.value, "limit": one.limit}
            for one in advice.warnings
        ],
        "steps": advice.steps,
        "parameters_a_row": advice.parameters_a_row,
        "vocabulary": advice.facts.vocabulary.as_dict() if advice.facts.vocabulary else None,
        "sources": _say("sources", language),
    }


def _item(item: Item, language: str) -> dict[str, Any]:
    return {
        "name": item.topic.name,
        "key": item.topic.key,
        "value": item.value,
        "refused": item.is_refused,
        "why": item.why.in_language(language),
        "disagree": item.disagree,
        "candidates": [_candidate(one, language) for one in item.candidates],
    }


def _candidate(one: Candidate, language: str) -> dict[str, Any]:
    return {
        "source": one.source,
        "says": one.says.in_language(language),
        "low": one.low,
        "high": one.high,
        "text": one.text,
        "weight": one.weight,
        "aside": one.aside.in_language(language) if one.aside else None,
        "chosen": one.is_chosen,
    }


def _measured(facts: Facts, language: str) -> Iterator[str]:
    groups = ", ".join(f"{name} {rows:,}" for name, rows in facts.by_group.items())
    yield _say("data", language, rows=facts.rows, groups=groups, tokens=facts.tokens or 0)
    if facts.p95_tokens is not None:
        lengths = {"half": facts.median_tokens, "p95": facts.p95_tokens, "longest": facts.longest}
        yield _say("lengths", language, answer=facts.answer_tokens or 0, **lengths)
    spoken = ", ".join(f"{name} {share:.0%}" for name, share in facts.languages.items() if share >= 0.005)
    yield _say("languages", language, spoken=spoken or "–", validation=facts.validation_rows)
    if facts.unread or facts.unmeasured:
        yield _say("unread", language, unread=facts.unread, unmeasured=facts.unmeasured)
    size = "?" if facts.billions is None else size_of(facts.billions)
    kind = _say("chat" if facts.has_template else "base", language)
    shown = {"layers": facts.layers or 0, "context": facts.context or 0}
    yield _say("model", language, model=facts.model, size=size, kind=kind, **shown)
    if facts.fits is not None:
        fits = ", ".join(f"{method} {batch}" for method, batch in facts.fits.items())
        yield _say("fits", language, gpus=facts.gpus, gib=(facts.capacity_bytes or 0) / 1024**3, fits=fits)


def _settings(advice: Advice, language: str) -> str:
    rows = [
        (item.topic.title.in_language(language), shown(item, language, advice.facts), item.why.in_language(language))
        for item in advice.items
    ]
    return _table(_say("columns", language).split("|"), rows, ratios=(3, 3, 6))


def shown(item: Item, language: str, facts: Facts | None = None) -> str:
    """The value as a person reads it."""
    value = item.value
    if value is None:
        return "–"
    if isinstance(value, str):
        return WORDS[value].in_language(language) if value in WORDS else value
    if item.topic.form == "rate":
        return rate(value)
    if item.topic.form != "share":
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"
    if item.topic.name != "general_share" or facts is None:
        return f"{value:.0%}"
    wanted = round(facts.domain_rows * value / (1 - value))
    return _say("wanted", language, share=value, wanted=wanted, there=facts.general_rows)


def size_of(billions: float) -> str:
    """`0.6` as `0.6B`, less than a tenth in millions."""
    return f"{billions:.3g}B" if billions >= 0.1 else f"{billions * 1000:.3g}M"


def rate(value: float) -> str:
    """`0.0002` as `2e-4`."""
    digits, _, power = f"{value:.3e}".partition("e")
    return f"{float(digits):g}e{int(power)}"


def _follows(advice: Advice, language: str) -> Iterator[str]:
    if advice.steps is not None:
        yield _say("steps", language, steps=advice.steps)
    if advice.parameters_a_row is not None:
        yield _say("parameters", language, parameters=advice.parameters_a_row)
    if advice.facts.gpus > 1:
        yield _say("gpus", language, gpus=advice.facts.gpus)


def _disagreements(advice: Advice, language: str) -> str:
    rows = [
        (
            item.topic.title.in_language(language) if index == 0 else "",
            one.source if language != "zh" else _in_chinese(one.source),
            one.says.in_language(language) + (f" ({one.aside.in_language(language)})" if one.aside else ""),
            _mark(one, language),
        )
        for item in advice.items
        if item.disagree
        for index, one in enumerate(item.candidates)
    ]
    head = _say("disagree", language)
    return head + "\n" + _table(_say("disagree_columns", language).split("|"), rows, ratios=(3, 2, 7, 2))


def _mark(one: Candidate, language: str) -> str:
    if not one.weight:
        return _say("not_counted", language)
    return _say("holds" if one.is_chosen else "against", language)


def _in_chinese(source: str) -> str:
    name, _, number = source.rpartition(" ")
    return f"指南 {number}" if name == "guide" else SOURCES.get(source, source)


def _vocabulary(found: Vocabulary, language: str) -> Iterator[str]:
    measured, there = found.domain.n_texts, found.n_rows
    yield _say("vocabulary", language, measured=measured, there=there)
    sides = [("domain", found.domain), ("general", found.general), ("everything", found.everything)]
    rows = [_fit(_say(name, language), fit) for name, fit in sides if fit is not None]
    pieces = (_number(found.term_pieces_per_character), _number(found.term_pieces_per_word))
    rows.append((_say("terms", language, n=found.n_terms), *pieces, ""))
    yield _table(_say("fit_columns", language).split("|"), rows, ratios=(4, 3, 3, 3))
    if not found.candidates:
        yield _say("no_candidates", language)
        return
    yield _say("candidates", language, n=len(found.candidates), saved=found.saved_ratio)
    shown_terms = [
        (one.text, f"{one.n_domain:,}", f"{one.n_general:,}", str(one.pieces), f"{one.saved_ratio:.2%}")
        for one in found.candidates[:_SHOWN]
    ]
    yield _table(_say("term_columns", language).split("|"), shown_terms, ratios=(4, 3, 3, 2, 4))
    if len(found.candidates) > _SHOWN:
        yield _say("more", language, n=len(found.candidates) - _SHOWN)
    if not found.is_compared:
        yield _say("not_compared", language)
    yield _say("caveat_chinese" if found.lacks_chinese else "caveat", language)


def _fit(name: str, fit: Fit) -> tuple[str, ...]:
    return name, _number(fit.pieces_per_han), _number(fit.pieces_per_word), f"{fit.byte_ratio:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _table(head: list[str], rows: Sequence[tuple[str, ...]], *, ratios: tuple[int, ...]) -> str:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, show_edge=False)
    for name, ratio in zip(head, ratios):
        table.add_column(name, ratio=ratio, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return _rendered(table)


def _wrapped(part: str) -> str:
    """A sentence on lines that fit; a table has them already."""
    from rich.cells import cell_len
    from rich.text import Text

    if all(cell_len(line) <= WIDTH for line in part.splitlines()):
        return part
    return _rendered(Text(part))


def _rendered(what: Any) -> str:
    from rich.console import Console

    written = io.StringIO()
    Console(file=written, width=WIDTH, color_system=None, markup=False, highlight=False, emoji=False).print(what)
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip().splitlines())


def _say(key: str, language: str, **values: Any) -> str:
    return TEXTS[key].in_language(language).format(**values)
