"""The result on retention as text: for a terminal, and as Markdown.

>>> print(as_text(result))  # doctest: +SKIP
Over all: retained. 61.2% before, 60.9% after: -0.3 points (95% interval -1.1 to +0.5), 1,142 questions; margin 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.curate.said import Said
from tunesmith.evaluate.retention_types import AFTER, BEFORE
from tunesmith.evaluate.retention_warnings import warning_text

_SHOWN = 20  # ids of questions that became wrong, in the Markdown
_ESCAPED = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]<>|#"} | {"\n": " ", "\r": " "})

Result = Mapping[str, Any]


def as_text(result: Result) -> str:
    """For a terminal, in English."""
    return "\n".join(_lines(result, "en"))


def as_markdown(result: Result, language: str) -> str:
    """The report: verdict, subjects, bits per byte, what was lost, coverage and settings."""
    blocks = [f"# {_say('title', language)}", *_systems(result, language), _sentence(result["overall"], language)]
    blocks += [f"- **{_say('warning', language)}** {_plain(text)}" for text in _warnings(result, language)]
    if result["subjects"]:
        blocks.append(_table(result, language))
    if result["bits_per_byte"]:
        blocks.append(_bits(result["bits_per_byte"], language))
    blocks += [_lost(entry, language) for entry in result["subjects"] if entry["lost"]]
    blocks.append(_settings(result, language))
    return "\n\n".join(blocks) + "\n"


def _lines(result: Result, language: str) -> Iterator[str]:
    if result["subjects"]:
        yield _sentence(result["overall"], language)
        yield from _aligned([_head(result, language), *(_cells(entry, language) for entry in result["subjects"])])
    if result["bits_per_byte"]:
        yield _bits(result["bits_per_byte"], language)
    yield from (f"warning: {text}" for text in _warnings(result, language))


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def _sentence(entry: Result, language: str) -> str:
    """The verdict over all, with its figures."""
    if not entry["n"]:
        return _say("nothing", language)
    if entry["verdict"] is None:
        return _say("alone", language, after=_share(entry["after"]), interval=_shares(entry["interval"]), n=entry["n"])
    sentence = _say("overall", language, verdict=_say(entry["verdict"], language), **_figures(entry))
    return sentence + _needed(entry, language)


def _needed(entry: Result, language: str) -> str:
    if entry["verdict"] != "not shown" or entry["needed"] is None:
        return ""
    return _say("needed", language, needed=f"{entry['needed']:,}")


def _cells(entry: Result, language: str) -> list[str]:
    """A line of the table: of two systems with the difference, of one without."""
    n = f"{entry['n']:,}"
    if entry["verdict"] is None:
        return [entry["name"], n, _share(entry["after"]), _shares(entry["interval"])]
    figures = _figures(entry)
    needed = f"{entry['needed']:,}" if entry["needed"] is not None else "–"
    shown = [figures["before"], figures["after"], figures["difference"], figures["interval"], _p(entry["p_adjusted"])]
    return [entry["name"], n, *shown, _say(entry["verdict"], language), needed]


def _table(result: Result, language: str) -> str:
    head = _head(result, language)
    rows = [[_plain(cell) for cell in _cells(entry, language)] for entry in result["subjects"]]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(result: Result, language: str) -> list[str]:
    return _say("columns_alone" if result["overall"]["verdict"] is None else "columns", language).split("|")


def _figures(entry: Result) -> dict[str, str]:
    return {
        "before": _share(entry["before"]),
        "after": _share(entry["after"]),
        "difference": _points(entry["difference"]),
        "interval": _between([_points(bound) for bound in entry["interval"]] if entry["interval"] else None),
        "n": f"{entry['n']:,}",
        "margin": f"{100 * entry['margin']:g}",
    }


def _bits(entry: Result, language: str) -> str:
    shown = {"n": f"{entry['n']:,}", "tokens": f"{entry['tokens']:,}", "bytes": f"{entry['bytes']:,}"}
    shown |= {side: _decimals(entry[side]) for side in (BEFORE, AFTER)}
    if entry["verdict"] is None:
        bounds = [_decimals(bound) for bound in entry["interval"]] if entry["interval"] else None
        return _say("bits_alone", language, interval=_between(bounds), **shown)
    bounds = [f"{bound:+.4f}" for bound in entry["interval"]] if entry["interval"] else None
    shown |= {"interval": _between(bounds), "margin": f"{entry['margin']:g}"}
    shown |= {"difference": "–" if entry["difference"] is None else f"{entry['difference']:+.4f}"}
    return _say("bits", language, verdict=_say(entry["verdict"], language), **shown)


def _lost(entry: Result, language: str) -> str:
    """The questions that became wrong, by their ids."""
    ids = entry["lost"][:_SHOWN]
    more = f" … (+{len(entry['lost']) - len(ids):,})" if len(entry["lost"]) > len(ids) else ""
    counts = {"lost": len(entry["lost"]), "gained": len(entry["gained"])}
    told = _say("lost", language, name=_plain(entry["name"]), **counts)
    return told + ", ".join(map(_plain, ids)) + more


def _systems(result: Result, language: str) -> list[str]:
    named = result["systems"].items()
    return [_say("system", language, side=_say(side, language), name=_plain(name)) for side, name in named]


def _settings(result: Result, language: str) -> str:
    settings = result["settings"]
    written = ("max_tokens",) if settings["mode"] == "generate" else ()
    named = ("engine", "prompts", "mode", *written, "shots_used", "limit", "margin", "subject_margin", "bits_margin")
    told = [f"{key} {_plain(str(settings[key]))}" for key in named if settings[key] is not None]
    return _say("settings", language) + ", ".join(told)


def _warnings(result: Result, language: str) -> list[str]:
    return [warning_text(warning, language) for warning in result["warnings"]]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def _shares(bounds: Any) -> str:
    return _between([_share(bound) for bound in bounds] if bounds else None)


def _points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f}"


def _decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _between(bounds: list[str] | None) -> str:
    return "–" if bounds is None else " … ".join(bounds)


def _p(value: float | None) -> str:
    return "–" if value is None else "<.001" if value < 0.001 else f"{value:.3f}"


def _plain(text: str) -> str:
    """A name as Markdown shows it, without meaning anything."""
    return "".join(letter if letter.isprintable() else " " for letter in text.translate(_ESCAPED))


def _say(key: str, language: str, **values: Any) -> str:
    return _TEXTS[key].in_language(language).format(**values)


_TEXTS = {
    "title": Said("What the model still knows", "模型还记得什么"),
    BEFORE: Said("Before", "之前"),
    AFTER: Said("After", "之后"),
    "retained": Said("retained", "保住了"),
    "forgotten": Said("forgotten", "遗忘了"),
    "not shown": Said("not shown", "未能证明"),
    "overall": Said(
        "Over all: {verdict}. {before} before, {after} after: {difference} points (95% interval {interval}), {n} "
        "questions; a loss of {margin} points does not matter.",
        "总体：{verdict}。之前 {before}，之后 {after}：{difference} 分（95% 区间 {interval}），共 {n} 题；"
        "容许损失 {margin} 分。",
    ),
    "needed": Said(" About {needed} questions would decide.", "大约需要 {needed} 题才能判定。"),
    "alone": Said(
        "{after} right (95% interval {interval}), {n} questions.", "答对 {after}（95% 区间 {interval}），共 {n} 题。"
    ),
    "nothing": Said("No question was answered.", "没有答题。"),
    "columns": Said(
        "subject|questions|before|after|difference|95% interval|p (Holm)|verdict|needed",
        "科目|题数|之前|之后|差值（分）|95% 区间|p（Holm）|结论|判定所需题数",
    ),
    "columns_alone": Said("subject|questions|right|95% interval", "科目|题数|答对|95% 区间"),
    "bits": Said(
        "Bits per byte: {verdict}. {before} before, {after} after: {difference} (95% interval {interval}), {n} texts "
        "of {bytes} bytes; lower is better, and a rise of {margin} does not matter.",
        "每字节比特数：{verdict}。之前 {before}，之后 {after}：{difference}（95% 区间 {interval}），"
        "{n} 篇文本共 {bytes} 字节；越低越好，容许上升 {margin}。",
    ),
    "bits_alone": Said(
        "Bits per byte: {after} (95% interval {interval}), {n} texts of {bytes} bytes, {tokens} tokens.",
        "每字节比特数：{after}（95% 区间 {interval}），{n} 篇文本共 {bytes} 字节、{tokens} 个词元。",
    ),
    "lost": Said(
        "**{name}**: {lost} became wrong, {gained} became right. Wrong now: ",
        "**{name}**：{lost} 题由对变错，{gained} 题由错变对。现在答错的：",
    ),
    "warning": Said("Mind:", "注意："),
    "system": Said("{side}: {name}", "{side}：{name}"),
    "settings": Said("Settings: ", "设置："),
}
