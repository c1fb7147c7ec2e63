"""Whether an answer is the reference: word for word, somewhere within it, or by the words that they share.

>>> normalised("  Ｐａｒｉｓ。 "), normalised("北京 大学")
('paris', '北京大学')
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pyarrow as pa

from tunesmith.curate.tokens import TextRows, hash_tokens
from tunesmith.evaluate.metric_types import Floats, Items, Scored

_NORM = "norm:nfkc,lowercase,space,final-punctuation|refs:any|version:tunesmith-1"
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_SPACE = re.compile(r"\s+")
_SPACE_BY_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_FINAL = " .。!?,、;:…"


def score_exact(items: Items) -> Scored:
    """1.0 where the whole answer is one of the references, once both are normalised."""
    return Scored(_best(items, _is_equal), _NORM)


def score_contains(items: Items) -> Scored:
    """1.0 where a reference stands in the answer, not inside of a longer word or number."""
    return Scored(_best(items, _holds), f"borders:words,numbers|{_NORM}")


def score_token_f1(items: Items) -> Scored:
    """The harmonic mean of precision and recall of the words that answer and reference share, the best reference's.

    Words are counted as often as they stand there (SQuAD's F1, Rajpurkar et al. 2016, without its removal of English
    articles). A Han, kana or Hangul character is a word. NaN where no reference has a word.
    """
    said = _words_of([prediction or "" for prediction in items.predictions])
    wanted = iter(_words_of([text for references in items.references for text in references]))
    values = np.full(len(items.ids), np.nan)
    for place, (words, references) in enumerate(zip(said, items.references)):
        scores = [_f1(words, expected) for expected in islice(wanted, len(references)) if expected]
        if items.predictions[place] is not None and scores:
            values[place] = max(scores)
    signature = "score:F1|tok:words,cjk-characters|norm:nfkc,lowercase|refs:best|version:tunesmith-1"
    return Scored(values, signature)


def normalised(text: str) -> str:
    """NFKC, lower case, one space between words, none beside a Chinese, Japanese or Korean character, no final mark."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2212", "-")
    return _SPACE_BY_CJK.sub("", _SPACE.sub(" ", text.strip())).rstrip(_FINAL)


def holds(text: str, part: str) -> bool:
    """Whether a part stands in a text, both normalised, as whole words and numbers: 5 is not in 15, 2.5 or -5."""
    return next(places_of(text, part), None) is not None


def places_of(text: str, part: str) -> Iterator[int]:
    """Where a normalised part, not empty, stands in a normalised text as whole words and numbers."""
    place = text.find(part) if part else -1
    while place >= 0:
        end = place + len(part)
        if _may_begin(text[max(0, place - 2) : place], part[0]) and _may_end(part[-1], text[end : end + 2]):
            yield place
        place = text.find(part, place + 1)


def _best(items: Items, judge: Callable[[str, str], float]) -> Floats:
    """Each answer's best score with any of its references; NaN where it has none that can be judged."""
    values = np.full(len(items.ids), np.nan)
    for place, (prediction, references) in enumerate(zip(items.predictions, items.references)):
        if prediction is not None:
            scores = [judge(prediction, reference) for reference in references]
            values[place] = max((score for score in scores if not math.isnan(score)), default=math.nan)
    return values


def _is_equal(prediction: str, reference: str) -> float:
    wanted = normalised(reference)
    return float(normalised(prediction) == wanted) if wanted else math.nan


def _holds(prediction: str, reference: str) -> float:
    wanted = normalised(reference)
    return float(holds(normalised(prediction), wanted)) if wanted else math.nan


def _words_of(texts: list[str]) -> list[Counter[int]]:
    """The words of each text, by hash, and how often they stand there."""
    found = hash_tokens(TextRows.of(pa.array(texts, pa.string())), 0, len(texts))
    hashes = found.hashes.tolist()
    return [Counter(hashes[start:end]) for start, end in zip(found.starts.tolist(), found.ends.tolist())]


def _f1(said: Counter[int], wanted: Counter[int]) -> float:
    return 2 * (wanted & said).total() / (wanted.total() + said.total())


def _may_begin(before: str, first: str) -> bool:
    if before and _WORD.match(before[-1]) and _WORD.match(first):
        return False
    return not (first.isdigit() and _NUMBER_BEFORE.search(before))


def _may_end(last: str, after: str) -> bool:
    if after and _WORD.match(after[0]) and _WORD.match(last):
        return False
    return not (last.isdigit() and _NUMBER_AFTER.match(after))


#: A letter or digit of a script that writes words apart.
_WORD = re.compile(rf"[^\W{_CJK}]")
#: What makes digits beside it another number: the 2. of 2.5, the sign of -5; and the .5 of 2.5.
_NUMBER_BEFORE, _NUMBER_AFTER = re.compile(r"\d[.,]$|(?:^|[\s=(])-$"), re.compile(r"[.,]\d")
