"""How the two training sets differ, and how the systems were made, as the page shows it.

>>> data_view(summary["data"], "en")["sentence"]  # doctest: +SKIP
'The set after has 1,204 rows, 133 more; 1,050 rows are in both.'
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.curate import report_text
from tunesmith.evaluate.report_numbers import DASH, digits, is_number, signed
from tunesmith.evaluate.report_words import Language, metric, name, say

View = dict[str, Any]
Data = Mapping[str, Any]

GROUPS_SHOWN = 12
_VALUE_CHARACTERS = 200
_QUARTILES = ("25%", "50%", "75%")


def data_view(found: Data | None, language: Language) -> View | None:
    """The section of the page; None where the runs of the training sets were not given."""
    if found is None:
        return None
    before, after, diff = found["before"], found["after"], found["diff"]
    counts = diff["counts"]
    return {
        "before": before["path"],
        "after": after["path"],
        "sentence": _sentence(counts, language),
        "tables": [
            table
            for title, key, prefix in (
                ("data_verdicts", "verdicts", "verdict_row"),
                ("data_sources", "kept_by_source", ""),
                ("data_languages", "languages", "language"),
                ("data_rules", "dropped_by_rule", "rule"),
            )
            if (table := _table(title, before.get(key) or {}, after.get(key) or {}, prefix, language))
        ],
        "lengths": _lengths(before.get("answer_characters"), after.get("answer_characters")),
        "groups": [_group(side, diff.get(side) or (), counts[side]) for side in ("only_in_a", "only_in_b")],
        "recipe": [_change(change) for change in diff.get("recipe") or ()],
    }


def _sentence(counts: Mapping[str, int], language: Language) -> str:
    gap = counts["kept_in_b"] - counts["kept_in_a"]
    key = "data_same" if not gap else "data_more" if gap > 0 else "data_fewer"
    shown = {name: f"{counts[name]:,}" for name in ("kept_in_a", "kept_in_b", "in_both", "only_in_a", "only_in_b")}
    return say(language, key, gap=f"{abs(gap):,}", **shown)


def _table(title: str, before: Mapping[str, int], after: Mapping[str, int], prefix: str, language: Language) -> View:
    """Counts side by side, most rows first; empty where neither side has any."""
    codes = sorted({*before, *after}, key=lambda code: (-max(before.get(code, 0), after.get(code, 0)), code))
    most = max([0, *before.values(), *after.values()])
    lines = [
        {
            "title": _called(prefix, code, language),
            "before": before.get(code, 0),
            "after": after.get(code, 0),
            "difference": signed(after.get(code, 0) - before.get(code, 0), 0),
        }
        for code in codes
    ]
    return {"title": say(language, title), "lines": lines, "most": most} if lines else {}


def _called(prefix: str, code: str, language: Language) -> str:
    """Rules and languages have the words of the curation report."""
    if prefix == "verdict_row":
        return name(language, prefix, code)
    return report_text.name(language, prefix, code) if prefix else code


def _lengths(before: Sequence[float] | None, after: Sequence[float] | None) -> list[View]:
    if not before or not after:
        return []
    return [
        {"title": title, "before": digits(one, 0), "after": digits(other, 0), "difference": signed(other - one, 0)}
        for title, one, other in zip(_QUARTILES, before, after)
    ]


def _group(side: str, groups: Sequence[Data], rows: int) -> View:
    return {
        "side": side,
        "rows": rows,
        "groups": [{"reason": group["reason"], "rows": group["rows"]} for group in groups[:GROUPS_SHOWN]],
        "more": sum(group["rows"] for group in groups[GROUPS_SHOWN:]),
    }


def _change(change: Data) -> View:
    return {"key": change["key"], "before": _value(change.get("a")), "after": _value(change.get("b"))}


def _value(value: Any) -> str:
    """A setting as short JSON; a dash where there is none."""
    if value is None:
        return DASH
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE_CHARACTERS else text[:_VALUE_CHARACTERS] + "…"


def settings_view(summary: Data, language: Language) -> View:
    """The systems, the statistics and the signatures of the metrics."""
    settings = summary["settings"]
    told = {key: settings.get(key) for key in ("tests", "adjustment", "alpha", "level", "seed", "group", "allow")}
    told |= {key: settings.get(key) for key in ("references", "columns", "compatible")}
    told = {key: value for key, value in told.items() if value not in (None, [], {})}
    lines = [{"title": say(language, f"setting_{key}"), "value": _value(value)} for key, value in told.items()]
    versions = " · ".join(f"{package} {version}" for package, version in (settings.get("versions") or {}).items())
    return {
        "systems": [_system(system, language) for system in summary["systems"]],
        "lines": [*lines, {"title": say(language, "setting_versions"), "value": versions}],
        "signatures": [
            {"title": metric(language, code), "code": code, "signature": signature}
            for code, signature in (settings.get("signatures") or {}).items()
        ],
    }


def _system(system: Data, language: Language) -> View:
    made = [
        {"title": name(language, "made", key), "value": _made(values)}
        for key, values in (system.get("made_by") or {}).items()
        if any(value["value"] is not None for value in values)
    ]
    counts = [(key, system.get(key)) for key in ("n", "failed", "empty", "without_reference", "unanswered")]
    told = [{"title": name(language, "count", key), "value": f"{value:,}"} for key, value in counts if is_number(value)]
    reasons = [
        {"title": name(language, "failure", reason), "value": f"{count:,}"}
        for reason, count in (system.get("failures") or {}).items()
    ]
    return {**system, "facts": [*told, *made], "reasons": reasons}


def _made(values: Sequence[Data]) -> str:
    """`7b`, or where lines differ `7b (100), null (50)`."""
    if len(values) == 1:
        return _value(values[0]["value"])
    return ", ".join(f"{_value(value['value'])} ({value['n']:,})" for value in values)
