"""The page of a sweep, and its words in the terminal, in English or Chinese.

>>> html = render_sweep(facts, trials, sweep, "zh")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tunesmith.curate import charts
from tunesmith.curate import report as curation
from tunesmith.curate.page_templates import page_environment
from tunesmith.train.sweep_charts import history_spec, slice_spec
from tunesmith.train.sweep_types import Objective, Sweep, Trial
from tunesmith.train.types import Language

_FOLDERS = (Path(__file__).with_name("templates"), Path(curation.__file__).with_name("templates"))
#: Beside the best trial, a terminal shows so many.
SHOWN = 10

_WORDS: dict[str, tuple[str, str]] = {
    "html_language": ("en", "zh-CN"),
    "sweep": ("Sweep", "参数搜索"),
    "verdict": (
        "Trial {number} is the best of {n}: {objective} {value}.",
        "{n} 次试验中，第 {number} 次最好：{objective} {value}。",
    ),
    "no_best": ("No trial came to an end; see the reasons below.", "没有一次试验完成，原因见下表。"),
    "counts": (
        "{complete} complete, {pruned} pruned, {failed} failed; seed {seed}; {objective}, {direction}.",
        "完成 {complete} 次，提前停止 {pruned} 次，失败 {failed} 次；随机种子 {seed}；目标：{objective}，{direction}。",
    ),
    "loss": ("the validation loss", "验证损失"),
    "loss_on": ("the loss on {groups}", "{groups} 上的损失"),
    "mean_on": ("the mean loss on {groups}", "{groups} 的加权平均损失"),
    "metric_on": ("{metric} on {group}", "{group}上的 {metric}"),
    "all_rows": ("all validation rows", "全部验证行"),
    "less": ("less is better", "越低越好"),
    "more": ("more is better", "越高越好"),
    "noise": (
        "The best of many trials is partly luck: its value on these validation rows is better than what new rows will "
        "show. Repeat the best settings with other seeds before you trust a small lead.",
        "多次试验中的最好结果含有运气成分：它在这些验证数据上的数值会好于新数据上的表现。领先不多时，请换几个随机种子重跑最好的设置再下结论。",
    ),
    "best": ("The best settings", "最好的设置"),
    "setting": ("Setting", "设置"),
    "value": ("Value", "取值"),
    "history": ("Trials in their order", "按顺序看各次试验"),
    "history_note": (
        "A dot is a trial that came to its end, the line is the best so far.",
        "每个点是一次完成的试验，折线是到当时为止的最好值。",
    ),
    "slices": ("Each setting against the result", "各项设置与结果"),
    "slices_note": ("A dot is a trial; later ones are darker.", "每个点是一次试验，颜色越深越靠后。"),
    "importance": ("What mattered", "哪些设置重要"),
    "importance_note": (
        "Shares of the variance of the result that each setting explains (fANOVA over {n} complete trials). A setting "
        "whose range was narrow looks unimportant.",
        "各项设置对结果方差的贡献（对 {n} 次完成的试验做 fANOVA）。取值范围窄的设置会显得不重要。",
    ),
    "importance_few": (
        "Too few complete trials to say ({n}; from {least} on).",
        "完成的试验太少，无法判断（{n} 次，至少要 {least} 次）。",
    ),
    "trials": ("All trials", "全部试验"),
    "trial": ("Trial", "试验"),
    "result": ("Result", "结果"),
    "seconds": ("Seconds", "秒"),
    "state": ("End", "状态"),
    "complete": ("complete", "完成"),
    "pruned": ("pruned", "提前停止"),
    "failed": ("failed", "失败"),
    "next": ("Train with them", "用它们训练"),
    "contents": ("Contents", "目录"),
}


def say(language: Language, key: str, **values: Any) -> str:
    """A text of the page."""
    return _WORDS[key][language == "zh"].format(**values)


def render_sweep(facts: Mapping[str, Any], trials: Sequence[Trial], sweep: Sweep, language: Language) -> str:
    """The whole page.

    :param facts: as `sweep.json` has them.
    """
    t = partial(say, language)
    maximise = facts["direction"] == "maximise"
    done = [one for one in trials if one.value is not None]
    slices = [(key, charts.draw(slice_spec(done, key, sweep.space), label=key)) for key in sweep.space] if done else []
    history = charts.draw(history_spec(done, maximise=maximise), label=t("history")) if done else ""
    html: str = (
        page_environment(_FOLDERS)
        .get_template("sweep.html.j2")
        .render(
            t=t,
            f=facts,
            verdict=_verdict(_objective(sweep.objective, t), facts, t),
            objective=_objective(sweep.objective, t),
            counts=t("counts", **facts["counts"], seed=sweep.seed, **_aim(_objective(sweep.objective, t), facts, t)),
            best=[(key, _shown(value)) for key, value in sorted(facts["best"]["values"].items())]
            if facts["best"]
            else [],
            history=history,
            slices=slices,
            importance=[*facts["importance"].items()],
            keys=[*sweep.space],
            trials=[_line(one, sweep, facts) for one in trials],
        )
    )
    return html


def sweep_text(facts: Mapping[str, Any]) -> str:
    """What a sweep came to, for a terminal: the best first.

    :param facts: as `sweep.json` has them.
    """
    t = partial(say, "en")
    maximise = facts["direction"] == "maximise"
    trials = [Trial(**one) for one in facts["trials"]]
    done = [one for one in trials if one.value is not None]
    done.sort(key=lambda one: (-(one.value or 0) if maximise else one.value or 0, one.number))
    rows = [["trial", t("result").lower(), *facts["space"]]]
    rows += [
        [str(one.number), f"{one.value:.4g}", *(_shown(one.values[key]) for key in facts["space"])]
        for one in done[:SHOWN]
    ]
    lines = [t("counts", **facts["counts"], seed=facts["seed"], **_aim(facts["objective"], facts, t)), *_aligned(rows)]
    if len(done) > SHOWN:
        lines.append(f"… and {len(done) - SHOWN} more in trials.csv")
    if facts["best"] is None:
        lines.append(t("no_best"))
    if facts["importance"]:
        lines.append("mattered most: " + ", ".join(f"{key} {share:.0%}" for key, share in facts["importance"].items()))
    lines += [f"trial {one.number} failed: {one.reason}" for one in trials if one.state == "failed"]
    lines.append(f"report: {facts['report']}")
    return "\n".join([*lines, f"next: {facts['next']}"] if facts["next"] else lines)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]


def _objective(objective: Objective, t: Any) -> str:
    """What a trial is judged by, in the page's language."""
    if objective.metric is not None:
        group = objective.group
        return str(t("metric_on", metric=objective.metric, group=t("all_rows") if group is None else group))
    if not objective.loss:
        return str(t("loss"))
    weights = [
        f"{weight:g} × {group}" if len(objective.loss) > 1 else group for group, weight in objective.loss.items()
    ]
    return str(t("loss_on" if len(weights) == 1 else "mean_on", groups=" + ".join(weights)))


def _aim(objective: str, facts: Mapping[str, Any], t: Any) -> dict[str, str]:
    return {"objective": objective, "direction": t("more" if facts["direction"] == "maximise" else "less")}


def _verdict(objective: str, facts: Mapping[str, Any], t: Any) -> str:
    best = facts["best"]
    if best is None:
        return str(t("no_best"))
    n = sum(facts["counts"].values())
    return str(t("verdict", number=best["number"], n=n, objective=objective, value=f"{best['value']:.4g}"))


def _line(one: Trial, sweep: Sweep, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "is_best": facts["best"] is not None and facts["best"]["number"] == one.number,
        "value": "–" if one.value is None else f"{one.value:.4g}",
        "cells": [_shown(one.values[key]) for key in sweep.space],
        "seconds": f"{one.seconds:,.0f}",
        "reason": one.reason,
    }


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
