"""What a run found by meaning, as plain data: the same said in other words, groups, a selection of rows, balance.

Each key of `summarise_meaning` is None where the recipe does not ask for it:

    semantic    policy, threshold, on, rows (that say the same as another), left (of them), pairs
    groups      number, rows, groups: title (words), rows, share, cohesion, languages and sources (name -> share),
                central and fringe (one row: row_id, language, prompt, answer; a small group has no fringe: None);
                rest (groups, rows), or None
    selection   method, threshold, by_cluster, of, taken, too_close, not_selected, pairs
    balance     by, max_share, lines: name, title (words of a group), before, after, share_before, share_after, cap

A pair is one of `summary_duplicates.pair_of`, with `why`: low, middle or high (how alike it is among all), or only.

>>> spread_of(np.array([4, 7, 9, 12]), np.array([0.9, 0.99, 0.95, 0.92]))
[('low', 4), ('middle', 9), ('high', 7)]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.balance import Balance
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.recipe_selection import Balance as BalanceWish
from tunesmith.curate.recipe_selection import Select, Semantic
from tunesmith.curate.run_selection import Chosen
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.stage_balance import clusters_of
from tunesmith.curate.stage_semantic import SEMANTIC
from tunesmith.curate.summary import Evidence, example_of
from tunesmith.curate.summary_duplicates import pair_of

Places = npt.NDArray[np.int64]

MOST_GROUPS = 50  # that are told one by one
_BEGINNING = 1_000  # characters of a row that stands for its group; the report cuts further
_SHOWN = ("row_id", "language", "prompt", "answer")


def summarise_meaning(run: Evidence, chosen: Chosen, recipe: Recipe) -> dict[str, Any] | None:
    """The data of the report's sections, None where the recipe asks for none of them."""
    semantic, select, balance = recipe.duplicates.semantic, recipe.select, recipe.balance
    groups = clusters_of(chosen.groups) if chosen.groups is not None else None
    found = {
        "semantic": _semantic(run, chosen.semantic, semantic) if semantic and chosen.semantic is not None else None,
        "groups": _groups(run, groups) if groups else None,
        "selection": _selection(run, chosen.selection, select) if select and chosen.selection is not None else None,
        "balance": _balance(chosen.balance, balance, groups or ()) if balance and chosen.balance else None,
    }
    return found if any(found.values()) else None


def _semantic(run: Evidence, table: pa.Table, wish: Semantic) -> dict[str, Any]:
    partner, similarity, answers = (table[name].to_numpy() for name in table.column_names)
    rows = np.flatnonzero(partner >= 0)
    left = _column(run, "rule") == SEMANTIC
    pairs = [
        {"why": why, **pair_of(run, row, int(partner[row]), similarity[row], answers[row])}
        for why, row in spread_of(rows, np.fmin(similarity, answers)[rows])  # the smaller decides
    ]
    return {**wish.model_dump(), "rows": len(rows), "left": int(left.sum()), "pairs": pairs}


def spread_of(rows: Places, score: npt.NDArray[np.float64]) -> list[tuple[str, int]]:
    """The row of the lowest, the middle and the highest score. Arrays have shape `(n_rows,)`."""
    order = rows[np.lexsort((rows, score))].tolist()
    if len(order) < 2:
        return [("only", row) for row in order]
    middle = [("middle", order[len(order) // 2])] if len(order) > 2 else []
    return [("low", order[0]), *middle, ("high", order[-1])]


def _column(run: Evidence, name: str) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = shared_texts(run.ledger[name])
    return values


def _groups(run: Evidence, groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told, others = groups[:MOST_GROUPS], groups[MOST_GROUPS:]
    rest = {"groups": len(others), "rows": sum(group["size"] for group in others)}
    return {
        "number": len(groups),
        "rows": sum(group["size"] for group in groups),
        "groups": [_group(run, group) for group in told],
        "rest": rest if others else None,
    }


def _group(run: Evidence, group: dict[str, Any]) -> dict[str, Any]:
    kept = ("title", "share", "cohesion", "languages", "sources")
    rows = {side: _beginning(run, group[side][0]) if group[side] else None for side in ("central", "fringe")}
    return {**{name: group[name] for name in kept}, "rows": group["size"], **rows}


def _beginning(run: Evidence, number: int) -> dict[str, Any]:
    example = example_of(run, number)
    return {name: example[name][:_BEGINNING] for name in _SHOWN}


def _selection(run: Evidence, table: pa.Table, wish: Select) -> dict[str, Any]:
    rule, here = _column(run, "rule"), _column(run, "stage") == "select"
    nearest, similarity = (table[name].to_numpy() for name in ("nearest", "nearest_similarity"))
    left = np.flatnonzero(here & (nearest >= 0))
    taken = int(table["selected"].to_numpy(zero_copy_only=False).sum())
    return {
        "method": wish.method,
        "threshold": wish.threshold if wish.method == "quality" else None,
        "by_cluster": wish.by_cluster,
        "of": taken + int(here.sum()),
        "taken": taken,
        **{name: int((rule == name).sum()) for name in ("too_close", "not_selected")},
        "pairs": [
            {"why": why, **_prompts(pair_of(run, row, int(nearest[row]), similarity[row], np.nan))}
            for why, row in spread_of(left, similarity[left])
        ],
    }


def _prompts(pair: dict[str, Any]) -> dict[str, Any]:
    """A pair without what the selection does not compare."""
    return {**pair, "parts": [part for part in pair["parts"] if part["part"] in ("prompt", "text")]}


def _balance(found: Balance, wish: BalanceWish, groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    titles = {f"{group['number']}": group["title"] for group in groups} if wish.by == "cluster" else {}
    lines = [{**line._asdict(), "title": titles.get(line.name)} for line in found.lines]
    return {"by": wish.by, "max_share": wish.max_share, "lines": lines}
