"""The report's sections on quality: what cleaning changed, private data, rules, contamination, what the set is like.

It shapes what `summary_quality.py` found; each section has a template of its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate.report_format import cut, number, share
from tunesmith.curate.report_text import name, rows, say
from tunesmith.curate.space_diff import mark_spaces
from tunesmith.curate.word_diff import Piece, Pieces, around_differences, mark_differences

View = dict[str, Any]
Found = Mapping[str, Any]

_AROUND_DIFFERENCE, _AROUND_MARK, _AROUND_SPAN, _QUESTION = 60, 80, 120, 200  # characters


def quality_view(found: Found, language: str) -> View:
    """What the templates show; None for each section that has nothing to say."""
    views = {
        "cleaning": _cleaning,
        "privacy": _privacy,
        "rules": _rules,
        "contamination": _contamination,
        "makeup": _makeup,
    }
    return {key: view(found[key], language) if found[key] else None for key, view in views.items()}


def _cleaning(found: Found, language: str) -> View:
    changes = [
        {
            **change,
            "name": name(language, "change", change["what"]),
            "examples": [_changed(one, language) for one in change["examples"]],
        }
        for change in found["changes"]
    ]
    return {"lead": say(language, "clean_lead", rows=rows(language, found["rows"])), "changes": changes}


def _changed(example: View, language: str) -> View:
    others = say(language, "separator").join(name(language, "change", other) for other in example["others"])
    turns = None
    if "before" in example:
        turns = say(language, "clean_turns", before=number(example["before"]), after=number(example["after"]))
    return {**example, "others": others, "turns": turns, "parts": [_part(part) for part in example["parts"]]}


def _part(part: Mapping[str, str]) -> View:
    """Both versions in pieces; where no word differs, the white space that does is made visible."""
    one, other = mark_differences(part["one"], part["other"])
    if not any(piece.differs for piece in (*one, *other)):
        one, other = mark_spaces(part["one"], part["other"]) or (one, other)
    return {"part": part["part"], "sides": [_shown(one), _shown(other)]}


def _shown(pieces: Pieces, context: int = _AROUND_DIFFERENCE) -> Pieces:
    """What is around the marked pieces, without blanks before it."""
    first, *others = around_differences(pieces, context=context) or (Piece("", False),)
    return (Piece(first.text.lstrip(" "), first.differs), *others)


def _privacy(found: Found, language: str) -> View:
    policy = found["policy"]
    counts = {"values": number(found["found"]), "rows": rows(language, found["rows"])}
    left = rows(language, found["rows"] - found["kept"])
    return {
        "sentences": [
            say(language, "private_value" if found["found"] == 1 else "private_values", **counts),
            say(language, f"private_{policy}", left=left),
        ],
        "kinds": found["kinds"],
        "examples": [
            {**kind["example"], "kind": kind["kind"], "pieces": _marked(kind["example"]["pieces"])}
            for kind in found["kinds"]
            if kind["example"]
        ],
    }


def _marked(pieces: Sequence[str]) -> Pieces:
    """Text and marks in turn, without what is far from every mark."""
    told = tuple(Piece(text, place % 2 == 1) for place, text in enumerate(pieces) if text)
    return _shown(told, _AROUND_MARK)


def _rules(found: Found, language: str) -> View:
    return {**found, "rules": [_rule(rule, language) for rule in found["rules"]]}


def _rule(rule: View, language: str) -> View:
    languages = [f"{name(language, 'language', code)} {number(count)}" for code, count in rule["languages"].items()]
    return {**rule, "languages": " · ".join(languages), "examples": [flagged_row(one) for one in rule["examples"]]}


def flagged_row(example: View) -> View:
    """A row that stayed, as an example: both texts cut, and what was measured."""
    texts = {part: cut(example[part]) for part in ("prompt", "answer")}
    evidence = {key: number(example[key]) for key in ("value", "threshold") if example[key] is not None}
    return {**example, "texts": texts, "evidence": evidence}


def _contamination(found: Found, language: str) -> View:
    total, compromised = number(found["total"]), number(found["compromised"])
    held = rows(language, found["rows"])
    sentences = [say(language, "held_looked", items=total, sides=name(language, "held", found["sides"]))]
    if not found["rows"]:
        sentences.append(say(language, "held_none"))
    else:
        part = share(found["compromised"], found["total"])
        sentences += [
            say(language, f"held_{found['policy']}", rows=held, left=rows(language, found["rows"] - found["kept"])),
            say(language, "held_reverse", compromised=compromised, items=total, share=part),
        ]
    more = found["compromised"] - len(found["items"])
    return {
        **found,
        "sentences": sentences,
        "items": [_item(item, language) for item in found["items"]],
        "more": say(language, "held_more", n=number(more)) if more else None,
        "examples": [_held(example) for example in found["examples"]],
    }


def _item(item: View, language: str) -> View:
    shown = " ".join(item["question"].split())
    more = item["rows"] - len(item["row_ids"])
    return {
        **item,
        "question": shown if len(shown) <= _QUESTION else f"{shown[:_QUESTION]}…",
        "more": say(language, "held_more_rows", n=number(more)) if more else None,
        "containment": number(item["containment"]),
    }


def _held(example: View) -> View:
    before, span, after = example["text"]
    pieces = tuple(Piece(text, differs) for text, differs in ((before, False), (span, True), (after, False)) if text)
    return {
        **example,
        "pieces": _shown(pieces, _AROUND_SPAN),
        "question": cut(example["question"]),
        "evidence": {key: number(example[key]) for key in ("containment", "threshold")},
    }


def _makeup(found: Found, language: str) -> View:
    unknown, tasks = found["unknown"], found["tasks"]
    return {
        **found,
        "most": tasks["tasks"][0]["rows"] if tasks else 0,
        "unknown": {**unknown, "examples": [flagged_row(one) for one in unknown["examples"]]} if unknown else None,
        "pairs": found["pairs"]["advice"] if found["pairs"] else None,
        "scores": [_score(score, language) for score in found["scores"] or ()],
    }


def _score(score: View, language: str) -> View:
    means = name(language, "score", score["score"])
    return {**score, "name": means, "quantiles": [f"{value:.3g}" for value in score["quantiles"]]}
