"""The recipes of the workspace: read, written, made from datasets, and taken out of a finished run.

A recipe is `recipes/<name>.yaml`; its paths start from that folder, as on the command line. What people decided on rows
(`decisions.jsonl`) goes into every recipe that is written here, as soon as there is any.

>>> write_recipe(workspace, "medical", recipe_for(workspace, [dataset], name="medical"))  # doctest: +SKIP
PosixPath('workspace/recipes/medical.yaml')
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tunesmith.curate.files.urls import is_url
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.curate.rundata import RunData
    from tunesmith.ui.datasets import Dataset

Recipe = Mapping[str, Any]

_SUFFIX = ".yaml"
_DECISIONS = "../decisions.jsonl"
_EVALUATION = "evaluation"
_NO_NAME = re.compile(r"[^\w.-]+")


def recipe_names(workspace: Workspace) -> list[str]:
    """The recipes of the workspace, latest first."""
    return [name.removesuffix(_SUFFIX) for name in workspace.names("recipes") if name.endswith(_SUFFIX)]


def recipe_path(workspace: Workspace, name: str) -> Path:
    """Where a recipe is, or would be.

    :raises InputError: a name that is none of ours.
    """
    return workspace.inside("recipes", f"{name.removesuffix(_SUFFIX)}{_SUFFIX}")


def read_recipe_file(workspace: Workspace, name: str) -> dict[str, Any]:
    """A recipe as it is written, without its defaults.

    :raises InputError: there is none of this name.
    :raises RecipeError: it is wrong, with every mistake.
    """
    from tunesmith.curate.recipe import load_recipe
    from tunesmith.curate.recipe_yaml import read_yaml

    path = recipe_path(workspace, name)
    load_recipe(path)
    return dict(read_yaml(path.read_text(encoding="utf-8-sig")).data)


def write_recipe(workspace: Workspace, name: str, recipe: Recipe) -> Path:
    """Check a recipe and write it, whole or not at all; an older one of this name is replaced.

    :raises RecipeError: it is wrong, with every mistake.
    """
    from tunesmith.curate.io import write_bytes
    from tunesmith.curate.recipe import parse_recipe

    path, whole = recipe_path(workspace, name), with_decisions(workspace, recipe)
    parse_recipe(whole, path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, recipe_text(whole).encode())
    return path


def with_decisions(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    """The recipe with the decisions of the workspace, where there are any."""
    named = recipe.get("decisions") or []
    files = [named] if isinstance(named, str) else [*named]
    folder = workspace.folder("recipes")
    known = {os.path.realpath(folder / file) for file in files}
    if not workspace.decisions.is_file() or os.path.realpath(workspace.decisions) in known:
        return dict(recipe)
    return {**recipe, "decisions": [*files, _DECISIONS]}


def recipe_for(workspace: Workspace, datasets: Sequence[Dataset], *, name: str = "", **settings: Any) -> dict[str, Any]:
    """The recipe of some datasets with every default; of an evaluation set no row may be trained on.

    :param settings: other keys of the recipe, such as `mix={"domain": 1, "general": 5}`.
    """
    taken: set[str] = set()
    sources = [_source(workspace, one, taken) for one in datasets if one.group != _EVALUATION]
    against = [_path_of(workspace, one) for one in datasets if one.group == _EVALUATION]
    held_out = {"contamination": {"against": against}} if against else {}
    return {**({"name": name} if name else {}), "sources": sources, **held_out, **settings}


def recipe_of_run(workspace: Workspace, run: RunData) -> dict[str, Any]:
    """The recipe of a finished run as a person would write it, its paths from the workspace's `recipes`."""
    from tunesmith.curate.preview_changes import written
    from tunesmith.curate.recipe import parse_recipe, resolved_rules

    recipe = parse_recipe(dict(run.recipe), "the run")
    short = recipe.model_dump(mode="json", exclude_defaults=True)
    usual = resolved_rules(parse_recipe({"sources": ["a"]}, "defaults"))
    rules = {
        rule: written(rule, settings) if settings is not False else False
        for rule, settings in run.recipe["rules"].items()
        if settings != usual.get(rule, None)
    }
    told = {**short, "rules": rules} if rules else {key: value for key, value in short.items() if key != "rules"}
    return _moved(told, _folder_of(workspace, run), workspace.folder("recipes"))


def run_command(name: str) -> tuple[str, ...]:
    """The command that runs a recipe of the workspace, from the workspace's folder."""
    return ("curate", "run", f"recipes/{name}.yaml", "--out", f"runs/{name}")


def recipe_text(recipe: Recipe) -> str:
    """A recipe in YAML, switches as `on` and `off`."""
    plain = _plain(recipe)
    return str(yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100))


class _Dumper(yaml.SafeDumper):
    """Writes true and false as a recipe does, and names no value twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _switch(dumper: yaml.SafeDumper, value: bool) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:bool", "on" if value else "off")


_Dumper.add_representer(bool, _switch)


def _plain(value: Any) -> Any:
    """Lists and dicts alone; what is switched off by nothing is off in words."""
    if isinstance(value, Mapping):
        return {key: False if inner is None else _plain(inner) for key, inner in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _source(workspace: Workspace, dataset: Dataset, taken: set[str]) -> dict[str, Any]:
    name = _free_name(dataset.title, taken)
    told = {"path": _path_of(workspace, dataset), "name": name, "group": dataset.group}
    if dataset.columns:
        return {**told, "columns": dict(dataset.columns)}
    return {**told, "format": dataset.format} if dataset.format not in ("", "auto") else told


def _path_of(workspace: Workspace, dataset: Dataset) -> str:
    return Path(os.path.relpath(dataset.path, workspace.folder("recipes").resolve())).as_posix()


def _free_name(title: str, taken: set[str]) -> str:
    """What the rows of a dataset are called: its title without ending and marks, numbered where it is taken."""
    from tunesmith.curate.recipe import stem

    first = _NO_NAME.sub("_", stem(title)).strip("_.")[:40] or "data"
    names = (first if n == 1 else f"{first}_{n}" for n in range(1, len(taken) + 2))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


def _folder_of(workspace: Workspace, run: RunData) -> Path:
    """The folder that the run's paths start from; a run of bare files was started in the workspace's folder."""
    from tunesmith.curate import jsontext

    try:
        recipe = jsontext.loads((run.folder / "run.log.json").read_bytes()).get("recipe")
    except (OSError, ValueError, AttributeError):
        recipe = None
    return Path(recipe).parent if isinstance(recipe, str) else workspace.root


#: Where a recipe names files, from its top.
_PATHS = (
    ("sources", "path"),
    ("decisions",),
    ("scores",),
    ("tokenizer",),
    ("contamination", "against"),
    ("embedding", "model"),
)


def _moved(recipe: dict[str, Any], old: Path, new: Path) -> dict[str, Any]:
    """The recipe for another folder."""
    if old.resolve() == new.resolve():
        return recipe
    told = dict(recipe)
    for key, *inner in _PATHS:
        if key in told:
            told[key] = _each(told[key], inner, old, new)
    return told


def _each(value: Any, keys: Sequence[str], old: Path, new: Path) -> Any:
    if isinstance(value, list):
        return [_each(one, keys, old, new) for one in value]
    if isinstance(value, Mapping):
        return {key: _each(one, keys[1:], old, new) if [key] == [*keys[:1]] else one for key, one in value.items()}
    return _path_from(value, old, new) if isinstance(value, str) else value


def _path_from(path: str, old: Path, new: Path) -> str:
    """A path from another folder; what is no file there, such as a hub name, stays."""
    file, entry, name = path.partition("#")
    is_glob = any(mark in file for mark in "*?[")
    if path.startswith("hub:") or is_url(path) or Path(file).is_absolute() or not (is_glob or (old / file).exists()):
        return path
    return Path(os.path.relpath((old / file).absolute(), new.resolve())).as_posix() + entry + name
