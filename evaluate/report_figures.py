"""One metric of a comparison as a page shows it: its figures as texts, its verdict, and the row of the plot.

>>> line = figure_line("correct", entry, "en")  # doctest: +SKIP
>>> line["difference"], line["interval"], line["verdict"]  # doctest: +SKIP
('+2.0', '−10.2 to +14.2', 'no clear change')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tunesmith.curate.report_format import visible
from tunesmith.evaluate.report_numbers import DASH, Scale, bounds, digits, is_number, p_value, scale_of
from tunesmith.evaluate.report_plot import Axis, axis_of, axis_picture, interval_picture
from tunesmith.evaluate.report_words import Language, has, items, metric, name, say

Entry = Mapping[str, Any]
View = dict[str, Any]

ALPHA = 0.05  # of the verdicts
#: A verdict's colour: the class of its dot and of its word.
KINDS = {"better": "better", "worse": "worse", "no clear change": "unclear", "too few": "few"}


def kind_of(verdict: str | None) -> str:
    """The class of a verdict; of none at all, `none`."""
    return KINDS.get(verdict or "", "none")


def scale_for(entry: Entry) -> Scale:
    """How the figures of a metric are written: of right and wrong, in per cent."""
    return scale_of(entry.get("unit"), is_share=entry.get("kind") == "binary" or entry.get("flips") is not None)


def is_clear_alone(entry: Entry) -> bool:
    """Whether the correction for several tests takes a verdict away that the metric alone would have."""
    if entry.get("verdict") != "no clear change" or not is_number(entry.get("p")):
        return False
    ends = bounds(entry.get("interval"))
    return ends is not None and (ends[0] > 0 or ends[1] < 0) and entry["p"] <= ALPHA < (entry.get("p_adjusted") or 0)


def interval_text(scale: Scale, interval: Any, language: Language, *, signs: bool = True) -> str:
    """`−1.2 to +9.8`, or a dash."""
    ends = bounds(interval)
    if ends is None:
        return DASH
    low, high = (scale.difference(end) if signs else scale.figure(end) for end in ends)
    return say(language, "range", low=low, high=high)


def figure_line(code: str, entry: Entry, language: Language) -> View:
    """The figures of one metric as texts. `shown` and `reach` are the difference and its interval for the plot."""
    scale = scale_for(entry)
    verdict = entry.get("verdict")
    ends = bounds(entry.get("interval"))
    return {
        "code": code,
        "title": metric(language, code),
        "about": name(language, "about", code) if has(language, "about", code) else "",
        "kind": kind_of(verdict),
        "verdict": name(language, "verdict", verdict) if verdict else name(language, "verdict", "none"),
        "before": scale.figure(entry.get("before")),
        "after": scale.figure(entry.get("after")),
        "difference": scale.difference(entry.get("difference")),
        "interval": interval_text(scale, entry.get("interval"), language),
        "shown": scale.shown(entry.get("difference")),
        "reach": None if ends is None else (ends[0] * scale.factor, ends[1] * scale.factor),
        "blind": scale.shown(entry.get("detectable")),
        "is_points": scale.is_points,
        "n": entry.get("n"),
        "items": items(language, entry.get("n") or 0),
        "below": say(language, "alone_short") if is_clear_alone(entry) else "",
        "p": p_value(entry.get("p")),
        "p_adjusted": p_value(entry.get("p_adjusted")),
        "effect": digits(entry["effect"], 2) if is_number(entry.get("effect")) else DASH,
        "effect_name": name(language, "effect_name", entry.get("effect_name") or ""),
        "detectable": _size(scale, entry.get("detectable")),
        "needed": f"{entry['needed']:,}" if is_number(entry.get("needed")) else DASH,
        "test": _test(entry, language),
    }


def plotted(lines: list[View], language: Language) -> View:
    """The lines with their pictures on one axis, and that axis. Lines on another scale have no picture."""
    axis = axis_of([*_ends(line for line in lines if line["is_points"])])
    for line in lines:
        line["picture"] = picture(axis, line, language) if line["is_points"] else None
    return {"lines": lines, "axis": axis_picture(axis)}


def picture(axis: Axis, line: View, language: Language) -> Any:
    """The row of the plot, with its words for who cannot see it."""
    label = say(
        language,
        "forest_label",
        metric=visible(line["title"]),
        difference=line["difference"],
        interval=line["interval"],
        verdict=line["verdict"],
    )
    return interval_picture(
        axis, line["shown"], line["reach"], line["kind"], label=label, blind=line["blind"], margin=line.get("margin")
    )


def _ends(lines: Iterable[View]) -> Iterable[tuple[float, float]]:
    for line in lines:
        if line["reach"] is not None:
            yield line["reach"]
        if line["shown"] is not None:
            yield (line["shown"], line["shown"])
        if line.get("margin"):
            yield (-line["margin"], 0.0)


def _size(scale: Scale, value: Any) -> str:
    """A size without a sign: a change in either direction."""
    return DASH if not is_number(value) else digits(abs(value) * scale.factor, scale.decimals)


def _test(entry: Entry, language: Language) -> str:
    return name(language, "test", entry["test"]) if entry.get("test") else DASH
