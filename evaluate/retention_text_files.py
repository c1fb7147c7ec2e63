"""The plain texts for bits per byte: the rows of kind `text` of any file that curation reads.

>>> texts = read_texts("data/general.txt")  # doctest: +SKIP
>>> texts.ids[:2], texts.skipped  # doctest: +SKIP
(['general:1', 'general:2'], 0)
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.curate.endpoint_cache import key_of
from tunesmith.curate.score_rows import open_rows
from tunesmith.errors import InputError


class Texts(NamedTuple):
    """Texts with their ids. `skipped` rows were no text, empty, or not readable; `left_out` are beyond the limit."""

    ids: list[str]
    texts: list[str]
    skipped: int
    left_out: int

    @property
    def digest(self) -> str:
        """Of what is measured."""
        return key_of(self.texts)


def read_texts(path: str, *, limit: int | None = None) -> Texts:
    """The texts of a file: lines of plain text, or rows with a field `text`.

    :raises InputError: where it cannot be read, or has no text.
    """
    rows = open_rows(path)
    found = [(row.row_id, row.record.text or "") for row in rows.each() if row.record.kind == "text"]
    kept = [(name, text) for name, text in found if text.strip()]
    if not kept:
        what = f"expected plain texts, saw {rows.rows_in} rows without any"
        raise InputError(what, where=path, remedy="name a text file, or JSON Lines with a field `text`")
    some = kept[:limit]
    return Texts(
        [name for name, _ in some],
        [text for _, text in some],
        rows.rows_in - len(kept) - rows.copies,
        len(kept) - len(some),
    )
