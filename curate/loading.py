"""Load the machine code of the kernels in a thread, while worker processes read and convert.

numba and its code take 0.5 s to load, and a run's first stage has no need of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def load_meanwhile() -> Iterator[None]:
    """The kernels are there when the block ends. Fork before: a fork has no thread but the one that made it."""
    thread = threading.Thread(target=_load, name="kernels")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load() -> None:
    from tunesmith.curate.lean import numba_has_looked
    from tunesmith.curate.measured import measure_batch
    from tunesmith.curate.near import near_duplicates
    from tunesmith.curate.records import Message, Record, to_batch
    from tunesmith.curate.sketch import sketch

    batch = to_batch([Record("sft", (Message("user", "Why?"), Message("assistant", "So.")))])
    measure_batch(batch)
    numba_has_looked()
    near_duplicates(sketch(batch.column("kind")), rank=batch.column("label").is_null().to_numpy(False).astype("int64"))
