"""Keeps libraries from printing: bars, and advice to programmers; what a person must know is told elsewhere.

>>> with quiet():
...     pass
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOGGERS = ("trl", "peft", "accelerate", "bitsandbytes")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence while a model is loaded, trained or merged; everything is as before at the end."""
    import datasets
    import transformers.utils.logging as library

    library_: Any = library
    had_bars, level = library_.is_progress_bar_enabled(), library_.get_verbosity()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    library_.disable_progress_bar()
    library_.set_verbosity_error()
    datasets.disable_progress_bars()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        library_.set_verbosity(level)
        if had_bars:
            library_.enable_progress_bar()
        for logger, old in zip(loggers, before):
            logger.setLevel(old)
