"""Texts that a spreadsheet would run as formulas, made safe: an apostrophe in front (OWASP, CSV injection).

>>> for_spreadsheet("=1+1"), for_spreadsheet("1+1")
("'=1+1", '1+1')

What follows the apostrophe is a text to a spreadsheet. To a program the apostrophe is a letter more: for programs there
are JSON Lines and Parquet, which hold every text as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.files.sniff import name_without_compression

#: What makes a spreadsheet take a text for a formula; full-width signs too, which some of East Asia understand.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TABLES = (".csv", ".tsv")


def is_table(path: Path) -> bool:
    """Whether spreadsheets open what the ending names; it may be packed.

    >>> is_table(Path("votes.csv.gz"))
    True
    """
    return Path(name_without_compression(path.name)).suffix.lower() in TABLES


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet would run a cell; a number is none, whatever its sign."""
    return isinstance(value, str) and value.startswith(FORMULA)


def for_spreadsheet(value: Any) -> Any:
    """The cell as a spreadsheet shows it and does not run it."""
    return f"'{value}" if is_formula(value) else value


def row_for_spreadsheet(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row likewise, the names of its columns too."""
    return {for_spreadsheet(name): for_spreadsheet(value) for name, value in row.items()}
