"""What the shape of a recipe cannot say: names must be known, groups have sources, some keys exclude each other.

>>> from tunesmith.curate.recipe_models import Recipe
>>> recipe = Recipe.model_validate({"sources": ["a.jsonl"], "mix": {"domian": 1}})
>>> meaning_problems(recipe, ["a"])[0].text
'no source has this group; did you mean `domain`?'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tunesmith.curate.cleaners import CLEANERS
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.formats.columns import MAPPABLE, mapped
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.recipe_errors import nearest
from tunesmith.curate.recipe_models import Mix, Recipe, Source
from tunesmith.curate.recipe_yaml import Problem
from tunesmith.curate.rule_checks import rule_problems
from tunesmith.errors import InputError


def meaning_problems(recipe: Recipe, names: Sequence[str]) -> list[Problem]:
    """Everything that is wrong in a recipe of right shape.

    :param names: the name of each source, given or derived.
    """
    found = [*_name_problems(recipe.sources)]
    for number, source in enumerate(recipe.sources):
        found += [wrong._replace(path=("sources", number, *wrong.path)) for wrong in _source_problems(source)]
    found += [*_cleaner_problems(recipe.clean), *_selection_problems(recipe)]
    found += [
        Problem(("privacy", "kinds"), f"unknown kind {kind!r}{nearest(kind, KINDS)}")
        for kind in (recipe.privacy.kinds if recipe.privacy else ())
        if kind not in KINDS
    ]
    found += rule_problems(recipe.rules, [key for key in recipe.model_fields_set if getattr(recipe, key)])
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


def _selection_problems(recipe: Recipe) -> Iterator[Problem]:
    select, balance = recipe.select, recipe.balance
    if select is not None and select.rows is None and (select.method == "k_centre" or select.by_cluster):
        key = "by_cluster" if select.by_cluster else "method"
        yield Problem(("select", key), "needs `rows`: how many rows to take")
    if balance is not None and not balance.caps and balance.max_share is None:
        yield Problem(("balance",), "expected `caps` or `max_share`, or both")


def _cleaner_problems(names: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        if name not in CLEANERS:
            yield Problem(("clean",), f"unknown cleaner {name!r}{nearest(name, CLEANERS)}")
    if {"to_simplified", "to_traditional"} <= set(names):
        yield Problem(("clean",), "to_simplified and to_traditional undo each other; keep one")


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
