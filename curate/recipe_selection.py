"""The keys of a recipe that need embeddings, or that choose among good rows: semantic duplicates, selection, balance.

>>> Select.model_validate({"method": "k_centre", "rows": 1000}).threshold
0.9
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tunesmith.curate.embedding_model import DEFAULT_MODEL
from tunesmith.curate.recipe_types import Count, Part, Policy, Rows, Share, Text, off


class Embedding(Part):
    """The model that says which texts mean the same; it needs the extra `semantic`."""

    model: Text = Field(default=DEFAULT_MODEL, description="A model of sentence-transformers: a name or a folder.")
    device: Text | None = Field(
        default=None, description="cpu, cuda, mps; by default an accelerator where there is one."
    )


class Semantic(Part):
    """Rows that say the same in other words, by the cosine of their embeddings."""

    threshold: Share = Field(default=0.95, description="The cosine from which two texts say the same.")
    on: Literal["row", "prompt", "answer", "whole"] = Field(
        default="row", description="What has to be alike: prompt and answer (row), or one text alone."
    )
    policy: Policy = Field(default="drop", description="Drop such rows, or keep them with a flag in the ledger.")


class Clusters(Part):
    """Groups of rows about the same thing, with titles, for the report and for balance."""

    number: Annotated[int, Field(ge=2, le=1000)] | None = Field(
        default=None, description="How many groups; by default the root of half the rows, from 2 to 50."
    )


class Select(Part):
    """A diverse part of the rows."""

    method: Literal["quality", "k_centre"] = Field(
        default="quality",
        description="quality: the best first, while no row is too close to one that was taken; k_centre: `rows` rows "
        "that cover the set.",
    )
    threshold: Share = Field(default=0.9, description="With quality, the cosine to a taken row that is still allowed.")
    rows: Count | None = Field(default=None, description="The most rows that are taken; k_centre needs it.")
    by_cluster: bool = Field(default=False, description="Take from every group in proportion to its size; needs rows.")


class Balance(Part):
    """How many rows each name may have, or the share of the largest."""

    by: Literal["language", "task", "cluster", "source"] = Field(description="What the rows are counted by.")
    caps: dict[str, Rows] = Field(default={}, description="The most rows of a name, such as {math: 2000}.")
    max_share: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="The largest share of the rows that any name may have."
    )


def _mapping(value: Any) -> Any:
    """`on` is every default, `off` is nothing."""
    if value == "on" or value is True:
        return {}
    return None if off(value) is False else value


_ON_OFF = bool | Literal["on", "off"] | None

SemanticOrOff = Annotated[Semantic | None, BeforeValidator(_mapping, json_schema_input_type=Semantic | _ON_OFF)]
ClustersOrOff = Annotated[Clusters | None, BeforeValidator(_mapping, json_schema_input_type=Clusters | _ON_OFF)]
SelectOrOff = Annotated[Select | None, BeforeValidator(_mapping, json_schema_input_type=Select | _ON_OFF)]
BalanceOrOff = Annotated[
    Balance | None,
    BeforeValidator(
        lambda value: None if off(value) is False else value,
        json_schema_input_type=Balance | Literal[False, "off"] | None,
    ),
]
