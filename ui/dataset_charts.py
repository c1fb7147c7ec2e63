"""Bars that can be clicked: a click puts their name into the address, a second one takes it out again.

What is picked is a fact of the address, not of the chart, so that a link shows the same rows to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here

_PICK = "pick"
_MUTED = 0.35


def pick_bars(here: Here, name: str, counts: Mapping[str, int], labels: Mapping[str, str], *, upright: bool) -> None:
    """A chart of counts whose bars filter.

    :param name: of the parameter of the address.
    :param labels: what each bar is called: plain text.
    :param upright: columns side by side, for what has an order, instead of bars with long names.
    """
    picked = str(st.query_params.get(name, ""))
    values = [
        {"code": code, "name": labels[code], "rows": count, "strength": 1 if picked in ("", code) else _MUTED}
        for code, count in counts.items()
    ]
    key = f"chart_{name}_{picked}"  # anew after each click: what is picked is drawn by us
    st.vega_lite_chart(
        spec=_columns(here, values) if upright else _bars(here, values),
        key=key,
        width="stretch",
        selection_mode=_PICK,
        on_select=lambda: _picked(name, key),
        alt=here.say.plain(f"dataset.chart_{name}"),
    )


def _picked(name: str, key: str) -> None:
    chosen = st.session_state[key]["selection"].get(_PICK) or []
    code = str(chosen[0]["code"]) if chosen else ""
    was = str(st.query_params.get(name, ""))
    st.query_params.pop("page", None)
    if code and code != was:
        st.query_params[name] = code
    elif code:
        st.query_params.pop(name, None)


def _mark(here: Here) -> dict[str, Any]:
    told = [
        {"field": "name", "type": "nominal", "title": " "},
        {"field": "rows", "type": "quantitative", "format": ",", "title": here.say.plain("dataset.rows_title")},
    ]
    return {
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "cursor": "pointer"},
        "params": [{"name": _PICK, "select": {"type": "point", "fields": ["code"]}}],
        "encoding": {"tooltip": told, "opacity": {"field": "strength", "type": "quantitative", "scale": None}},
    }


def _bars(here: Here, values: list[dict[str, Any]]) -> dict[str, Any]:
    number = {
        "mark": {"type": "text", "align": "left", "dx": 4, "color": "#808a8c"},
        "encoding": {"text": {"field": "rows", "type": "quantitative", "format": ","}},
    }
    return {
        "data": {"values": values},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 200}},
            "x": {"field": "rows", "type": "quantitative", "axis": None, "scale": {"type": "sqrt"}},
        },
        "layer": [_mark(here), number],
        "height": max(1, len(values)) * 26,
        "padding": {"left": 4, "right": 44, "top": 4, "bottom": 4},
    }


def _columns(here: Here, values: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "data": {"values": values},
        "encoding": {
            "x": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "axis": {"title": None, "labelAngle": -45, "labelOverlap": False},
            },
            "y": {"field": "rows", "type": "quantitative", "axis": {"title": None, "tickCount": 3, "format": "~s"}},
        },
        "layer": [_mark(here)],
        "height": 170,
    }
