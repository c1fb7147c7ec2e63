"""Traditional Chinese to simplified and back, by OpenCC's characters and phrases.

>>> to_simplified("乾燥的頭髮，`頭髮`")
'干燥的头发，`頭髮`'
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tunesmith.curate.protected import outside, settled


def _to_simplified(text: str) -> str:
    return text if text.isascii() else outside(text, _converter("t2s").convert)


def _to_traditional(text: str) -> str:
    return text if text.isascii() else outside(text, _converter("s2t").convert)


to_simplified = settled(_to_simplified)
to_traditional = settled(_to_traditional)


@lru_cache(maxsize=2)
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)
