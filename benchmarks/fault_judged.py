"""Rows of the public sets that the default rules mark, read and judged by a person, one by one.

A row that is truly faulty is no false alarm. Everything else that is marked on an untouched row is one, whether it
stands here or not.

>>> all(isinstance(one, Judgement) for one in JUDGED)
True
"""

from __future__ import annotations

from typing import NamedTuple


class Judgement(NamedTuple):
    """What a reader found. `mark` is the rule, flag or edit in question."""

    row: str  # file and position in the public set, as a run of that file names it
    mark: str
    faulty: bool
    reason: str


JUDGED: tuple[Judgement, ...] = (
    Judgement(
        "dpo_en_demo:16", "clean:mojibake", True, "two dashes of the public row are UTF-8 that was read as Latin-1"
    ),
    Judgement(
        "glaive_toolcall_zh_demo:198",
        "roles_out_of_order",
        True,
        "the call stands as text in an answer, and a tool's result follows that no call asked for",
    ),
    Judgement(
        "glaive_toolcall_zh_demo:294",
        "roles_out_of_order",
        True,
        "the call stands as text in an answer, and a tool's result follows that no call asked for",
    ),
    Judgement(
        "gsm8k_train:1315",
        "contamination",
        True,
        "gsm8k_test:603 word by word, with a train in place of a plane and other numbers",
    ),
    Judgement(
        "gsm8k_train:5163",
        "contamination",
        True,
        "gsm8k_test:603 word by word, with a train in place of a plane and other numbers",
    ),
)
