"""Rules: predicates over signals. Each says which rows fail, the value that it measured and the threshold that it used.

Nothing here reads a text. `RULES` lists the rules of the default table; a recipe adds rules of its own, which are
expressions over the same signals.

>>> table = pa.table({"kind": ["sft", "sft"], "language": ["zh", "en"], "answer_characters": [1, 30]})
>>> least = {"min_characters": {"zh": 2, "en": 2}}
>>> verdict = judge_all(table, {"answer_too_short": least, "long": {"when": "answer_characters > 20"}})
>>> {name: found.failed.tolist() for name, found in verdict.items()}
{'answer_too_short': [True, False], 'long': [False, True]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from tunesmith.curate.expressions import Expression, evaluate, parse_expression
from tunesmith.curate.rule_table import RULES
from tunesmith.curate.rule_types import DROP, FLAG, POLICIES, Columns, Judged, Parameters, Rule, Settings
from tunesmith.curate.said import Said
from tunesmith.errors import InputError

__all__ = [
    "DROP",
    "FLAG",
    "POLICIES",
    "RULES",
    "Columns",
    "Judged",
    "Parameters",
    "Rule",
    "Settings",
    "in_order",
    "judge_all",
    "parameters_of",
    "policy_of",
    "rule_of",
]

_PASSES = {"<": "≥", "<=": ">", ">": "≤", ">=": "<", "==": "≠", "!=": "="}


def rule_of(name: str, settings: Settings) -> Rule:
    """The rule that a recipe's settings are about: one of the table, or the recipe's own, made of its expression."""
    if name in RULES:
        return RULES[name]
    expression = parse_expression(settings["when"])
    why = settings.get("why")
    compared = expression.comparison
    return Rule(
        name,
        {},
        lambda columns, _: _by_expression(columns, expression),
        expression.names,
        Said(why, why) if why else Said(f"a row where {expression.text}", f"符合 {expression.text} 的行"),
        Said("", ""),
        on_text=True,
        sign=_PASSES[compared.operator] if compared else "=",
    )


def policy_of(name: str, settings: Settings) -> str:
    """`drop` or `flag`: as the recipe says, or by default."""
    policy: str = settings.get("policy", RULES[name].policy if name in RULES else DROP)
    return policy


def parameters_of(settings: Settings) -> dict[str, dict[str, float]]:
    """The numbers among the settings of a rule of the table."""
    return {key: dict(value) for key, value in settings.items() if isinstance(value, Mapping)}


def in_order(names: Iterable[str]) -> list[str]:
    """Rules in the order in which they judge: those of the table, then the others as they come."""
    names = [*dict.fromkeys(names)]
    return [*(name for name in RULES if name in names), *(name for name in names if name not in RULES)]


def judge_all(table: pa.Table | Columns, active: Mapping[str, Settings]) -> dict[str, Judged]:
    """Every active rule over the rows of a signals table (with `kind` and `language`), in the order of `in_order`.

    No row of kind `invalid` fails. Rows of kind `text` fail those rules only that judge text too.

    :param active: rule name -> its settings, as `recipe.resolved_rules` gives them.
    :raises InputError: where the table lacks a signal that a rule reads.
    """
    columns = table if isinstance(table, Columns) else Columns(table)
    readable = ~columns.is_among("kind", ("invalid",))
    conversation = readable & ~columns.is_among("kind", ("text",))
    judged = {}
    for name in in_order(active):
        rule = rule_of(name, active[name])
        _check_columns(rule, columns.table.column_names)
        found = rule.judge(columns, active[name])
        judged[name] = found._replace(failed=found.failed & (readable if rule.on_text else conversation))
    return judged


def _check_columns(rule: Rule, present: Iterable[str]) -> None:
    missing = [name for name in rule.columns if name not in {*present}]
    if missing:
        what = f"the rule `{rule.name}` reads {', '.join(missing)}, which this run did not measure"
        raise InputError(what, remedy="run the recipe again into this folder")


def _by_expression(columns: Columns, expression: Expression) -> Judged:
    failed = evaluate(expression, columns)
    if expression.comparison is None:
        return Judged(failed, failed.astype(np.float64), np.full(len(failed), np.nan))
    value = columns.numbers(expression.comparison.signal)
    return Judged(failed, value, np.full(len(failed), expression.comparison.number))
