"""Rules: predicates over signals. Each says which rows fail, the value that it measured and the threshold that it used.

Nothing here reads a text. A threshold may differ by the row's language; `RULES` lists every rule with its default.

>>> table = pa.table({"language": ["zh", "en"], "answer_characters": [1, 30]})
>>> verdict = RULES["answer_too_short"].judge(table, {"min_characters": {"zh": 2, "en": 2}})
>>> verdict.failed.tolist(), verdict.value.tolist(), verdict.threshold.tolist()
([True, False], [1.0, 30.0], [2.0, 2.0])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.signals import LANGUAGES

Parameters = Mapping[str, Mapping[str, float]]  # parameter -> language -> number


class Judged(NamedTuple):
    """One rule over all rows; arrays of shape `(n_rows,)`."""

    failed: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    threshold: npt.NDArray[np.float64]


class Rule(NamedTuple):
    """A rule, the parameters that a recipe may set, and what it is for, in one sentence."""

    name: str
    defaults: dict[str, dict[str, float]]
    judge: Callable[[pa.Table, Parameters], Judged]
    purpose: str
    on_text: bool = False  # whether it also judges pre-training text, which has no prompt and no turns


def _column(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = table[name].to_numpy().astype(np.float64)
    return values


def thresholds(table: pa.Table, by_language: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """The number that applies to each row, by the row's language."""
    codes = table["language"].combine_chunks().dictionary_encode()
    numbers = np.array([by_language[name] for name in codes.dictionary.to_pylist()] or [0.0])
    found: npt.NDArray[np.float64] = numbers[codes.indices.to_numpy()]
    return found


def _never(signal: str) -> Callable[[pa.Table, Parameters], Judged]:
    """The signal must be zero."""

    def judge(table: pa.Table, parameters: Parameters) -> Judged:
        value = _column(table, signal)
        return Judged(value > 0, value, np.zeros(len(value)))

    return judge


def _at_least(signal: str) -> Callable[[pa.Table, Parameters], Judged]:
    def judge(table: pa.Table, parameters: Parameters) -> Judged:
        value, least = _column(table, signal), thresholds(table, parameters["min_characters"])
        return Judged(value < least, value, least)

    return judge


def _at_most(signal: str) -> Callable[[pa.Table, Parameters], Judged]:
    def judge(table: pa.Table, parameters: Parameters) -> Judged:
        value, most = _column(table, signal), thresholds(table, parameters["max_characters"])
        return Judged(value > most, value, most)

    return judge


def _every(zh: float, en: float) -> dict[str, float]:
    """One number for the scripts whose characters are words, one for those that spell."""
    return {name: zh if name in ("zh", "ja", "ko") else en for name in LANGUAGES}


# Lower bounds are deliberately low: "B", "42" and "是" are right answers of real data sets, "hi" is a real prompt. A
# recipe for long-form data raises them. Upper bounds are far above any real answer: they catch logs and dumps.
_ALL = (
    Rule("empty_turn", {}, _never("empty_turns"), "a turn without text or tool call teaches nothing", True),
    Rule("missing_answer", {}, _never("missing_answer"), "no assistant turn at the end: nothing to train on"),
    Rule("roles_out_of_order", {}, _never("disordered_turn"), "the first turn that no chat template expects there"),
    Rule(
        "prompt_too_short", {"min_characters": _every(1, 2)}, _at_least("prompt_characters"), "no question to speak of"
    ),
    Rule(
        "prompt_too_long", {"max_characters": _every(30_000, 100_000)}, _at_most("prompt_characters"), "a log or a dump"
    ),
    Rule("answer_too_short", {"min_characters": _every(1, 1)}, _at_least("answer_characters"), "no answer to speak of"),
    Rule(
        "answer_too_long", {"max_characters": _every(30_000, 100_000)}, _at_most("answer_characters"), "a log or a dump"
    ),
    Rule("prompt_equals_answer", {}, _never("prompt_equals_answer"), "the answer only repeats the question"),
    Rule("chosen_equals_rejected", {}, _never("sides_equal"), "a pair without a difference carries no preference"),
    Rule("placeholder", {}, _never("placeholders"), "a template such as {{name}} that nobody filled", True),
)

RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}


def judge_all(table: pa.Table, active: Mapping[str, Parameters]) -> dict[str, Judged]:
    """Every active rule over the rows of a signals table (with `kind` and `language`), in the order of `RULES`.

    :param active: rule name -> its resolved parameters, as `recipe.resolved_rules` gives them.
    """
    conversation = pc.not_equal(table["kind"], "text").to_numpy()
    judged = {}
    for name, rule in RULES.items():
        if name in active:
            found = rule.judge(table, active[name])
            judged[name] = found if rule.on_text else found._replace(failed=found.failed & conversation)
    return judged


def as_lists(judged: Mapping[str, Judged], row: int) -> list[dict[str, Any]]:
    """The rules that one row failed, for its ledger line."""
    return [
        {"rule": name, "value": float(found.value[row]), "threshold": float(found.threshold[row])}
        for name, found in judged.items()
        if found.failed[row]
    ]
