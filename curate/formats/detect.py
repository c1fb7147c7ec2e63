"""Which format a row is, read off its fields, and which one a file is, with the evidence in words.

Each row is judged by its own fields, so that a file of mixed formats loses none; the file's format is the most common
one of its first rows, and rows of another are counted and said.

>>> detect_row({"instruction": "Hi", "output": "Hello"})
'alpaca'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tunesmith.curate.formats.catalog import MEDIA
from tunesmith.curate.formats.kto import is_label
from tunesmith.curate.formats.pairs import pair_of


class Detection(NamedTuple):
    """The format of a file: the most common one of its rows, how many rows were of each, and why."""

    format: str | None
    counts: dict[str, int]
    evidence: str


def detect_row(row: Mapping[str, Any]) -> str | None:
    """The name of the format that has these fields; None where no known one does."""
    has = row.__contains__
    labelled = has("kto_tag") or (has("label") and (row["label"] is None or is_label(row["label"])))
    if isinstance(row.get("messages"), list):
        return "kto" if labelled else "openai"
    if isinstance(row.get("conversations"), list):
        if has("chosen") and has("rejected"):
            return "sharegpt_preference"
        return "sharegpt_kto" if labelled else "sharegpt"
    if has("chosen") and has("rejected"):
        return "alpaca_preference" if has("instruction") else "trl_preference"
    if has("instruction") and has("output"):
        return "alpaca_kto" if labelled else "alpaca"
    if has("prompt") and has("completion"):
        return "trl_kto" if labelled else "prompt_completion"
    return _detect_columns(row)


def _detect_columns(row: Mapping[str, Any]) -> str | None:
    if {"Question", "Answer", "A", "B"} <= row.keys() or {"question", "answer", "A", "B"} <= row.keys():
        return "multiple_choice"
    if pair_of(row):
        return "question_answer"
    if "instruction" in row:
        return "alpaca"  # an instruction without an answer: the rule `missing_answer` will say so
    return "text" if "text" in row else None


def detect(rows: Iterable[Mapping[str, Any]]) -> Detection:
    """Judge a sample of rows."""
    names: Counter[str | None] = Counter()
    fields: Counter[str] = Counter()
    for row in rows:
        names[detect_row(row)] += 1
        fields.update(str(key) for key in row)
    total = names.total()
    known = {name: count for name, count in names.most_common() if name is not None}
    if not known:
        listed = ", ".join(f"`{field}`" for field, _ in fields.most_common(8)) or "no fields"
        return Detection(None, {}, f"no known format has the fields {listed}")
    best = next(iter(known))
    common = ", ".join(f"`{field}`" for field, count in fields.most_common(8) if count * 2 >= total)
    return Detection(best, known, f"{known[best]} of the first {total} rows have the fields of {best}: {common}")


def has_media(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any row names pictures, sound or film."""
    return any(row.get(key) for row in rows for key in MEDIA)
