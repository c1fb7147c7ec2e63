"""What is mixed: a finished run's rows, exactly, or datasets as they are before any cleaning.

>>> base = base_of_run(workspace, "medical")  # doctest: +SKIP
>>> mixed(base, mapping_of({"domain": 1, "general": 5}))  # doctest: +SKIP
MixPreview(groups=(MixedGroup(group='domain', …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.ui.dataset_profiles import opened_profile
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.recipes import recipe_for, recipe_of_run
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.curate.mix_preview import MixPreview, Pool
    from tunesmith.curate.rundata import RunData

DEFAULT_RATIO: Mapping[str, int] = {"domain": 1, "general": 5}
MAX_COPIES = 4  # the recipe's own default


@dataclass(frozen=True)
class Base:
    """Rows that can be mixed, and the recipe that the mix goes into.

    :param title: of the run, or of the datasets together.
    :param mix: the recipe's mix so far.
    """

    title: str
    pool: Pool = field(repr=False)
    recipe: Mapping[str, Any] = field(repr=False)
    mix: Mapping[str, Any] = field(repr=False)
    seed: int


def base_of_run(workspace: Workspace, name: str) -> Base:
    """A finished run.

    :raises InputError: there is none of this name, or it was not finished.
    """
    folder = workspace.inside("runs", name)
    run, pool = _opened(folder, _changed(folder / "manifest.json"))
    recipe = recipe_of_run(workspace, run)
    return Base(name, pool, recipe, run.recipe["mix"] or {}, int(run.recipe["seed"]))


def base_of_data(workspace: Workspace, datasets: Sequence[Dataset]) -> Base:
    """Datasets whose rows were counted.

    :raises InputError: one of them was not.
    """
    from tunesmith.curate.mix_preview import pool_of_profiles

    pool = pool_of_profiles([(opened_profile(workspace, dataset), dataset.group) for dataset in datasets])
    title = "-".join(dataset.id for dataset in datasets)
    return Base(title, pool, recipe_for(workspace, datasets), {}, 0)


def groups_of(base: Base) -> tuple[str, ...]:
    """The groups that have rows, the domain first."""
    names = [name for number, name in enumerate(base.pool.group_names) if bool((base.pool.group == number).any())]
    return tuple(sorted(names, key=lambda name: (name != "domain", name != "general", name)))


def usual_ratio(base: Base) -> dict[str, float]:
    """The ratio that the recipe has, else one part domain to five general."""
    names = groups_of(base)
    if all(name in base.mix for name in names):
        return {name: float(base.mix[name]) for name in names}
    return {name: float(DEFAULT_RATIO.get(name, 1)) for name in names}


def mapping_of(
    ratio: Mapping[str, float],
    *,
    unit: str = "rows",
    short: str = "shrink",
    max_copies: int = MAX_COPIES,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The recipe's `mix:`; what is as by default is left out.

    :param before: the mix so far, whose caps and weights stay.
    """
    whole = {name: int(share) if float(share).is_integer() else share for name, share in ratio.items()}
    told: dict[str, Any] = {**whole, **({"unit": unit} if unit != "rows" else {})}
    if short == "repeat":
        told |= {"short": short, **({"max_copies": max_copies} if max_copies != MAX_COPIES else {})}
    kept = {key: dict((before or {}).get(key) or {}) for key in ("caps", "weights")}
    return {**told, **{key: value for key, value in kept.items() if value}}


def mixed(base: Base, mix: Mapping[str, Any]) -> MixPreview:
    """What this mix takes, decided by the mix stage's own function."""
    from tunesmith.curate.mix import MixPlan
    from tunesmith.curate.mix_preview import preview_mix
    from tunesmith.curate.recipe_models import Mix

    asked = Mix.model_validate(dict(mix))
    plan = MixPlan(asked.ratio, asked.weights, asked.caps, asked.unit, asked.short, asked.max_copies, base.seed)
    return preview_mix(base.pool, plan)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=4)
def _opened(folder: Path, changed: int) -> tuple[RunData, Pool]:
    from tunesmith.curate.mix_preview import pool_of_run
    from tunesmith.curate.rundata import open_run

    run = open_run(folder)
    return run, pool_of_run(run)
