"""Words of Chinese text by jieba, as rouge-chinese and LLaMA-Factory take them; the one file that imports it.

>>> words_of("我来到北京清华大学")
'我 来到 北京 清华大学'

jieba is slow (some 200 pairs of answers a second) and takes a second to load, so the words of a text are kept for the
next system that is compared on it.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tunesmith.errors import InputError

_LONGEST_KEPT = 20_000  # characters; the cache stays below half a gigabyte at the very worst


def words_of(text: str) -> str:
    """The words with spaces between them, those that are spaces themselves too.

    :raises InputError: where jieba is not installed.
    """
    return _kept_words(text) if len(text) <= _LONGEST_KEPT else _cut(text)


@lru_cache(maxsize=1 << 14)
def _kept_words(text: str) -> str:
    return _cut(text)


def _cut(text: str) -> str:
    return " ".join(_jieba().cut(text))


@lru_cache(maxsize=1)
def _jieba() -> Any:
    try:
        import jieba
    except ImportError:
        raise InputError(
            "this needs jieba, which is not installed", remedy='pip install "tunesmith[compatible]"'
        ) from None
    jieba.setLogLevel(logging.WARNING)  # it reports on its dictionary as if that were an error
    jieba.dt.tmp_dir = _own_folder()
    return jieba


def _own_folder() -> str | None:
    """Where jieba keeps its dictionary between two processes, in a form (marshal) that must not be read from others.
    By itself it takes a fixed name in the folder for temporary files, where any user of the machine can put one."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tunesmith"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # no home that can be written: a folder that is kept by nobody
        return mkdtemp(prefix="tunesmith-")
    return str(place)


def jieba_version() -> str:
    """The version whose words these are."""
    return str(_jieba().__version__)
