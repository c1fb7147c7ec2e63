"""The report card of the tuned model as the page shows it: a line a habit, with its figures, a sentence and examples.

>>> view = card_view(summary["card"], "en")  # doctest: +SKIP
>>> view["lines"][2]["title"], view["lines"][2]["after"], view["lines"][2]["kind"]  # doctest: +SKIP
('Refusals', '9.3%', 'few')
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.curate.word_diff import Piece, Pieces
from tunesmith.evaluate.report_figures import interval_text
from tunesmith.evaluate.report_numbers import Scale, digits, is_number, p_value, scale_of
from tunesmith.evaluate.report_texts import HEAD_CHARACTERS, TAIL_CHARACTERS, left_out, shortened
from tunesmith.evaluate.report_words import Language, has, name, say

View = dict[str, Any]
Line = Mapping[str, Any]

_KINDS = {"bad": "bad", "look": "look", "too few": "few", "fine": "fine"}
_COMMON_SHOWN = 3
_CONTEXT = 120  # characters shown on either side of what was repeated


def card_view(found: Mapping[str, Any] | None, language: Language) -> View | None:
    """The section of the page; None where there is no card."""
    if found is None:
        return None
    limits = found.get("settings", {}).get("limits", {})
    lines = [_line(line, limits.get(line["name"]) or {}, language) for line in found["lines"]]
    kinds = [line["kind"] for line in lines]
    told = [
        say(language, f"card_count_{kind}", n=f"{kinds.count(kind):,}") for kind in _KINDS.values() if kind in kinds
    ]
    return {
        "lines": lines,
        "counts": say(language, "separator").join(told),
        "lists": [text for kind in ("bad", "look") if (text := _listed(lines, kind, language))],
    }


def _listed(lines: list[View], kind: str, language: Language) -> str:
    titles = [line["title"] for line in lines if line["kind"] == kind]
    joined = say(language, "separator").join(titles)
    return say(language, f"card_list_{kind}", lines=joined) if titles else ""


def _line(line: Line, limits: Mapping[str, Any], language: Language) -> View:
    code = line["name"]
    scale = scale_of(line["unit"], is_share=line["unit"] == "share")
    verdict = line["verdict"]
    return {
        "code": code,
        "title": name(language, "card", code),
        "about": name(language, "card_about", code),
        "answers": say(language, "n_answers", n=f"{line['n']:,}"),
        "kind": _KINDS.get(verdict or "", "none"),
        "verdict": name(language, "card_verdict", verdict or ("none" if line["n"] else "unmeasured")),
        "is_measured": bool(line["n"]),
        "before": scale.figure(line["before"]),
        "before_interval": interval_text(scale, line["before_interval"], language, signs=False),
        "after": scale.figure(line["value"]),
        "after_interval": interval_text(scale, line["interval"], language, signs=False),
        "difference": scale.difference(line["difference"]),
        "difference_interval": interval_text(scale, line["difference_interval"], language),
        "p_adjusted": p_value(line["p_adjusted"]),
        "sentences": [text for text in (_why(line, limits, scale, language), *_facts(line, language)) if text],
        "examples": [_example(example, language) for example in line["examples"]],
    }


def _why(line: Line, limits: Mapping[str, Any], scale: Scale, language: Language) -> str:
    """The reason of the verdict in words; the code itself where there are none."""
    key = note_key(line["name"], line["note"], str(limits.get("harm")))
    if key is None:
        return str(line["note"])
    values = line["values"]
    margin = values.get("margin")
    needed = values.get("needed")
    is_ratio = line["name"] == "length"  # its tolerance is a part of the length before, not characters
    shown = {
        "tolerance": _size(limits.get("tolerance"), scale_of("share", is_share=is_ratio)),
        "look": _size(limits.get("look"), scale_of("share", is_share=True)),
        "margin": _size(margin, scale),
        "subjects": say(language, "separator").join(map(str, values.get("forgotten_subjects") or ())),
    }
    sentence = say(language, f"note.{key}", **shown)
    if line["note"] in ("undecided", "not_shown") and is_number(needed) and needed > line["n"]:
        sentence += say(language, "space") + say(language, "card_needed", n=f"{needed:,}")
    return sentence


def note_key(line: str, note: str, harm: str) -> str | None:
    """Which words say a reason: those of this line only, or of lines where a change can do harm one way or either."""
    side = "harm" if harm in ("more", "less") else "either"
    return next((key for key in (f"{line}_{note}", f"{note}_{side}", note) if has("en", "note", key)), None)


def _size(value: Any, scale: Scale) -> str:
    return scale.figure(value).replace(".0", "", 1) if is_number(value) else ""


def _facts(line: Line, language: Language) -> list[str]:
    """What only this line knows: common openings, the median length, the rows that were repeated."""
    values = line["values"]
    if not line["n"]:
        return []
    if line["name"] == "format":
        return [_kinds(values.get("kinds") or {}, language)]
    if line["name"] == "openings":
        return _openings(values, language)
    if line["name"] == "length":
        return _lengths(values, language)
    if line["name"] == "memorised":
        keys = ("found", "short", "rows_compared", "rows_repeated", "longest")
        numbers = {key: f"{values[key]:,}" for key in keys if is_number(values.get(key))}
        found = (
            say(language, "memorised_fact", answers=f"{line['n']:,}", **numbers) if len(numbers) == len(keys) else ""
        )
        return [found, _expected(values, language)]
    return []


def _expected(values: Mapping[str, Any], language: Language) -> str:
    """How often training rows repeat each other: so much of a share is no sign of learning by heart."""
    if not values.get("expected_n"):
        return ""
    expected = scale_of("share", is_share=True).figure(values.get("expected"))
    return say(language, "memorised_expected", n=f"{values['expected_n']:,}", share=expected)


def _kinds(kinds: Mapping[str, Mapping[str, int]], language: Language) -> str:
    told = [
        say(
            language,
            "format_kind",
            kind=name(language, "format", kind),
            followed=f"{counts['followed']:,}",
            asked=f"{counts['asked']:,}",
        )
        for kind, counts in kinds.items()
    ]
    return say(language, "format_fact", kinds=say(language, "separator").join(told)) if told else ""


def _openings(values: Mapping[str, Any], language: Language) -> list[str]:
    common = [
        say(language, "opening", text=one["text"], n=f"{one['count']:,}")
        for one in (values.get("common") or ())[:_COMMON_SHOWN]
    ]
    found = [say(language, "openings_fact", openings=say(language, "separator").join(common))] if common else []
    identical = values.get("identical")
    return [*found, say(language, "identical_fact", n=f"{identical:,}")] if identical else found


def _lengths(values: Mapping[str, Any], language: Language) -> list[str]:
    found = []
    if is_number(values.get("ratio")) and values.get("ratio_interval"):
        low, high = (digits(end, 2) for end in values["ratio_interval"])
        interval = say(language, "range", low=low, high=high)
        found.append(say(language, "ratio_fact", ratio=digits(values["ratio"], 2), interval=interval))
    if is_number(values.get("median_before")) and is_number(values.get("median")):
        medians = {key: digits(values[key], 0) for key in ("median_before", "median")}
        found.append(say(language, "median_fact", **medians))
    return found


def _example(example: Mapping[str, Any], language: Language) -> View:
    values = example.get("values") or {}
    answer = example.get("answer") or ""
    span = values.get("span")
    return {
        "id": example["id"],
        "facts": _example_facts(example, language),
        "prompt": _text(example.get("prompt") or ""),
        "before": None if example.get("before") is None else _text(example["before"]),
        "answer": _text(answer) if not span else _around(answer, *span),
        "training": _text(values["training_answer"]) if values.get("training_answer") else None,
        "row_id": values.get("row_id"),
    }


def _example_facts(example: Mapping[str, Any], language: Language) -> list[str]:
    """What the answer is shown for."""
    values = example.get("values") or {}
    if values.get("row_id"):
        return [say(language, "example_memorised", n=f"{values.get('longest', 0):,}")]
    if "expected" in values and "seen" in values and example.get("note") == "language":
        sides = {key: name(language, "value", str(values[key])) for key in ("expected", "seen")}
        return [say(language, "example_language", **sides)]
    if has(language, "format", str(example.get("note"))):
        return [_asked(example["note"], values, language)]
    return []


def _asked(kind: str, values: Mapping[str, Any], language: Language) -> str:
    """`sentences: asked for 1, saw 3`."""
    least, most, seen = (values.get(key) for key in ("least", "most", "seen"))
    called = name(language, "format", kind)
    if not is_number(seen) or (least is None and most is None):
        return say(language, "asked_form", kind=called)
    key = "asked_least" if most is None else "asked_most" if least is None else "asked_range"
    key = "asked_exactly" if least == most else key
    return say(language, key, kind=called, least=str(least), most=str(most), seen=f"{seen:,}")


def _text(text: str) -> View:
    return {"parts": [(Piece(part.text, False),) for part in shortened(text)], "left_out": left_out(text)}


def _around(text: str, start: int, end: int) -> View:
    """The answer with what it repeats marked; what stands far from it is left out."""
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    if last - first > HEAD_CHARACTERS + TAIL_CHARACTERS:
        last = max(start + HEAD_CHARACTERS, first + HEAD_CHARACTERS)
    pieces: Pieces = (
        Piece(text[first:start], False),
        Piece(text[start : min(end, last)], True),
        Piece(text[min(end, last) : last], False),
    )
    return {
        "parts": [tuple(piece for piece in pieces if piece.text)],
        "left_out": 0,
        "beyond": len(text) - (last - first),
    }
