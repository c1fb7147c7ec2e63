"""What the shape of a recipe cannot say: names must be known, groups have sources, some keys exclude each other.

>>> from tunesmith.curate.recipe_models import Recipe
>>> recipe = Recipe.model_validate({"sources": ["a.jsonl"], "mix": {"domian": 1}})
>>> meaning_problems(recipe, ["a"])[0].text
'no source has this group; did you mean `domain`?'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.formats.columns import MAPPABLE, mapped
from tunesmith.curate.recipe_errors import nearest, saw
from tunesmith.curate.recipe_models import Mix, Recipe, Source
from tunesmith.curate.recipe_yaml import Problem
from tunesmith.curate.rules import RULES
from tunesmith.curate.signals import LANGUAGES
from tunesmith.errors import InputError


def meaning_problems(recipe: Recipe, names: Sequence[str]) -> list[Problem]:
    """Everything that is wrong in a recipe of right shape.

    :param names: the name of each source, given or derived.
    """
    found = [*_name_problems(recipe.sources)]
    for number, source in enumerate(recipe.sources):
        found += [wrong._replace(path=("sources", number, *wrong.path)) for wrong in _source_problems(source)]
    for name, setting in recipe.rules.items():
        found += _rule_problems(name, setting)
    if recipe.split.min_rows > recipe.split.max_rows:
        found.append(
            Problem(
                ("split", "min_rows"),
                f"expected at most max_rows ({recipe.split.max_rows}), saw {recipe.split.min_rows}",
            )
        )
    if recipe.mix is not None:
        found += _mix_problems(recipe.mix, recipe.sources, names)
    if recipe.export.format != "auto":
        found += _format_problems(("export", "format"), recipe.export.format)
    return found


def _name_problems(sources: Sequence[Source]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, source in enumerate(sources):
        path = ("sources", number, "name")
        if any(mark in source.name for mark in ":/"):
            yield Problem(
                path, f"expected a name without `:` and `/`, saw {source.name!r}; row ids are `name:position`"
            )
        if source.name and first.setdefault(source.name, number) != number:
            other = first[source.name] + 1
            yield Problem(path, f"source {other} has the name {source.name!r} too; give each source its own")


def _source_problems(source: Source) -> Iterator[Problem]:
    if source.group in Mix.model_fields:
        yield Problem(
            ("group",), f"`{source.group}` has a meaning of its own in mix; choose another name for the group"
        )
    if source.format != "auto":
        yield from _format_problems(("format",), source.format)
    if source.columns is not None:
        yield from _column_problems(source.columns)
        if source.format != "auto":
            yield Problem(("columns",), f"the source has both a format ({source.format}) and columns; keep one")
    entry = "#" in source.path and not source.path.startswith("hub:")
    if entry and (source.format != "auto" or source.columns is not None):
        key = "format" if source.format != "auto" else "columns"
        yield Problem((key,), f"an entry of a registry says itself how its rows are spelled; remove `{key}`")
    for key in source.fill:
        if not key.strip() or "{" in key or "}" in key:
            yield Problem(("fill", key), "expected the name between the braces: {name: Tunesmith} replaces {{name}}")


def _format_problems(path: tuple[str, ...], name: str) -> Iterator[Problem]:
    if name not in FORMATS:
        yield Problem(path, f"unknown format {name!r}{nearest(name, ('auto', *FORMATS))}")


def _column_problems(columns: Mapping[str, str]) -> Iterator[Problem]:
    unknown = [key for key in columns if key not in MAPPABLE]
    for key in unknown:
        yield Problem(("columns", key), f"a mapping cannot name `{key}`{nearest(key, MAPPABLE)}", on_key=True)
    if unknown:
        return
    try:
        mapped(columns)
    except InputError as error:
        yield Problem(("columns",), f"{error.what}; {error.remedy}")


def _rule_problems(name: str, setting: Any) -> Iterator[Problem]:
    path = ("rules", name)
    if name not in RULES:
        yield Problem(path, f"unknown rule `{name}`{nearest(name, RULES)}", on_key=True)
    elif isinstance(setting, dict):
        defaults = RULES[name].defaults
        for key, value in setting.items():
            if key in defaults:
                yield from _number_problems((*path, key), value)
            elif defaults:
                yield Problem((*path, key), f"unknown parameter `{key}`{nearest(key, defaults)}", on_key=True)
            else:
                yield Problem(
                    (*path, key), f"unknown parameter `{key}`; the rule has none, it is on or off", on_key=True
                )
    elif setting is not False:
        yield Problem(path, f"expected off or {_example(name)}, saw {saw(setting)}")


def _example(name: str) -> str:
    shown = ", ".join(
        f"{key}: {{zh: {numbers['zh']}, en: {numbers['en']}}}" for key, numbers in RULES[name].defaults.items()
    )
    return f"its parameters such as {{{shown}}}" if shown else "no such key (the rule is on by default)"


def _number_problems(path: tuple[str, ...], value: Any) -> Iterator[Problem]:
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


def _of_groups(group: str, groups: Sequence[str]) -> str:
    """The nearest key, a reserved one too; where none is near, only the groups are worth naming."""
    near = nearest(group, (*groups, *Mix.model_fields))
    return near if "did you mean" in near else nearest(group, groups)


def _mix_problems(mix: Mix, sources: Sequence[Source], names: Sequence[str]) -> Iterator[Problem]:
    groups = [*dict.fromkeys(source.group for source in sources)]
    for group in mix.ratio:
        if group not in groups:
            yield Problem(("mix", group), f"no source has this group{_of_groups(group, groups)}")
    for group in groups:
        if group not in mix.ratio:
            number = next(number for number, source in enumerate(sources, 1) if source.group == group)
            yield Problem(("mix",), f"the group `{group}` of source {number} has no share; write `{group}: 1` in mix")
    for name in mix.caps:
        if name not in groups and name not in names:
            yield Problem(("mix", "caps", name), f"no group or source has this name{nearest(name, (*groups, *names))}")
        elif name in groups and name in names and _is_ambiguous(name, sources, names):
            yield Problem(("mix", "caps", name), "a group and a source have this name; give the source another `name`")
    for name in mix.weights:
        if name not in names:
            yield Problem(("mix", "weights", name), f"no source has this name{nearest(name, names)}")


def _is_ambiguous(name: str, sources: Sequence[Source], names: Sequence[str]) -> bool:
    """A source that is the whole group of its own name means the same either way."""
    return [own for own, source in zip(names, sources) if source.group == name] != [name]
