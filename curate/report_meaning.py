"""The report's sections on meaning: the same in other words, groups of content, a diverse selection, balance.

It shapes what `summary_meaning.py` found; `templates/report_semantic.html.j2` and `report_meaning.html.j2` show it.

>>> title_of("en", ["egg", "boil"]), title_of("en", [])
('egg · boil', '(no words of its own)')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate.report_duplicates import pair_view
from tunesmith.curate.report_format import cut, number, share
from tunesmith.curate.report_text import name, rows, say

View = dict[str, Any]
Found = Mapping[str, Any]


def meaning_view(found: Found | None, language: str) -> View:
    """What the templates show; None for each section that the recipe does not ask for."""
    views = {"semantic": _semantic, "groups": _groups, "selection": _selection, "balance": _balance}
    return {key: view(found[key], language) if found and found[key] else None for key, view in views.items()}


def title_of(language: str, words: Sequence[str]) -> str:
    """The title of a group."""
    return " · ".join(words) or say(language, "groups_untitled")


def _semantic(found: Found, language: str) -> View:
    on = name(language, "semantic_on", found["on"])
    sentences = [say(language, "semantic_compared", on=on, threshold=number(found["threshold"]))]
    told = "none" if not found["rows"] else found["policy"]
    count = found["left"] if told == "drop" else found["rows"]
    sentences.append(say(language, f"semantic_{told}", rows=rows(language, count)))
    cosine = "cosine_prompts" if found["on"] == "row" else "cosine"
    return {
        "sentences": sentences,
        "beside": "survivor" if found["policy"] == "drop" else "dup_beside",
        "pairs": [_pair(pair, cosine, language) for pair in found["pairs"]],
    }


def _pair(pair: View, cosine: str, language: str) -> View:
    """A pair whose similarities are cosines; a pair that is the only one needs no name."""
    measured = {cosine: pair["similarity"], "cosine_answers": pair["answer_similarity"]}
    evidence = {key: number(value) for key, value in measured.items() if value is not None}
    title = "" if pair["why"] == "only" else name(language, "spread", pair["why"])
    return {**pair_view(pair), "evidence": evidence, "title": title}


def _groups(found: Found, language: str) -> View:
    told = [_group(group, language) for group in found["groups"]]
    rest = found["rest"]
    return {
        "lead": say(language, "groups_lead", rows=rows(language, found["rows"]), number=number(found["number"])),
        "groups": told,
        "rows": found["rows"],
        "most": max(group["rows"] for group in told),
        "spans_sources": len({source for group in told for source in group["sources"]}) > 1,
        "rest": rest and say(language, "groups_rest", groups=number(rest["groups"]), rows=rows(language, rest["rows"])),
    }


def _group(group: View, language: str) -> View:
    shares = [f"{name(language, 'language', code)} {share(part, 1)}" for code, part in _largest(group["languages"])]
    sources = {source: share(part, 1) for source, part in _largest(group["sources"])}
    sides = [
        {**group[side], "title": f"groups_{side}", "text": cut(group[side]["prompt"] or group[side]["answer"])}
        for side in ("central", "fringe")
        if group[side]
    ]
    shown = {"title": title_of(language, group["title"]), "languages": " · ".join(shares)}
    return {**group, **shown, "source_shares": sources, "sides": sides}


def _largest(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: (-item[1], item[0]))


def _selection(found: Found, language: str) -> View:
    counts = {"taken": number(found["taken"]), "of": rows(language, found["of"])}
    threshold = "" if found["threshold"] is None else number(found["threshold"])
    sentences = [say(language, f"selection_{found['method']}", **counts, threshold=threshold)]
    if found["by_cluster"]:
        sentences.append(say(language, "selection_by_cluster"))
    left = [rule for rule in ("too_close", "not_selected") if found[rule]]
    sentences += [say(language, f"selection_{rule}", rows=rows(language, found[rule])) for rule in left]
    return {"sentences": sentences, "pairs": [_pair(pair, "cosine_prompts", language) for pair in found["pairs"]]}


def _balance(found: Found, language: str) -> View:
    sentences = [say(language, "balance_lead", by=name(language, "by", found["by"]))]
    if found["max_share"] is not None:
        sentences.append(say(language, "balance_share", share=share(found["max_share"], 1)))
    lines = [{**line, "name": _balance_name(line, found["by"], language)} for line in found["lines"]]
    return {
        "sentences": sentences,
        "by": found["by"],
        "lines": lines,
        "most": max((line["before"] for line in lines), default=0),
        "total": {side: sum(line[side] for line in lines) for side in ("before", "after")},
    }


def _balance_name(line: View, by: str, language: str) -> str:
    if line["title"] is not None:
        return title_of(language, line["title"])
    return name(language, by, line["name"]) if by in ("language", "task") else str(line["name"])
