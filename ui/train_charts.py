"""What the charts of this page draw: the parts of memory, and the losses by the library's own drawing of them.

>>> list(memory_bars({"weights": 2**30}, {"weights": "weights"})["data"]["values"])
[{'name': 'weights', 'gib': 1.0, 'text': '1.0 GiB'}]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunesmith.train.loss_curves import Curves
    from tunesmith.train.types import Language

Spec = dict[str, Any]

_GIB = 1024**3
_GREY = "#808a8c"  # readable on both grounds
_HEIGHTS = {"loss": 360}  # with title, legend and axis


def memory_bars(parts: Mapping[str, int], words: Mapping[str, str], *, least: float = 0.005) -> Spec:
    """A bar for each part of the memory of a step.

    :param parts: bytes by part; those below `least` of the whole are drawn as one.
    :param words: what a part is called; that of the rest has the key ``rest``.
    """
    from tunesmith.train.estimate_types import gibibytes

    whole = sum(parts.values())
    large = {part: size for part, size in parts.items() if size >= least * whole}
    rest = whole - sum(large.values())
    found = large | ({"rest": rest} if rest else {})
    values = [
        {"name": words.get(part, part), "gib": size / _GIB, "text": gibibytes(size)} for part, size in found.items()
    ]
    axis = {"title": None, "labelLimit": 150, "ticks": False, "domain": False}
    number = {
        "mark": {"type": "text", "align": "left", "dx": 4, "color": _GREY},
        "encoding": {"text": {"field": "text"}},
    }
    room = 1.25 * max(found.values(), default=_GIB) / _GIB  # for the number behind the longest bar
    across = {"field": "gib", "type": "quantitative", "axis": None, "scale": {"domain": [0, room], "nice": False}}
    return {
        "data": {"values": values},
        "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "axis": axis}, "x": across},
        "layer": [{"mark": {"type": "bar", "cornerRadiusEnd": 2, "tooltip": None}}, number],
        "height": max(1, len(values)) * 26,
    }


def loss_charts(curves: Curves, language: Language, *, dark: bool) -> dict[str, Spec]:
    """The drawings of a run: `loss`, and `kept` and `rate` where there are such."""
    from tunesmith.train.loss_spec import Dress, panels

    ink, rule = ("#a8b3b4", "#384244") if dark else ("#5c6670", "#d9e0e0")
    line, raw = ("#4db6b0", "#2f5a58") if dark else ("#0f6f6c", "#a9cfcd")
    groups = ("#e79a5b", "#93a5e0", "#d58bb3") if dark else ("#c8702a", "#5a6fb0", "#9a4f78")
    bad = "#ef6b6b" if dark else "#c02020"
    dress = Dress(raw, line, groups, bad, ink, rule, None, has_words=True)
    found = panels(curves, dress, language)
    for layer in found["loss"]["layer"]:
        if layer["mark"]["type"] == "text":  # what is lowest is mostly so at the end, where the page ends too
            layer["mark"] |= {"align": "right", "dx": 8}
        elif layer["mark"]["type"] == "line" and len(layer["data"]["values"]) == 1:
            layer["mark"] |= {"point": True}  # a line of one point is not seen
    return {name: _fitted(panel, ink) | {"height": _HEIGHTS.get(name, 150)} for name, panel in found.items()}


def _fitted(panel: Spec, ink: str) -> Spec:
    """As wide as the page; what each line is stands above."""
    legend = {"orient": "top", "direction": "horizontal", "title": None, "labelColor": ink, "labelLimit": 200}
    legend |= {"symbolType": "stroke", "symbolStrokeWidth": 3, "columns": 2}
    rest = {key: value for key, value in panel.items() if key != "width"}
    return {**rest, "config": {"view": {"stroke": None}, "legend": legend}}
