"""The changes that `curate preview` is asked for, made to the rules of a recipe. `parse_recipe` judges what comes out.

>>> rules = {"answer_too_short": {"min_characters": {"zh": 1, "ja": 1, "ko": 1, "en": 1, "other": 1}}}
>>> change_rules(rules, ["answer_too_short.min_characters.zh=4"])
{'answer_too_short': {'min_characters': {'zh': 4, 'ja': 4, 'ko': 4, 'en': 1, 'other': 1}}}
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunesmith.curate.rules import RULES
from tunesmith.curate.signals import LANGUAGES
from tunesmith.errors import InputError

Settings = dict[str, dict[str, float]]  # parameter -> language -> number

_KIN = {"ja": "zh", "ko": "zh", "other": "en"}  # as in a recipe
_EXAMPLE = "answer_too_short.min_characters=4, answer_too_short.min_characters.zh=4 or placeholder=off"


def change_rules(rules: Mapping[str, Any], changes: Sequence[str], off: Sequence[str] = ()) -> dict[str, Any]:
    """The rules of a resolved recipe with changes made; wrong names and numbers go in as they are.

    A language takes its kin along (ja and ko go with zh, other with en) where they had the same number, as in a recipe.

    :param changes: `rule.parameter=number`, `rule.parameter.language=number`, `rule=on` or `rule=off`.
    :raises InputError: what is not written so, and rules both set and switched off.
    """
    asked = [_split(text) for text in changes]
    twice = {rule for (rule, *_), _ in asked} & set(off)
    wrong = [repr(text) for text, (names, value) in zip(changes, asked) if not (all(names) and value)]
    if wrong:
        raise InputError(f"expected rule.parameter=number, saw {', '.join(wrong)}", remedy=f"write {_EXAMPLE}")
    if twice:
        what = f"{', '.join(sorted(twice))} is both set and switched off"
        raise InputError(what, remedy="keep one of the two")
    changed = copy.deepcopy({**rules, **dict.fromkeys(off, False)})
    numbers: dict[tuple[str, str], dict[str, Any]] = {}
    for names, value in asked:
        if len(names) == 1:
            changed[names[0]] = _switched(changed.get(names[0]), value)
        else:
            numbers.setdefault((names[0], names[1]), {})["".join(names[2:])] = _number(value)
    for (rule, parameter), given in numbers.items():
        block = changed.get(rule) or {}
        known = RULES[rule].defaults.get(parameter, {}) if rule in RULES else {}
        changed[rule] = {**block, parameter: _numbers(given, {**known, **block.get(parameter, {})})}
    return changed


def _split(text: str) -> tuple[list[str], str]:
    """`rule.parameter.language=value` as its names and its value, empty where something is missing."""
    place, _, value = text.partition("=")
    return [name.strip() for name in place.split(".", 2)], value.strip()


def _switched(now: Any, value: str) -> Any:
    return {"on": now or {}, "off": False}.get(value, value)


def _numbers(given: Mapping[str, Any], now: Mapping[str, Any]) -> Any:
    """What a parameter becomes; the number under no language is for all of them."""
    named = {language: number for language, number in given.items() if language}
    if "" in given:
        if not named:
            return given[""]
        now = dict.fromkeys(LANGUAGES, given[""])
    return {**now, **{name: named[_KIN[name]] for name in _followers(named, now)}, **named}


def _followers(named: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[str]:
    return (name for name, leader in _KIN.items() if leader in named and now.get(name) == now.get(leader))


def _number(text: str) -> Any:
    """A number where it is one; else the text, which the check of the recipe names."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
