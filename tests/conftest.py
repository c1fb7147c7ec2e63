"""Fixtures for every test: the real data, where this machine has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


# No test may reach a hub. The hub's library reads this once, when it is imported: a fixture would come too late.
os.environ["HF_HUB_OFFLINE"] = "1"
# No test may fail because the machine is busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets that nobody here wrote."""
    folder = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set TUNESMITH_SHARED_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def bundled_data() -> Path:
    """The project's own sample."""
    return ROOT / "data"
