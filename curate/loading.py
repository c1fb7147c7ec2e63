"""Load the machine code of the kernels, once and before worker processes are forked, which then have it too.

numba and its code take 0.5 s to load.
"""

from __future__ import annotations

from tunesmith.curate.progress import Progress


def load_kernels(progress: Progress, *, basic: bool = False) -> None:
    """Have what looks at, measures and sketches rows ready; where it has to be compiled first, that is said.

    :param basic: only what `BASICS` need.
    """
    from tunesmith.curate.compiled import compilation_told
    from tunesmith.curate.first_look import look_at
    from tunesmith.curate.lean import numba_has_looked
    from tunesmith.curate.measured import measure_batch
    from tunesmith.curate.records import Message, Record, to_batch
    from tunesmith.curate.sketch import sketch

    records = [Record("sft", (Message("user", "Why?"), Message("assistant", "So.")))]
    batch = to_batch(records)
    with compilation_told(progress.say):
        look_at(records)
        measure_batch(batch, basic=basic)
        sketch(batch.column("kind"))
    numba_has_looked()
