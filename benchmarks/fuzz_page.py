"""The page of the fuzzing benchmark.

>>> page(tallies, "python benchmarks/fuzz.py", 1_000_000).splitlines()[0]
'# Fuzzing: wrong inputs, none of which may crash, hang or lose a row'
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from page import Line, machine, table

if TYPE_CHECKING:
    from fuzz import Tally

_CORPUS = Path(__file__).resolve().parent.parent / "tests" / "fuzz" / "corpus"

_TEXT = """# Fuzzing: wrong inputs, none of which may crash, hang or lose a row

Made by `{command}` on {machine}.

{n_inputs:,} inputs, {n_checked:,} of them again with checked kernels: **{n_findings} findings**.{stopped}

{table}

*accepted*: read, at least in part; the others were refused with a message. *slowest*: processor time of the slowest
call, of one input or, where a call takes several together (*a call*), of all of them. *processor*: of the target's
worker, making the inputs and the slow versions that results are held against included.

What counts as a finding: any exception but the ones that carry a message for a person; the end of the process; more
than 1 s of processor time; and a promise that does not hold:

- **files, packed files, columnar files**: every line that is not blank, every element, every row of a table is one row
  with its position, as a slow and obvious reader of the same bytes finds them; no byte of an array and no character of
  a table is left out; reading on from the middle, and reading in pieces of a few bytes, give the same rows; each row
  becomes a record or has a reason.
- **ingest**: as many rows in the shards as the reader gave, in their order, with their bytes, each with a content id or
  a reason.
- **formats**: a row that is read and written again is the same row, also by way of another format that can hold it,
  and has the same content id there.
- **writing**: what is written is read back as it was, or refused with nothing left behind.
- **predictions**: every line is a prediction or a mistake that is told; what is written is read back.
- **recipes**: a recipe written out with all its defaults is the same recipe.
- **expressions**: a condition holds of a row whatever rows stand beside it, and never together with its negation.
- **text kernels**: bytes of any kind (invalid UTF-8, halves of surrogates, zeros, long runs), right before a closed
  page of memory: a kernel that read a byte too far would end the process. What a text gives does not depend on the
  texts around it; tokens, shingles, signatures and normal forms equal their definitions on samples.
- **measured records, near-duplicates, index, contamination, overlap, memorised windows**: equal to slow versions, and
  the same in any number of threads and pieces.

*With checked bounds*: every fourth part of the same inputs, through kernels compiled with `NUMBA_BOUNDSCHECK=1`, where
an index beyond an array raises.

The engine is a plain seeded one: real rows and rows of every format, {seeds}, with bytes flipped, put in, left
out, doubled, spliced and cut off, values of other types and depths, fields of other formats, mixed line ends, byte
order marks and other encodings. It follows no coverage. What earlier runs found is mended, and kept as {n_cases} inputs
in `tests/fuzz/`, which the tests replay, beside 10,000 new inputs.
"""


def page(tallies: Sequence[Tally], command: str, n_wanted: int) -> str:
    """Markdown: the table and what it means."""
    plain = [tally for tally in tallies if not tally.checked]
    checked = [tally for tally in tallies if tally.checked]
    n_inputs = sum(tally.inputs for tally in plain)
    shared = os.environ.get("TUNESMITH_SHARED_DATA")
    return _TEXT.format(
        command=command,
        machine=machine(),
        n_inputs=n_inputs,
        n_checked=sum(tally.inputs for tally in checked),
        stopped=f" The run was stopped before all {n_wanted:,} were made." if n_inputs < n_wanted else "",
        n_findings=sum(tally.findings.total() for tally in tallies),
        table=table([_line(tally) for tally in (*plain, *checked)]),
        seeds="of the bundled sample and of public sets" if shared else "of the bundled sample",
        n_cases=sum(1 for path in _CORPUS.glob("*/*") if path.is_file() and "__pycache__" not in path.parts),
    )


def _line(tally: Tally) -> Line:
    from fuzz_targets import target_named

    return {
        "target": tally.target + (", with checked bounds" if tally.checked else ""),
        "inputs": tally.inputs,
        "a call": target_named(tally.target).batch,
        "accepted": tally.accepted,
        "refused": tally.inputs - tally.accepted - tally.findings.total(),
        "slowest": f"{1000 * tally.slowest:,.0f} ms (input {tally.slowest_input:,})",
        "findings": tally.findings.total(),
        "processor": f"{tally.seconds:,.0f} s",
    }
