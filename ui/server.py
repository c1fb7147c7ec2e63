"""What is served beside the pages, and what happens when the server starts and stops. `app.py` puts it together.

Who may connect is in `server_guard.py`, coming in with an invitation in `server_join.py`.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.launch import launched
from tunesmith.ui.server_guard import Guard
from tunesmith.ui.server_join import ROUTES
from tunesmith.ui.server_start import forget_link, open_browser, owner_path, say_where

SCRIPT = Path(__file__).with_name("script.py")

#: What the pages import when they are first opened, the slowest of it; the first page itself comes before.
_HEAVY = (
    "tunesmith.ui.page_home",
    "tunesmith.ui.page_dataset",
    "tunesmith.ui.page_curate",
    "tunesmith.curate.previewer",
    "tunesmith.curate.explain",
    "tunesmith.ui.page_review",
    "tunesmith.ui.page_report",
    "tunesmith.evaluate.compare_cases",
    "tunesmith.evaluate.compare_slices",
    "tunesmith.ui.page_mix",
    "tunesmith.ui.page_train",
    "tunesmith.ui.page_jobs",
)

_TOKEN = re.compile(r"/join/[^\s?\"]+")


def routes() -> list[BaseRoute]:
    """Addresses of our own, beside Streamlit's."""
    return list(ROUTES)


def middleware() -> list[Middleware]:
    """What every request and every response passes through."""
    return [Middleware(Guard)]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Say where the app is, open it, and tidy up at the end."""
    threading.Thread(target=_warm, name="warm", daemon=True).start()
    read_jobs(launched().workspace.make())  # which starts those whose turn came while no server ran
    link = owner_path()
    say_where(link)
    open_browser(link)
    try:
        yield {}
    finally:
        forget_link()


def _warm() -> None:
    """Import what the pages will need while nobody waits: a first visit to Curate or Report takes seconds less."""
    for name in _HEAVY:
        import_module(name)
    gc.collect()
    gc.freeze()


def calm() -> None:
    """Keep what the web server says to itself, except for faults; no log shows an invitation's link."""
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_without_token)


def _without_token(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_TOKEN.sub("/join/…", arg) if isinstance(arg, str) else arg for arg in record.args)
    return True
