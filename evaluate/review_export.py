"""From judgements back to data: preference pairs, fine-tuning rows, decisions for `curate run`, a table of all votes.

>>> export(read_campaign(store, "spring"), "dpo", Path("pairs.jsonl")).n_rows  # doctest: +SKIP
112

The file is written whole or not at all. Every item that gives no row is counted with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tunesmith.curate.files.spreadsheet import is_table
from tunesmith.curate.io import write_rows
from tunesmith.errors import CannotHold, InputError, OutputError
from tunesmith.evaluate.review_export_answers import answer_rows
from tunesmith.evaluate.review_export_decided import REASONS
from tunesmith.evaluate.review_export_decisions import decision_rows
from tunesmith.evaluate.review_export_pairs import preference_rows
from tunesmith.evaluate.review_export_ratings import for_spreadsheet, names, vote_rows
from tunesmith.evaluate.review_types import CampaignData, Mode

#: What can be written, and of which campaigns.
TARGETS: Mapping[str, tuple[Mode, ...]] = MappingProxyType(
    {
        "dpo": ("pairwise",),
        "sft": ("pairwise", "rubric", "curation"),
        "decisions": ("curation",),
        "ratings": ("pairwise", "rubric", "curation"),
    }
)
_LINES = (".jsonl", ".ndjson")


class Exported(NamedTuple):
    """What was written.

    :param left_out: items that gave no row, by reason (`REASONS`); an answer of a pair for `sft`.
    """

    path: Path
    to: str
    n_rows: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...] = ()


def export(
    data: CampaignData,
    to: str,
    path: str | Path,
    *,
    min_votes: int | None = None,
    systems: Collection[str] = (),
    at_least: float | None = None,
    anonymous: bool = False,
    replace: bool = False,
) -> Exported:
    """Write what a campaign found.

    :param to: `dpo`, `sft`, `decisions` or `ratings`.
    :param path: the ending chooses the form: JSON Lines for `decisions`; also JSON, Parquet, Arrow; CSV for `ratings`.
    :param min_votes: an item with fewer votes waits, unless a lead decided; by default the campaign's overlap.
    :param systems: for `dpo` and `sft`, only answers of these.
    :param at_least: for `sft` of a rubric: the mean rating that every criterion has to reach.
    :param anonymous: for `ratings` and `decisions`: reviewers as R1, R2 …
    :raises InputError: settings that do not fit, or nothing to write, with the reasons.
    :raises OutputError: a file that is there already, or a place that cannot be written.
    """
    place = Path(path)
    _check(data, to, place, systems=systems, at_least=at_least, anonymous=anonymous)
    if place.exists() and not replace:
        raise OutputError("exists already", where=str(path), remedy="choose another --out, or add --replace")
    rows, left_out, notes = _rows(data, to, place, min_votes, systems, at_least, anonymous)
    if not rows:
        why = "; ".join(_reasons(left_out)) or "there are no votes yet"
        raise InputError(f"{data.campaign.name!r} has nothing to write: {why}", remedy="nothing was written")
    try:
        n_rows = write_rows(place, rows)
    except CannotHold as error:
        raise OutputError(str(error), where=str(path), remedy="give --out a name that ends in .jsonl") from error
    return Exported(place, to, n_rows, dict(left_out), tuple(notes))


def _rows(
    data: CampaignData,
    to: str,
    path: Path,
    min_votes: int | None,
    systems: Collection[str],
    at_least: float | None,
    anonymous: bool,
) -> tuple[list[dict[str, Any]], Counter[str], list[str]]:
    if to == "dpo":
        return preference_rows(data, min_votes=min_votes, systems=systems)
    if to == "sft":
        return answer_rows(data, min_votes=min_votes, systems=systems, at_least=at_least)
    if to == "decisions":
        return decision_rows(data, min_votes=min_votes, shown=names(data, anonymous=anonymous))
    rows = vote_rows(data, anonymous=anonymous)
    if is_table(path):
        rows = for_spreadsheet(rows, byte_order_mark=path.suffix.lower() == ".csv")
    return rows, Counter(), []


def _check(
    data: CampaignData, to: str, path: Path, *, systems: Collection[str], at_least: float | None, anonymous: bool
) -> None:
    """All mistakes at once."""
    if to not in TARGETS:
        raise InputError(f"expected --to {', '.join(TARGETS)}, saw {to!r}", remedy="correct --to")
    problems = []
    mode = data.campaign.mode
    if mode not in TARGETS[to]:
        fitting = ", ".join(name for name, modes in TARGETS.items() if mode in modes)
        problems.append(f"{data.campaign.name!r} is a {mode} campaign: it can be written as {fitting}, not as {to}")
    known = sorted({side.system for item in data.items for side in item.sides})
    unknown = sorted(set(systems) - set(known))
    if systems and to not in ("dpo", "sft"):
        problems.append(f"--system does nothing for {to}")
    elif unknown:
        problems.append(f"--system {', '.join(unknown)} is unknown: the campaign has {', '.join(known)}")
    if at_least is not None and to != "sft":
        problems.append(f"--at-least does nothing for {to}")
    if anonymous and to not in ("ratings", "decisions"):
        problems.append(f"--anonymous does nothing for {to}, which names no reviewer")
    if to == "decisions" and path.suffix.lower() not in _LINES:
        problems.append(f"decisions are JSON Lines: expected a name that ends in .jsonl, saw {path.name!r}")
    if to != "ratings" and is_table(path):
        problems.append(
            f"a table has no place for conversations: expected a name that ends in .jsonl, saw {path.name!r}"
        )
    if problems:
        raise InputError(
            "\n  ".join([f"this export does not fit ({len(problems)})", *problems] if problems[1:] else problems)
        )


def _reasons(left_out: Mapping[str, int]) -> list[str]:
    return [f"{count:,} {REASONS.get(why, why)}" for why, count in sorted(left_out.items(), key=lambda one: -one[1])]


def as_json(done: Exported) -> dict[str, Any]:
    """For `--json`."""
    return {**done._asdict(), "path": str(done.path), "notes": list(done.notes)}


def as_text(done: Exported) -> str:
    """What was written and what was not, in a few lines."""
    lines = [f"{done.n_rows:,} row{'' if done.n_rows == 1 else 's'} written to {done.path} ({done.to})"]
    if done.left_out:
        lines += [f"{sum(done.left_out.values()):,} gave no row:", *(f"  {why}" for why in _reasons(done.left_out))]
    return "\n".join([*lines, *done.notes, *_next_step(done)])


def _next_step(done: Exported) -> list[str]:
    if done.to != "decisions":
        return []
    return [f"they take effect with `decisions: [{done.path}]` in the recipe, when it is run again"]
