"""`tunesmith evaluate compare`."""

from __future__ import annotations

from tunesmith.errors import InputError


def compare_command() -> None:
    """To be written."""
    raise InputError("not written yet")
