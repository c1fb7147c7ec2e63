"""What the rows that stayed are like, as plain data.

Each key is None where the run did not measure it or has nothing of the kind:

    tasks           languages (most rows first), rows, and tasks: task, rows, languages (rows by language)
    tokens          source, rows, total, low, median, high, most (percentiles 5, 50 and 95, and the longest)
    unknown         advice, rows, of, sources (source, rows, of), examples (as in `summary.py`)
    pairs           advice, longer, shorter, equal, ratio, low, high
    scores          score, rows (with a number), missing, quantiles (5, 25, 50, 75 and 95 %)
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate import preference_bias, unknown_answers
from tunesmith.curate.ledger import KEPT
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.summary import Evidence, example_of, sample_rows

Flags = npt.NDArray[np.bool_]

SCORES = ("ifd", "perplexity", "judge")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summarise_makeup(run: Evidence, language: str) -> dict[str, Any] | None:
    """The data of the report's section, None where there is nothing to say or no row stayed.

    :param language: of the advice, `en` or `zh`.
    """
    kept = shared_texts(run.ledger["verdict"]) == KEPT
    names = run.columns.column_names if kept.any() else []
    measured = {name for name in names if run.columns[name].null_count < len(kept)}
    found = {
        "tasks": _tasks(run.columns, kept) if "task" in measured else None,
        "tokens": _tokens(run.columns, kept) if "tokens" in measured else None,
        "unknown": _unknown(run, kept, language) if "unknown_answer" in measured else None,
        "pairs": _pairs(run.columns, kept, language) if "side_ratio" in measured else None,
        "scores": [_score(run.columns, name, kept) for name in SCORES if name in measured] or None,
    }
    return found if any(found.values()) else None


def _tasks(columns: pa.Table, kept: Flags) -> dict[str, Any]:
    task, language = (columns[name].to_numpy()[kept].tolist() for name in ("task", "language"))
    cells = Counter(zip(task, language))
    languages = [name for name, _ in Counter(language).most_common()]
    return {
        "languages": languages,
        "rows": len(task),
        "tasks": [
            {"task": name, "rows": rows, "languages": {one: cells[name, one] for one in languages}}
            for name, rows in sorted(Counter(task).items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def _tokens(columns: pa.Table, kept: Flags) -> list[dict[str, Any]]:
    source, tokens = columns["source"].to_numpy(), columns["tokens"].to_numpy()
    names = [name for name in columns["source"].unique().to_pylist() if (kept & (source == name)).any()]
    return [{"source": name, **_lengths(tokens[kept & (source == name)])} for name in names]


def _lengths(tokens: npt.NDArray[np.integer]) -> dict[str, int]:
    low, median, high = np.percentile(tokens, [5, 50, 95], method="nearest")
    return {
        "rows": len(tokens),
        "total": int(tokens.sum(dtype=np.int64)),
        "low": int(low),
        "median": int(median),
        "high": int(high),
        "most": int(tokens.max()),
    }


def _unknown(run: Evidence, kept: Flags, language: str) -> dict[str, Any] | None:
    found = unknown_answers.count_unknown(run.columns, kept)
    if found.verdict == "none":
        return None
    rows = np.flatnonzero(kept & run.columns["unknown_answer"].fill_null(False).to_numpy())
    return {
        "advice": unknown_answers.advise(found).in_language(language),
        "rows": found.rows,
        "of": found.of,
        "sources": [one._asdict() for one in found.sources],
        "examples": [{**example_of(run, number), "detail": None} for number in sample_rows(run, rows)],
    }


def _pairs(columns: pa.Table, kept: Flags, language: str) -> dict[str, Any] | None:
    found = preference_bias.length_bias(columns["side_ratio"].to_numpy()[kept])
    return {**found._asdict(), "advice": preference_bias.advise(found).in_language(language)} if found else None


def _score(columns: pa.Table, name: str, kept: Flags) -> dict[str, Any]:
    values = columns[name].to_numpy()[kept]
    known = values[~np.isnan(values)]
    quantiles = np.quantile(known, QUANTILES).tolist() if len(known) else []
    return {"score": name, "rows": len(known), "missing": len(values) - len(known), "quantiles": quantiles}
