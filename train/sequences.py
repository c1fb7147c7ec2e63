"""Examples in a file, in a stream: first as they come, then as the sequences that a trainer reads.

>>> with Sequences(Path("examples.arrow"), packed=False) as out:  # doctest: +SKIP
...     out.add([Stored("a:1", ids, labels)])
>>> out.totals.n_sequences  # doctest: +SKIP
1
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from tunesmith.train.types import MASKED, Example

Ids = npt.NDArray[np.int32]

_BATCH_ROWS = 1000
_BATCH_TOKENS = 4_000_000
_INTS, _TEXTS = pa.list_(pa.int32()), pa.list_(pa.string())
SCHEMA = pa.schema([("input_ids", _INTS), ("labels", _INTS), ("row_ids", _TEXTS)])
PACKED_SCHEMA = SCHEMA.append(pa.field("seq_lengths", _INTS))


class Stored(NamedTuple):
    """An example without the parts of its tokens, which training does not need."""

    row_id: str
    input_ids: Ids
    labels: Ids


@dataclass
class Totals:
    """What a file holds. `hash` is of every token and label in their order, and of the borders between sequences."""

    hash: str = ""
    n_examples: int = 0
    n_sequences: int = 0
    n_tokens: int = 0
    n_trained: int = 0


class Sequences:
    """Writes sequences, each of one example, or of several in a pack."""

    def __init__(self, path: Path, *, packed: bool) -> None:
        self.totals = Totals()
        self._path, self._packed = path, packed
        self._schema = PACKED_SCHEMA if packed else SCHEMA
        self._digest = xxhash.xxh3_128()
        self._waiting: list[Sequence[Stored]] = []
        self._n_waiting = 0
        self._stack = ExitStack()

    def __enter__(self) -> Sequences:
        file = self._stack.enter_context(self._path.open("wb"))
        self._writer = self._stack.enter_context(pa.ipc.new_stream(file, self._schema))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._stack:
            if kind is None:
                self._flush()
        self.totals.hash = self._digest.hexdigest()

    def add(self, examples: Sequence[Stored]) -> None:
        """One sequence."""
        self._waiting.append(examples)
        self._n_waiting += sum(len(one.input_ids) for one in examples)
        if len(self._waiting) == _BATCH_ROWS or self._n_waiting > _BATCH_TOKENS:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        examples = [one for some in self._waiting for one in some]
        lengths = [[len(one.input_ids) for one in some] for some in self._waiting]
        ids = np.concatenate([one.input_ids for one in examples]).astype(np.int32, copy=False)
        labels = np.concatenate([one.labels for one in examples]).astype(np.int32)
        labels[np.cumsum([0, *(len(one.input_ids) for one in examples)])[:-1]] = MASKED
        totals = [sum(some) for some in lengths]
        columns = [
            _lists(totals, pa.array(ids)),
            _lists(totals, pa.array(labels)),
            _lists(list(map(len, lengths)), pa.array([one.row_id for one in examples], pa.string())),
        ]
        if self._packed:
            columns.append(_lists(list(map(len, lengths)), pa.array([n for some in lengths for n in some], pa.int32())))
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        self._count(lengths, ids, labels, len(examples))

    def _count(self, lengths: list[list[int]], ids: Ids, labels: Ids, n_examples: int) -> None:
        """The totals and the hash, which must not depend on how sequences fall into batches."""
        start = 0
        for some in lengths:
            end = start + sum(some)
            self._digest.update(np.array([len(some), *some], np.int64).tobytes())
            self._digest.update(ids[start:end].tobytes())
            self._digest.update(labels[start:end].tobytes())
            start = end
        self.totals.n_examples += n_examples
        self.totals.n_sequences += len(lengths)
        self.totals.n_tokens += len(ids)
        self.totals.n_trained += int((labels != MASKED).sum())
        self._waiting, self._n_waiting = [], 0


def _lists(lengths: Sequence[int], values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array([0, *accumulate(lengths)], pa.int32()), values)


class Spool:
    """Examples in a file as they came, read back in any order.

    :ivar lengths: tokens of each.
    """

    def __init__(self, path: Path) -> None:
        self.lengths: list[int] = []
        self._path = path
        self._out: Sequences | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The file is open for `add`."""
        with Sequences(self._path, packed=False) as self._out:
            yield

    def add(self, example: Example) -> None:
        """One more."""
        assert self._out is not None  # noqa: S101 (only inside `writing`)
        self._out.add([Stored(*example[:3])])
        self.lengths.append(len(example.input_ids))

    @contextmanager
    def reading(self) -> Iterator[Callable[[int], Stored]]:
        """A function that gives the example of an index; the file is mapped into memory."""
        with pa.memory_map(str(self._path)) as source, pa.ipc.open_stream(source) as reader:
            batches = [_Batch(batch) for batch in reader]
            firsts = [0, *accumulate(len(batch) for batch in batches)]

            def read(index: int) -> Stored:
                number = bisect_right(firsts, index) - 1
                return batches[number].example(index - firsts[number])

            yield read

    def remove(self) -> None:
        """The file is needed no more."""
        self._path.unlink()


class _Batch:
    """A batch of the spool, without copying."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        ids, labels, row_ids = (batch.column(name) for name in ("input_ids", "labels", "row_ids"))
        self._offsets = ids.offsets.to_numpy()
        self._ids, self._labels = ids.values.to_numpy(), labels.values.to_numpy()
        self._row_ids: Any = row_ids.values

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def example(self, number: int) -> Stored:
        start, end = self._offsets[number], self._offsets[number + 1]
        return Stored(self._row_ids[number].as_py(), self._ids[start:end], self._labels[start:end])
