"""The drawing of a run's curves as a Vega-Lite specification: losses above, general questions and learning rate below.

>>> spec = loss_spec(curves, "en")  # doctest: +SKIP

Two dresses: for a picture that stands by itself (`PAPER`: its own colours, words and legend), and for a page (`PAGE`:
colours are CSS variables, the words stand in the page).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.train.loss_curves import Curves, Point, smoothed, thinned
from tunesmith.train.types import Language

Spec = dict[str, Any]


class Dress(NamedTuple):
    """Colours of a drawing, and whether words stand in it.

    :param groups: of the validation losses in their order; a further group takes the first again, dashed.
    """

    raw: str
    smooth: str
    groups: tuple[str, ...]
    incident: str
    ink: str
    rule: str
    paper: str | None
    has_words: bool


_LATIN = "Noto Sans, DejaVu Sans, Helvetica, Arial"
_CHINESE = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei"
FONTS: Mapping[Language, str] = {
    "en": f"{_LATIN}, {_CHINESE}, sans-serif",
    "zh": f"{_CHINESE}, {_LATIN}, sans-serif",
}
PAPER = Dress(
    raw="#bcd6e0",
    smooth="#0b6b8a",
    groups=("#b4451f", "#5a7d2a", "#7a4fa3"),
    incident="#c02020",
    ink="#5c6670",
    rule="#e1e5e9",
    paper="#ffffff",
    has_words=True,
)
PAGE = Dress(
    raw="var(--raw)",
    smooth="var(--after)",
    groups=("var(--group-1)", "var(--group-2)", "var(--group-3)"),
    incident="var(--bad)",
    ink="var(--ink-soft)",
    rule="var(--rule)",
    paper=None,
    has_words=False,
)

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "step": "step",
        "loss": "loss",
        "cut": "loss (higher values are cut off)",
        "raw": "training",
        "smooth": "training, smoothed",
        "group": "validation: {}",
        "validation": "validation",
        "rate": "learning rate",
        "kept": "general questions answered right",
        "best": "lowest at step {}",
        "spike": "spike",
        "not_finite": "not finite",
    },
    "zh": {
        "step": "步",
        "loss": "损失",
        "cut": "损失（更高的值已截去）",
        "raw": "训练",
        "smooth": "训练（平滑）",
        "group": "验证：{}",
        "validation": "验证",
        "rate": "学习率",
        "kept": "通用题答对率",
        "best": "第 {} 步最低",
        "spike": "突增",
        "not_finite": "非有限值",
    },
}
#: Names of groups that everybody has.
GROUPS: Mapping[Language, Mapping[str, str]] = {"en": {}, "zh": {"domain": "领域", "general": "通用"}}
_CLIP = re.compile(r"clip\d+")
WIDTH = 640
_HEIGHTS, _LOW = {"loss": 260}, 70


def loss_spec(curves: Curves, language: Language) -> Spec:
    """The whole drawing, for a picture by itself."""
    found = panels(curves, PAPER, language)
    for name in list(found)[:-1]:  # the steps stand below the last
        found[name]["layer"][0]["encoding"]["x"]["axis"] |= {"labels": False, "title": None}
    return {**_frame(PAPER, language), "vconcat": list(found.values()), "spacing": 12}


def page_specs(curves: Curves, language: Language) -> dict[str, Spec]:
    """The drawings of a page: `loss`, and `kept` and `rate` where there are such."""
    return {name: _frame(PAGE, language) | panel for name, panel in panels(curves, PAGE, language).items()}


def numbered(svg: str, prefix: str = "clip") -> str:
    """The drawing with names of its own for its clips: the drawer counts them on through the life of a process, so
    that the same curves would give other bytes, and two drawings on a page must not share one."""
    names = {old: f"{prefix}{number}" for number, old in enumerate(dict.fromkeys(_CLIP.findall(svg)))}
    return _CLIP.sub(lambda found: names[found[0]], svg)


def _frame(dress: Dress, language: Language) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": dress.paper,
        "padding": {"left": 12, "right": 18, "top": 10, "bottom": 8} if dress.has_words else 2,
        "config": {
            "font": FONTS[language] if dress.has_words else "inherit",
            "view": {"stroke": None},
            "aria": False,
            "legend": _legend(dress),
        },
    }


def panels(curves: Curves, dress: Dress, language: Language) -> dict[str, Spec]:
    """The parts of the drawing by name, from above."""
    words = WORDS[language]
    last = max(step for points in (curves.train, *curves.validation.values()) for step, _ in points)
    found = {"loss": _losses(curves, dress, language, last)}
    if curves.kept:
        found["kept"] = _small(curves.kept, dress, words, "kept", last)
    if curves.rates:
        found["rate"] = _small(thinned(curves.rates), dress, words, "rate", last)
    return found


def _legend(dress: Dress) -> Spec:
    look = {"orient": "top", "direction": "horizontal", "labelFontSize": 12, "symbolType": "stroke"}
    return {**look, "columns": 5, "symbolStrokeWidth": 3, "labelLimit": 260, "title": None, "labelColor": dress.ink}


def _losses(curves: Curves, dress: Dress, language: Language, last: int) -> Spec:
    words = WORDS[language]
    series = _series(curves, dress, language)
    low, high, cut = _domain(curves)
    colour = {"domain": [name for name, *_ in series], "range": [colour for _, colour, *_ in series]}
    layers = [_line(name, points, dress, colour, look) for name, _, points, look in series]
    layers[0]["encoding"]["x"] = _x(dress, words, last)
    layers[0]["encoding"]["y"] = _y(dress, {"domain": [low, high], "nice": False})
    layers += _incidents(curves, dress, words) + _best(curves, dress, language)
    return _panel(layers, "loss", dress, words["cut" if cut else "loss"])


def _panel(layers: list[Spec], name: str, dress: Dress, title: str) -> Spec:
    look = {
        "anchor": "start",
        "frame": "group",
        "fontSize": 12,
        "fontWeight": "normal",
        "color": dress.ink,
        "offset": 6,
    }
    shown = {"title": {"text": title, **look}} if dress.has_words else {}
    return {"width": WIDTH, "height": _HEIGHTS.get(name, _LOW), "layer": layers, **shown}


def _series(curves: Curves, dress: Dress, language: Language) -> list[tuple[str, str, list[Point], Spec]]:
    """Name, colour, points and look of each line, in the order of the legend."""
    words = WORDS[language]
    found: list[tuple[str, str, list[Point], Spec]] = []
    if curves.train:
        found.append((words["raw"], dress.raw, thinned(curves.train), {"strokeWidth": 1}))
        found.append((words["smooth"], dress.smooth, thinned(smoothed(curves.train)), {"strokeWidth": 2.2}))
    for number, (group, points) in enumerate(curves.validation.items()):
        dash = {"strokeDash": [5, 3]} if number >= len(dress.groups) else {}
        look = {"strokeWidth": 2, "point": {"size": 26, "filled": True}, **dash}
        found.append((group_name(group, language), dress.groups[number % len(dress.groups)], points, look))
    return found


def group_name(group: str, language: Language) -> str:
    """`validation: domain`, `验证：领域`."""
    words = WORDS[language]
    return words["validation"] if group == "validation" else words["group"].format(GROUPS[language].get(group, group))


def _line(name: str, points: Sequence[Point], dress: Dress, colour: Spec, look: Spec) -> Spec:
    legend: Spec = {"legend": {} if dress.has_words else None}
    return {
        "data": {"values": [{"step": step, "value": value, "line": name} for step, value in points]},
        "mark": {"type": "line", "clip": True, "interpolate": "linear", **look},
        "encoding": {
            "x": {"field": "step", "type": "quantitative"},
            "y": {"field": "value", "type": "quantitative"},
            "color": {"field": "line", "type": "nominal", "scale": colour, **legend},
        },
    }


def is_cut(curves: Curves) -> bool:
    """Whether the picture leaves out losses that are far above the others."""
    return not curves.is_empty and _domain(curves)[2]


def _domain(curves: Curves) -> tuple[float, float, bool]:
    """From the lowest to the highest loss; a spike far above everything is cut off, or it would flatten the rest."""
    found = [curves.train, *curves.validation.values()]
    values = sorted(value for points in found for _, value in points if value is not None) or [0.0, 1.0]
    usual = values[int(0.98 * (len(values) - 1))]
    cut = values[-1] > 3 * usual > 0
    low, high = values[0], 1.5 * usual if cut else values[-1]
    edge = 0.06 * (high - low) or 0.5
    return (max(0.0, low - edge) if low >= 0 else low - edge), high + edge, cut


def _incidents(curves: Curves, dress: Dress, words: Mapping[str, str]) -> list[Spec]:
    if not curves.incidents:
        return []
    values = [{"step": step, "what": words[kind]} for step, kind in curves.incidents]
    place = {"x": {"field": "step", "type": "quantitative"}}
    rule = {"type": "rule", "color": dress.incident, "strokeDash": [4, 3], "strokeWidth": 1.2}
    text = {"type": "text", "color": dress.incident, "align": "left", "dx": 4, "dy": 8, "fontSize": 11, "y": 0}
    found = [{"data": {"values": values}, "mark": rule, "encoding": place}]
    if dress.has_words:
        labels = {**place, "y": {"value": 0}, "text": {"field": "what"}}
        found.append({"data": {"values": values}, "mark": text, "encoding": labels})
    return found


def _best(curves: Curves, dress: Dress, language: Language) -> list[Spec]:
    if curves.best is None:
        return []
    group, step, value = curves.best
    colour = dress.groups[list(curves.validation).index(group) % len(dress.groups)]
    values = [{"step": step, "value": value, "what": WORDS[language]["best"].format(step)}]
    place = {"x": {"field": "step", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}
    ring = {"type": "point", "shape": "circle", "size": 140, "color": colour, "strokeWidth": 2, "filled": False}
    found: list[Spec] = [{"data": {"values": values}, "mark": ring, "encoding": place}]
    if dress.has_words:
        text = {"type": "text", "color": colour, "dy": -13, "fontSize": 11, "fontWeight": "bold"}
        found.append({"data": {"values": values}, "mark": text, "encoding": {**place, "text": {"field": "what"}}})
    return found


def _small(points: Sequence[Point], dress: Dress, words: Mapping[str, str], name: str, last: int) -> Spec:
    look = {"size": 22, "color": dress.smooth} if name == "kept" else False
    mark = {"type": "line", "color": dress.smooth, "strokeWidth": 1.8, "point": look}
    scale = {"zero": name == "rate", "nice": True}
    encoding = {"x": _x(dress, words, last), "y": _y(dress, scale, name)}
    data = {"values": [{"step": step, "value": value} for step, value in points]}
    return _panel([{"data": data, "mark": mark, "encoding": encoding}], name, dress, words[name])


def _x(dress: Dress, words: Mapping[str, str], last: int) -> Spec:
    title = words["step"] if dress.has_words else None
    axis = {**_axis(dress), "title": title, "grid": False, "tickMinStep": 1, "tickCount": 8, "format": ",d"}
    return {"field": "step", "type": "quantitative", "scale": {"domain": [0, last], "nice": False}, "axis": axis}


def _y(dress: Dress, scale: Spec, name: str = "loss") -> Spec:
    number = {
        "loss": {"format": "~g", "tickCount": 6},
        "kept": {"format": ".0%", "tickCount": 3},
        "rate": {"labelExpr": "datum.value ? format(datum.value, '~e') : '0'", "tickCount": 2},
    }[name]
    axis = {**_axis(dress), "title": None, "grid": True, "domain": False, "ticks": False, "minExtent": 44, **number}
    return {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}


def _axis(dress: Dress) -> Spec:
    look = {"labelColor": dress.ink, "titleColor": dress.ink, "gridColor": dress.rule, "domainColor": dress.rule}
    return {**look, "tickColor": dress.rule, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal"}
