"""What a person has changed on the rules of a run and not yet run: the changes of `curate preview --set`, in order.

They stand in the page's address, so that a reload or a link shows the same preview.

>>> with_numbers((), "answer_too_short", "min_characters", {"zh": 4, "en": 1})
('answer_too_short.min_characters.zh=4', 'answer_too_short.min_characters.en=1')
>>> with_policy(_, "answer_too_short", "off")
('answer_too_short=off',)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Draft = tuple[str, ...]

OFF = "off"


def with_numbers(draft: Draft, rule: str, parameter: str, numbers: Mapping[str, float]) -> Draft:
    """The draft with other numbers of a parameter.

    :param numbers: language -> number of every language that a person sees; none takes the change back.
    """
    place = f"{rule}.{parameter}"
    rest = tuple(one for one in draft if not one.startswith((f"{place}.", f"{place}=")) and one != f"{rule}=off")
    return (*rest, *(f"{place}.{language}={written_number(number)}" for language, number in numbers.items()))


def with_policy(draft: Draft, rule: str, policy: str | None, *, turn_on: bool = False) -> Draft:
    """The draft with a rule that drops, flags or is off; None takes that change back.

    :param turn_on: whether the recipe has the rule off.
    """
    if policy == OFF:
        return (*without(draft, rule), f"{rule}=off")
    rest = tuple(one for one in draft if one not in (f"{rule}=off", f"{rule}=on") and not _sets_policy(one, rule))
    on = (f"{rule}=on",) if turn_on else ()
    return (*rest, *on, *((f"{rule}.policy={policy}",) if policy else ()))


def without(draft: Draft, rule: str) -> Draft:
    """The draft without any change of a rule."""
    return tuple(one for one in draft if rule_named(one) != rule)


def changed_rules(draft: Draft) -> list[str]:
    """The rules that it changes."""
    return list(dict.fromkeys(map(rule_named, draft)))


def rule_named(change: str) -> str:
    """The rule that a change is about."""
    return change.partition("=")[0].partition(".")[0]


def written_number(number: float) -> str:
    """A number as a person writes it: `100000`, `0.35`."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def preview_command(run: str, draft: Sequence[str]) -> list[str]:
    """The command that previews the same."""
    return ["curate", "preview", f"runs/{run}", *(word for change in draft for word in ("--set", change))]


def with_rules(recipe: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe with the changed rules as `Preview.settings` gives them."""
    return {**recipe, "rules": {**(recipe.get("rules") or {}), **settings}} if settings else dict(recipe)


def _sets_policy(change: str, rule: str) -> bool:
    return change.startswith(f"{rule}.policy=")
