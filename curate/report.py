"""The report of a run: one HTML file that needs nothing else, in English or Chinese.

`render_report` turns the summary of a run (`curate/summary.py`) into a page without scripts, fonts or pictures from
elsewhere; the same summary gives the same bytes. This file shapes the numbers, `templates/` holds the page and its
style, `report_text.py` the words and `charts.py` the pictures. Whatever comes from data is escaped, and control
characters that could turn or hide text are written out.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tunesmith.curate import charts, report_text
from tunesmith.curate.page_templates import page_environment
from tunesmith.curate.report_duplicates import check_groups, duplicates_view
from tunesmith.curate.report_format import cut, number, share, visible
from tunesmith.curate.report_meaning import meaning_view
from tunesmith.curate.report_quality import quality_view
from tunesmith.errors import InternalError

Language = Literal["en", "zh"]
Summary = Mapping[str, Any]
View = dict[str, Any]

EXAMPLES_SHOWN = 3
#: The order of the run. A stage that stands in neither place comes after these.
_STAGES = ("ingest", "decisions", "rules", "privacy", "contamination", "duplicates", "split", "mix")
#: What the evidence of a rule is, where that is not what its column of the ledger is called.
_EVIDENCE = {
    "semantic_duplicate": {"similarity": "cosine"},
    "too_close": {"similarity": "cosine_prompts", "partner": "taken_row"},
    "not_selected": {"similarity": "cosine_prompts", "partner": "taken_row"},
    "balance": {"threshold": "cap"},
}


def render_report(summary: Summary, language: Language) -> str:
    """The whole page as HTML.

    :param summary: the run in numbers, as JSON can hold it; see `curate/summary.py`.
    :raises InternalError: where the numbers do not add up: the page claims that every row is accounted for.
    """
    _check_accounts(summary)
    say = partial(report_text.say, language)
    template = _environment(language).get_template("report.html.j2")
    html: str = template.render(
        s=summary,
        t=say,
        verdict=_verdict(summary, language),
        flow=_flow(summary),
        reasons=[_reason(reason, summary["rows_in"]) for reason in summary["reasons"]],
        quality=quality_view(summary["quality"], language),
        duplicates=duplicates_view(summary["duplicates"], language),
        meaning=meaning_view(summary["meaning"], language),
        lengths=_lengths(summary["lengths"], language),
        shapes=_shapes(summary),
        mix=_mix(summary["mix"]) if summary["mix"] else None,
        commands=_commands(summary),
    )
    return html


def _check_accounts(summary: Summary) -> None:
    parts = [summary[name] for name in ("kept", "dropped", "invalid", "unsampled")]
    if sum(parts) != summary["rows_in"]:
        raise InternalError(
            f"expected {summary['rows_in']:,} rows accounted for, found {sum(parts):,}", where="summary"
        )
    if summary["train"] + summary["validation"] != summary["kept"]:
        raise InternalError(f"expected {summary['kept']:,} rows in train and validation", where="summary")
    explained = sum(reason["rows"] for reason in summary["reasons"] if reason["verdict"] == "dropped")
    if explained != summary["dropped"]:
        raise InternalError(f"expected reasons for {summary['dropped']:,} rows, found {explained:,}", where="summary")
    if summary["duplicates"]:
        check_groups(summary["duplicates"])


def _environment(language: Language) -> Any:
    environment = page_environment([Path(__file__).with_name("templates")])
    environment.globals["name"] = partial(report_text.name, language)
    environment.globals["rows"] = partial(report_text.rows, language)
    return environment


def _verdict(summary: Summary, language: Language) -> str:
    rows_in = report_text.rows(language, summary["rows_in"])
    key = "verdict" if summary["kept"] else "verdict_none" if summary["rows_in"] else "verdict_empty"
    return report_text.say(language, key, kept=number(summary["kept"]), rows_in=rows_in)


def _flow(summary: Summary) -> list[View]:
    """Steps from the rows that came in to the two files; each with the place of its bar (`start`, `rows`)."""
    steps = [{"kind": "in", "rows": summary["rows_in"], "start": 0}]
    left = summary["rows_in"]
    for kind, stage, count in _departures(summary):
        left -= count
        steps.append({"kind": kind, "stage": stage, "rows": count, "start": left})
    steps.append({"kind": "kept", "rows": summary["kept"], "start": 0})
    if summary["kept"]:
        steps.append({"kind": "train", "rows": summary["train"], "start": 0})
        steps.append({"kind": "validation", "rows": summary["validation"], "start": summary["train"]})
    return steps


def _departures(summary: Summary) -> list[tuple[str, str, int]]:
    """`(verdict, stage, rows)` in the order of the run, without those of no rows."""
    dropped, unsampled = (_by_stage(summary, verdict) for verdict in ("dropped", "unsampled"))
    stages = sorted(dropped, key=lambda stage: _STAGES.index(stage) if stage in _STAGES else len(_STAGES))
    chosen = [("unsampled", stage, unsampled[stage]) for stage in ("select", "balance")]
    return [
        step
        for step in [
            ("invalid", "ingest", summary["invalid"]),
            *(("dropped", stage, dropped[stage]) for stage in stages),
            *chosen,
            ("unsampled", "mix", summary["unsampled"] - sum(rows for *_, rows in chosen)),
        ]
        if step[2]
    ]


def _by_stage(summary: Summary, verdict: str) -> Counter[str]:
    """Rows that left with this verdict, by stage."""
    found: Counter[str] = Counter()
    for reason in summary["reasons"]:
        if reason["verdict"] == verdict:
            found[reason["stage"]] += reason["rows"]
    return found


def _reason(reason: View, rows_in: int) -> View:
    is_raw = reason["verdict"] == "invalid"
    examples = [_example(example, reason["rule"], is_raw=is_raw) for example in reason["examples"][:EXAMPLES_SHOWN]]
    return {**reason, "share": share(reason["rows"], rows_in), "examples": examples}


def _example(example: View, rule: str, *, is_raw: bool) -> View:
    """The texts of a row by their headings. A row that could not be read has no prompt and answer, only what came."""
    parts = (
        {"detail": "detail", "prompt": "raw"}
        if is_raw
        else {"prompt": "prompt", "answer": "answer", "detail": "detail"}
    )
    texts = {heading: cut(example[part]) for part, heading in parts.items() if example[part] is not None}
    named = _EVIDENCE.get(rule, {})
    measured = [key for key in ("value", "similarity", "threshold") if example[key] is not None]
    if example["partner"] is not None and "value" in measured:
        measured.remove("value")  # the similarity again
    evidence = {named.get(key, key): number(example[key]) for key in measured}
    return {**example, "texts": texts, "evidence": evidence, "partner_is": named.get("partner", "survivor")}


def _lengths(lengths: Sequence[View], language: Language) -> list[View]:
    """One view a signal, each with a panel a language; all panels of a signal show the same range of lengths."""
    signals = list(dict.fromkeys(entry["signal"] for entry in lengths))
    return [_signal([e for e in lengths if e["signal"] == signal and any(e["before"])], language) for signal in signals]


def _signal(entries: list[View], language: Language) -> View:
    used = [i for entry in entries for i in range(len(entry["before"])) if entry["before"][i] or entry["after"][i]]
    first, last = min(used, default=0), max(used, default=0)
    return {
        "signal": entries[0]["signal"] if entries else None,
        "panels": [_panel(entry, slice(first, last + 1), language) for entry in entries],
    }


def _panel(entry: View, used: slice, language: Language) -> View:
    edges = entry["edges"][used.start : used.stop + 1]
    before, after = entry["before"][used], entry["after"][used]
    label = report_text.say(
        language,
        "histogram",
        signal=report_text.name(language, "signal", entry["signal"]),
        language=report_text.name(language, "language", entry["language"]),
        before=number(sum(entry["before"])),
        after=number(sum(entry["after"])),
        median_before=_or_dash(entry["median_before"]),
        median_after=_or_dash(entry["median_after"]),
    )
    ranges = [_range(low, high, language) for low, high in zip(edges, [*edges[1:], None])]
    bins = [{"range": lengths, "before": old, "after": new} for lengths, old, new in zip(ranges, before, after)]
    svg = _markup(charts.draw(charts.histogram_spec(edges, before, after), label=visible(label)))
    figures = [(key, side, entry[f"{key}_{side}"]) for key in ("median", "p95") for side in ("before", "after")]
    counts = [("count", side, sum(entry[side])) for side in ("before", "after")]
    return {**entry, "svg": svg, "bins": bins, "figures": [*counts, *figures]}


def _range(low: int, high: int | None, language: Language) -> str:
    """The whole numbers of a bin, both ends included."""
    if high is None:
        return report_text.say(language, "bin_open", low=number(low))
    if high - low == 1:
        return number(low)
    return report_text.say(language, "bin_range", low=number(low), high=number(high - 1))


def _or_dash(value: float | None) -> str:
    return "–" if value is None else number(value)


def _markup(svg: str) -> Any:
    from markupsafe import Markup  # a chart holds numbers and its escaped label, nothing else

    return Markup(svg)  # noqa: S704


def _shapes(summary: Summary) -> list[View]:
    """Languages and kinds, before and after, most rows first."""
    views = []
    for title, prefix in (("languages", "language"), ("kinds", "kind")):
        before, after = summary[title]["before"], summary[title]["after"]
        codes = sorted(before, key=lambda code: (-before[code], code))
        found = [{"code": code, "before": before[code], "after": after.get(code, 0)} for code in codes if before[code]]
        totals = {"before": sum(before.values()), "after": sum(after.values()), "most": max(before.values(), default=0)}
        views.append({"title": title, "prefix": prefix, "rows": found, **totals})
    return [view for view in views if view["rows"]]


def _mix(mix: View) -> View:
    return {
        **mix,
        "ratio": " : ".join(f"{group} {number(part)}" for group, part in mix["asked"].items()),
        "asked_total": sum(mix["asked"].values()),
        "repeats": any(group["copies_max"] > 1 for group in mix["groups"]),
        "lines_total": sum(group["lines"] for group in mix["groups"]),
        "most": max((group["available"] for group in mix["groups"]), default=0),
    }


def _commands(summary: Summary) -> Mapping[str, str]:
    """Commands that a reader can try, on a row of this run where one left."""
    examples = [example["row_id"] for reason in summary["reasons"] for example in reason["examples"]]
    row_id = shlex.quote(examples[0]) if examples else "ROW_ID"
    return {
        "next_explain": f"tunesmith curate explain RUN {row_id}",
        "next_decide": "tunesmith curate decide RUN CONTENT_ID keep",
        "next_diff": "tunesmith curate diff RUN OTHER_RUN",
    }
