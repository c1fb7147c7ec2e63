"""What is served beside the pages, and what happens when the server starts and stops. `app.py` puts it together.

Who may connect is in `server_guard.py`, coming in with an invitation in `server_join.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from tunesmith.ui.server_guard import Guard
from tunesmith.ui.server_join import ROUTES
from tunesmith.ui.server_start import forget_link, open_browser, owner_path, say_where

SCRIPT = Path(__file__).with_name("script.py")

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
    link = owner_path()
    say_where(link)
    open_browser(link)
    try:
        yield {}
    finally:
        forget_link()


def calm() -> None:
    """Keep what the web server says to itself, except for faults; no log shows an invitation's link."""
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_without_token)


def _without_token(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_TOKEN.sub("/join/…", arg) if isinstance(arg, str) else arg for arg in record.args)
    return True
