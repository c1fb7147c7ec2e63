"""The types that a recipe's keys have: what may be written for each, and what it becomes.

`off` and `on` are words of YAML 1.1 that YAML 1.2 reads as text; both ways of reading are the same here.

>>> off("off"), off({"policy": "flag"})
(False, {'policy': 'flag'})
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


def off(value: Any) -> Any:
    """`off` is False; all else is itself."""
    return False if value == "off" else value


def switch(value: Any) -> Any:
    """`on` is True, `off` is False; all else is itself."""
    return value == "on" if value in ("on", "off") else value


def listed(value: Any) -> Any:
    """A bare text stands for a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def whole(value: float) -> float:
    """5.0 is written as 5, as people do."""
    return int(value) if value.is_integer() else value


Text = Annotated[str, Field(min_length=1)]
Switch = Annotated[bool, BeforeValidator(switch, json_schema_input_type=bool | Literal["on", "off"])]
Positive = Annotated[float, Field(gt=0), PlainSerializer(whole)]
Rows = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Policy = Literal["drop", "flag"]
Setting = Annotated[Any, BeforeValidator(off)]  # of a rule: False or its parameters; recipe_checks looks inside
Texts = Annotated[tuple[Text, ...], BeforeValidator(listed, json_schema_input_type=Text | list[Text])]


class Part(BaseModel):
    """Frozen, of known keys, without any conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
