"""Readable titles of clusters: the words that set a cluster apart from the others, in Chinese and in English.

A word that stands in a share p of the cluster's rows and in a share q of all rows weighs p log(p / q): its part in the
relative entropy of the cluster. It has to be common there and rare elsewhere, and a long row names nothing by itself.
Chinese is not cut into words. Instead, runs of two to four characters count where the characters before and after them
vary, as they do around words and not around parts of words (branching entropy; Jin and Tanaka-Ishii, ACL 2006).

>>> texts = ["How do I treat a fever?", "A fever at night", "高血压怎么治疗", "高血压的患者吃什么"]
>>> title_clusters(texts, [0, 0, 1, 1], n_clusters=2)
(('fever', 'night', 'treat'), ('高血压', '患者吃', '治疗'))
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, log2

from tunesmith.curate.cluster_words import BREAKS, STOP_WORDS

MOST_WORDS = 5
#: Rows of a cluster that its title is made of, the most central ones; and characters of each.
TITLE_ROWS, TITLE_CHARACTERS = 200, 400

_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{3,}(?:['’\-][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONGEST = 4
_LEAST_ENTROPY = 1.5  # bits, on either side
_FEW = 200  # rows below which a run that stands once may be a word
_PART_OF = 0.6  # a run that mostly stands inside a longer one is a part of it


def title_clusters(
    texts: Sequence[str], labels: Sequence[int], *, n_clusters: int, words: int = MOST_WORDS
) -> tuple[tuple[str, ...], ...]:
    """The words of each cluster's title, the weightiest first; fewer, or none, where nothing sets it apart.

    :param labels: of each text, the number of its cluster.
    """
    texts = [text[:TITLE_CHARACTERS] for text in texts]
    chinese = _chinese_words(texts)
    counts: list[Counter[str]] = [Counter() for _ in range(n_clusters)]
    for text, label in zip(texts, labels):
        counts[label].update(_english_words(text) | {run for run in _runs_of(text) if run in chinese})
    everywhere: Counter[str] = sum(counts, Counter())
    sizes = Counter(labels)
    return tuple(
        tuple(_best(_without_parts(mine), everywhere, sizes[number], len(texts), words))
        for number, mine in enumerate(counts)
    )


def _english_words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS}


def _stretches(text: str) -> Iterator[str]:
    """Chinese text between its commonest function words."""
    for stretch in _HAN.findall(text):
        yield from (part for part in BREAKS.split(stretch) if len(part) > 1)


def _places(stretch: str) -> Iterator[tuple[int, int]]:
    for first in range(len(stretch) - 1):
        for last in range(first + 2, min(first + _LONGEST, len(stretch)) + 1):
            yield first, last


def _runs_of(text: str) -> set[str]:
    """Every run of two to four Chinese characters."""
    return {stretch[first:last] for stretch in _stretches(text) for first, last in _places(stretch)}


def _chinese_words(texts: Sequence[str]) -> set[str]:
    """The runs that stand in several texts, between neighbours that vary."""
    counts = Counter(run for text in texts for run in _runs_of(text))
    least = 3 if len(texts) >= _FEW else 1
    frequent = {run for run, count in counts.items() if count >= least and run not in STOP_WORDS}
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for stretch in (stretch for text in texts for stretch in _stretches(text)):
        for first, last in _places(stretch):
            run = stretch[first:last]
            if run in frequent:
                before[run][stretch[first - 1] if first else ""] += 1
                after[run][stretch[last] if last < len(stretch) else ""] += 1
    return {run for run in frequent if min(_entropy(before[run]), _entropy(after[run])) >= _LEAST_ENTROPY}


def _entropy(neighbours: Counter[str]) -> float:
    """Bits. The end of a stretch is a neighbour that is a different one each time; where there is nothing else, it is a
    boundary beyond doubt."""
    ends, total = neighbours[""], neighbours.total()
    if ends == total:
        return _LEAST_ENTROPY
    shares = [count / total for neighbour, count in neighbours.items() if neighbour] + [1 / total] * ends
    return -sum(share * log2(share) for share in shares)


def _without_parts(counts: Counter[str]) -> dict[str, int]:
    """Without runs that mostly stand inside one longer run."""
    parts = {
        part
        for run, count in counts.items()
        if _HAN.match(run)
        for part in _inside(run)
        if count >= _PART_OF * counts.get(part, count + count)
    }
    return {run: count for run, count in counts.items() if run not in parts}


def _inside(run: str) -> Iterable[str]:
    return (run[first:last] for first, last in _places(run) if last - first < len(run))


def _best(mine: Mapping[str, int], everywhere: Mapping[str, int], n_mine: int, n_all: int, words: int) -> Iterator[str]:
    """The weightiest terms, none of which overlaps another that was taken."""
    weights = {term: count / n_mine * log(count * n_all / (everywhere[term] * n_mine)) for term, count in mine.items()}
    taken: list[str] = []
    for term in sorted(weights, key=lambda term: (-weights[term], -len(term), term)):
        if len(taken) == words or weights[term] <= 0:
            return
        if not any(_overlap(term, other) for other in taken):
            taken.append(term)
            yield term


def _overlap(one: str, other: str) -> bool:
    """Whether two runs of Chinese share two characters in a row, or two words are one in singular and plural."""
    if _HAN.match(one) and _HAN.match(other):
        return any(one[i : i + 2] in other for i in range(len(one) - 1))
    return one.rstrip("s") == other.rstrip("s")
