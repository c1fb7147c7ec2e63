"""What advice is made of: facts that were measured, rules of guides, and for each setting a value with its reasons.

>>> Facts(model="m", stage="sft", rows=800, domain_rows=800).general_ratio
0.0
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from tunesmith.curate.said import Said
from tunesmith.train.types import Method, Stage
from tunesmith.train.vocabulary import Vocabulary

Task = Literal["style", "reasoning", "knowledge"]
TASKS: tuple[Task, ...] = ("style", "reasoning", "knowledge")

#: A bound of a rule: a number, or the name of a fact that holds it.
Bound = float | str | None
#: `(low, below)` of a number, either may be None; or the words of which the fact must be one.
Condition = tuple[float | None, float | None] | tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the data, the model and the machine are. None: not known, and advice that needs it is refused.

    :param rows: trained rows, copies counted; `domain_rows` and `general_rows` of them.
    :param validation_rows: rows that the data brings for validation.
    :param unread: rows that could not be read; `unmeasured`: that the chat template refused.
    :param tokens: of all trained rows; `longest`, `median_tokens`, `p95_tokens`: of whole rows with the template, and
        all `lengths` in rising order.
    :param answer_tokens: that are trained in a row, on average.
    :param languages: of the answers, as shares of the rows.
    :param billions: parameters of the model, in thousand millions; `context`: tokens that it takes.
    :param fits: the largest batch that fits, by method; 0 where not even one row does. None without `capacity_bytes`.
    :param trained_parameters: of an adapter of rank 1: it grows in proportion.
    """

    model: str
    stage: Stage
    rows: int
    domain_rows: int
    general_rows: int = 0
    by_group: Mapping[str, int] = field(default_factory=dict)
    validation_rows: int = 0
    unread: int = 0
    unmeasured: int = 0
    tokens: int | None = None
    longest: int | None = None
    median_tokens: int | None = None
    p95_tokens: int | None = None
    cutoff_tokens: int | None = None
    lengths: Sequence[int] = field(default=(), repr=False)
    answer_tokens: float | None = None
    languages: Mapping[str, float] = field(default_factory=dict)
    billions: float | None = None
    layers: int | None = None
    context: int | None = None
    has_template: bool | None = None
    capacity_bytes: int | None = None
    gpus: int = 1
    fits: Mapping[Method, int] | None = None
    trained_parameters: int | None = None
    task: Task | None = None
    vocabulary: Vocabulary | None = None

    @property
    def general_ratio(self) -> float:
        """Share of the trained rows that are not of the domain."""
        return self.general_rows / self.rows if self.rows else 0.0

    def share_over(self, n_tokens: float) -> float | None:
        """Share of the rows that are longer; None where lengths are not known."""
        if not self.lengths:
            return None
        return 1 - bisect_right(self.lengths, n_tokens) / len(self.lengths)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; the vocabulary stands by itself."""
        told = {name: value for name, value in asdict(self).items() if name not in ("vocabulary", "lengths")}
        return told | {"general_ratio": round(self.general_ratio, 4)}


class Rule(NamedTuple):
    """What one source says of one setting, where the facts are as `when` asks.

    :param low, high: the range that it gives, None for no end; or `text` for a setting in words.
    :param weight: how much it counts where sources disagree; 0 is shown and not counted, for the reason in `aside`.
    """

    topic: str
    source: str
    says: Said
    low: Bound = None
    high: Bound = None
    text: str | None = None
    when: Mapping[str, Condition] = {}
    weight: int = 1
    aside: Said | None = None


class Pick(NamedTuple):
    """Which end of the range that most sources share is taken, where the facts are as `when` asks."""

    end: Literal["low", "high"]
    why: Said
    when: Mapping[str, Condition] = {}


class Topic(NamedTuple):
    """A setting that is advised.

    :param key: of the settings of `train sft`; None where it is no setting.
    :param needs: facts without which nothing can be said, each with the words for that.
    :param least_rows: below so many rows nothing is said.
    :param whole: whether it is a number of things; `power`: a power of two.
    """

    name: str
    title: Said
    key: str | None
    picks: Sequence[Pick]
    needs: Mapping[str, Said] = {}
    when: Mapping[str, Condition] = {}
    least_rows: int = 0
    form: Literal["number", "rate", "share", "words", "tokens"] = "number"
    whole: bool = False
    power: bool = False


class Candidate(NamedTuple):
    """What one source would have.

    :param is_chosen: whether the advised value lies in it.
    """

    source: str
    says: Said
    low: float | None
    high: float | None
    text: str | None
    weight: int
    aside: Said | None
    is_chosen: bool


class Item(NamedTuple):
    """Advice on one setting; `value` is None where it is refused, and `why` says why."""

    topic: Topic
    value: float | int | str | None
    why: Said
    candidates: tuple[Candidate, ...]
    disagree: bool

    @property
    def is_refused(self) -> bool:
        return self.value is None


class Warned(NamedTuple):
    """Something that will go wrong. `value` is what was seen, `limit` what it was held against."""

    code: str
    said: Said
    value: float
    limit: float


@dataclass(frozen=True)
class Advice:
    """Everything that is advised, in the order of the topics.

    :param steps: of the whole run; `parameters_a_row`: of the adapter, trained ones for each row.
    """

    facts: Facts
    items: tuple[Item, ...]
    warnings: tuple[Warned, ...]
    steps: int | None = None
    parameters_a_row: float | None = None

    def value(self, name: str) -> float | int | str | None:
        """What is advised on a topic; None where nothing is."""
        return next((item.value for item in self.items if item.topic.name == name), None)
