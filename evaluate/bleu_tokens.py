"""Which of sacrebleu's tokenizers an item gets, and the tokens that it gives.

>>> tokenizer_of("zh", ("今天天气很好。",)), tokenizer_of("other", ("Всё хорошо.",)), tokenizer_of("en", ("Fine.",))
('zh', 'intl', '13a')
>>> split_tokens([("今天GPT-4很好。", "Fine.")], ["zh"])
[('今 天 GPT-4 很 好 。', 'Fine .')]

All of these work without a network. Chinese has `zh`, Japanese, Korean and what is written without spaces have `char`,
other scripts than Latin have `intl`, which parts the punctuation of every script, and the rest has `13a`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

_OF_LANGUAGE = {"zh": "zh", "ja": "char", "ko": "char", "en": "13a"}

#: Letters of an item in another language, by what they ask for; the commonest kind decides.
_LETTERS = {
    "char": re.compile(r"[\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"),
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "13a": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "intl": re.compile(
        r"[^\W\d_A-Za-z\u0080-\u024f\u1e00-\u1eff\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff"
        r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
    ),
}


def tokenizer_of(language: str, references: Sequence[str]) -> str:
    """The name of sacrebleu's tokenizer: by the item's language, and by its references' letters where it is `other`."""
    if language in _OF_LANGUAGE:
        return _OF_LANGUAGE[language]
    counts = {name: sum(len(letters.findall(text)) for text in references) for name, letters in _LETTERS.items()}
    most = max(counts, key=lambda name: counts[name])
    return most if counts[most] else "13a"


def split_tokens(groups: Sequence[Sequence[str]], tokenizers: Sequence[str]) -> list[tuple[str, ...]]:
    """Every text of each group as its tokens with single spaces between them."""
    known: dict[tuple[str, str], str] = {}
    found = []
    for group, name in zip(groups, tokenizers):
        tokenize = _tokenizer(name)
        for text in group:
            if (name, text) not in known:
                known[name, text] = " ".join(tokenize(text.rstrip()).split())
        found.append(tuple(known[name, text] for text in group))
    _forget_lines()
    return found


@cache
def _tokenizer(name: str) -> Callable[[str], str]:
    from sacrebleu.metrics.bleu import BLEU

    tokenize: Callable[[str], str] = BLEU(tokenize=name).tokenizer
    return tokenize


def _forget_lines() -> None:
    """sacrebleu keeps the last 65,536 lines of each tokenizer and their tokens: gigabytes, where answers are long."""
    from sacrebleu.tokenizers import tokenizer_re

    kinds = {type(_tokenizer(name)) for name in (*_OF_LANGUAGE.values(), *_LETTERS)} | {tokenizer_re.TokenizerRegexp}
    for kind in kinds:
        clear = getattr(kind.__call__, "cache_clear", None)
        if clear:
            clear()


def library_version() -> str:
    """That of sacrebleu, whose definitions these are."""
    from importlib.metadata import version

    return version("sacrebleu")
