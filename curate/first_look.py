"""The first look at the texts of many rows: which could need a cleaner, or hold private data. Most need neither.

>>> from tunesmith.curate.records import Message
>>> rows = [Record("sft", (Message("user", said),)) for said in ("Why?", "It  is.", "138-0013-8000", "So.</s>")]
>>> [look_at(rows).tolist()[i] for i in range(4)] == [0, SPACE, PRIVATE, END]
True

One pass over the bytes looks for signs. They are wider than what the cleaners change and the detectors find, never
narrower: a row without a sign is a row that nothing would change, which the tests hold against both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from operator import or_

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.records import Message, Record
from tunesmith.curate.tokens import TextRows

Marks = npt.NDArray[np.uint8]

#: Signs: unusual spaces, control and invisible characters; white space to be tidied; a mark that may end a text;
#: letters that wrong decoding makes; private data of any kind.
CONTROL, SPACE, END, MOJIBAKE, PRIVATE, EVERY = 1, 2, 4, 8, 16, 255
#: The signs of each cleaner that has any; the others always look for themselves.
_SIGNS = {"mojibake": MOJIBAKE, "control": CONTROL, "end_marks": END, "whitespace": SPACE | CONTROL}


def look_at(records: Sequence[Record]) -> Marks:
    """The signs of each record, shape `(n_records,)`; all of them for one with tool calls, whose arguments are JSON."""
    from tunesmith.curate.first_look_kernels import mark_texts  # heavy: numba

    texts: list[str] = []
    counts = np.zeros(len(records), np.int64)
    marks = np.zeros(len(records), np.uint8)
    for i, record in enumerate(records):
        for turn in _turns(record):
            if turn.tool_calls:
                marks[i] = EVERY
            texts += [text for text in (turn.content, turn.reasoning) if text]
        if record.text:
            texts.append(record.text)
        counts[i] = len(texts)
    try:
        rows = TextRows.of(pa.array(texts, pa.large_string()))
    except UnicodeEncodeError:  # half of a surrogate pair has no bytes
        return np.full(len(records), EVERY, np.uint8)
    owners = np.repeat(np.arange(len(records)), np.diff(counts, prepend=0))
    np.bitwise_or.at(marks, owners, mark_texts(rows.data, rows.starts, rows.ends))
    return marks


@lru_cache(maxsize=1024)
def needed_cleaners(names: tuple[str, ...], marks: int) -> tuple[str, ...]:
    """Those of the cleaners that could change a row with these signs, or one that another cleaner has changed.

    What is left of a text without its end token has no sign that the text had not; other changes may make new ones.
    """
    if not _SIGNS.keys() >= set(names):
        return names
    signs = marks & reduce(or_, (_SIGNS[name] for name in names), 0)
    if signs == END:
        return ("end_marks",)
    return names if signs else ()


def _turns(record: Record) -> Iterator[Message]:
    for side in (record.messages, record.chosen, record.rejected):
        yield from side or ()
