"""The rows of a run as others may read them: a mark such as [phone_1] stands in place of each private value found.

A report is passed on, and the rows that it shows are examples; whose number is in them is nobody's business.

>>> from tunesmith.curate.records import Message, Record
>>> class One:
...     def record(self, number: int) -> Record: return Record("sft", (Message("user", "我的手机13800138000"),))
...     def raw(self, number: int) -> bytes: return b""
>>> MaskedRows(One(), pa.chunked_array([[["phone"]]])).record(0).turns[0].content
'我的手机[手机号_1]'
"""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from tunesmith.curate.records import Record
from tunesmith.curate.treatment_privacy import redact_record


class ReadableRows(Protocol):
    """Rows by their number in the run."""

    def record(self, number: int) -> Record:
        """The record of one row."""
        ...

    def raw(self, number: int) -> bytes:
        """The row as it came."""
        ...


class MaskedRows:
    """The rows of a store, masked as they are read; what could not be read stays as it came."""

    def __init__(self, rows: ReadableRows, private: pa.ChunkedArray) -> None:
        self._rows = rows
        self._private = private

    def record(self, number: int) -> Record:
        """The record of one row; the very same where nothing private was found in it."""
        kinds = self._private[number].as_py()
        record = self._rows.record(number)
        return redact_record(record, frozenset(kinds)) if kinds else record

    def raw(self, number: int) -> bytes:
        """The row as it came."""
        return self._rows.raw(number)
