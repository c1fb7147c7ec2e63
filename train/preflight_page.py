"""The preflight as a page: one HTML file that needs nothing else, in English or Chinese.

>>> html = render_page(found, "zh")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

from tunesmith.curate.report_format import number, share
from tunesmith.train.preflight_found import AnyAccount, Preflight
from tunesmith.train.preflight_tally import SPECIAL_FLAG
from tunesmith.train.preflight_types import Account
from tunesmith.train.preflight_views import page, set_lines
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import PARTS, Language

View = dict[str, Any]

_COLUMNS = ("rows", "whole", "cut", "split", "dropped", "tokens", "trained", "end")
_SECTIONS = ("sets", "reasons", "predicted", "parts", "lengths", "packing", "serving", "texts", "shown")


def render_page(found: Preflight, language: Language, *, predicted: View | None = None) -> str:
    """The whole page; the same findings give the same bytes.

    :param predicted: what another system would make of the rows; see `preflight_for.py`.
    """
    return page(
        "preflight.html.j2",
        found,
        language,
        _SECTIONS,
        predicted,
        set_columns=_COLUMNS,
        note=say(language, "end_note"),
        sets=[
            {"title": title, "inner": inner, "cells": _cells(one)} for title, one, inner in set_lines(found, language)
        ],
        **_tokens(found, language),
        packing=_packing(found, language),
        copies=_copies(found, language),
        prompts=_prompts(found, language),
        roles=_roles(found, language),
        **_texts(found, language),
    )


def _cells(account: AnyAccount) -> list[str]:
    if not isinstance(account, Account):
        return []
    counts = (account.rows, *(account.outcomes[key] for key in ("trained", "truncated", "split", "dropped")))
    tokens = account.tokens
    trained = f"{number(tokens.n_trained)} ({share(tokens.n_trained, tokens.n_all)})"
    return [*map(number, counts), number(tokens.n_all), trained, share(account.end_trained, account.examples)]


def _tokens(found: Preflight, language: Language) -> View:
    tokens = found.train.tokens
    lines = [
        {
            "title": name(language, "part", part),
            "trained": tokens.trained.get(part, 0),
            "masked": tokens.masked.get(part, 0),
        }
        for part in PARTS
        if part in tokens.trained or part in tokens.masked
    ]
    most = max((tokens.trained.get(part, 0) + tokens.masked.get(part, 0) for part in PARTS), default=0)
    return {"parts": lines, "most_tokens": most}


def _packing(found: Preflight, language: Language) -> list[View]:
    packing, used = found.packing, found.cutoff.used
    ways = [
        ("padded", packing.batch_size, packing.sequences, packing.padded_tokens, packing.waste),
        ("packs", used, packing.packs, packing.packs * used, 1 - packing.fill),
    ]
    return [
        {"title": say(language, key, n=number(n)), "sequences": rows, "computed": tokens, "waste": f"{waste:.1%}"}
        for key, n, rows, tokens, waste in ways
    ]


def _copies(found: Preflight, language: Language) -> str:
    copies = found.train.copies
    values = {"rows": copies.rows_repeated, "most": copies.most, "examples": copies.examples}
    values |= {"tokens": copies.tokens, "trained": copies.trained}
    told = {key: number(value) for key, value in values.items()}
    return say(language, "copies_note", **told) if copies.rows_repeated else ""


def _prompts(found: Preflight, language: Language) -> list[str]:
    serving = found.serving
    if not serving.compared:
        return []
    lines = [say(language, "serving_same", same=number(serving.same), compared=number(serving.compared))]
    if serving.escaped:
        lines.append(say(language, "serving_escaped", n=number(serving.escaped)))
    if serving.not_compared:
        lines.append(say(language, "serving_skipped", n=number(serving.not_compared)))
    return [*lines, *serving.facts.values()]


def _roles(found: Preflight, language: Language) -> list[View]:
    starts = {
        role: say(language, "refused") if start == "refused" else start.replace("\n", "⏎")
        for role, start in (found.serving.starts or {}).items()
    }
    return [{"role": role, "turns": turns, "start": starts.get(role)} for role, turns in found.train.roles.items()]


def _texts(found: Preflight, language: Language) -> View:
    special, bos = found.train.special, found.train.bos
    told = [say(language, "bos_line", n=n, rows=number(rows)) for n, rows in bos.items() if rows]
    count = {"escaped": number(special.escaped), "refused": number(special.refused)}
    return {
        "special": say(language, "special_line", **count)
        if special.escaped or special.refused
        else say(language, "special_none"),
        "bos": say(language, "separator").join(told) if bos else say(language, "bos_none"),
        "flags": [
            {"title": name(language, "flag", flag), "rows": rows}
            for flag, rows in found.train.flags.items()
            if flag != SPECIAL_FLAG
        ],
    }
