"""What each rule of a run found, as plain data: the rules that some row fails, and the names of the others.

rules           rule, policy, why, own (the recipe's own rule), fails (rows that fail it), drops (rows that it is
                the first to drop), only (rows that no other rule would drop), flags (rows that stayed with its
                flag), languages (fails by language), examples (of the flagged rows, as in `summary.py`)
silent          rules that no row fails
off             rules that are switched off
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.rules import FLAG, RULES, Settings, policy_of, rule_of
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.stage_rules import Failing
from tunesmith.curate.summary import Evidence, example_of, sample_rows


def summarise_rules(
    run: Evidence, judged: Mapping[str, Failing], active: Mapping[str, Settings], language: str
) -> dict[str, Any] | None:
    """The data of the report's table, None where no rule is on.

    :param active: the rules of the recipe with their settings, as `recipe.resolved_rules` gives them.
    :param language: in which a rule says what is wrong, `en` or `zh`.
    """
    if not judged:
        return None
    failing = [name for name, found in judged.items() if len(found.rows)]
    told = [_rule(run, name, judged[name], active[name], language) for name in failing]
    return {
        "rules": sorted(told, key=lambda rule: -rule["fails"]),
        "silent": [name for name in judged if name not in failing],
        "off": [name for name in RULES if name not in active],
    }


def only_failures(judged: Mapping[str, Failing], active: Mapping[str, Settings]) -> dict[str, npt.NDArray[np.integer]]:
    """For each rule the rows that would stay if it were off: those that fail it and no other rule that drops."""
    dropping = {name: found for name, found in judged.items() if policy_of(name, active[name]) != FLAG}
    if not dropping:
        return {}
    fails = np.zeros(next(iter(dropping.values())).n_rows, np.int16)
    for found in dropping.values():
        fails[found.rows] += 1
    return {name: found.rows[fails[found.rows] == 1] for name, found in dropping.items()}


def _rule(run: Evidence, name: str, found: Failing, settings: Settings, language: str) -> dict[str, Any]:
    stage, rule = (shared_texts(run.ledger[key]) for key in ("stage", "rule"))
    policy = policy_of(name, settings)
    flagged = np.flatnonzero(_has_flag(run.ledger["flags"], name) & (policy == FLAG))
    languages = pc.value_counts(run.columns["language"].take(pa.array(found.rows))).to_pylist()
    return {
        "rule": name,
        "policy": policy,
        "why": rule_of(name, settings).why.in_language(language),
        "own": name not in RULES,
        "fails": len(found.rows),
        "drops": int(((stage == "rules") & (rule == name)).sum()),
        "only": len(run.failures[name]) if name in run.failures else None,
        "flags": len(flagged),
        "languages": dict(Counter({one["values"]: one["counts"] for one in languages}).most_common()),
        "examples": [_example(run, number, found) for number in sample_rows(run, flagged)],
    }


def _has_flag(flags: pa.ChunkedArray, name: str) -> npt.NDArray[np.bool_]:
    lists = flags.combine_chunks()
    has = np.zeros(len(lists), bool)
    has[pc.list_parent_indices(lists).to_numpy()[pc.equal(lists.flatten(), name).to_numpy(zero_copy_only=False)]] = True
    return has


def _example(run: Evidence, number: int, found: Failing) -> dict[str, Any]:
    """A flagged row stayed, so that its line in the ledger does not name what this rule measured."""
    value, threshold = found.at(number)
    return {
        **example_of(run, number),
        "value": _known(value),
        "threshold": _known(threshold),
        "partner": None,
        "similarity": None,
        "detail": None,
    }


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
