"""What the duplicates stage found about one row, told beside the rows that it is like.

>>> findings_of(run, run.number_of("general:24"))[0].partner.row_id  # doctest: +SKIP
'general:241'
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tunesmith.curate.ledger import DROPPED, KEPT, UNSAMPLED
from tunesmith.curate.records import Record
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_duplicates import FLAGS
from tunesmith.curate.stage_semantic import SEMANTIC
from tunesmith.curate.story import Contrast, Finding, Looked, Marked, Partner, Turn
from tunesmith.curate.summary import texts_of
from tunesmith.curate.turns import turns_of
from tunesmith.curate.word_diff import Pieces, mark_differences

_MEMBERS = 20  # of a group, that its skeleton is read from
_LEAST_SKELETON = 10  # characters; the kernel's runs are longer, but letter case and marks do not count in them


def looked_for(run: RunData) -> Looked:
    """What the recipe says about duplicates."""
    wish = run.recipe["duplicates"]
    near, semantic = wish["near"] or {}, wish["semantic"] or {}
    return Looked(wish["exact"], near.get("on"), near.get("threshold"), semantic.get("on"), semantic.get("threshold"))


def stayed_instead(run: RunData, number: int) -> Partner | None:
    """The row that stayed in place of this one; None for a row that did not leave as a duplicate."""
    line = run.line(number)
    if line["verdict"] != DROPPED or line["partner"] is None:
        return None
    other = run.number_of(line["partner"])
    return beside(run, number, other, line["similarity"], line["answer_similarity"])


def findings_of(run: RunData, number: int) -> tuple[Finding, ...]:
    """What was noticed about a row that stayed."""
    if run.line(number)["verdict"] not in (KEPT, UNSAMPLED):
        return ()
    evidence = run.evidence.slice(number, 1).to_pylist()[0]
    found = []
    for what, flag in {"partner": "near_duplicate", **FLAGS}.items():
        other = evidence[what]
        if other < 0:
            continue
        like, answers_like = _similarities(what, evidence)
        named = what in ("partner", "variant", "conflict")
        partner = beside(run, number, other, like, answers_like) if named else None
        members = _members(run, number, what, other)
        ids = tuple(run.line(member)["row_id"] for member in members)
        found.append(Finding(flag, what, partner, ids, _shared(run, what, [number, *members])))
    if SEMANTIC in run.line(number)["flags"]:
        found.append(_same_meaning(run, number))
    return tuple(found)


def _same_meaning(run: RunData, number: int) -> Finding:
    """The row that says the same; the ledger may name another one, that is nearly the same."""
    row = run.stage("semantic").slice(number, 1).to_pylist()[0]
    cosines = _measured(row["semantic_similarity"]), _measured(row["semantic_answer_similarity"])
    return Finding(SEMANTIC, "semantic", beside(run, number, row["semantic"], *cosines), (), None)


def _similarities(what: str, evidence: dict[str, Any]) -> tuple[float | None, float | None]:
    """Those to the row that a column names; a conflict has none."""
    prefix = {"partner": "", "variant": "variant_"}.get(what)
    if prefix is None:
        return None, None
    return _measured(evidence[f"{prefix}similarity"]), _measured(evidence[f"{prefix}answer_similarity"])


def _measured(value: float) -> float | None:
    return None if np.isnan(value) else value


def _members(run: RunData, number: int, what: str, first: int) -> list[int]:
    """The other rows of the group of a finding; a near-duplicate and a variant have none."""
    if what in ("partner", "variant"):
        return []
    column = run.evidence[what].to_numpy()
    names = [first, column[first]] if what == "conflict" else [first]  # rows that differ name the first, it one of them
    found = set(np.flatnonzero(np.isin(column, [name for name in names if name >= 0])).tolist())
    return sorted((found | {first}) - {number})


def _shared(run: RunData, what: str, members: list[int]) -> str | None:
    """The text that the rows of a template have in common."""
    if what == "stock_answer":
        return texts_of(run.record(members[0]))[1]
    if what != "skeleton":
        return None
    prompts = [" ".join(_prompt(run.record(member)).split()) for member in members[:_MEMBERS]]
    head = _beginning(prompts)
    tail = _beginning([prompt[::-1] for prompt in prompts])[::-1]
    longest = f"{head} …" if len(head) >= len(tail) else f"… {tail}"
    return longest if len(longest) >= _LEAST_SKELETON else None


def _beginning(texts: list[str]) -> str:
    """What all of them begin with, up to its last whole word."""
    first, last = min(texts), max(texts)
    size = next((place for place, (one, other) in enumerate(zip(first, last)) if one != other), len(first))
    head, behind = first[:size], first[size:] + last[size:]
    if head[-1:].isascii() and head[-1:].isalnum() and behind[:1].isalnum():
        head = head[: head.rfind(" ") + 1]
    return head.strip()


def _prompt(record: Record) -> str:
    return "\n".join(turn.content or "" for turn in record.turns if turn.role == "user")


def beside(run: RunData, number: int, other: int, like: float | None, answers_like: float | None) -> Partner:
    """Another row beside this one, with how alike they are."""
    line = run.line(other)
    turns = turns_of(run.record(other))
    return Partner(
        line["row_id"], like, answers_like, line["verdict"], turns, contrast(turns_of(run.record(number)), turns)
    )


def contrast(here: tuple[Turn, ...], there: tuple[Turn, ...]) -> tuple[Contrast, ...]:
    """Two conversations turn by turn, or as one text where their turns do not correspond."""
    if [turn.role for turn in here] == [turn.role for turn in there]:
        return tuple(_contrast(one.role, one.text, other.text) for one, other in zip(here, there))
    return (_contrast("", *("\n".join(f"{turn.role}: {turn.text}" for turn in side) for side in (here, there))),)


def _contrast(role: str, one: str, other: str) -> Contrast:
    ours, theirs = mark_differences(one, other)
    return Contrast(role, _marked(ours), _marked(theirs))


def _marked(pieces: Pieces) -> tuple[Marked, ...]:
    return tuple(Marked(piece.text, piece.differs) for piece in pieces)
