"""The curves of a run: losses of training and of each validation group, the best point, the learning rate."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.ui.charts import show_chart
from tunesmith.ui.here import Here
from tunesmith.ui.train_charts import loss_charts
from tunesmith.ui.train_log import Line
from tunesmith.ui.train_run import Run
from tunesmith.ui.train_shown import table
from tunesmith.ui.words import escaped


def show_curves(here: Here, run: Run, lines: Sequence[Line]) -> None:
    """The charts, what they say in words, and the same as figures."""
    from tunesmith.train.loss_curves import curves_of
    from tunesmith.train.report_views import remarks, validation_view
    from tunesmith.train.supervisor import read_incidents

    language = here.say.language
    curves = curves_of(lines, read_incidents(run.folder))
    if curves.is_empty:
        return
    for remark in remarks(curves, language):
        st.info(escaped(remark), icon=":material/lightbulb:")
    for name, spec in loss_charts(curves, language, dark=here.dark).items():
        show_chart(spec, key=f"chart_{name}_{run.name}", alt=here.say.plain(f"train.chart_{name}"))
    found = validation_view(curves, {}, language)
    columns = {
        here.say("train.set"): [one["title"] for one in found],
        here.say("train.loss_first"): [one["first"] for one in found],
        here.say("train.loss_best"): [f"{one['best']} · {one['step']}" for one in found],
        here.say("train.loss_last"): [f"{one['last']} ({one['change']})" for one in found],
    }
    if found:
        table(columns, key=f"losses_{run.name}")
