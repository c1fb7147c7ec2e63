"""Prompt skeletons: one sentence with its slots filled many times.

"Write a description of a {bike light} for {commuters}": rows whose prompts begin (or end) with the same run of tokens
were made from one template. A skeleton is the longest such run that enough different prompts share. Only the first and
last bytes of a prompt are looked at, so a long passage in a slot costs nothing.

>>> import pyarrow as pa
>>> prompts = [f"Write a short and honest description of my {thing}" for thing in ("bike", "cup", "lamp", "pen")]
>>> edges = edge_hashes(pa.array([*prompts, "Who wrote Hamlet?"]))
>>> groups = find_skeletons(edges, rows=np.arange(5), distinct=np.ones(5, bool), least_prompts=4)
>>> groups.tolist()
[0, 0, 0, 0, -1]
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import compiled
from tunesmith.curate.tokens import Hashes, Places, TextRows, hash_tokens

#: Lengths of the runs that are compared, in tokens. Under eight, "what is the difference between" would be a template.
RUN_TOKENS = (8, 10, 12, 16, 24, 32)

#: Bytes of each end of a prompt that are looked at, 32 words of 7 letters; a run that does not fit is no run.
EDGE_BYTES = 256

_BASE = np.uint64(0x9E3779B97F4A7C15)
_ABSENT = np.uint64(0)


class Edges(NamedTuple):
    """Hashes of the runs that begin and end each prompt, uint64, shape `(n_rows, len(RUN_TOKENS))`; 0 for no run."""

    heads: Hashes
    tails: Hashes


def edge_hashes(prompts: Any) -> Edges:
    """The runs of an Arrow array of strings. A prompt that is no longer than a run has no slot, and not that run."""
    texts = TextRows.of(prompts)
    heads = texts._replace(ends=np.minimum(texts.ends, texts.starts + EDGE_BYTES))
    tails = texts._replace(starts=np.maximum(texts.starts, texts.ends - EDGE_BYTES))
    return Edges(_runs(heads, from_end=False), _runs(tails, from_end=True))


def _runs(texts: TextRows, *, from_end: bool) -> Hashes:
    found = hash_tokens(texts, 0, len(texts.starts))
    runs = np.zeros((len(texts.starts), len(RUN_TOKENS)), np.uint64)
    _hash_runs(*found, from_end, np.array(RUN_TOKENS), runs)
    return runs


@compiled
def _hash_runs(
    tokens: Hashes,
    starts: Places,
    ends: Places,
    from_end: bool,
    lengths: Places,
    runs: Hashes,
) -> None:
    """Fill `runs`."""
    for row in range(len(starts)):
        # one token less: a prompt is longer than its skeleton, and where it was cut, that token may be half a word
        n_tokens = ends[row] - starts[row] - 1
        rolled = np.uint64(0)
        n_rolled = 0
        for number in range(len(lengths)):
            if lengths[number] > n_tokens:
                break
            while n_rolled < lengths[number]:
                at = ends[row] - 1 - n_rolled if from_end else starts[row] + n_rolled
                rolled = rolled * _BASE + tokens[at]
                n_rolled += 1
            runs[row, number] = max(rolled, np.uint64(1))


def find_skeletons(edges: Edges, *, rows: Places, distinct: npt.NDArray[np.bool_], least_prompts: int) -> Places:
    """The skeleton of each of `rows`, named by the place of its first row among them; -1 for none.

    :param distinct: one row of each different prompt: repeating a prompt makes no template of it.
    :param least_prompts: how many different prompts have to share a run.
    """
    skeleton = np.full(len(rows), -1, np.int64)
    for length in range(len(RUN_TOKENS) - 1, -1, -1):
        for side in edges:
            _name_groups(side[:, length][rows], distinct, least_prompts, skeleton)
    return skeleton


def _name_groups(runs: Hashes, distinct: npt.NDArray[np.bool_], least_prompts: int, skeleton: Places) -> None:
    """Give the rows that have no longer skeleton the one of this length and side, if enough prompts share it."""
    rows = np.flatnonzero(runs != _ABSENT)
    values, first, which = np.unique(runs[rows], return_index=True, return_inverse=True)
    shared = np.bincount(which[distinct[rows]], minlength=len(values)) >= least_prompts
    wanted = shared[which] & (skeleton[rows] < 0)
    skeleton[rows[wanted]] = rows[first[which[wanted]]]
