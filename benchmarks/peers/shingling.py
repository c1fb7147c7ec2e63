"""What libraries that take sets of tokens leave to their caller, in Python: words, single Han, kana and Hangul
characters, five running ones a shingle, a shorter row one shingle. Runs in the peers' environments.

>>> shingles("One two, 你好 1", 2) == {"one two", "two 你", "你 好", "好 1"}
True
"""

import json
import re
import time
import unicodedata

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(f"[{_ALONE}]|[^\\W_{_ALONE}]+")


def shingles(text: str, ngram: int = 5) -> set[str]:
    """The set of one text; empty for a text without tokens."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())
    last = max(len(tokens) - ngram + 1, min(len(tokens), 1))
    return {" ".join(tokens[i : i + ngram]) for i in range(last)}


def read_rows(path: str) -> tuple[list[int], list[str]]:
    """Ids and texts of the prepared JSON Lines."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        rows = [json.loads(line) for line in file]
    return [row["id"] for row in rows], [row["text"] for row in rows]


class Clock:
    """Seconds by name, each since the last."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """The time since the last lap belongs to `name`."""
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now
