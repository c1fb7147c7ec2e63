"""The recipe as a JSON Schema, for completion and checks in editors; published as docs/recipe.schema.json.

Made from the models, with what they cannot know by themselves: the names of formats, rules, cleaners, kinds of private
data and columns. An editor checks shapes; names across parts the loader checks.

>>> recipe_schema()["required"]
['sources']
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tunesmith.curate.cleaners import CLEANERS
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.formats.columns import MAPPABLE
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.recipe_models import Recipe
from tunesmith.curate.rules import DROP, POLICIES, RULES, Rule
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
    _name_items(made["properties"]["clean"], CLEANERS)
    _name_items(parts["Privacy"]["properties"]["kinds"], KINDS)
    made["properties"]["rules"] |= {
        "properties": {name: _rule(rule) for name, rule in RULES.items()},
        "additionalProperties": _own_rule(),
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Tunesmith recipe"}


def schema_text() -> str:
    """The schema as it stands in docs/recipe.schema.json."""
    return json.dumps(recipe_schema(), ensure_ascii=False, indent=2) + "\n"


def _no_other_columns(columns: dict[str, Any]) -> None:
    mapping = next(choice for choice in columns["anyOf"] if choice["type"] == "object")
    mapping["propertyNames"] = {"enum": [*MAPPABLE]}


def _name_items(texts: dict[str, Any], names: Iterable[str]) -> None:
    """Where a list of texts is meant, these are the names that may stand in it."""
    for choice in texts["anyOf"]:
        if choice["type"] == "array":
            choice["items"] = {"enum": [*names]}


def _allow_off(mix: dict[str, Any]) -> None:
    mix["anyOf"].append({"enum": OFF})


_POLICY = {"enum": [*POLICIES], "description": "Drop a row that fails, or keep it with the rule's name in its flags."}


def _rule(rule: Rule) -> dict[str, Any]:
    settings = {key: _parameter(numbers) for key, numbers in rule.defaults.items()}
    settings["policy"] = {**_POLICY, "default": rule.policy}
    return {
        "description": f"{'Drops' if rule.policy == DROP else 'Flags'} a row: {rule.why.en}.",
        "anyOf": [{"enum": OFF}, {"type": "object", "properties": settings, "additionalProperties": False}],
    }


def _own_rule() -> dict[str, Any]:
    when = {"type": "string", "minLength": 1, "description": "An expression over signals; a row fails where it holds."}
    why = {"type": "string", "description": "What is wrong with such a row."}
    return {
        "type": "object",
        "description": "A rule of your own.",
        "properties": {"when": when, "policy": {**_POLICY, "default": DROP}, "why": why},
        "required": ["when"],
        "additionalProperties": False,
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
