"""The recipe: what a run shall do, in YAML, checked before anything is read, all mistakes at once with their lines.

Everything but `sources` has a default; docs/recipe.md lists them. Paths stay as written, relative to
its folder.

>>> recipe = parse_recipe({"sources": "data/train.jsonl.xz"}, "a test")
>>> recipe.name, recipe.sources[0].name, recipe.split.validation
('train', 'train', 0.1)
>>> parse_recipe({"sources": ["a.jsonl"], "dedup": True}, "a test")
Traceback (most recent call last):
    ...
tunesmith.errors.RecipeError: a test: 1 mistake in the recipe
  unknown key `dedup`; did you mean `duplicates`?
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from pydantic import ValidationError

from tunesmith.curate import jsontext
from tunesmith.curate.recipe_checks import meaning_problems
from tunesmith.curate.recipe_errors import problems_of, saw, say
from tunesmith.curate.recipe_models import PARTS, Duplicates, Export, Mix, Near, Recipe, Source, Split
from tunesmith.curate.recipe_yaml import MAX_DEPTH, Document, Place, Problem, is_too_deep, read_yaml
from tunesmith.curate.rules import DROP, RULES, in_order
from tunesmith.curate.signals import LANGUAGES
from tunesmith.errors import InputError, RecipeError

__all__ = [
    "Duplicates",
    "Export",
    "LoadedRecipe",
    "Mix",
    "Near",
    "Recipe",
    "Source",
    "Split",
    "load_recipe",
    "looks_like_a_recipe",
    "one_line_recipe",
    "parse_recipe",
    "resolved",
    "resolved_rules",
]

#: A recipe is a page; a file beyond this is data that was named by mistake.
MAX_RECIPE_BYTES = 1_000_000


class LoadedRecipe(NamedTuple):
    """A recipe, the folder that its paths start from, and its file, where it came from one."""

    recipe: Recipe
    folder: Path
    path: Path | None = None
    basic: bool = False  # whether only `BASICS` are measured, for no rule will ever judge these rows


def load_recipe(path: Path) -> LoadedRecipe:
    """Read and check a recipe file.

    :raises InputError: where the file cannot be read.
    :raises RecipeError: with every mistake in it.
    """
    document = read_yaml(_text_of(path))
    return LoadedRecipe(_recipe_of(document, str(path)), path.parent, path)


def looks_like_a_recipe(path: Path) -> bool:
    """Whether a file is a recipe rather than data: YAML by its ending, or a small JSON object with `sources`."""
    if path.suffix in (".yaml", ".yml"):
        return True
    if path.suffix != ".json" or not path.is_file() or path.stat().st_size > MAX_RECIPE_BYTES:
        return False
    try:
        found = jsontext.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and "sources" in found


def parse_recipe(data: Any, where: str) -> Recipe:
    """Check a recipe that is plain data already.

    :param where: what the error names, such as a file or a form.
    :raises RecipeError: with every mistake in it.
    """
    if is_too_deep(data):
        raise RecipeError([f"the values are nested more than {MAX_DEPTH} levels deep"], where=where)
    return _recipe_of(Document(data, {}, []), where)


def one_line_recipe(paths: Sequence[str]) -> LoadedRecipe:
    """The recipe of bare data files: every default; paths start from the working folder."""
    return LoadedRecipe(parse_recipe({"sources": [*paths]}, "the sources"), Path())


def _text_of(path: Path) -> str:
    where = str(path)
    try:
        if path.stat().st_size > MAX_RECIPE_BYTES:
            size = path.stat().st_size / 1e6
            raise InputError(f"expected a recipe in YAML, saw {size:.1f} MB", where=where, remedy="name it as a source")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("expected a recipe, found no such file", where=where, remedy="check the path") from None
    except OSError as error:
        raise InputError(f"the recipe cannot be read: {error.strerror}", where=where) from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecipeError(
            [f"line {line}: the text is not {error.encoding.upper()}; save the file as UTF-8"], where=where
        ) from None


def _recipe_of(document: Document, where: str) -> Recipe:
    if not isinstance(document.data, dict):
        problems = document.problems or [Problem((), _no_mapping(document.data))]
        raise RecipeError(say(problems, document.lines), where=where)
    recipe, wrong = _of_right_shape(document.data)
    problems = [*document.problems, *wrong]
    names = source_names(recipe.sources) if recipe else []
    problems += meaning_problems(recipe, names) if recipe else []
    if problems or recipe is None:
        raise RecipeError(say(problems, document.lines), where=where)
    sources = tuple(source.model_copy(update={"name": name}) for source, name in zip(recipe.sources, names))
    return recipe.model_copy(update={"sources": sources, "name": recipe.name or stem(sources[0].path)})


def _no_mapping(data: Any) -> str:
    if data is None:
        return "the recipe is empty; write at least `sources: [file]`"
    return f"expected a mapping such as `sources: [file]`, saw {saw(data)}"


def _of_right_shape(data: dict[str, Any]) -> tuple[Recipe | None, list[Problem]]:
    """The recipe, or what is left of it without its wrong parts, so that one look finds every mistake."""
    keys = {part: [*model.model_fields] for part, model in PARTS.items()}
    try:
        return Recipe.model_validate(data), []
    except ValidationError as error:
        problems = problems_of(error, keys)
    rest = copy.deepcopy(data)
    for problem in problems:
        _mend(rest, problem.path)
    if any(map(_unsettles_mix, problems)):
        rest.pop("mix", None)
    try:
        return Recipe.model_validate(rest), problems
    except ValidationError:
        return None, problems


def _mend(recipe: dict[str, Any], path: Place) -> None:
    """Take one key out; a source without a path gets one, so that its other keys can still be judged."""
    if path in ((), ("sources",)):
        recipe["sources"] = ["unknown"]
        return
    key = path[-1]
    part: Any = reduce(_inside, path[:-1], recipe)
    if isinstance(part, list) and isinstance(key, int):  # a whole source, or one without a path
        part[key] = {**part[key], "path": "unknown"} if isinstance(part[key], dict) else "unknown"
    elif isinstance(part, dict) and path[0] == "sources" and key == "path":
        part[key] = "unknown"
    elif isinstance(part, dict) and isinstance(key, str):
        part.pop(key, None)


def _inside(part: Any, key: str | int) -> Any:
    if isinstance(part, dict):
        return part.get(key)
    return part[key] if isinstance(part, list) and isinstance(key, int) else None


def _unsettles_mix(problem: Problem) -> bool:
    """Whether names, groups or shares are unsure, so that the mix would be blamed for a mistake made elsewhere."""
    path = problem.path
    if path[:1] == ("mix",):
        return len(path) == 2 and path[1] not in Mix.model_fields and not problem.on_key
    if path[:1] != ("sources",) or len(path) < 3:
        return path[:1] in ((), ("sources",))
    return bool(difflib.get_close_matches(str(path[2]), ("path", "name", "group"), n=1))


def source_names(sources: Iterable[Source]) -> list[str]:
    """The name of each source: as given, or its stem, numbered where it is taken."""
    sources = [*sources]
    taken = {source.name for source in sources if source.name}
    names = []
    for source in sources:
        name, number = source.name, 1
        if not name:
            derived = name = stem(source.path)
            while name in taken:
                number += 1
                name = f"{derived}_{number}"
            taken.add(name)
        names.append(name)
    return names


_COMPRESSION = (".gz", ".xz", ".zst", ".bz2", ".zip")


def stem(path: str) -> str:
    """What a source is called where the recipe does not say: the file's name without its endings.

    >>> [stem(path) for path in ("raw/t0.jsonl.xz", "hub:owner/name", "dataset_info.json#entry", "v1.2/*.json")]
    ['t0', 'name', 'entry', 'v1.2']
    """
    place = PurePosixPath(path.replace("\\", "/"))
    if path.startswith("hub:"):
        name = re.split(r"[@#?]", place.name.removeprefix("hub:"))[0]
    elif "#" in path:
        name = path.rpartition("#")[2]
    else:
        name = _file_stem(place)
        parents = (part.name for part in place.parents)
        name = name or next((part for part in map(_plain, parents) if part), "")
    return re.sub(r"[:/]", "_", name) or "source"


def _file_stem(place: PurePosixPath) -> str:
    while place.suffix.lower() in _COMPRESSION:
        place = place.with_suffix("")
    return _plain(place.name if place.suffix[1:].isdigit() else place.stem)


def _plain(name: str) -> str:
    """A name without the wildcards of a glob; nothing where only dots are left."""
    return re.sub(r"[*?]|\[[^]]*\]", "", name).strip("._- ")


def resolved_rules(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Every active rule with its settings, in the order in which rules judge.

    Of a rule of the table `{parameter: {language: number}, policy: drop or flag}`, of the recipe's own
    `{when: expression, policy: drop or flag, why: text}`.
    """
    asked = recipe.rules
    return {
        name: _of_table(name, asked.get(name) or {}) if name in RULES else _of_own(asked[name])
        for name in in_order((*RULES, *asked))
        if asked.get(name) is not False
    }


def _of_table(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    rule = RULES[name]
    numbers = {key: _every_language(default, given.get(key, {})) for key, default in rule.defaults.items()}
    return {**numbers, "policy": given.get("policy", rule.policy)}


def _of_own(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": given["when"], "policy": given.get("policy", DROP), "why": given.get("why", "")}


def _every_language(default: Mapping[str, float], given: Any) -> dict[str, float]:
    """A language that the recipe leaves out goes with its kin (ja, ko: zh; other: en), then with the default."""
    if not isinstance(given, dict):
        return dict.fromkeys(LANGUAGES, given)
    kin = {"ja": "zh", "ko": "zh", "other": "en"}
    whole = {**default, **{name: given[kin[name]] for name in kin if kin[name] in given}, **given}
    return {name: whole[name] for name in LANGUAGES}


def resolved(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data with every default written out, itself a recipe: for the manifest and the report."""
    rules = {**dict.fromkeys(RULES, False), **resolved_rules(recipe)}
    return {**recipe.model_dump(mode="json"), "rules": rules}
