"""The settings of a training run: one frozen model whose every key has a value, written or default.

>>> config = TrainConfig(stage="sft", model="Qwen/Qwen3-0.6B", data=["runs/medical"])
>>> config.method, config.lora.rank, config.lora.alpha, config.batch * config.accumulation
('lora', 16, 32, 32)
>>> sorted(config.given)
['data', 'model', 'stage']
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from tunesmith.train.config_defaults import filled
from tunesmith.train.types import Encoding, Method, OverLong, Stage, TrainOn

Variant = Literal["lora", "rslora", "dora", "pissa", "olora"]
Precision = Literal["auto", "float32", "mixed", "bfloat16"]
Distributed = Literal["zero1", "zero2", "zero3", "fsdp2"]
Schedule = Literal[
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
]
Report = Literal["wandb", "mlflow", "swanlab"]

#: The key under which `model_validate` finds the model's size, in its context.
SIZE = "n_parameters"

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Lora(_Part):
    """The adapter of `method: lora` and `qlora`.

    :param targets: names of the layers that get one, or `all-linear`.
    :param plus: LoRA+: how many times as fast the second half of each adapter learns.
    """

    rank: Positive
    alpha: Positive
    dropout: Share
    targets: str | tuple[str, ...]
    variant: Variant
    plus: Annotated[float, Field(ge=1)] | None = None


class Freeze(_Part):
    """`method: freeze`: how many of the last layers are trained, as they are."""

    layers: Positive


class EarlyStopping(_Part):
    """Ends a run that does not get better.

    :param patience: evaluations without a better one.
    """

    patience: Positive
    least: Annotated[float, Field(ge=0)] = 0.0


class GuardSettings(_Part):
    """When a loss counts as a spike, and what then happens: the fields of `guard.Guard`, which explains each."""

    window: Annotated[int, Field(ge=2)] = 100
    warmup: Annotated[int, Field(ge=0)] = 20
    k: Annotated[float, Field(gt=0)] = 6.0
    floor: Annotated[float, Field(ge=0)] = 0.02
    least: Annotated[float, Field(ge=0)] = 0.01
    patience: Positive = 3
    on_spike: Literal["halve", "skip", "both", "stop"] = "halve"
    on_not_finite: Literal["halve", "skip", "both", "stop"] = "skip"
    attempts: Annotated[int, Field(ge=0)] = 3


class TrainConfig(_Part):
    """Everything that a run is told. Keys that were not written have the default that `explained` gives a reason for.

    :param stage: what is trained; see `types.STAGES`.
    :param validation: paths of validation sets, or the share of the rows that validates where the data brings none.
    :param warmup: below 1 a share of the steps, from 1 on their number.
    :param evaluation: steps from one evaluation to the next; None for a tenth of the run.
    :param trl: settings of the stage's TRL trainer that have no key here.
    """

    stage: Stage
    model: Annotated[str, Field(min_length=1)]
    data: Annotated[Texts, Field(min_length=1)]
    validation: Share | Texts
    method: Method
    template: Path | None
    out: str | None
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    max_length: Annotated[int, Field(ge=2)]
    train_on: TrainOn
    reasoning: Literal["trained", "masked"]
    special: Literal["escape", "refuse"]
    over_long: OverLong
    packing: bool

    epochs: Annotated[float, Field(gt=0)] | None
    steps: Positive | None
    batch: Positive
    accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    schedule: Schedule
    warmup: Annotated[float, Field(ge=0)]
    optimizer: str
    weight_decay: Annotated[float, Field(ge=0)]
    clip: Annotated[float, Field(ge=0)]

    lora: Lora
    freeze: Freeze
    bits: Literal[4, 8] | None
    neftune: Annotated[float, Field(gt=0)] | None
    precision: Precision
    flash_attention: bool
    liger: bool
    activation_checkpointing: bool

    evaluation: Positive | None
    checkpoints: Positive | None
    keep: Positive
    best_by: str | None
    early_stopping: EarlyStopping | None
    guard: GuardSettings | Literal["off"]
    shallow_scale: Annotated[float, Field(gt=0, le=1)]
    kept: Path | None

    beta: Annotated[float, Field(ge=0)] | None
    rewards: Texts
    generations: Positive | None
    max_new_tokens: Positive

    trust_remote_code: bool
    revision: str | None
    report_to: Annotated[tuple[Report, ...], BeforeValidator(_as_list)]
    distributed: Distributed | None
    merge: bool
    trl: dict[str, Any]

    _given: frozenset[str] = PrivateAttr(default=frozenset())
    _size: int | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _fill(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(data, Mapping):
            return handler(data)
        size = (info.context or {}).get(SIZE)
        made = handler(filled(data, size))
        made._given, made._size = frozenset(given_keys(data)), size
        return made

    @property
    def given(self) -> frozenset[str]:
        """Keys that a person wrote; `lora.rank` for `rank` inside `lora`."""
        return self._given

    @property
    def n_parameters(self) -> int | None:
        """Of the model, where its weights were here when the settings were read."""
        return self._size

    @property
    def has_adapter(self) -> bool:
        return self.method in ("lora", "qlora")

    @property
    def encoding(self) -> Encoding:
        """How rows become tokens."""
        return Encoding(
            max_length=self.max_length,
            train_on="all" if self.stage == "pretrain" else self.train_on,
            over_long="split" if self.stage == "pretrain" else self.over_long,
            reasoning=self.reasoning,
            special=self.special,
            packing=self.packing,
        )


#: Parts of the settings and their models: where each key stands.
PARTS: dict[str, type[BaseModel]] = {
    "": TrainConfig,
    "lora": Lora,
    "freeze": Freeze,
    "early_stopping": EarlyStopping,
    "guard": GuardSettings,
}


def given_keys(data: Mapping[str, Any]) -> list[str]:
    """The keys of `data`, those of its parts with the part's name before them."""
    found: list[str] = []
    for key, value in data.items():
        inside = isinstance(value, Mapping) and key in PARTS
        found += [f"{key}.{name}" for name in value] if inside else [str(key)]
    return found
