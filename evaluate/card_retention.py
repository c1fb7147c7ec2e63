"""The line about what was forgotten, from the result of `tunesmith evaluate retention`.

    line = forgetting_line(RULES["forgetting"], read_retention(Path("retention")))

`retained` is fine, `not shown` is too few, and `forgotten` is bad: over all, in one subject, or on running text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.errors import InputError
from tunesmith.evaluate.card_lines import BAD, FINE, TOO_FEW, Judgement, Line, Rule, line_of, unmeasured
from tunesmith.evaluate.results import Difference, Estimate, Interval

_VERDICTS = {"retained": FINE, "not shown": TOO_FEW}
_NOTES = {"retained": "retained", "not shown": "not_shown"}


def read_retention(where: Path) -> Mapping[str, Any]:
    """The summary in a folder that `evaluate retention` wrote, or its `retention.json`.

    :raises InputError: where it is none.
    """
    path = where / "retention.json" if where.is_dir() else where
    try:
        found = jsontext.loads(path.read_bytes())
    except FileNotFoundError:
        remedy = "name the folder that `evaluate retention` wrote with --out"
        raise InputError("expected retention.json, found nothing", where=str(path), remedy=remedy) from None
    except (OSError, ValueError) as error:
        raise InputError(f"expected the JSON of a retention run: {error}", where=str(path)) from None
    if not isinstance(found, dict) or not isinstance(found.get("overall"), dict):
        raise InputError("expected an object with `overall`", where=str(path), remedy="run `evaluate retention` again")
    return found


def forgetting_line(rule: Rule, retention: Mapping[str, Any] | None) -> tuple[Line, Judgement]:
    """The line, with its verdict: the test of non-inferiority has decided it already."""
    if retention is None:
        return unmeasured(rule, "not_measured"), Judgement(None, "not_measured")
    overall, subjects = retention["overall"], retention.get("subjects") or []
    alone = overall.get("difference") is None
    found = Estimate(
        _figure(overall, "after"), overall["n"], _interval(overall, "interval" if alone else "after_interval"), ""
    )
    before = (
        None if alone else Estimate(_figure(overall, "before"), overall["n"], _interval(overall, "before_interval"), "")
    )
    line = line_of(rule, found, before, None if alone else _change(overall))
    forgotten = [subject["name"] for subject in subjects if subject.get("verdict") == "forgotten"]
    values = {
        "margin": overall.get("margin"),
        "gained": len(overall.get("gained") or ()),
        "lost": len(overall.get("lost") or ()),
        "subjects": len(subjects),
        "forgotten_subjects": forgotten,
        "needed": overall.get("needed"),
        "bits_per_byte": (retention.get("bits_per_byte") or {}).get("verdict"),
    }
    return {**line, "p_adjusted": overall.get("p_adjusted"), "values": values}, _judgement(overall, values)


def _judgement(overall: Mapping[str, Any], values: Mapping[str, Any]) -> Judgement:
    """The worst that was found: over all, in a subject, or on running text."""
    verdict = overall.get("verdict")
    if verdict == "forgotten":
        return Judgement(BAD, "forgotten")
    if values["forgotten_subjects"]:
        return Judgement(BAD, "forgotten_subjects")
    if values["bits_per_byte"] == "forgotten":
        return Judgement(BAD, "forgotten_text")
    if verdict is None:
        return Judgement(None, "described" if overall["n"] else "no_items")
    return Judgement(_VERDICTS[verdict], _NOTES[verdict])


def _figure(entry: Mapping[str, Any], name: str) -> float:
    value = entry.get(name)
    return float("nan") if value is None else float(value)


def _interval(entry: Mapping[str, Any], name: str) -> Interval | None:
    found = entry.get(name)
    return None if found is None else (found[0], found[1])


def _change(overall: Mapping[str, Any]) -> Difference:
    return Difference(
        n=overall["n"],
        before=_figure(overall, "before"),
        after=_figure(overall, "after"),
        difference=_figure(overall, "difference"),
        interval=_interval(overall, "interval"),
        p=overall.get("p"),
        effect=None,
        effect_name="",
        detectable=None,
        needed=None,
        test=overall.get("test") or "",
    )
