"""What is wrong in the `rules` of a recipe: unknown names, numbers that are none, expressions that cannot be judged.

>>> [problem.text for problem in rule_problems({"refusl": "off"}, ())]
['unknown rule `refusl`; did you mean `refusal`?']
>>> [problem.text for problem in rule_problems({"thin": {"when": "answer_words < 'x'"}}, ())]
["`answer_words < 'x'` compares a number with a text"]
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tunesmith.curate.recipe_errors import nearest, saw
from tunesmith.curate.recipe_yaml import Place, Problem
from tunesmith.curate.rules import POLICIES, RULES
from tunesmith.curate.signals import LANGUAGES

#: What else the ledger names in `rule` and `flags`; a recipe's own rule has another name.
TAKEN = (
    *("exact_duplicate", "near_duplicate", "semantic_duplicate", "decision", "mix", "cap", "num_samples"),
    *("balance", "select", "privacy", "contamination", "variant", "conflict", "template"),
)
_OWN = ("when", "policy", "why")
_EXAMPLE = '{when: "answer_words < 5", policy: flag}'


def rule_problems(rules: Mapping[str, Any], present: Collection[str]) -> Iterator[Problem]:
    """Everything that is wrong in a recipe's rules.

    :param present: the keys of the recipe on which optional signals depend and that are set, such as `scores`.
    """
    for name, setting in rules.items():
        path = ("rules", name)
        if name in RULES:
            yield from _table_problems(path, name, setting)
        elif isinstance(setting, dict) and "when" in setting:
            yield from _own_problems(path, name, setting, present)
        else:
            own = f"; a rule of your own is written {_EXAMPLE}" if isinstance(setting, dict) else ""
            near = nearest(name, RULES)
            yield Problem(path, f"unknown rule `{name}`{near if 'did you mean' in near else own or near}", on_key=True)


def _table_problems(path: Place, name: str, setting: Any) -> Iterator[Problem]:
    if setting is False:
        return
    if not isinstance(setting, dict):
        yield Problem(path, f"expected off or {_example(name)}, saw {saw(setting)}")
        return
    defaults = RULES[name].defaults
    for key, value in setting.items():
        if key == "policy":
            yield from _policy_problems(path, value)
        elif key in defaults:
            yield from _number_problems((*path, key), value)
        else:
            yield Problem((*path, key), _unknown_parameter(key, defaults), on_key=True)


def _unknown_parameter(key: str, defaults: Mapping[str, Any]) -> str:
    if key == "when":
        return "the rule is one of the table; give a rule of your own another name"
    if not defaults:
        return f"unknown parameter `{key}`; the rule has none, it is on or off, or has a policy"
    return f"unknown parameter `{key}`{nearest(key, (*defaults, 'policy'))}"


def _example(name: str) -> str:
    shown = ", ".join(
        f"{key}: {{zh: {numbers['zh']}, en: {numbers['en']}}}" for key, numbers in RULES[name].defaults.items()
    )
    return f"its parameters such as {{{shown}}}" if shown else "a policy such as {policy: flag}; it is on by default"


def _policy_problems(path: Place, value: Any) -> Iterator[Problem]:
    if value not in POLICIES:
        near = nearest(value, POLICIES) if isinstance(value, str) else ""
        yield Problem((*path, "policy"), f"expected drop or flag, saw {saw(value)}{near if 'did you' in near else ''}")


def _own_problems(path: Place, name: str, setting: Mapping[str, Any], present: Collection[str]) -> Iterator[Problem]:
    if name in TAKEN or not name.isidentifier():
        why = "the ledger uses it already" if name in TAKEN else "expected letters, digits and _"
        yield Problem(path, f"a rule cannot be called `{name}`: {why}", on_key=True)
    for key, value in setting.items():
        if key not in _OWN:
            yield Problem((*path, key), f"unknown key `{key}`{nearest(key, _OWN)}", on_key=True)
        elif key == "policy":
            yield from _policy_problems(path, value)
        elif key == "why" and not isinstance(value, str):
            yield Problem((*path, key), f"expected text, saw {saw(value)}")
    yield from (Problem((*path, "when"), text) for text in _condition_problems(setting["when"], present))


def _condition_problems(text: Any, present: Collection[str]) -> Iterator[str]:
    from tunesmith.curate.expressions import expression_problems, parse_expression
    from tunesmith.curate.signal_names import needed_key, signal_types  # the tables of all signals, for those who ask

    problems = expression_problems(text, signal_types())
    yield from problems
    for name in () if problems else parse_expression(text).names:
        key = needed_key(name)
        if key and key not in present:
            yield f"`{name}` is measured only where the recipe has the key `{key}`"


def _number_problems(path: Place, value: Any) -> Iterator[Problem]:
    """One number for every language, or a mapping of languages to numbers."""
    if not isinstance(value, dict):
        if not _is_number(value):
            yield Problem(
                path, f"expected a number of at least 0, or a mapping such as {{zh: 4, en: 8}}, saw {saw(value)}"
            )
        return
    for language, number in value.items():
        if language not in LANGUAGES:
            yield Problem(
                (*path, language), f"unknown language `{language}`{nearest(language, LANGUAGES)}", on_key=True
            )
        elif not _is_number(number):
            yield Problem((*path, language), f"expected a number of at least 0, saw {saw(number)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
