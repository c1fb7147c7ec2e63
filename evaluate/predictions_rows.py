"""The rows of a file as objects, each with its place; what is no object is a problem of that place.

>>> found = Rows.of(Path("preds.jsonl"), Problems("preds.jsonl", "line", "cannot be read"))
>>> found.rows[0].place.shown, list(found.fields)
('preds.jsonl:1', ['id', 'messages', 'prediction', 'reference', 'meta'])
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.convert_row import parse
from tunesmith.curate.endpoint_cache import key_of
from tunesmith.curate.io import Input, RawRow, open_input
from tunesmith.errors import RowError
from tunesmith.evaluate.predictions_problems import Place, Problems

_COLUMNAR = ("parquet", "arrow", "dataset")


class Placed(NamedTuple):
    """A row and where it stands."""

    place: Place
    row: dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """All rows of an input that are objects.

    :param digest: of the bytes of its files.
    :param drops_nulls: of files in columns (Parquet, Arrow), where a field that is null or NaN is not there at all.
    """

    rows: tuple[Placed, ...]
    digest: str
    drops_nulls: bool

    @classmethod
    def of(cls, source: Path | Input, problems: Problems) -> Rows:
        """Read them all.

        :raises InputError: where the input cannot be read at all.
        """
        opened = source if isinstance(source, Input) else open_input(source)
        digests = [file.digest for file in opened.files]
        digest = digests[0] if len(digests) == 1 else key_of(*digests)
        drops_nulls = any(file.container in _COLUMNAR for file in opened.files)
        return cls(tuple(_each(opened, problems)), digest, drops_nulls)

    @cached_property
    def fields(self) -> dict[str, None]:
        """The names of the fields of all rows, in the order in which they come up."""
        return {key: None for placed in self.rows for key in placed.row}


def _each(source: Input, problems: Problems) -> Iterator[Placed]:
    for raw in source.rows():
        place = Place(raw.position, source.locate(raw.position))
        try:
            yield Placed(place, _object(raw))
        except RowError as error:
            problems.add_error(place, error)


def _object(raw: RawRow) -> dict[str, Any]:
    if raw.error is not None:
        raise raw.error
    if isinstance(raw.data, dict):
        return raw.data
    row = parse(raw.data or b"")
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"expected an object, saw {kind_of(row)}")
    return row


def kind_of(value: object) -> str:
    """The kind of a JSON value in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    names: dict[type, str] = {dict: "an object", list: "a list", str: "a text", type(None): "null"}
    return names.get(type(value), "a number")
