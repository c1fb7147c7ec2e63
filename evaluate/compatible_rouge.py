"""ROUGE as rouge-chinese 1.0.3 counts it: sets of runs, and F with a small number below the line.

>>> rouge_chinese([("今天 天气 好", "今天 天气 很 好")])["rouge-1"].tolist()
[0.8571428522448981]

The texts have spaces between their words, as that library takes them. It first breaks a text into sentences, which
takes a word apart where a mark stands inside it, and leaves an empty word where a sentence is a single space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.overlap_counts import Pair, batches
from tunesmith.evaluate.overlap_kernels import Places, count_sets, number_tokens
from tunesmith.evaluate.overlap_lcs import lcs_lengths
from tunesmith.evaluate.overlap_tokens import codes_of, spaced_classes

_SMALL = 1e-8
_EMPTY = "\U0010ffff"  # stands for the empty word; no text has this code point
_NO_BREAK = "[^”’]"

# After which characters a line breaks, unless a closing quotation mark follows; and after such a mark.
_BREAKS = (
    (re.compile(f"([。！？?])({_NO_BREAK})"), r"\1\n\2"),
    (re.compile(rf"(\.{{6}})({_NO_BREAK})"), r"\1\n\2"),
    (re.compile(f"(…{{2}})({_NO_BREAK})"), r"\1\n\2"),
    (re.compile("([。！？?][”’])([^，。！？?])"), r"\1\n\2"),
)


def rouge_chinese(pairs: Sequence[Pair]) -> dict[str, Floats]:
    """F of `rouge-1`, `rouge-2` and `rouge-l` of each pair of an answer and a reference, 0-1, shape `(n_pairs,)`.

    NaN where one has no words: the library raises there.
    """
    found = [_measures(batch) for batch in batches(pairs)]
    joined = np.concatenate([*found, np.zeros((3, 0))], axis=1)
    return dict(zip(("rouge-1", "rouge-2", "rouge-l"), joined))


def _measures(pairs: Sequence[Sequence[str]]) -> Floats:
    """F of each metric and pair, shape `(3, n_pairs)`."""
    texts = codes_of(chain.from_iterable(pairs), _sentences)
    groups = np.arange(0, 2 * len(pairs) + 1, 2)
    numbered = number_tokens(texts.codes, texts.bounds, groups, spaced_classes())
    sizes = np.diff(numbered.bounds)
    ones, twos = np.moveaxis(count_sets(numbered, groups, 2), 1, 0)
    found = np.stack([_f(*ones.T), _f(*twos.T), _f(sizes[::2], sizes[1::2], lcs_lengths(numbered))])
    found[:, (sizes[::2] == 0) | (sizes[1::2] == 0)] = np.nan
    return found


def _sentences(text: str) -> str:
    """The words that the library counts, with single spaces between them."""
    for pattern, broken in _BREAKS:
        text = pattern.sub(broken, text)
    lines = [" ".join(line.split()) or _EMPTY for line in text.rstrip().split("\n") if line]
    return " ".join(lines)


def _f(ours: Places, theirs: Places, common: Places) -> Floats:
    precision, recall = common / np.maximum(ours, 1), common / np.maximum(theirs, 1)
    return np.asarray(2.0 * ((precision * recall) / (precision + recall + _SMALL)))
