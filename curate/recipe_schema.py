"""The recipe as a JSON Schema, for completion and checks in editors; published as docs/recipe.schema.json.

Made from the models, with what they cannot know by themselves: the names of formats, rules and columns, and the keys of
later stages, which may be written where they are off. An editor checks shapes; names across parts the loader checks.

>>> recipe_schema()["required"]
['sources']
"""

from __future__ import annotations

import json
from typing import Any

from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.formats.columns import MAPPABLE
from tunesmith.curate.recipe import LATER
from tunesmith.curate.recipe_models import Recipe
from tunesmith.curate.rules import RULES, Rule
from tunesmith.curate.signals import LANGUAGES

OFF: list[Any] = [False, "off"]  # YAML 1.1 reads `off` as false, YAML 1.2 (and the editors) as a text


def recipe_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    made = Recipe.model_json_schema(mode="validation")
    parts = made["$defs"]
    for part in ("Source", "Export"):
        parts[part]["properties"]["format"]["enum"] = ["auto", *FORMATS]
    _no_other_columns(parts["Source"]["properties"]["columns"])
    _allow_off(made["properties"]["mix"])
    made["properties"]["rules"] |= {
        "properties": {name: _rule(rule) for name, rule in RULES.items()},
        "additionalProperties": False,
    }
    for name, what in LATER.items():
        *parents, key = name.split(".")
        place = parts[parents[0].title()] if parents else made
        values = OFF if parents else [*OFF, []]
        place["properties"][key] = {"enum": values, "description": f"{what}: not in this version; off."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Tunesmith recipe"}


def schema_text() -> str:
    """The schema as it stands in docs/recipe.schema.json."""
    return json.dumps(recipe_schema(), ensure_ascii=False, indent=2) + "\n"


def _no_other_columns(columns: dict[str, Any]) -> None:
    mapping = next(choice for choice in columns["anyOf"] if choice["type"] == "object")
    mapping["propertyNames"] = {"enum": [*MAPPABLE]}


def _allow_off(mix: dict[str, Any]) -> None:
    mix["anyOf"].append({"enum": OFF})


def _rule(rule: Rule) -> dict[str, Any]:
    parameters = {key: _parameter(numbers) for key, numbers in rule.defaults.items()}
    return {
        "description": f"Drops a row: {rule.purpose}.",
        "anyOf": [{"enum": OFF}, {"type": "object", "properties": parameters, "additionalProperties": False}],
    }


def _parameter(numbers: dict[str, float]) -> dict[str, Any]:
    number = {"type": "number", "minimum": 0}
    default = ", ".join(f"{language} {value:g}" for language, value in numbers.items())
    return {
        "description": f"One number, or one for each language; by default {default}.",
        "anyOf": [
            number,
            {"type": "object", "properties": dict.fromkeys(LANGUAGES, number), "additionalProperties": False},
        ],
    }
