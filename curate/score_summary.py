"""What `curate score` says at its end: how many rows have each score, why others have none, and how the scores lie.

>>> print(as_text(summarise(Path("scores.jsonl"), rows, ("judge",), seconds=60, continued=False)))  # doctest: +SKIP
1,000 rows in: 990 scored, 8 copies of others, 2 could not be read (60.0 s)
judge: 985 rows; 1: 3, 2: 40, 3: 212, 4: 520, 5: 210
  without: 5 unparsable
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.curate import jsontext
from tunesmith.curate.io import read_text
from tunesmith.curate.score_rows import RowsToScore

#: Shares of the rows at which the scores are told.
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

#: Why a row has no score, in words.
REASONS = {
    "no_answer": "no answer",
    "no_prompt": "no prompt",
    "too_long": "longer than the model takes (--max-tokens; --cut leaves out the prompt's beginning)",
    "template": "refused by the chat template",
    "one_token": "too short to score",
    "not_finite": "a loss that is no number",
    "unparsable": "no whole judgement in the reply",
    "cut": "a judgement cut off (--judge-tokens)",
    "timeout": "no reply in time",
    "connection": "connection lost",
    "bad_reply": "a reply that is none",
}


@dataclass(frozen=True)
class Scored:
    """A score file. rows_in = scored lines + copies + invalid.

    :param measures: of each measure `n`, `missing` (rows by reason), `quantiles` (by their share as text), and for the
        judge `counts` (rows by score), for ifd `above_1`.
    :param cut: rows whose prompt was cut, and `tokens` of all scored answers.
    """

    rows_in: int
    lines: int
    copies: int
    invalid: int
    reasons: dict[str, int]
    first: dict[str, str]
    measures: dict[str, dict[str, Any]]
    cut: int
    tokens: int
    out: str
    continued: bool
    seconds: float


def summarise(out: Path, rows: RowsToScore, measures: tuple[str, ...], *, seconds: float, continued: bool) -> Scored:
    """Sum up a score file whose rows were read."""
    lines = [jsontext.loads(line.encode()) for line in read_text(out).split("\n")[1:-1]]
    return Scored(
        rows_in=rows.rows_in,
        lines=len(lines),
        copies=rows.copies,
        invalid=rows.invalid.total(),
        reasons=dict(rows.invalid.most_common()),
        first=rows.first,
        measures={name: _measure(name, lines) for name in measures},
        cut=sum(line.get("cut_tokens", 0) > 0 for line in lines),
        tokens=sum(line.get("answer_tokens", 0) for line in lines),
        out=str(out),
        continued=continued,
        seconds=round(seconds, 3),
    )


def _measure(name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    values = [line[name] for line in lines if line[name] is not None]
    missing = Counter(line["missing"][name] for line in lines if line[name] is None)
    told: dict[str, Any] = {"n": len(values), "missing": dict(missing.most_common()), "quantiles": {}}
    if values:
        found = np.quantile(values, QUANTILES).tolist()
        told["quantiles"] = {f"{share:g}": round(value, 4) for share, value in zip(QUANTILES, found)}
    if name == "judge":
        told["counts"] = {str(score): values.count(score) for score in range(1, 6)}
    if name == "ifd":
        told["above_1"] = sum(value > 1 for value in values)
    return told


def as_json(found: Scored) -> dict[str, Any]:
    """For `--json`."""
    return asdict(found)


def as_text(found: Scored) -> str:
    """The summary as text for a terminal."""
    return "\n".join(_told(found))


def _told(found: Scored) -> Iterator[str]:
    if found.continued:
        yield "these rows were scored before; nothing changed"
    yield (
        f"{found.rows_in:,} rows in: {found.lines:,} scored, {found.copies:,} copies of others, "
        f"{found.invalid:,} could not be read ({found.seconds:,.1f} s)"
    )
    for code, count in found.reasons.items():
        yield f"  {count:,} {code}, the first at {found.first[code]}"
    for name, told in found.measures.items():
        yield f"{name}: {told['n']:,} rows" + _spread_told(told)
        yield from (f"  without: {count:,} {REASONS.get(why, why)}" for why, count in told["missing"].items())
    if found.cut:
        yield f"the prompt was cut in {found.cut:,} rows"
    yield f"scores: {found.out}"
    yield f"use them: scores: [{found.out}] in a recipe"


def _spread_told(told: dict[str, Any]) -> str:
    if "counts" in told:
        return "; " + ", ".join(f"{score}: {count:,}" for score, count in told["counts"].items())
    quantiles = told["quantiles"]
    if not quantiles:
        return ""
    shown = f"; median {quantiles['0.5']:g}, 5 % below {quantiles['0.05']:g}, 5 % above {quantiles['0.95']:g}"
    return shown + (f"; {told['above_1']:,} above 1" if "above_1" in told else "")
