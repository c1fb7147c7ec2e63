"""The changes that `curate preview` is asked for, made to the rules of a recipe, and how a recipe writes the outcome.

`parse_recipe` judges what comes out.

>>> rules = {"answer_too_short": {"min_characters": {"zh": 1, "ja": 1, "ko": 1, "en": 1, "other": 1}}}
>>> change_rules(rules, ["answer_too_short.min_characters.zh=4"])
{'answer_too_short': {'min_characters': {'zh': 4, 'ja': 4, 'ko': 4, 'en': 1, 'other': 1}}}
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunesmith.curate.rules import DROP, RULES, Settings
from tunesmith.curate.signals import LANGUAGES
from tunesmith.errors import InputError

_KIN = {"ja": "zh", "ko": "zh", "other": "en"}  # as in a recipe
_EXAMPLE = "answer_too_short.min_characters=4, answer_too_short.min_characters.zh=4 or placeholder=off"
_OWN_EXAMPLE = "thin=\"answer_words < 5 and language == 'zh'\""


def change_rules(
    rules: Mapping[str, Any], changes: Sequence[str], off: Sequence[str] = (), when: Sequence[str] = ()
) -> dict[str, Any]:
    """The rules of a resolved recipe with changes made; wrong names and numbers go in as they are.

    A language takes its kin along (ja and ko go with zh, other with en) as in a recipe, where they had the same number
    or still have their default.

    :param changes: `rule.parameter=number`, `rule.parameter.language=number`, `rule.policy=flag`, `rule=on` or
        `rule=off`.
    :param when: `name=expression`; a rule of one's own that is there already keeps its policy.
    :raises InputError: what is not written so, and rules both set and switched off.
    """
    asked, own = [_split(text) for text in changes], [_split_rule(text) for text in when]
    _check_written(changes, asked, when, own)
    twice = ({rule for (rule, *_), _ in asked} | {rule for rule, _ in own}) & set(off)
    if twice:
        what = f"{', '.join(sorted(twice))} is both set and switched off"
        raise InputError(what, remedy="keep one of the two")
    changed = copy.deepcopy({**rules, **dict.fromkeys(off, False)})
    for name, expression in own:
        changed[name] = {**(changed.get(name) or {}), "when": expression}
    numbers: dict[tuple[str, str], dict[str, Any]] = {}
    for names, value in asked:
        if len(names) == 1:
            changed[names[0]] = _switched(changed.get(names[0]), value)
        elif names[1:] == ["policy"]:
            changed[names[0]] = {**(changed.get(names[0]) or {}), "policy": value}
        else:
            numbers.setdefault((names[0], names[1]), {})["".join(names[2:])] = _number(value)
    for (rule, parameter), given in numbers.items():
        block = changed.get(rule) or {}
        known = RULES[rule].defaults.get(parameter, {}) if rule in RULES else {}
        changed[rule] = {**block, parameter: _numbers(given, {**known, **block.get(parameter, {})}, known)}
    return {name: setting for name, setting in changed.items() if setting is not False or name not in _own(rules)}


def written(name: str, settings: Settings) -> dict[str, Any]:
    """The settings of a rule as a person writes them: one number where all languages have it, zh and en where their
    kin go with them, no policy where it is the default."""
    usual = RULES[name].policy if name in RULES else DROP
    told = {key: _few(value) if isinstance(value, Mapping) else value for key, value in settings.items() if value}
    return {key: value for key, value in told.items() if (key, value) != ("policy", usual)}


def _few(numbers: Mapping[str, float]) -> Any:
    if len(set(numbers.values())) == 1:
        return numbers["zh"]
    if numbers["ja"] == numbers["ko"] == numbers["zh"] and numbers["other"] == numbers["en"]:
        return {"zh": numbers["zh"], "en": numbers["en"]}
    return dict(numbers)


def _own(rules: Mapping[str, Any]) -> set[str]:
    """The recipe's own rules: one of them that is off is not there at all."""
    return {name for name in rules if name not in RULES}


def _check_written(
    changes: Sequence[str], asked: Sequence[tuple[list[str], str]], when: Sequence[str], own: Sequence[tuple[str, str]]
) -> None:
    wrong = [repr(text) for text, (names, value) in zip(changes, asked) if not (all(names) and value)]
    if wrong:
        raise InputError(f"expected rule.parameter=number, saw {', '.join(wrong)}", remedy=f"write {_EXAMPLE}")
    wrong = [repr(text) for text, named in zip(when, own) if not all(named)]
    if wrong:
        raise InputError(f"expected name=expression, saw {', '.join(wrong)}", remedy=f"write {_OWN_EXAMPLE}")


def _split_rule(text: str) -> tuple[str, str]:
    name, _, expression = text.partition("=")
    return name.strip(), expression.strip()


def _split(text: str) -> tuple[list[str], str]:
    """`rule.parameter.language=value` as its names and its value, empty where something is missing."""
    place, _, value = text.partition("=")
    return [name.strip() for name in place.split(".", 2)], value.strip()


def _switched(now: Any, value: str) -> Any:
    return {"on": now or {}, "off": False}.get(value, value)


def _numbers(given: Mapping[str, Any], now: Mapping[str, Any], default: Mapping[str, Any]) -> Any:
    """What a parameter becomes; the number under no language is for all of them."""
    named = {language: number for language, number in given.items() if language}
    if "" in given:
        if not named:
            return given[""]
        now = dict.fromkeys(LANGUAGES, given[""])
    return {**now, **{name: named[_KIN[name]] for name in _followers(named, now, default)}, **named}


def _followers(named: Mapping[str, Any], now: Mapping[str, Any], default: Mapping[str, Any]) -> Iterable[str]:
    """The languages that nobody has set apart from the one that they go with."""
    for name, leader in _KIN.items():
        if leader in named and now.get(name) in (now.get(leader), default.get(name)):
            yield name


def _number(text: str) -> Any:
    """A number where it is one; else the text, which the check of the recipe names."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
