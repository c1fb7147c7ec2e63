"""What a training run's page shows, in shape and words: from the log, the incidents, the ledger and the given facts.

>>> duration("en", 4000)
'1 h 6 min'
>>> size(3 * 2**30)
'3.0 GiB'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tunesmith.curate.report_format import number, share
from tunesmith.train.config_words import reason_zh
from tunesmith.train.loss_curves import Curves, Point
from tunesmith.train.report_words import name, say
from tunesmith.train.types import Fate, Language, RunPaths

View = dict[str, Any]
_MOST_IDS = 12  # rows of an incident that are shown; the file has all
_OUTCOMES = ("trained", "truncated", "split", "dropped")


def duration(language: Language, seconds: float) -> str:
    """Short: seconds, minutes, or hours and minutes."""
    if seconds < 120:
        return say(language, "seconds", n=f"{seconds:.0f}")
    if seconds < 7200 / 2:
        return say(language, "minutes", n=f"{seconds / 60:.0f}")
    return say(language, "hours", n=f"{seconds // 3600:.0f}", m=f"{seconds % 3600 // 60:.0f}")


def size(n_bytes: float) -> str:
    """Bytes in units of 1,024."""
    return f"{n_bytes / 2**30:.1f} GiB" if n_bytes >= 2**30 else f"{n_bytes / 2**20:.0f} MiB"


def figure(value: float | None) -> str:
    """A loss as tables show it."""
    return "–" if value is None else f"{value:.4f}"


def group_title(language: Language, group: str) -> str:
    """`domain` in the page's language; any other name as it is."""
    return name(language, "group", group)


def lead_view(facts: Mapping[str, Any], curves: Curves, language: Language) -> str:
    """The sentence below the title."""
    t = partial(say, language)
    step, most = facts.get("step"), facts.get("max_steps")
    steps = "–" if step is None else t("steps", n=number(step))
    if step is not None and most and most != step:
        steps = t("steps_of", n=number(step), of=number(most))
    found = [t("lead", outcome=name(language, "outcome", str(facts.get("outcome", "finished"))), step=steps)]
    if facts.get("seconds"):
        found.append(t("took", time=duration(language, facts["seconds"])))
    if curves.best:
        group, best, value = curves.best
        found.append(t("best_line", group=group_title(language, group), step=number(best), value=figure(value)))
    return (" " if language == "en" else "").join(found)


def glance_view(
    facts: Mapping[str, Any], fates: Sequence[Fate], incidents: Sequence[Mapping[str, Any]], language: Language
) -> list[tuple[str, list[str]]]:
    """The table of the essentials: title and lines."""
    t = partial(say, language)
    found: list[tuple[str, list[str]]] = []
    if facts.get("model"):
        base = facts.get("base")
        found.append((t("model"), [str(facts["model"])]))
        found += [(t("base"), [str(base)])] if base and base != facts["model"] else []
    method = [str(facts[key]) for key in ("stage", "method") if facts.get(key)]
    found += [(t("method"), [" · ".join(method)])] if method else []
    trained, every = facts.get("trainable_parameters"), facts.get("all_parameters")
    if trained and every:
        line = t("parameters_of", trained=number(trained), all=number(every), share=share(trained, every))
        found.append((t("parameters"), [line]))
    found += [(t("rows"), [_rows_line(fates, language)])] if fates else []
    found += (
        [(t("speed"), [t("tokens_per_second", n=number(round(facts["tokens_per_second"])))])]
        if facts.get("tokens_per_second")
        else []
    )
    found += [(t("memory"), _memory(facts, language))] if facts.get("peak_memory_bytes") else []
    count = t("incidents_count", n=str(len(incidents))) if incidents else t("no_incidents")
    return [*found, (t("incidents"), [count])]


def _rows_line(fates: Sequence[Fate], language: Language) -> str:
    trained = sum(fate.outcome != "dropped" for fate in fates)
    key = "rows_all" if trained == len(fates) else "rows_line"
    return say(language, key, all=number(len(fates)), trained=number(trained))


def _memory(facts: Mapping[str, Any], language: Language) -> list[str]:
    kind = str(facts.get("memory_kind", "unknown"))
    found = [say(language, f"memory.{kind}", used=size(facts["peak_memory_bytes"]))]
    if facts.get("estimate_bytes"):
        low, high = facts["estimate_bytes"]
        found.append(say(language, "estimated", low=size(low), high=size(high)))
    return found


def validation_view(curves: Curves, rows: Mapping[str, int], language: Language) -> list[View]:
    """A line for each group of the validation table, with the number of its rows."""
    found = []
    for group, points in curves.validation.items():
        values = [(value, step) for step, value in points if value is not None]
        if not values:
            continue
        first, last = values[0][0], values[-1][0]
        best, step = min(values)
        found.append(
            {
                "title": group_title(language, group),
                "n": say(language, "of_rows", n=number(rows[group])) if group in rows else "",
                "first": figure(first),
                "best": figure(best),
                "step": say(language, "at_step", step=number(step)),
                "last": figure(last),
                "change": _signed(last - first),
                "is_worse": last > first,
            }
        )
    return found


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value):.4f}"


def _grew(before: float, after: float, share: float) -> bool:
    """Whether a loss, which may be below zero, grew by more than a share of itself.

    >>> _grew(2.0, 2.1, 0.02), _grew(-0.1, -0.1, 0.02)
    (True, False)
    """
    return after - before > share * abs(before)


def remarks(curves: Curves, language: Language) -> list[str]:
    """What the curves say to a person: forgetting, too long a training."""
    found = []
    general = _finite(curves.validation.get("general", ()))
    if len(general) > 1 and _grew(general[0][1], general[-1][1], 0.01):
        found.append(say(language, "forgets", first=figure(general[0][1]), last=figure(general[-1][1])))
    if curves.best:
        group, step, best = curves.best
        last = _finite(curves.validation[group])[-1][1]
        if _grew(best, last, 0.02):
            values = {"group": group_title(language, group), "step": number(step)}
            found.append(say(language, "overfits", best=figure(best), last=figure(last), **values))
    kept = _finite(curves.kept)
    if len(kept) > 1:
        found.append(say(language, "kept_line", first=f"{kept[0][1]:.1%}", last=f"{kept[-1][1]:.1%}"))
        found += [say(language, "kept_fewer")] if kept[-1][1] < kept[0][1] else []
    return found


def _finite(points: Sequence[Point]) -> list[tuple[int, float]]:
    return [(step, value) for step, value in points if value is not None]


def incidents_view(incidents: Sequence[Mapping[str, Any]], language: Language) -> list[View]:
    """A line for each incident."""
    return [
        {
            "step": number(one["step"]),
            "happened": _happened(one, language),
            "then": _done(one, language),
            "ids": one["row_ids"][:_MOST_IDS],
            "more": max(0, len(one["row_ids"]) - _MOST_IDS),
            "which": say(language, _which(one)),
        }
        for one in incidents
    ]


def _which(one: Mapping[str, Any]) -> str:
    if not one["row_ids"]:
        return "unknown_rows"
    return "exact" if one["exact"] else "whole_step"


def _happened(one: Mapping[str, Any], language: Language) -> str:
    if one["kind"] == "spike":
        return say(language, "kind.spike", loss=figure(one["loss"]), limit=figure(one["limit"]))
    return say(language, "kind.not_finite", what=name(language, "figure", str(one["what"])))


def _done(one: Mapping[str, Any], language: Language) -> str:
    t = partial(say, language)
    if one["gave_up"]:
        return t("gave_up")
    n_rows = len(one["left_out"])
    found = [t("from_step", step=number(one["goes_on_from"])) if one["goes_on_from"] else t("from_start")]
    found += [t("halved")] if one["halved"] else []
    found += [t("skipped", n=t("rows_n", n=number(n_rows)) if n_rows > 1 else t("row_1"))] if n_rows else []
    return t("separator").join(found)


def rows_view(fates: Sequence[Fate], language: Language) -> list[View]:
    """The rows by what became of them, each outcome with its reasons."""
    counts: dict[str, Counter[str]] = {outcome: Counter() for outcome in _OUTCOMES}
    for fate in fates:
        counts[fate.outcome][fate.reason or ""] += 1
    found: list[View] = []
    for outcome, reasons in counts.items():
        total = reasons.total()
        if total:
            line = {"title": name(language, "outcome", outcome), "count": total, "share": share(total, len(fates))}
            found.append(line | {"is_part": False, "is_lost": outcome == "dropped"})
        for reason, count in reasons.most_common():
            if reason:
                part = {"title": name(language, "reason", reason), "count": count, "share": share(count, len(fates))}
                found.append(part | {"is_part": True, "is_lost": outcome == "dropped"})
    return found


def data_view(data: Mapping[str, Any], language: Language) -> list[tuple[str, list[str]]]:
    """Sources, hash, tokens and validation rows."""
    t = partial(say, language)
    found: list[tuple[str, list[str]]] = []
    found += [(t("sources"), [str(one) for one in data["sources"]])] if data.get("sources") else []
    if data.get("n_tokens"):
        values = {key: number(data.get(f"n_{key}") or 0) for key in ("trained", "sequences")}
        found.append((t("tokens"), [t("tokens_line", all=number(data["n_tokens"]), **values)]))
    rows = data.get("validation") or {}
    lines = [f"{group_title(language, group)} {number(count)}" for group, count in rows.items()]
    found += [(t("validation_rows"), lines)] if lines else []
    return found + ([(t("hash"), [str(data["hash"])])] if data.get("hash") else [])


def settings_view(settings: Sequence[Any], language: Language) -> list[View]:
    """Key, value and reason, from mappings or objects."""
    found = []
    for one in settings:
        read = one.get if isinstance(one, Mapping) else partial(getattr, one)
        why = str(read("why") or "")
        shown = reason_zh(why) if language == "zh" else why
        found.append({"key": str(read("key")), "value": _shown(read("value")), "why": shown})
    return found


def _shown(value: Any) -> str:
    """As it stands in the YAML file, on one line."""
    if value is None or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(one)}" for key, one in value.items())
    return ", ".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)


def next_view(paths: RunPaths, facts: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Command lines, with what they are for."""
    model, trained = (
        str(facts.get("base") or facts.get("model") or "MODEL"),
        str(facts.get("model_folder") or paths.model),
    )
    is_adapter = facts.get("method") in ("lora", "qlora")
    after = f"--model {model} --adapter {trained}" if is_adapter else f"--model {trained}"
    before = "" if is_adapter else f" --before {model}"
    out = Path(paths.out)
    lines = []
    if facts.get("stage") != "reward":
        predict = "tunesmith evaluate predict --data questions.jsonl"
        lines = [
            ("next.retention", f"tunesmith evaluate retention {after}{before} --tasks tasks --out {out}-kept"),
            ("next.predict", f"{predict} --model {model} --out before.jsonl\n{predict} {after} --out after.jsonl"),
            ("next.compare", f"tunesmith evaluate compare before.jsonl after.jsonl --out {out}-compared"),
            ("next.chat", f"tunesmith train chat {out}"),
        ]
    given = [str(one) for one in facts.get("next") or ()]
    keyed = [("next.serve" if one.startswith("vllm ") else "next.more", one) for one in given]
    return [(say(language, key), line) for key, line in [*lines, *keyed]]
