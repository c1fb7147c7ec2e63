"""What a mix takes: before and after in rows and tokens, a warning where rows repeat or groups shrink, and a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.mix_base import Base, mixed
from tunesmith.ui.mix_choose import group_name
from tunesmith.ui.words import escaped

if TYPE_CHECKING:
    from tunesmith.curate.mix_preview import MixedGroup, MixPreview

#: Used once and repeated in the theme's colours, left out in grey.
_COLOURS = {"light": ("#0f6f6c", "#c8702a", "#cfd6d6"), "dark": ("#4db6b0", "#e79a5b", "#4a5557")}

_NAMES = ("group", "rows", "lines", "tokens", "tokens_after", "share")


def show_result(here: Here, base: Base, mix: dict[str, Any]) -> None:
    """The figures of this mix."""
    found = mixed(base, mix)
    st.subheader(here.say("mix.result"), anchor=False)
    _warn(here, found)
    lines = table_lines(here, found.groups, str(mix.get("unit", "rows")))
    st.dataframe(
        {name: [line[name] for line in lines] for name in _NAMES},
        hide_index=True,
        key="mix_table",
        column_config=_columns(here),
    )
    st.vega_lite_chart(
        spec=chart(here, found.groups), key="mix_chart", width="stretch", alt=here.say.plain("mix.chart")
    )
    st.caption(here.say("mix.tokens_note"))


def table_lines(here: Here, groups: Sequence[MixedGroup], unit: str) -> list[dict[str, Any]]:
    """A line for each group, and the sum."""
    of = [group.tokens_after if unit == "tokens" else group.lines for group in groups]
    shares = [100 * one / sum(of) if sum(of) else 0.0 for one in of]
    lines = [_line(group_name(here, group.group), [group], share) for group, share in zip(groups, shares)]
    return [*lines, _line(here.say.plain("mix.all"), groups, 100.0 if sum(of) else 0.0)]


def _line(name: str, groups: Sequence[MixedGroup], share: float) -> dict[str, Any]:
    sums = {field: sum(getattr(group, field) for group in groups) for field in _NAMES[1:5]}
    return {"group": name, **sums, "share": share}


def warnings(here: Here, groups: Sequence[MixedGroup]) -> list[str]:
    """What a person must know, in Markdown: which groups repeat or shrink, and by how much."""
    said = []
    for group in groups:
        name = group_name(here, group.group)
        if group.copies_max > 1:
            values = {"rows": group.taken, "lines": group.lines, "copies": group.copies_max}
            said.append(here.say("mix.repeats", group=name, **values))
        if group.taken < group.rows:
            left = group.rows - group.taken
            share = f"{100 * left / group.rows:.1f}"
            said.append(here.say("mix.shrinks", group=name, left=left, rows=group.rows, share=share))
    return said


def _warn(here: Here, found: MixPreview) -> None:
    if not any(group.lines for group in found.groups):
        st.error(here.say("mix.nothing"), icon="⚠️")
        return
    said = warnings(here, found.groups)
    if found.announcement is None:
        if said:
            st.caption("  \n".join(said))
        return
    told = found.announcement.zh if here.say.language == "zh" else found.announcement.en
    st.warning("  \n".join([*said, f"{here.say('mix.run_will_say')} {escaped(told)}"]), icon="⚠️")


def chart(here: Here, groups: Sequence[MixedGroup]) -> dict[str, Any]:
    """Each group's lines: rows taken once, their repeats, and rows left out."""
    names = {kind: here.say.plain(f"mix.part_{kind}") for kind in ("once", "again", "left")}
    values = [
        {"group": group_name(here, group.group), "part": names[kind], "lines": n, "order": order}
        for group in groups
        for order, (kind, n) in enumerate(_parts(group).items())
        if n
    ]
    told = [
        {"field": "group", "type": "nominal", "title": here.say.plain("mix.column_group")},
        {"field": "part", "type": "nominal", "title": " "},
        {"field": "lines", "type": "quantitative", "format": ",", "title": here.say.plain("mix.lines")},
    ]
    colours = dict(zip(names.values(), _COLOURS["dark" if here.dark else "light"]))
    shown = [name for name in names.values() if any(value["part"] == name for value in values)]
    return {
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "group", "type": "nominal", "sort": None, "axis": {"title": None}},
            "x": {"field": "lines", "type": "quantitative", "axis": {"title": None, "format": "~s", "tickCount": 5}},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": {"domain": shown, "range": [colours[name] for name in shown]},
                "legend": {"title": None, "orient": "bottom"},
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": told,
        },
        "height": {"step": 44},
    }


def _parts(group: MixedGroup) -> dict[str, int]:
    return {"once": group.taken, "again": group.lines - group.taken, "left": group.rows - group.taken}


def _columns(here: Here) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: st.column_config.NumberColumn(here.say.plain(f"mix.column_{name}"), format="localized")
        for name in _NAMES[1:5]
    }
    columns["group"] = st.column_config.TextColumn(here.say.plain("mix.column_group"))
    columns["share"] = st.column_config.NumberColumn(here.say.plain("mix.column_share"), format="%.1f %%")
    return columns
