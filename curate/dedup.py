"""`tunesmith curate dedup`: a run with the duplicates stage alone. No cleaning, no rule, no split, no mix.

>>> dedup_recipe(["raw.jsonl"], threshold=0.8, on="whole").recipe.duplicates.near.threshold
0.8
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunesmith.curate.recipe import LoadedRecipe, parse_recipe
from tunesmith.curate.rules import RULES

#: What `--json` prints of a run's counts.
COUNTS = ("rows_in", "kept", "dropped", "invalid", "exact", "near", "variants", "conflicts", "templates")


def dedup_recipe(
    paths: Sequence[str], *, threshold: float = 0.7, on: str = "row", ngram: int = 5, policy: str = "drop"
) -> LoadedRecipe:
    """The recipe of such a run; paths start from the working folder.

    :raises RecipeError: for a setting that the recipe would refuse.
    """
    recipe = {
        "sources": [*paths],
        "clean": "off",
        "privacy": "off",
        "rules": dict.fromkeys(RULES, "off"),
        "duplicates": {"near": {"threshold": threshold, "on": on, "ngram": ngram, "policy": policy}},
        "split": {"validation": "off"},
    }
    return LoadedRecipe(parse_recipe(recipe, "the settings"), Path(), basic=True)
