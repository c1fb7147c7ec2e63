"""Load the machine code of the kernels: where worker processes read and convert, in a thread meanwhile.

numba and its code take 0.5 s to load, and the first stage of a run has no need of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tunesmith.curate.progress import Progress


@contextmanager
def load_meanwhile(progress: Progress, *, basic: bool = False) -> Iterator[None]:
    """The kernels are there when the block ends. Fork before: a fork has no thread but the one that made it."""
    thread = threading.Thread(target=load_kernels, args=(progress,), kwargs={"basic": basic}, name="kernels")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def load_kernels(progress: Progress, *, basic: bool = False) -> None:
    """Have what measures and sketches rows ready; where it has to be compiled first, that is said.

    :param basic: only what `BASICS` need.
    """
    from tunesmith.curate.compiled import compilation_told
    from tunesmith.curate.lean import numba_has_looked
    from tunesmith.curate.measured import measure_batch
    from tunesmith.curate.records import Message, Record, to_batch
    from tunesmith.curate.sketch import sketch

    batch = to_batch([Record("sft", (Message("user", "Why?"), Message("assistant", "So.")))])
    with compilation_told(progress.say):
        measure_batch(batch, basic=basic)
        sketch(batch.column("kind"))
    numba_has_looked()
