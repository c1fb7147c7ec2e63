"""`tunesmith evaluate retention`."""

from __future__ import annotations

from tunesmith.errors import InputError


def retention_command() -> None:
    """To be written."""
    raise InputError("not written yet")
