"""What the trainers of TRL get for `dpo`, `kto`, `orpo`, `simpo`, `reward` and `grpo`, and what they make of it.

>>> dicts, fates = pair_rows("dpo", sets.train, template, max_length=2048)  # doctest: +SKIP
>>> data = pair_dataset("dpo", dicts)  # doctest: +SKIP
>>> [fate for fate in fates if fate.outcome == "dropped"][0].reason  # doctest: +SKIP
'identical'

These stages have no frozen tokens: TRL tokenises the text of DPO, KTO, ORPO, CPO and GRPO itself, cuts at `max_length`
or drops in silence. So every row that it would cut, drop or stumble over leaves here, with its reason, and `trl_tokens`
says token by token what the trainer will hold of the others; a test builds the real trainers and compares.

| stage | gets | because |
|---|---|---|
| dpo, kto | messages | TRL renders them as a server does; text would get a second BOS |
| orpo, simpo | text | given messages, TRL forgets the tools and puts EOS behind the line break after EOS |
| reward | token ids | the one that takes them |
| grpo | messages of the prompt, tools in the first | reward functions are given messages too |

A special token in a row's text stays text, as in the frozen stages: transformers escapes it where a row of dpo and kto
asks for that, and in every prompt of grpo. ORPO and CPO take text only; there such a row is dropped. KTO reads each
prompt once more, with the answer of the row before it in its batch; no count of tokens holds that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunesmith.errors import InputError, RowError
from tunesmith.train.preferences_fates import Pair, judged
from tunesmith.train.preferences_parts import PAIR_STAGES, parts_of
from tunesmith.train.preferences_rows import dict_of
from tunesmith.train.preferences_tokens import cut, tokens_of
from tunesmith.train.template import Template
from tunesmith.train.types import Fate, OverLong, Row, Stage


def pair_rows(
    stage: Stage, rows: Iterable[Row], template: Template, *, max_length: int, over_long: OverLong = "drop"
) -> tuple[list[dict[str, Any]], list[Fate]]:
    """The rows that TRL's trainer of this stage gets, copies among them, and the fate of every row.

    Rows stand in their order; those with copies once more behind the last, and so on. Each has its `row_id`. What TRL
    would drop or cut has left, so its trainer keeps as many as there are here; its `max_length` must be the same.

    :param max_length: tokens of prompt and answer; of the prompt alone for `grpo`.
    :param over_long: `drop`, or `truncate` at the right (the end of the answer goes, the end token with it); a prompt
        that leaves no room for an answer is dropped either way.
    :raises InputError: for a stage that trains on single rows, and for `split`: a pair has no parts.
    """
    _check(stage, over_long)
    pairs = [judged(stage, row, template, max_length=max_length, over_long=over_long) for row in rows]
    return _with_copies(pairs), [pair.fate for pair in pairs]


def trl_tokens(stage: Stage, row: Row, template: Template, *, max_length: int | None = None) -> dict[str, list[int]]:
    """What TRL's trainer of this stage holds of a row after its own preparation, by the names of its columns.

    :param max_length: cut as TRL cuts; None shows the whole row.
    :raises RowError: where the row does not reach the trainer, with the reason as code.
    :raises InputError: for a stage that trains on single rows.
    """
    _check(stage, "drop")
    made = dict_of(stage, row, parts_of(stage, row.record, template), template)
    return cut(stage, tokens_of(stage, made, template), max_length)


def pair_dataset(stage: Stage, dicts: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as a `datasets.Dataset` that gives every row back exactly.

    Left to itself `datasets` gives all messages the same keys, with null where one has none, and a template that asks
    `'tool_calls' in message` stumbles over it; here messages are JSON.

    :raises InputError: where there is no row.
    """
    from datasets import Dataset, Features, Json, List, Value

    if not dicts:
        raise InputError(f"no row is left for {stage}", remedy="look at the reasons in the ledger (rows.parquet)")
    text, turns, ids, extra = Value("string"), List(Json()), List(Value("int32")), {"chat_template_kwargs": Json()}
    kinds: dict[str, Any] = {
        "dpo": {"prompt": turns, "chosen": turns, "rejected": turns, "tools": text, **extra},
        "kto": {"prompt": turns, "completion": turns, "label": Value("bool"), "tools": text, **extra},
        "orpo": {"prompt": text, "chosen": text, "rejected": text},
        "simpo": {"prompt": text, "chosen": text, "rejected": text},
        "reward": {"chosen_ids": ids, "rejected_ids": ids},
        "grpo": {"prompt": turns, "reference": text, "group": text, "extra": Json()},
    }
    return Dataset.from_list([dict(row) for row in dicts], features=Features({**kinds[stage], "row_id": text}))


def _check(stage: Stage, over_long: OverLong) -> None:
    if stage not in PAIR_STAGES:
        remedy = f"the stages of pairs, labels and prompts are {', '.join(PAIR_STAGES)}"
        raise InputError(f"{stage} trains on frozen tokens, not on pairs", remedy=remedy)
    if over_long == "split":
        what = f"a row of {stage} cannot be split: an answer is compared as a whole"
        raise InputError(what, where="over_long", remedy="use drop or truncate")


def _with_copies(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    most = max((pair.copies for pair in pairs), default=0)
    return [
        dict(pair.given)
        for copy in range(1, most + 1)
        for pair in pairs
        if pair.given is not None and pair.copies >= copy
    ]


__all__ = ["RowError", "pair_dataset", "pair_rows", "trl_tokens"]
