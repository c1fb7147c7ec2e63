"""Stage 7: the proportions of the training side: so much domain to so much general, with weights and caps.

The *anchor* (the group `domain` where it is named, else the first) is taken whole, every other group in its ratio to
it. Where a group cannot fill its share, `short: shrink` takes less of all groups, so that the ratio holds, and
`short: repeat` repeats the short group's rows, each up to `max_copies` times, before it shrinks. Both are announced.

>>> shares({"domain": 100, "general": 250}, {"domain": 1, "general": 5}, most_copies={"domain": 1, "general": 1})
{'domain': 50, 'general': 250}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from math import floor, gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.said import Said
from tunesmith.curate.sampling import seeded_order


class Mixed(NamedTuple):
    """How often each row stands in the training side, shape `(n_rows,)`; 0 for a row that the mix did not need."""

    copies: npt.NDArray[np.int32]
    capped: npt.NDArray[np.bool_]
    groups: list[dict[str, Any]]
    announcement: Said | None


def anchor_of(ratio: Mapping[str, float]) -> str:
    """The group that is taken whole and that the others are measured against."""
    return "domain" if "domain" in ratio else next(iter(ratio))


def shares(
    available: Mapping[str, int], ratio: Mapping[str, float], *, most_copies: Mapping[str, int]
) -> dict[str, int]:
    """The amount of each group, in the unit of `available`, that keeps the ratio and exceeds no group's copies.

    Whole-number ratios hold exactly: the amounts are the reduced ratio times one whole number.
    """
    reach = {name: available[name] * most_copies[name] for name in ratio}
    if all(float(weight).is_integer() for weight in ratio.values()):
        divisor = reduce(gcd, (int(weight) for weight in ratio.values()))
        parts = {name: int(weight) // divisor for name, weight in ratio.items()}
        times = min(reach[name] // parts[name] for name in parts)
        if times or not all(reach.values()):
            return {name: part * times for name, part in parts.items()}
        # fewer rows than one whole ratio (100 rows for `domain: 101`): as near as rows allow
    scale = min(reach[name] / weight for name, weight in ratio.items())
    return {name: min(reach[name], floor(scale * weight + 1e-9)) for name, weight in ratio.items()}


def take(sizes: npt.NDArray[np.int64], order: npt.NDArray[np.intp], amount: int) -> npt.NDArray[np.int32]:
    """Copies of each row, shape `(n_rows,)`: whole passes over all rows, then the first of `order` that still fit.

    :param sizes: what each row counts, 1 for rows or its words.
    """
    total = int(sizes.sum())
    if total == 0 or amount <= 0:
        return np.zeros(len(sizes), np.int32)
    passes, rest = divmod(amount, total)
    copies = np.full(len(sizes), passes, np.int32)
    if sizes.max() == sizes.min() == 1:
        copies[order[:rest]] += 1
        return copies
    for row in order.tolist():
        if rest == 0:  # a row of size 0 behind the last that counts is not taken once more
            break
        if sizes[row] <= rest:
            copies[row] += 1
            rest -= int(sizes[row])
    return copies


def fill_sources(reach: Sequence[int], weights: Sequence[float], amount: int) -> list[int]:
    """Divide an amount by weights; what a short source cannot give is divided among the others."""
    given = [0] * len(reach)
    left, open_ones = amount, [i for i in range(len(reach)) if reach[i] > 0 and weights[i] > 0]
    while left > 0 and open_ones:
        total = sum(weights[i] for i in open_ones)
        full = [i for i in open_ones if reach[i] - given[i] <= left * weights[i] / total]
        for i in full:
            left -= reach[i] - given[i]
            given[i] = reach[i]
        open_ones = [i for i in open_ones if i not in full]
        if not full:
            return _rounded(given, open_ones, weights, left)
    return given


def _rounded(given: list[int], open_ones: list[int], weights: Sequence[float], left: int) -> list[int]:
    total = sum(weights[i] for i in open_ones)
    exact = {i: left * weights[i] / total for i in open_ones}
    for i in open_ones:
        given[i] += floor(exact[i])
    missing = left - sum(floor(value) for value in exact.values())
    for i in sorted(open_ones, key=lambda i: (floor(exact[i]) - exact[i], i))[:missing]:
        given[i] += 1
    return given


class MixRows(NamedTuple):
    """The rows that may be mixed: arrays of shape `(n_rows,)`, with the names behind the numbers."""

    alive: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.bool_]  # a person keeps them: they are taken first
    group: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]
    size: npt.NDArray[np.int64]
    identities: Iterable[str | None]  # gone through once
    group_names: Sequence[str]
    source_names: Sequence[str]


class MixPlan(NamedTuple):
    """The recipe's `mix`: see docs/recipe.md."""

    ratio: Mapping[str, float]
    weights: Mapping[str, float]
    caps: Mapping[str, int]
    unit: str
    short: str
    max_copies: int
    seed: int


def mix_rows(rows: MixRows, plan: MixPlan) -> Mixed:
    """Choose the training rows and their copies."""
    order = _order(rows, plan.seed)
    capped = _over_caps(rows, plan.caps, order)
    free = rows.alive & ~capped
    numbers = {name: list(rows.group_names).index(name) for name in plan.ratio}
    available = {name: int(rows.size[free & (rows.group == numbers[name])].sum()) for name in plan.ratio}
    anchor = anchor_of(plan.ratio)
    most = {name: 1 if name == anchor or plan.short == "shrink" else plan.max_copies for name in plan.ratio}
    amounts = shares(available, plan.ratio, most_copies=most)
    copies = np.zeros(len(rows.alive), np.int32)
    for name, amount in amounts.items():
        _take_group(rows, plan, free & (rows.group == numbers[name]), order, amount, most[name], copies)
    groups = [_group_line(rows, name, numbers[name], available[name], copies) for name in plan.ratio]
    return Mixed(copies, capped, groups, _announce(plan, available, amounts, groups))


def _order(rows: MixRows, seed: int) -> npt.NDArray[np.intp]:
    """All row numbers: what a person keeps first, then in the seeded order of their content, the row number last."""
    random = seeded_order((name or "" for name in rows.identities), seed)
    return np.lexsort((np.arange(len(random)), random, ~rows.decided))


def _over_caps(rows: MixRows, caps: Mapping[str, int], order: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Rows beyond the cap of their source, then of their group."""
    over = np.zeros(len(rows.alive), bool)
    for names, numbers in ((rows.source_names, rows.source), (rows.group_names, rows.group)):
        for number, name in enumerate(names):
            if name in caps:
                member = rows.alive & ~over & (numbers == number)
                over[order[member[order]][caps[name] :]] = True
    return over


def _take_group(
    rows: MixRows,
    plan: MixPlan,
    member: npt.NDArray[np.bool_],
    order: npt.NDArray[np.intp],
    amount: int,
    most: int,
    copies: npt.NDArray[np.int32],
) -> None:
    """Fill `copies` for one group; source by source where the plan weighs its sources."""
    sources: list[int] = np.unique(rows.source[member]).tolist()
    names = [rows.source_names[number] for number in sources]
    buckets = [member]
    amounts = [amount]
    if any(name in plan.weights for name in names):
        buckets = [member & (rows.source == number) for number in sources]
        reach = [int(rows.size[bucket].sum()) * most for bucket in buckets]
        amounts = fill_sources(reach, [plan.weights.get(name, 1.0) for name in names], amount)
    for bucket, wanted in zip(buckets, amounts):
        inside = order[bucket[order]]  # the bucket's rows in seeded order
        copies[inside] = take(rows.size[inside], np.arange(len(inside)), wanted)


def _group_line(rows: MixRows, name: str, number: int, available: int, copies: npt.NDArray[np.int32]) -> dict[str, Any]:
    mine = copies[rows.group == number]
    return {
        "group": name,
        "available": available,
        "taken": int((mine > 0).sum()),
        "lines": int(mine.sum()),
        "copies_max": int(mine.max(initial=0)),
    }


def _announce(
    plan: MixPlan, available: Mapping[str, int], amounts: Mapping[str, int], groups: list[dict[str, Any]]
) -> Said | None:
    """A sentence where a group could not fill its share, as every person who asked for a ratio must know."""
    anchor = anchor_of(plan.ratio)
    wanted = {name: available[anchor] / plan.ratio[anchor] * weight for name, weight in plan.ratio.items()}
    short = [name for name in plan.ratio if available[name] < floor(wanted[name])]
    asked = " : ".join(f"{name} {weight:g}" for name, weight in plan.ratio.items())
    empty = [name for name in plan.ratio if available[name] == 0]
    if empty:
        return _nothing_left(asked, empty)
    if not short and amounts[anchor] == available[anchor]:
        return None
    lacks = [(name, available[name], floor(wanted[name])) for name in short]
    repeated = [(line["group"], line["copies_max"]) for line in groups if line["copies_max"] > 1]
    shrunk = amounts[anchor] < available[anchor]
    taken = " : ".join(f"{name} {amounts[name]:,}" for name in plan.ratio) if shrunk else ""
    return Said(
        _in_english(asked, lacks, repeated, taken, plan.unit), _in_chinese(asked, lacks, repeated, taken, plan.unit)
    )


def _nothing_left(asked: str, empty: list[str]) -> Said:
    names = ", ".join(empty)
    return Said(
        f"mix {asked}: no rows of {names} are left, so the ratio leaves nothing to train on; "
        "loosen the rules that dropped them, or take the group out of the mix",
        f"配比 {asked}：{names} 没有剩下任何行，按此比例就没有可训练的数据；请放宽剔除它们的规则，或从配比中去掉该组",
    )


def _in_english(
    asked: str, lacks: list[tuple[str, int, int]], repeated: list[tuple[str, int]], taken: str, unit: str
) -> str:
    short = ", ".join(f"{name} has {has:,} {unit} of {wanted:,}" for name, has, wanted in lacks)
    done = [f"repeated {', '.join(f'{name} up to {copies} times' for name, copies in repeated)}"] if repeated else []
    done += [f"shrank to {taken}"] if taken else []
    return f"mix {asked}: {'; '.join(part for part in (short, ' and '.join(done)) if part)}"


def _in_chinese(
    asked: str, lacks: list[tuple[str, int, int]], repeated: list[tuple[str, int]], taken: str, unit: str
) -> str:
    counter = "词" if unit == "tokens" else "行"
    short = "，".join(f"{name} 需要 {wanted:,} {counter}，只有 {has:,}" for name, has, wanted in lacks)
    done = ["重复使用 " + "、".join(f"{name}（每行至多 {copies} 次）" for name, copies in repeated)] if repeated else []
    done += [f"缩减为 {taken}"] if taken else []
    return f"配比 {asked}：{'；'.join(part for part in (short, '，并'.join(done)) if part)}"
