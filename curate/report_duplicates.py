"""The report's section on duplicates: sentences, group sizes, and pairs of texts with the differing words marked.

It shapes what `summary_duplicates.py` found; `templates/report_duplicates.html.j2` holds the section.

>>> _span_of([0.7, 0.98765]), _span_of([1.0, 1.0])
('0.7–0.9876', '1')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate.report_format import cut, number
from tunesmith.curate.report_text import name, rows, say
from tunesmith.curate.word_diff import Piece, around_differences, mark_differences
from tunesmith.errors import InternalError

View = dict[str, Any]

_EXAMPLES_SHOWN, _OTHERS_SHOWN = 3, 4
_BEGINNING, _OTHER, _END_OF_SKELETON = 160, 90, 160  # characters


def duplicates_view(found: Mapping[str, Any] | None, language: str) -> View | None:
    """What the template shows; None where the stage was off."""
    if found is None:
        return None
    return {
        "sentences": _sentences(found, language),
        "flags": found["near"] is not None and found["near"]["policy"] == "flag",
        "sizes": [{**line, "size": _size(line, language)} for line in found["sizes"]],
        "total": {key: sum(line[key] for line in found["sizes"]) for key in ("groups", "rows", "dropped")},
        "most": max((line["rows"] for line in found["sizes"]), default=0),
        "largest": [_group(group) for group in found["largest"]],
        "spans_sources": any(len(group["sources"]) > 1 for group in found["largest"]),
        "pairs": [pair_view(pair) for pair in found["pairs"]],
        "findings": [_finding(finding, language) for finding in found["findings"]],
    }


def check_groups(found: Mapping[str, Any]) -> None:
    """:raises InternalError: where a row that repeats another stands in no group, or in two."""
    expected = found["rows"]["exact"] + found["rows"]["near"] + found["groups"]
    grouped = sum(line["rows"] for line in found["sizes"])
    if grouped != expected:
        raise InternalError(f"expected {expected:,} rows in groups of duplicates, found {grouped:,}", where="summary")


def _sentences(found: Mapping[str, Any], language: str) -> list[str]:
    """What was compared, and what came of it."""
    near, counts = found["near"], found["rows"]
    said = [say(language, "dup_exact_only") if near is None else _compared(near, language)]
    if not counts["exact"] and not counts["near"]:
        return [*said, say(language, "dup_none")]
    if counts["exact"]:
        said.append(say(language, "dup_exact", rows=rows(language, counts["exact"])))
    if near is not None and counts["near"]:
        said.append(say(language, f"dup_near_{_policy(near)}", rows=rows(language, counts["near"])))
    return said


def _policy(near: Mapping[str, Any]) -> str:
    return "flag" if near["policy"] == "flag" else "drop"


def _compared(near: Mapping[str, Any], language: str) -> str:
    words = say(language, "dup_word" if near["ngram"] == 1 else "dup_words", n=number(near["ngram"]))
    on = name(language, "on", near["on"])
    return say(language, "dup_compared", on=on, ngram=words, threshold=number(near["threshold"]))


def _size(line: Mapping[str, Any], language: str) -> str:
    low, high = number(line["least"]), line["most"]
    if high is None:
        return say(language, "dup_size_open", low=low)
    return low if high == line["least"] else say(language, "dup_size_range", low=low, high=number(high))


def _group(group: View) -> View:
    return {**group, "text": _beginning(group["text"], _BEGINNING), "similarity": _span_of(group["similarity"])}


def _span_of(similarity: Sequence[float]) -> str:
    return "–".join(dict.fromkeys(number(value) for value in similarity))


def _beginning(text: str, most: int) -> str:
    """One line."""
    line = " ".join(text.split())
    return line if len(line) <= most else around_differences((Piece(line, False),), context=most)[0].text + " …"


def pair_view(pair: View) -> View:
    """A pair of `summary_duplicates.py` in marked pieces, with its similarities as numbers to show."""
    keys = ("similarity", "answer_similarity")
    parts = [_part(part) for part in pair["parts"]]
    return {
        **pair,
        "evidence": {key: number(pair[key]) for key in keys if pair[key] is not None},
        "parts": parts,
        "is_marked": any(part["same"] is None for part in parts),
    }


def _part(part: Mapping[str, str]) -> View:
    """Both sides in pieces, or the one text where no word differs."""
    one, other = mark_differences(part["one"], part["other"])
    if not any(piece.differs for piece in one):
        return {"part": part["part"], "same": cut(part["one"]), "sides": []}
    return {"part": part["part"], "same": None, "sides": [_shown(one), _shown(other)]}


def _shown(pieces: Sequence[Piece]) -> list[Piece]:
    """What is around the differences, without space before it."""
    first, *others = around_differences(tuple(pieces)) or [Piece("", False)]
    return [Piece(first.text.lstrip(" "), first.differs), *others]


def _finding(finding: View, language: str) -> View:
    shape = {"stock_answer": _stock_answer, "skeleton": _skeleton}.get(finding["finding"], pair_view)
    examples = [shape(example) for example in finding["examples"][:_EXAMPLES_SHOWN]]
    count = rows(language, finding["rows"])
    if "groups" in finding:
        groups = say(language, "dup_group" if finding["groups"] == 1 else "dup_groups_n", n=number(finding["groups"]))
        count = say(language, "dup_in_groups", rows=count, groups=groups)
    return {**finding, "count": count, "examples": examples}


def _stock_answer(example: View) -> View:
    return {**example, "text": cut(example["text"]), "others": _listed(example["others"])}


def _skeleton(example: View) -> View:
    """Both ends of the skeleton around its slot, which is an empty piece that differs."""
    slot = Piece("", True)
    pieces = (slot, Piece(example["head"], False), slot, Piece(example["tail"], False), slot)
    shown = around_differences(pieces, context=_END_OF_SKELETON, most=4 * _END_OF_SKELETON)
    return {**example, "pieces": shown[1:-1], "others": _listed(example["others"])}


def _listed(texts: Sequence[str]) -> list[str]:
    """The beginnings of some of the texts, no two alike."""
    return [*dict.fromkeys(_beginning(text, _OTHER) for text in texts)][:_OTHERS_SHOWN]
