"""What answers look like, whether they are right or not: their language, refusals, length, endings and repetition.

The marks are the signals by which the curation stage judges training rows, so that a rate of refusals here and there
mean the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.languages import measure_languages
from tunesmith.curate.phrases import measure_phrases
from tunesmith.curate.signal_table import LANGUAGE_SIGNALS, PHRASES, STATISTICS
from tunesmith.curate.statistics import measure_statistics
from tunesmith.curate.tokens import TextRows, hash_tokens
from tunesmith.evaluate.answers import FINISH_REASON, as_rows
from tunesmith.evaluate.metric_types import Counts, Floats, Items, Scored

#: From here on an answer is a refusal and nothing else, as the rule `refusal` has it.
REFUSES = 0.5
#: Words in a row that count as repeated where they stood in the answer before (seq-rep-4, Welleck et al. 2020).
REPEATED_WORDS = 4
#: Endings that `statistics.py` takes for cut off.
_CUT = ("cut", "mid_word")
#: In what units the share of an n-gram that an answer has is counted: statistics are whole numbers.
SHARE = 1_000_000_000
_TOKENS = "tok:words,cjk-characters|norm:nfkc,lowercase|version:tunesmith-1"
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)
_SHIFT = np.uint64(32)


def score_phrases(items: Items) -> dict[str, Scored]:
    """`refusal` and `unknown`: 1.0 where the answer is a refusal, or says only that it does not know."""
    columns = _named(PHRASES, measure_phrases(as_rows(items)))
    marks = {"refusal": columns["refusal"] >= REFUSES, "unknown": columns["unknown_answer"]}
    told = {
        "refusal": f"languages:zh,en|from:{REFUSES}|version:tunesmith-1",
        "unknown": "languages:zh,en|version:tunesmith-1",
    }
    return {name: Scored(_of_answers(items, mark), told[name]) for name, mark in marks.items()}


def score_language(items: Items) -> Scored:
    """1.0 where the answer is in the language that the prompt asks for, or else in that of the prompt.

    NaN where either cannot be told: of a letter, a number, a name, code. What the prompt leads to (a translation, words
    of another language) is no mismatch.
    """
    columns = _named(LANGUAGE_SIGNALS, measure_languages(as_rows(items)))
    mismatch = columns["language_mismatch"]
    expected = (columns["asked_language"] != "") | (columns["prompt_language"] != "")
    values = np.where(mismatch | ((columns["answer_language"] != "") & expected), ~mismatch, np.nan)
    return Scored(_of_answers(items, values), "expected:asked,else prompt|version:tunesmith-1")


def score_truncated(items: Items) -> Scored:
    """1.0 where the server said that it stopped at the limit, or where the text breaks off."""
    columns = _named(STATISTICS, measure_statistics(as_rows(items)))
    stopped = [fields.get(FINISH_REASON) == "length" for fields in items.fields]
    values = np.isin(columns["ending"].astype(str), _CUT) | np.array(stopped, bool)
    return Scored(_of_answers(items, values), "finish_reason:length,else by the text's ending|version:tunesmith-1")


def score_characters(items: Items) -> Scored:
    """Unicode characters of each answer, without outer white space."""
    lengths = [np.nan if text is None else len(text.strip()) for text in items.predictions]
    return Scored(np.array(lengths, np.float64), "outer-space:no|version:tunesmith-1")


def score_repetition(items: Items) -> Scored:
    """The share of runs of four words that stood in the same answer before; NaN for an answer of fewer words.

    Source: Welleck et al. 2020, Neural text generation with unlikelihood training (seq-rep-4).
    """
    grams = _grams_of(items, REPEATED_WORDS)
    distinct = np.bincount(grams.once_an_answer().owners, minlength=grams.n_rows)
    with np.errstate(invalid="ignore"):
        values = 1 - distinct / np.where(grams.sizes > 0, grams.sizes, np.nan)
    return Scored(_of_answers(items, values), f"runs:{REPEATED_WORDS}|{_TOKENS}")


def score_distinct(items: Items) -> dict[str, Scored]:
    """`distinct_1` and `distinct_2`: distinct words, and pairs of words, over all that the answers hold together.

    The figure is that of Li et al. 2016, A diversity-promoting objective function. It falls as texts get longer or
    more, so only sets of the same size compare, and a part of the items has to be scored anew. The value of an answer
    is the share of its n-grams that are distinct ones and no other answer's.

    `statistics`, shape `(n_items, 2)`, are made so that their sums give the figure and their resampling its spread:
    n-grams that one answer alone has, plus an equal part of those that several have, in units of 1 / `SHARE`; and the
    number of n-grams. (Leaving an answer out takes from the figure what it alone has: these are the differences of the
    jackknife. To count distinct n-grams among resampled answers would take an answer drawn twice for repetition.) On
    120 samples each of 50, 200 and 1,000 answers of huatuo_med_zh, plain percentile intervals held the mean figure in
    92, 95 and 98 of 100.
    """
    return {f"distinct_{size}": _score_distinct(items, size) for size in (1, 2)}


def distinct_of(sums: npt.NDArray[Any]) -> Floats:
    """From summed statistics, shape `(…, 2)`, to distinct over all n-grams, shape `(…)`; NaN where there are none."""
    sums = np.asarray(sums, np.float64)
    found: Floats = sums[..., 0] / SHARE / np.where(sums[..., 1] > 0, sums[..., 1], np.nan)
    return found


class _Grams(NamedTuple):
    """Runs of words of all answers: hashes, the answer that each is of, and how many each answer has."""

    hashes: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        """How many answers there are."""
        return len(self.sizes)

    def once_an_answer(self) -> _Grams:
        """Each run once for each answer that has it, in the order of hashes, then of answers; `sizes` as before.

        Owners ascend, so a stable sort by hash alone does it, in a tenth of the time of `np.unique(…, axis=0)`.
        """
        order = np.argsort(self.hashes, kind="stable")
        hashes, owners = self.hashes[order], self.owners[order]
        first = np.ones(len(order), bool)
        first[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
        return _Grams(hashes[first], owners[first], self.sizes)


def _grams_of(items: Items, size: int) -> _Grams:
    texts = pa.array([prediction or "" for prediction in items.predictions], pa.string())
    found = hash_tokens(TextRows.of(texts), 0, len(texts))
    parts = [_runs(found.hashes[start:end], size) for start, end in zip(found.starts, found.ends)]
    sizes = np.array([len(part) for part in parts], np.int64)
    hashes = np.concatenate([*parts, np.zeros(0, np.uint64)])
    return _Grams(hashes, np.repeat(np.arange(len(sizes)), sizes), sizes)


def _runs(words: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    """A hash of each run of `size` words."""
    n_runs = max(0, len(words) - size + 1)
    found = np.zeros(n_runs, np.uint64)
    for offset in range(size):
        found = (found ^ words[offset : offset + n_runs]) * _MULTIPLIER
        found ^= found >> _SHIFT
    return found


def _score_distinct(items: Items, size: int) -> Scored:
    grams = _grams_of(items, size)
    once = grams.once_an_answer()
    kinds, first, n_owners = np.unique(once.hashes, return_index=True, return_counts=True)
    alone = once.owners[first[n_owners == 1]]
    own = np.bincount(alone, minlength=grams.n_rows)
    there = grams.sizes > 0
    shared = SHARE * (len(kinds) - len(alone)) / max(1, int(there.sum()))
    parts = np.where(there, own * SHARE + round(shared), 0)
    statistics: Counts = np.stack([parts, grams.sizes], axis=1).astype(np.int64)
    values = _of_answers(items, own / np.where(there, grams.sizes, np.nan))
    return Scored(values, f"runs:{size}|over:all answers|{_TOKENS}", statistics)


def _of_answers(items: Items, values: npt.NDArray[Any]) -> Floats:
    """As floats, NaN where there is no answer."""
    failed = np.array([prediction is None for prediction in items.predictions], bool)
    found: Floats = np.where(failed, np.nan, values.astype(np.float64))
    return found


def _named(table: tuple[tuple[str, pa.DataType, str], ...], columns: list[pa.Array]) -> dict[str, npt.NDArray[Any]]:
    return {name: column.to_numpy(zero_copy_only=False) for (name, _, _), column in zip(table, columns)}
