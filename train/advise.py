"""Advice on the settings of a run, from facts: for each one a value, the rules behind it, and where they disagree.

>>> advice = advise(Facts(model="m", stage="sft", rows=2000, domain_rows=2000, billions=7.6, has_template=True))
>>> advice.value("method"), advice.value("epochs"), advice.value("learning_rate"), advice.value("rank")
('lora', 3, 0.0001, 8)
>>> [warned.code for warned in advice.warnings]
['no_general_data']

The rules are a table (`advise_rules.py`), the settings and how each is chosen another (`advise_topics.py`). Nothing is
advised where the facts do not support it: such an item has no value, and says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from tunesmith.curate.said import Said
from tunesmith.train.advise_rules import RULES
from tunesmith.train.advise_topics import BETWEEN, NO_RULE, NOTHING_FITS, OTHER_STAGE, TOO_FEW, TOPICS
from tunesmith.train.advise_types import Advice, Bound, Candidate, Condition, Facts, Item, Pick, Rule, Topic
from tunesmith.train.advise_warnings import warnings_of

Known = dict[str, Any]

#: What memorises by a guide, as parameters of rank per row: rank 64 with 1,000 rows.
MEMORISES = 64 / 1000
#: Steps below which a run hardly trains.
LEAST_STEPS = 100
#: Rows that a share for validation takes at most, as `read_sets` has it.
MOST_VALIDATION = 2000
#: Batches that are usual where the memory is not known: below so many thousand millions of parameters, so many rows.
USUAL = ((3.0, 8), (10.0, 4), (40.0, 2), (math.inf, 1))


def advise(facts: Facts, *, planned: Mapping[str, Any] | None = None) -> Advice:
    """What to set, for this data and this model.

    :param planned: settings that a person wrote, by the keys of `train sft` (`lora.rank` for `rank` in `lora`); they
        are not changed, but warned of in place of what is advised.
    """
    known = _known(facts)
    items: list[Item] = []
    for topic in TOPICS:
        if "method" in topic.when and not _matches(topic.when["method"], known.get("method")):
            continue  # an adapter's setting, without an adapter
        item = _item(topic, known)
        items.append(item)
        known[topic.name] = item.value
        known |= _derived(facts, known)
    warned = warnings_of(_judged(facts, known, planned or {}))
    return Advice(facts, tuple(items), warned, _steps(facts, known), _parameters_a_row(facts, known.get("rank")))


def _known(facts: Facts) -> Known:
    known: Known = {one.name: getattr(facts, one.name) for one in fields(facts)}
    fits = facts.fits or {}
    known |= {f"fits_{method}": batch for method, batch in fits.items()}
    known |= {"knows_memory": int(facts.fits is not None), "nothing_fits": bool(fits) and not any(fits.values())}
    known |= {"general_ratio": facts.general_ratio, "rank_limit": max(1.0, MEMORISES * facts.rows)}
    known["usual_batch"] = next((rows for limit, rows in USUAL if (facts.billions or 7.0) < limit), 1)
    known["has_domain"] = 1 if facts.domain_rows else None
    known["lacks_validation"] = None if facts.validation_rows else 1
    return known


def _derived(facts: Facts, known: Known) -> Known:
    """What follows from the values chosen so far."""
    found: Known = {}
    if known.get("method") and facts.fits is not None:
        found["fits_batch"] = facts.fits.get(known["method"])
    if known.get("epochs"):
        found["batch_for_steps"] = _power_of_two(facts.rows * known["epochs"] / LEAST_STEPS)
    if known.get("rows_a_step"):
        found["rows_a_gpu"] = max(1, known["rows_a_step"] // facts.gpus)
        if known.get("batch"):
            found["accumulated"] = max(1, known["rows_a_step"] // (known["batch"] * facts.gpus))
    if known.get("rank"):
        found["twice_rank"] = 2 * known["rank"]
    return found


def _steps(facts: Facts, known: Known) -> int | None:
    """Of the whole run, without the rows that will validate."""
    if not known.get("epochs") or not known.get("batch") or not known.get("accumulation"):
        return None
    held = min(MOST_VALIDATION, round(facts.rows * (known.get("validation") or 0)))
    a_step = known["batch"] * known["accumulation"] * facts.gpus
    a_pass: int = math.ceil((facts.rows - held) / a_step)
    return a_pass * int(known["epochs"])


def _item(topic: Topic, known: Known) -> Item:
    stage = topic.when.get("stage")
    if stage is not None and not _matches(stage, known["stage"]):
        return _refused(topic, Said(*(text.format(stage=known["stage"]) for text in OTHER_STAGE)))
    candidates = [
        _candidate(rule, known)
        for rule in RULES
        if rule.topic == topic.name and all(_matches(asked, known.get(name)) for name, asked in rule.when.items())
    ]
    candidates = [one for one in candidates if one.text or one.low is not None or one.high is not None]
    if topic.name in ("method", "batch") and known["nothing_fits"]:
        return _refused(topic, NOTHING_FITS, candidates)
    lacking = next((said for name, said in topic.needs.items() if known.get(name) is None), None)
    if lacking is not None:
        return _refused(topic, lacking, candidates)
    if known["rows"] < topic.least_rows:
        return _refused(topic, TOO_FEW, candidates)
    counted = [one for one in candidates if one.weight]
    if not counted:
        return _refused(topic, BETWEEN if topic.name == "base_or_chat" else NO_RULE, candidates)
    pick = next(pick for pick in topic.picks if all(_matches(c, known.get(name)) for name, c in pick.when.items()))
    value = _worded(counted) if topic.form == "words" else _rounded(topic, _agreed(counted, pick))
    marked = tuple(one._replace(is_chosen=_holds(one, value)) for one in candidates)
    return Item(topic, value, pick.why, marked, not all(_holds(one, value) for one in counted))


def _refused(topic: Topic, why: Said, candidates: Sequence[Candidate] = ()) -> Item:
    return Item(topic, None, why, tuple(candidates), disagree=False)


def _candidate(rule: Rule, known: Known) -> Candidate:
    low, high = _bound(rule.low, known), _bound(rule.high, known)
    return Candidate(rule.source, rule.says, low, high, rule.text, rule.weight, rule.aside, is_chosen=False)


def _bound(bound: Bound, known: Known) -> float | None:
    value = known.get(bound) if isinstance(bound, str) else bound
    return None if value is None else float(value)


def _matches(asked: Condition, value: Any) -> bool:
    """Whether a fact is as a rule asks; what is not known is not."""
    if value is None:
        return False
    if isinstance(value, str):
        return value in asked
    low, below = asked
    return (low is None or value >= float(low)) and (below is None or value < float(below))


def _agreed(candidates: Sequence[Candidate], pick: Pick) -> float:
    """An end of the range in which the weightiest sources are; of two as weighty, of the lower one."""
    ranges = [(_low(one), _high(one), one.weight) for one in candidates]
    starts = sorted({low for low, _, _ in ranges})
    at = max(starts, key=lambda point: (sum(w for low, high, w in ranges if low <= point <= high), -point))
    inside = [(low, high) for low, high, _ in ranges if low <= at <= high]
    lowest, highest = max(low for low, _ in inside), min(high for _, high in inside)
    wanted, other = (lowest, highest) if pick.end == "low" else (highest, lowest)
    return wanted if math.isfinite(wanted) else other


def _worded(candidates: Sequence[Candidate]) -> str:
    """The word with most weight; of two as weighty, the one that stands first."""
    weights: dict[str, int] = {}
    for one in candidates:
        weights[one.text or ""] = weights.get(one.text or "", 0) + one.weight
    return max(weights, key=lambda word: weights[word])


def _rounded(topic: Topic, value: float) -> float | int:
    if topic.power:
        return _power_of_two(value)
    return round(value) if topic.whole else float(f"{value:.6g}")


def _power_of_two(value: float) -> int:
    """The largest that is not above `value`, at least 1."""
    return 1 << max(0, int(math.log2(max(value, 1))))


def _low(one: Candidate) -> float:
    return -math.inf if one.low is None else one.low


def _high(one: Candidate) -> float:
    return math.inf if one.high is None else one.high


def _holds(one: Candidate, value: float | int | str) -> bool:
    if isinstance(value, str):
        return one.text == value
    return _low(one) - 1e-9 <= value <= _high(one) + 1e-9


def _parameters_a_row(facts: Facts, rank: float | None) -> float | None:
    if rank is None or facts.trained_parameters is None or not facts.rows:
        return None
    return facts.trained_parameters * rank / facts.rows


def _judged(facts: Facts, known: Known, planned: Mapping[str, Any]) -> Known:
    """What is warned of: a person's settings where there are some, else what is advised."""
    method = planned.get("method", known.get("method"))
    rank = planned.get("lora.rank", known.get("rank")) if method in ("lora", "qlora") else None
    alpha = planned.get("lora.alpha", known.get("alpha")) if rank else None
    cutoff = planned.get("max_length", known.get("cutoff"))
    fit = facts.vocabulary
    smaller = known.get("rank") or 8
    memory = rank / (MEMORISES * facts.rows) if rank and facts.rows else None
    return {
        "rows": facts.rows,
        "epochs": planned.get("epochs", known.get("epochs")),
        "memory_ratio": memory if rank and rank > smaller else None,
        "memory_ratio_at_best": memory if rank and rank <= smaller else None,
        "rank": rank,
        "parameters": f" ({a_row:,.0f})" if (a_row := _parameters_a_row(facts, rank)) else "",
        "advised_rank": smaller,
        "alpha_ratio": alpha / rank if alpha and rank else None,
        "validated": float(bool(facts.validation_rows or planned.get("validation", known.get("validation")))),
        "general_ratio": facts.general_ratio if facts.stage == "sft" else None,
        "cut_ratio": facts.share_over(cutoff) if cutoff else None,
        "base_with_few_rows": facts.has_template is False and facts.rows <= 10_000 and facts.stage == "sft",
        "nothing_fits": known["nothing_fits"],
        "lacks_chinese": fit is not None and fit.lacks_chinese,
        "pieces": fit.domain.pieces_per_han if fit else None,
    }
