"""The published schema and the reference pages say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tunesmith.curate.cleaners import CLEANERS
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.recipe import parse_recipe, resolved
from tunesmith.curate.recipe_models import PARTS
from tunesmith.curate.recipe_schema import recipe_schema, schema_text
from tunesmith.curate.recipe_yaml import read_yaml
from tunesmith.curate.rules import RULES
from tunesmith.errors import RecipeError

DOCS = Path(__file__).resolve().parents[2] / "docs"

ALL_OFF = (
    "sources: a\nclean: []\nhistory: off\nprivacy: off\ncontamination: false\nselect: off\nbalance: off\n"
    "clusters: off\nduplicates: {near: off, semantic: off}\n"
)
NEAR = "sources: a\nduplicates: {near: {threshold: 1, on: answer, ngram: 3, policy: flag}}\n"


def test_the_published_schema_is_the_code_s() -> None:
    published = (DOCS / "recipe.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(), "write tunesmith.curate.recipe_schema.schema_text() to docs/recipe.schema.json"
    Draft202012Validator.check_schema(json.loads(published))


def yaml_blocks(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    "text",
    [
        ALL_OFF,
        NEAR,
        "sources: [file]",
        "sources: file",
        *(text for text in yaml_blocks("recipe.md") if "sources" in text),
    ],
)
def test_good_recipes_pass_the_schema_and_the_loader(text: str) -> None:
    data = read_yaml(text).data
    Draft202012Validator(recipe_schema()).validate(data)
    Draft202012Validator(recipe_schema()).validate(resolved(parse_recipe(data, "a test")))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"sources": []},
        {"sources": "a", "dedup": True},
        {"sources": "a", "clean": ["htlm"]},
        {"sources": "a", "privacy": {"kinds": ["name"]}},
        {"sources": "a", "contamination": {"policy": "drop"}},
        {"sources": "a", "duplicates": {"semantic": {"threshold": 7}}},
        {"sources": "a", "duplicates": {"near": {"threshold": 0}}},
        {"sources": "a", "duplicates": {"near": {"on": "rows"}}},
        {"sources": "a", "duplicates": {"near": {"ngram": 0}}},
        {"sources": "a", "duplicates": {"near": {"policy": "keep"}}},
        {"sources": "a", "duplicates": {"near": 0.7}},
        {"sources": "a", "rules": {"nothing": "off"}},
        {"sources": "a", "rules": {"answer_too_short": {"min_characters": {"fr": 1}}}},
        {"sources": [{"path": "a", "columns": {"promt": "q"}}]},
        {"sources": [{"path": "a", "format": "alpca"}]},
        {"sources": "a", "mix": {"domain": 0}},
        {"sources": "a", "split": {"validation": 1.5}},
    ],
)
def test_what_the_schema_refuses_the_loader_refuses_too(data: dict[str, Any]) -> None:
    assert not Draft202012Validator(recipe_schema()).is_valid(data)
    with pytest.raises(RecipeError):
        parse_recipe(data, "a test")


def test_every_field_of_the_schema_has_a_description() -> None:
    schema = recipe_schema()
    parts = [schema, *schema["$defs"].values(), {"properties": schema["properties"]["rules"]["properties"]}]
    silent = [key for part in parts for key, field in part["properties"].items() if not field.get("description")]
    assert silent == []


@pytest.mark.parametrize("page", ["recipe.md", "recipe.zh.md"])
def test_the_reference_page_names_every_key_rule_and_format(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    keys = [key for part in PARTS.values() for key in part.model_fields]
    missing = [name for name in (*keys, *RULES, *FORMATS, *CLEANERS, *KINDS) if f"`{name}`" not in text]
    assert missing == []
    assert yaml_blocks(page) == yaml_blocks("recipe.md")
