"""What other commands found and a comparison brings into its report: retention, people's votes, the training sets.

>>> read_retention(Path("retention"))["overall"]["verdict"]  # doctest: +SKIP
'retained'
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.curate.io import read_json_object
from tunesmith.errors import InputError
from tunesmith.evaluate.compare_statistics import bounds, number

RETENTION, REVIEW = "retention.json", "results.json"
_CHOICES = {"after": 1.0, "before": -1.0, "tie": 0.0}
_SHOWN = 5


def read_given(
    *, retention: Path | None, review: Path | None, data_before: Path | None, data_after: Path | None, seed: int
) -> dict[str, Any]:
    """All that is given under the keys of the summary, null for what is not: `retention`, `review`, `data`.

    :raises InputError: what cannot be read.
    """
    return {
        "retention": None if retention is None else read_retention(retention),
        "review": None if review is None else read_review(review, seed=seed),
        "data": None if data_before is None or data_after is None else compare_runs(data_before, data_after),
    }


def read_retention(path: Path) -> dict[str, Any]:
    """What `tunesmith evaluate retention` wrote, from its folder or the file itself.

    :raises InputError: no such file, or something else.
    """
    place = _place(path, RETENTION, "make one with `tunesmith evaluate retention`")
    found = read_json_object(place)
    missing = [name for name in ("systems", "overall", "subjects") if name not in found]
    if missing:
        what = f"expected what `tunesmith evaluate retention` writes, saw an object without {', '.join(missing)}"
        raise InputError(what, where=str(place))
    return found | {"path": str(path)}


def read_review(path: Path, *, seed: int = 0) -> dict[str, Any]:
    """People's votes on pairs of answers: `{"campaign": name, "votes": [{"id", "reviewer", "choice"}]}`, with `choice`
    one of `before`, `after`, `tie`.

    An item counts once, with the mean of its votes (after 1, tie 0, before -1), so that ten votes on one item are no
    ten items. The figure is the mean over items, with the p of the sign-flip test and its interval.

    :raises InputError: no such file, or votes of another form, with the first of them.
    """
    from tunesmith.evaluate.significance import compare_means, verdict_of

    place = _place(path, REVIEW, "export a campaign's results first")
    found = read_json_object(place)
    by_item = _votes(found.get("votes"), str(place))
    means = np.array([float(np.mean(votes)) for votes in by_item.values()])
    difference = compare_means(np.zeros(len(means)), means, seed=seed)
    counts = Counter(np.sign(means).tolist())
    return {
        "path": str(path),
        "campaign": str(found.get("campaign", place.parent.name)),
        "n_items": len(means),
        "n_votes": sum(map(len, by_item.values())),
        "n_reviewers": len({vote["reviewer"] for vote in found["votes"] if vote.get("reviewer") is not None}),
        "wins": {"win": counts[1.0], "tie": counts[0.0], "loss": counts[-1.0]},
        "preference": number(difference.difference),
        "interval": bounds(difference.interval),
        "p": number(difference.p),
        "verdict": verdict_of(difference, difference.p, "higher"),
    }


def compare_runs(before: Path, after: Path) -> dict[str, Any]:
    """How two training sets differ: each run's counts, and row by row what is only in one and why.

    :raises InputError: a folder that is no finished run.
    """
    from tunesmith.curate.diff import as_json, diff_runs
    from tunesmith.curate.rundata import open_run

    one, other = open_run(before), open_run(after)
    return {"before": _run(one), "after": _run(other), "diff": as_json(diff_runs(one, other))}


def _run(run: Any) -> dict[str, Any]:
    from tunesmith.curate.ledger import DROPPED, KEPT

    verdict, rule, source = (run.ledger[name].to_pylist() for name in ("verdict", "rule", "source"))
    kept = np.array([one == KEPT for one in verdict], bool)
    return {
        "path": str(run.folder),
        "rows": len(verdict),
        "verdicts": dict(Counter(verdict).most_common()),
        "kept_by_source": dict(Counter(name for name, one in zip(source, kept) if one).most_common()),
        "dropped_by_rule": dict(Counter(name for name, one in zip(rule, verdict) if one == DROPPED).most_common()),
        **_makeup(run, kept),
    }


def _makeup(run: Any, kept: Any) -> dict[str, Any]:
    """Languages and lengths of what was kept."""
    signals = run.signals
    languages = [name for name, one in zip(signals["language"].to_pylist(), kept) if one]
    lengths = signals["answer_characters"].to_numpy(zero_copy_only=False)[kept].astype(float)
    quartiles = np.quantile(lengths, [0.25, 0.5, 0.75]).tolist() if len(lengths) else None
    return {"languages": dict(Counter(languages).most_common()), "answer_characters": quartiles}


def _place(path: Path, name: str, remedy: str) -> Path:
    place = path / name if path.is_dir() else path
    if not place.is_file():
        raise InputError(f"expected {name}, found nothing", where=str(path), remedy=remedy)
    return place


def _votes(votes: Any, where: str) -> dict[str, list[float]]:
    """Each item's votes as numbers."""
    if not isinstance(votes, list) or not votes:
        raise InputError("expected a list `votes` with one vote or more", where=where)
    wrong = [position for position, vote in enumerate(votes, 1) if not _is_vote(vote)]
    if wrong:
        shown = ", ".join(map(str, wrong[:_SHOWN])) + (" …" if len(wrong) > _SHOWN else "")
        what = (
            f"{len(wrong):,} of {len(votes):,} votes are no object with an `id` and a `choice` of {', '.join(_CHOICES)}"
        )
        raise InputError(f"{what}: numbers {shown}", where=where)
    found: dict[str, list[float]] = {}
    for vote in votes:
        found.setdefault(vote["id"], []).append(_CHOICES[vote["choice"]])
    return found


def _is_vote(vote: Any) -> bool:
    return isinstance(vote, dict) and isinstance(vote.get("id"), str) and vote.get("choice") in tuple(_CHOICES)
