"""`tunesmith evaluate predict`."""

from __future__ import annotations

from tunesmith.errors import InputError


def predict_command() -> None:
    """To be written."""
    raise InputError("not written yet")
