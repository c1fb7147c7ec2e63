"""What LLaMA-Factory 0.9.5 leaves of a row that is longer than its cutoff.

>>> shortened(300, 20, 128)
(108, 20)
"""

from __future__ import annotations

from collections.abc import Sequence

from tunesmith.train.predicted_llamafactory_chat import Pair
from tunesmith.train.predicted_types import Verdict


def shortened(source: int, target: int, room: int) -> Pair:
    """How much of a question and its answer is left: the longer of the two gives way, two long ones in proportion."""
    if 2 * target < room:
        most = room
    elif 2 * source < room:
        most = room - source
    else:
        most = int(room * (target / (source + target)))
    kept = min(most, target)
    return min(max(room - kept, 0), source), kept


def told(pairs: Sequence[Pair], kept: Sequence[Pair]) -> Verdict:
    """The verdict on a row of which so many tokens of questions and answers are kept."""
    asked, said = (sum(sizes) for sizes in zip(*pairs))
    left_asked, left_said = (sum(sizes) for sizes in zip(*kept))
    total, lost = asked + said, asked + said - left_asked - left_said
    if not lost:
        return Verdict("keep", n_tokens=total)
    what = f"{asked - left_asked:,} of {asked:,} tokens of questions and {said - left_said:,} of {said:,} of answers go"
    if not left_said:
        return Verdict("cut", "no_trained_token", what, total, lost)
    if left_said < said:
        what += ", the end of an answer with its end token among them"
    return Verdict("cut", "too_long", what, total, lost)


def document(size: int, lost: int, batch_rows: int) -> Verdict:
    """What is left of a document where the last block of its batch is left out."""
    if not lost:
        return Verdict("keep", n_tokens=size)
    what = f"{lost:,} of {size:,} tokens stand behind the last whole block of their {batch_rows:,} rows"
    return Verdict("drop" if lost == size else "cut", "last_block", what, size, lost)
