"""What a preflight found, whole: of frozen tokens (`Preflight`), or of preferences (`PairPreflight`).

>>> found.problems, found.train.outcomes["dropped"]  # doctest: +SKIP
(('dropped',), 37)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tunesmith.train.preflight_types import Account, Cutoff, Lengths, Packing, Reason, Serving, Shown


@dataclass(frozen=True)
class Preflight:
    """What will be trained, before it costs anything.

    :param rows_in: rows of all sets and rows that could not be read; each has a fate.
    :param unread: `(place, what is wrong)` of rows that could not be read.
    :param sources: the training set by source.
    :param histogram: `edges`, and rows that came (`before`) and that are trained (`after`) by the length of the row.
    :param rows: some, token by token.
    """

    model: str
    stage: str
    encoding: Mapping[str, Any]
    fingerprint: str
    rows_in: int
    unread: tuple[tuple[str, str], ...]
    train: Account
    sources: tuple[Account, ...]
    validation: tuple[Account, ...]
    serving: Serving
    cutoff: Cutoff
    packing: Packing
    histogram: Mapping[str, Any]
    rows: tuple[Shown, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The sets, whole."""
        return (self.train, *self.validation)

    @property
    def problems(self) -> tuple[str, ...]:
        """What `--strict` does not let pass: `unread`, `dropped`, `truncated`, `template`, `prompts`."""
        seen = {
            "unread": bool(self.unread),
            "dropped": any(account.outcomes["dropped"] for account in self.accounts),
            "truncated": any(account.outcomes["truncated"] for account in self.accounts),
            "template": self.serving.template not in ("same", "marks"),
            "prompts": self.serving.same + self.serving.escaped != self.serving.compared,
        }
        return tuple(code for code, there in seen.items() if there)

    def as_json(self) -> dict[str, Any]:
        """One object; the rows token by token are left out but for their names."""
        made = _as_json(self)
        for account in (made["train"], *made["sources"], *made["validation"]):
            tokens = account["tokens"]
            n_trained, n_masked = (sum(tokens[kind].values()) for kind in ("trained", "masked"))
            account["tokens"] = {**tokens, "n_trained": n_trained, "n_all": n_trained + n_masked}
        made["packing"]["waste"] = self.packing.waste
        made["serving"]["matches"] = self.serving.matches
        return made


@dataclass(frozen=True)
class PairAccount:
    """One set of a stage of preferences, or one source of the training set.

    :param sides: lengths in tokens, by `prompt`, `chosen` and `rejected`, or `prompt` and `completion`.
    :param trained: tokens that the loss sees, of `tokens` in all sequences.
    :param chosen_longer: pairs whose chosen answer has more tokens than the rejected one, of `pairs`.
    :param labels: rows of `kto` by their label.
    """

    split: str
    group: str | None
    source: str | None
    rows: int
    outcomes: Mapping[str, int]
    reasons: tuple[Reason, ...]
    tokens: int
    trained: int
    sides: Mapping[str, Lengths]
    chosen_longer: int
    pairs: int
    labels: Mapping[str, int]
    flags: Mapping[str, int]
    lengths: Lengths

    @property
    def name(self) -> str:
        """`train`, `train: medical`, `validation: general`."""
        part = self.source if self.split == "train" else self.group
        return f"{self.split}: {part}" if part else self.split


@dataclass(frozen=True)
class PairPreflight:
    """What a trainer of TRL will make of preferences, as far as it is known before; fields as in `Preflight`."""

    model: str
    stage: str
    encoding: Mapping[str, Any]
    fingerprint: str
    rows_in: int
    unread: tuple[tuple[str, str], ...]
    train: PairAccount
    sources: tuple[PairAccount, ...]
    validation: tuple[PairAccount, ...]
    cutoff: Cutoff
    histogram: Mapping[str, Any]
    rows: tuple[Shown, ...] = ()

    @property
    def accounts(self) -> tuple[PairAccount, ...]:
        """The sets, whole."""
        return (self.train, *self.validation)

    @property
    def problems(self) -> tuple[str, ...]:
        """What `--strict` does not let pass: `unread`, `dropped`, `truncated`."""
        seen = {
            "unread": bool(self.unread),
            "dropped": any(account.outcomes["dropped"] for account in self.accounts),
            "truncated": any(account.outcomes["truncated"] for account in self.accounts),
        }
        return tuple(code for code, there in seen.items() if there)

    def as_json(self) -> dict[str, Any]:
        """One object; the rows token by token are left out but for their names."""
        return _as_json(self)


AnyAccount = Account | PairAccount
AnyPreflight = Preflight | PairPreflight


def _as_json(found: AnyPreflight) -> dict[str, Any]:
    made = {key: value for key, value in asdict(found).items() if key != "rows"}
    accounts: tuple[AnyAccount, ...] = (found.train, *found.sources, *found.validation)
    for account, fields in zip(accounts, (made["train"], *made["sources"], *made["validation"]), strict=True):
        fields["reasons"] = [reason._asdict() for reason in account.reasons]
    made["unread"] = [{"place": place, "what": what} for place, what in found.unread]
    shown = [{"row_id": row.row_id, "outcome": row.outcome, "reason": row.reason} for row in found.rows]
    return {**made, "problems": list(found.problems), "shown": shown}
