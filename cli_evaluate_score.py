"""`tunesmith evaluate score`."""

from __future__ import annotations

from tunesmith.errors import InputError


def score_command() -> None:
    """To be written."""
    raise InputError("not written yet")
