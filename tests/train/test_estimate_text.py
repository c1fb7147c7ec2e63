"""The estimate in the terminal."""

from __future__ import annotations

from tunesmith.train.estimate_fit import Cell
from tunesmith.train.estimate_text import _table

LENGTHS, BATCHES = (1024, 2048, 4096, 8192), (1, 4, 16)


def test_the_table_of_what_fits_is_no_wider_than_100_columns() -> None:
    cells = [
        Cell("LoRA, no checkpointing", length, batch, int(79.9 * 1024**3), 80 * 1024**3, "tight")
        for length in LENGTHS
        for batch in BATCHES
    ]
    lines = _table(cells, "en", False).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1].count("79.9*") == len(cells)
