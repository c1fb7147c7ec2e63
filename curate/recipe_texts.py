"""The keys of a recipe that are about what rows say: cleaning, long conversations, private data, evaluation sets.

>>> Privacy.model_validate(as_privacy("redact")).policy
'redact'
>>> as_privacy(False) is None
True
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tunesmith.curate.cleaners import DEFAULT_CLEANERS
from tunesmith.curate.recipe_types import Count, Part, Policy, Text, Texts, listed, off

PRIVACY_POLICIES = ("flag", "redact", "drop")


class History(Part):
    """Conversations that are too long keep their newest rounds, or the first and the newest."""

    max_turns: Count = Field(description="The most messages after the system turn; whole rounds leave.")
    keep: Literal["recent", "first_and_recent"] = Field(
        default="recent", description="Which rounds stay: the newest, or the first and the newest."
    )


class Privacy(Part):
    """Private data: what is looked for, and what becomes of a row that has it."""

    policy: Literal["flag", "redact", "drop"] = Field(
        default="flag",
        description="Keep the row with a flag, put a mark such as [phone_1] in place of each value, or drop the row.",
    )
    kinds: Texts = Field(
        default=(),
        description="The kinds that are looked for, such as phone, email or resident_id; all by default.",
    )


class Contamination(Part):
    """Rows that hold a question of an evaluation set."""

    against: Annotated[Texts, Field(min_length=1)] = Field(
        description="The evaluation sets: files or folders, from the recipe's folder."
    )
    policy: Policy = Field(default="drop", description="Drop such a row, or keep it with a flag in the ledger.")
    sides: Literal["prompt", "both"] = Field(
        default="prompt", description="Where the question is looked for: what the user says, or the answer too."
    )


def as_privacy(value: Any) -> Any:
    """One word is the policy; `off` is nothing."""
    if value in PRIVACY_POLICIES:
        return {"policy": value}
    if value == "on" or value is True:
        return {}
    return None if off(value) is False else value


def _as_against(value: Any) -> Any:
    """Paths alone are the evaluation sets; `off` is nothing."""
    if isinstance(value, str | list) and off(value) is not False:
        return {"against": value}
    return None if off(value) is False else value


def _names(value: Any) -> Any:
    if value == "on" or value is True:
        return DEFAULT_CLEANERS
    return () if off(value) is False else listed(value)


_OFF = Literal[False, "off"]

Clean = Annotated[
    tuple[Text, ...],
    BeforeValidator(_names, json_schema_input_type=Text | list[Text] | bool | Literal["on", "off"]),
]
PrivacyOrOff = Annotated[
    Privacy | None,
    BeforeValidator(
        as_privacy, json_schema_input_type=Privacy | Literal["flag", "redact", "drop", "on", "off"] | bool | None
    ),
]
HistoryOrOff = Annotated[
    History | None,
    BeforeValidator(lambda value: None if off(value) is False else value, json_schema_input_type=History | _OFF | None),
]
ContaminationOrOff = Annotated[
    Contamination | None,
    BeforeValidator(_as_against, json_schema_input_type=Contamination | Text | list[Text] | _OFF | None),
]
