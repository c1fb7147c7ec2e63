"""The shape of a recipe: every key, its type, its default and its description, which the published schema shows too.

What a model alone cannot judge (names that must exist elsewhere in the recipe) is in `recipe_checks`.

>>> Recipe.model_validate({"sources": ["train.jsonl"], "split": {"validation": "off"}}).split.validation
0
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tunesmith.curate.cleaners import DEFAULT_CLEANERS
from tunesmith.curate.recipe_errors import saw
from tunesmith.curate.recipe_selection import (
    Balance,
    BalanceOrOff,
    Clusters,
    ClustersOrOff,
    Embedding,
    Select,
    SelectOrOff,
    Semantic,
    SemanticOrOff,
)
from tunesmith.curate.recipe_texts import (
    Clean,
    Contamination,
    ContaminationOrOff,
    History,
    HistoryOrOff,
    Privacy,
    PrivacyOrOff,
)
from tunesmith.curate.recipe_types import Count, Part, Positive, Rows, Setting, Switch, Text, Texts, listed, off


def _as_source(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _validation(value: Any) -> Any:
    if off(value) is False:
        return 0
    if type(value) is int and value >= 0:
        return value
    if type(value) is float and 0 <= value < 1:
        return value or 0
    raise ValueError(f"expected a share below 1 such as 0.1, a whole number of rows, or off, saw {saw(value)}")


Validation = Annotated[
    int | float,
    BeforeValidator(
        _validation, json_schema_input_type=Annotated[float, Field(ge=0, lt=1)] | Rows | Literal[False, "off"]
    ),
]


class Source(Part):
    """One input. A bare path is enough."""

    path: Text = Field(
        description="A file, a folder, a glob, dataset_info.json#entry, from the recipe's folder; or hub:owner/name, "
        "s3://bucket/folder."
    )
    name: Text = Field(
        default="", description="The name in row ids and in mix; by default the file's stem, numbered if it repeats."
    )
    group: Text = Field(default="domain", description="The group that mix counts in, such as domain or general.")
    format: Text = Field(default="auto", description="The format of the rows; auto detects it.")
    columns: dict[str, Text] | None = Field(
        default=None, description="An explicit mapping for columns that no format knows: {prompt: ask, answer: reply}."
    )
    fill: dict[str, str] = Field(default={}, description="Texts for placeholders: {name: Tunesmith} replaces {{name}}.")


class Near(Part):
    """Near-duplicates, each proved by exact Jaccard similarity over token n-grams."""

    threshold: Annotated[float, Field(ge=0.1, le=1)] = Field(
        default=0.7, description="The Jaccard similarity from which rows count as the same."
    )
    on: Literal["row", "whole", "prompt", "answer"] = Field(
        default="row",
        description="What has to be alike: the whole conversation and the answer (row), or one text alone.",
    )
    ngram: Annotated[int, Field(ge=1, le=100)] = Field(default=5, description="Tokens in a shingle.")
    policy: Literal["drop", "flag"] = Field(
        default="drop", description="Drop near-duplicates, or keep them with a flag in the ledger."
    )


def _near(value: Any) -> Any:
    """`on` is every default, `off` is nothing."""
    if value == "on" or value is True:
        return {}
    return None if off(value) is False else value


class Duplicates(Part):
    """Rows that count as the same leave, all but one."""

    exact: Switch = Field(
        default=True,
        description="Drop a row that equals an earlier one; width, case and spaces do not count, digits and code do.",
    )
    near: Annotated[
        Near | None, BeforeValidator(_near, json_schema_input_type=Near | bool | Literal["on", "off"] | None)
    ] = Field(
        default_factory=Near,
        description="Drop a row that is nearly the same as one that stays; off, on, or a mapping of settings.",
    )
    semantic: SemanticOrOff = Field(
        default=None, description="Drop a row that says the same as one that stays; off, on, or a mapping of settings."
    )


class Split(Part):
    """The validation side; rows that share a prompt stay on one side."""

    validation: Validation = Field(default=0.1, description="A share below 1, a whole number of rows, or off.")
    min_rows: Rows = Field(default=1, description="A share gives at least this many rows.")
    max_rows: Rows = Field(default=2000, description="A share gives at most this many rows.")


class Mix(Part):
    """How much of each group the training side gets: `{domain: 1, general: 5}`, and a few reserved keys."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Positive]  # pyright: ignore[reportIncompatibleVariableOverride]

    caps: dict[str, Count] = Field(default={}, description="The most rows of a group or a source.")
    weights: dict[str, Positive] = Field(
        default={}, description="The weight of a source inside its group; 1 by default."
    )
    unit: Literal["rows", "tokens"] = Field(
        default="rows",
        description="What the ratio counts: rows, or tokens by an estimate (words; each Chinese character by itself).",
    )
    short: Literal["shrink", "repeat"] = Field(
        default="shrink",
        description="Where a group is short: shrink all groups to the ratio, or repeat its rows first.",
    )
    max_copies: Count = Field(default=4, description="With short: repeat, how often a row may appear.")

    @property
    def ratio(self) -> dict[str, float]:
        """Group -> its share, as written."""
        return dict(self.__pydantic_extra__)


class Export(Part):
    """What train.jsonl and validation.jsonl look like."""

    format: Text = Field(
        default="auto", description="The format of train.jsonl and validation.jsonl; auto suits the kind of rows."
    )
    extra: Switch = Field(
        default=False, description="Keep the fields that no format maps, so that rows go back as they came."
    )


SourceOrPath = Annotated[Source, BeforeValidator(_as_source, json_schema_input_type=Text | Source)]
Sources = Annotated[
    tuple[SourceOrPath, ...],
    BeforeValidator(listed, json_schema_input_type=Text | Annotated[list[SourceOrPath], Field(min_length=1)]),
    Field(min_length=1),
]


class Recipe(Part):
    """What a run shall do. Only `sources` is needed."""

    name: Text = Field(default="", description="The name of the training set; by default the first file's stem.")
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = Field(default=0, description="Of every random choice.")
    language: Literal["en", "zh"] = Field(default="en", description="The language of the report.")
    sources: Sources = Field(description="The inputs: paths, or mappings with a path.")
    clean: Clean = Field(
        default=DEFAULT_CLEANERS, description="The cleaners that change texts before they are measured; off: none."
    )
    history: HistoryOrOff = Field(default=None, description="Shorten conversations that are too long; off: none.")
    privacy: PrivacyOrOff = Field(
        default_factory=Privacy, description="Private data: flag, redact, drop or off, or a mapping of settings."
    )
    tokenizer: Text | None = Field(
        default=None,
        description="A tokenizer.json, a folder that holds one or a hub name: adds the signal tokens to every row.",
    )
    scores: Texts = Field(
        default=(), description="Files of model scores (see `curate score`): add ifd, perplexity and judge to the rows."
    )
    rules: dict[str, Setting] = Field(
        default={}, description="Rules to switch off or to set otherwise; all are on by default."
    )
    decisions: Texts = Field(default=(), description="Files of a person's decisions (JSON Lines, see `curate decide`).")
    contamination: ContaminationOrOff = Field(
        default=None, description="Evaluation sets whose questions must not be trained on: paths, or a mapping."
    )
    duplicates: Duplicates = Field(default_factory=Duplicates, description="Which rows count as the same.")
    embedding: Embedding = Field(
        default_factory=Embedding, description="The model of semantic duplicates, clusters and selection."
    )
    clusters: ClustersOrOff = Field(
        default=None, description="Groups of rows about the same thing; off, on, a mapping."
    )
    select: SelectOrOff = Field(default=None, description="A diverse part of the rows; off: all of them.")
    balance: BalanceOrOff = Field(default=None, description="The most rows by language, task, cluster or source.")
    split: Split = Field(default_factory=Split, description="The validation side.")
    mix: Annotated[Mix | None, BeforeValidator(lambda value: None if off(value) is False else value)] = Field(
        default=None, description="How much of each group the training side gets; off: all rows once."
    )
    export: Export = Field(default_factory=Export, description="The files for the trainer.")


#: The models by their place in a recipe.
PARTS: dict[str, type[BaseModel]] = {
    "": Recipe,
    "sources": Source,
    "history": History,
    "privacy": Privacy,
    "contamination": Contamination,
    "duplicates": Duplicates,
    "duplicates.near": Near,
    "duplicates.semantic": Semantic,
    "embedding": Embedding,
    "clusters": Clusters,
    "select": Select,
    "balance": Balance,
    "split": Split,
    "mix": Mix,
    "export": Export,
}
