"""What the model knew before, as the page shows it: the verdict by non-inferiority, each subject on one axis.

>>> view = retention_view(json.loads(Path("retention/retention.json").read_text()), "en")  # doctest: +SKIP
>>> view["kind"], view["sentence"]  # doctest: +SKIP
('retained', 'What the model knew before is retained: a loss of more than 2.0 points can be ruled out …')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.evaluate.report_figures import interval_text, picture
from tunesmith.evaluate.report_numbers import DASH, bounds, is_number, p_value, scale_of
from tunesmith.evaluate.report_plot import axis_of, axis_picture
from tunesmith.evaluate.report_score_table import scores_table
from tunesmith.evaluate.report_verdict import joined
from tunesmith.evaluate.report_words import Language, items, name, say

View = dict[str, Any]
Entry = Mapping[str, Any]

SUBJECTS_SHOWN = 20  # with all that was forgotten; the others unfold
_KINDS = {"forgotten": "forgotten", "not shown": "few", "retained": "retained"}
_SHARE = scale_of("0-1", is_share=True)


def retention_view(found: Mapping[str, Any] | None, language: Language) -> View | None:
    """The section of the page; None where retention was not measured."""
    if found is None:
        return None
    overall = found["overall"]
    if not overall.get("n"):
        return _only_bits(found, language)
    entries = [overall, *_by_severity(found["subjects"])]
    n_shown = 1 + max(SUBJECTS_SHOWN, sum(entry.get("verdict") == "forgotten" for entry in entries))
    is_alone = overall.get("verdict") is None
    table = _alone(entries, language) if is_alone else _both(entries, language)
    bits = bits_view(found.get("bits_per_byte"), language)
    return {
        "kind": _KINDS.get(overall.get("verdict") or "", "none"),
        "sentence": _sentence(overall, language),
        "subjects": _subjects_sentence(found["subjects"], language),
        "is_alone": is_alone,
        "shown": {**table, "lines": table["lines"][:n_shown]},
        "rest": {**table, "lines": table["lines"][n_shown:]},
        "flips": [_flips(entry) for entry in found["subjects"] if entry.get("gained") or entry.get("lost")],
        "bits": bits,
        "texts": say(language, "bits_short", verdict=bits["verdict"]) if bits and bits["verdict"] else "",
        "facts": _measured(found, language),
        "warnings": _warnings(found, language),
    }


def _both(entries: Sequence[Entry], language: Language) -> View:
    """Differences on one axis, each with its margin."""
    lines = [_line(entry, language) for entry in entries]
    lines[0] |= {"title": say(language, "overall"), "is_whole": True}
    axis = axis_of([end for line in lines for end in _reach(line)])
    for line in lines:
        line["picture"] = picture(axis, line, language)
    return {"lines": lines, "axis": axis_picture(axis)}


def _alone(entries: Sequence[Entry], language: Language) -> View:
    """Of one system alone its accuracies, from 0 to 100."""
    named = [(say(language, "overall") if entry is entries[0] else str(entry["name"]), entry) for entry in entries]
    return scores_table([(title, {**entry, "value": _of_one(entry)}) for title, entry in named], language)


def _of_one(entry: Entry) -> float | None:
    """The accuracy of whichever system was measured."""
    value = entry.get("after") if is_number(entry.get("after")) else entry.get("before")
    return value if is_number(value) else None


def _only_bits(found: Mapping[str, Any], language: Language) -> View | None:
    """A measurement of texts alone, without questions."""
    bits = bits_view(found.get("bits_per_byte"), language)
    empty: View = {"lines": [], "axis": ""}
    return bits and {
        "kind": bits["kind"],
        "sentence": bits["sentence"],
        "subjects": "",
        "is_alone": not bits["verdict"],
        "shown": empty,
        "rest": empty,
        "flips": [],
        "bits": bits,
        "texts": "",
        "facts": _measured(found, language),
        "warnings": _warnings(found, language),
    }


def _measured(found: Mapping[str, Any], language: Language) -> list[str]:
    """Which models, by which engine, in which mode, with how many solved examples."""
    settings = found.get("settings") or {}
    systems = found.get("systems") or {}
    told = [f"{say(language, side)}{say(language, 'colon')}{systems[side]}" for side in systems if systems[side]]
    if settings.get("engine"):
        told.append(str(settings["engine"]))
    if settings.get("mode"):
        told.append(name(language, "mode", settings["mode"]))
    if settings.get("shots_used"):
        told.append(say(language, "shots", n=say(language, "separator").join(map(str, settings["shots_used"]))))
    return told


def _warnings(found: Mapping[str, Any], language: Language) -> list[str]:
    if not found.get("warnings"):
        return []
    from tunesmith.evaluate.retention_warnings import warning_text  # numba: only where there is something to say

    return [warning_text(warning, language) for warning in found["warnings"]]


def _line(entry: Entry, language: Language) -> View:
    verdict = entry.get("verdict")
    ends = bounds(entry.get("interval")) if verdict else None
    needed = entry.get("needed")
    return {
        "title": str(entry.get("name", "")),
        "about": "",
        "items": items(language, entry.get("n") or 0),
        "kind": _KINDS.get(verdict or "", "none"),
        "verdict": name(language, "verdict", verdict or "none"),
        "before": _SHARE.figure(entry.get("before")),
        "after": _SHARE.figure(entry.get("after")),
        "difference": _SHARE.difference(entry.get("difference")),
        "interval": interval_text(_SHARE, entry.get("interval"), language),
        "shown": _SHARE.shown(entry.get("difference")),
        "reach": None if ends is None else (100 * ends[0], 100 * ends[1]),
        "blind": None,
        "margin": _SHARE.shown(entry.get("margin")),
        "p_adjusted": p_value(entry.get("p_adjusted")),
        "below": say(language, "needed_about", needed=f"{needed:,}")
        if verdict == "not shown" and is_number(needed)
        else "",
    }


def _reach(line: View) -> list[tuple[float, float]]:
    ends = [line["reach"]] if line["reach"] else []
    return ends + ([(-line["margin"], 0.0)] if line["margin"] else [])


def _by_severity(subjects: Sequence[Entry]) -> list[Entry]:
    """Forgotten first, then what is not shown; within each the largest loss first."""
    order = list(_KINDS)

    def severity(entry: Entry) -> tuple[int, float]:
        verdict = entry.get("verdict")
        difference = entry.get("difference")
        return order.index(verdict) if verdict in order else len(order), difference if is_number(difference) else 0.0

    return sorted(subjects, key=severity)


def _sentence(overall: Entry, language: Language) -> str:
    verdict = overall.get("verdict")
    shown = {
        "before": _SHARE.figure(overall.get("before")),
        "after": _SHARE.figure(overall.get("after")),
        "interval": interval_text(_SHARE, overall.get("interval"), language, signs=verdict is not None),
        "items": items(language, overall.get("n") or 0),
    }
    if verdict is None:
        value = _SHARE.figure(_of_one(overall))
        return say(language, "retention_alone", value=value, interval=shown["interval"], items=shown["items"])
    margin = _SHARE.difference(overall["margin"]).removeprefix("+")
    key = "retention_" + verdict.replace(" ", "_")
    sentence = say(language, key, margin=margin, difference=_SHARE.difference(overall["difference"]), **shown)
    if verdict == "not shown" and is_number(overall.get("needed")):
        needed = say(language, "retention_needed", n=f"{overall['needed']:,}")
        return joined([sentence, needed], language)
    return sentence


def _subjects_sentence(subjects: Sequence[Entry], language: Language) -> str:
    """How many subjects were retained, and which were forgotten."""
    verdicts = [entry.get("verdict") for entry in subjects]
    if not any(verdicts):
        return ""
    told = [say(language, f"subjects_{_KINDS[v]}", n=f"{verdicts.count(v):,}") for v in _KINDS if v in verdicts]
    sentence = say(language, "subjects", told=say(language, "separator").join(told))
    lost = [
        f"{entry['name']} {_SHARE.difference(entry['difference'])}"
        for entry in _by_severity(subjects)
        if entry.get("verdict") == "forgotten"
    ]
    listed = say(language, "subjects_lost", names=say(language, "separator").join(lost)) if lost else ""
    return joined([sentence, listed], language)


def _flips(entry: Entry) -> View:
    sides = [(side, list(entry.get(side) or ())) for side in ("lost", "gained")]
    return {
        "title": entry["name"],
        "sides": [
            {"side": side, "ids": ids[:SUBJECTS_SHOWN], "more": max(0, len(ids) - SUBJECTS_SHOWN)}
            for side, ids in sides
            if ids
        ],
    }


def bits_view(found: Entry | None, language: Language) -> View | None:
    """Bits per byte of general text: lower is better, so a rise is a loss."""
    if not found:
        return None
    scale = scale_of("bits")
    verdict = found.get("verdict")
    shown = {
        "before": scale.figure(found.get("before")),
        "after": scale.figure(found.get("after")),
        "difference": scale.difference(found.get("difference")),
        "interval": interval_text(scale, found.get("interval"), language, signs=verdict is not None),
        "n": f"{found['n']:,}" if is_number(found.get("n")) else DASH,
        "margin": scale.figure(found.get("margin")),
    }
    key = "bits_text" if verdict else "bits_text_alone"
    return {
        "kind": _KINDS.get(verdict or "", "none"),
        "verdict": name(language, "verdict", verdict) if verdict else "",
        "sentence": say(language, key, **shown),
    }
