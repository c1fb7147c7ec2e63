"""How fast the passes over the bytes of prompts and answers go, on one core.

    python benchmarks/signals.py [--rounds 9] [--markdown docs/benchmarks/signals.md]

A pass measures every row of a set as the run does: on Arrow batches that lie in memory, in one thread, after one round
that compiles and warms. A small set is repeated until it has `BYTES`, as a shard of a run has. MB/s are bytes of all
turns by CPU seconds of the thread, so that a busy machine counts less; given are medians over the rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from page import Line, machine, spread, table

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.languages import measure_languages
from tunesmith.curate.measured import measure_basics
from tunesmith.curate.phrases import measure_phrases
from tunesmith.curate.records import Record, records_of, to_batch
from tunesmith.curate.sides import sides_of
from tunesmith.curate.sources import open_source
from tunesmith.curate.statistics import measure_statistics
from tunesmith.errors import RowError

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data"))
SETS = ("t0_50k.jsonl.xz", "huatuo_med_zh.json", "alpaca_en_demo.json", "alpaca_zh_demo.json")
BATCH_ROWS = 8192
BYTES = 10_000_000
WANTED = 60  # MB/s

Pass = Callable[[pa.RecordBatch], list[pa.Array]]

#: What the table shows of each set, one column each.
PASSES: dict[str, Pass] = {
    "statistics": measure_statistics,
    "keys and core signals": measure_basics,
    "phrases": measure_phrases,
    "languages": measure_languages,
}


def batches_of(path: Path) -> list[pa.RecordBatch]:
    """The rows of a file in batches of `BATCH_ROWS`, again and again until they have `BYTES`."""
    batches = [to_batch(rows) for rows in _chunks(_records(path))]
    size = sum(map(text_bytes, batches))
    whole = pa.Table.from_batches(batches * max(1, -(-BYTES // size))).combine_chunks()
    return [to_batch([*records_of(batch)]) for batch in whole.to_batches(BATCH_ROWS)]


def _records(path: Path) -> Iterator[Record]:
    plan = open_source(str(path), name="benchmark").plan
    for row in plan.input.rows():
        try:
            yield read_raw(row.data or b"", plan.form).record
        except RowError:
            continue


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, BATCH_ROWS)):
        yield chunk


def text_bytes(batch: pa.RecordBatch) -> int:
    """Bytes of the sides that are measured."""
    sides = sides_of(batch)
    return sum(pc.sum(pc.binary_length(side)).as_py() or 0 for side in (sides.prompt, sides.answer, sides.rejected))


def rates(batches: list[pa.RecordBatch], measure: Pass, rounds: int) -> list[float]:
    """MB/s of each round."""
    size = sum(map(text_bytes, batches)) / 1e6
    found = []
    for _ in range(rounds + 1):
        start = time.thread_time()
        for batch in batches:
            measure(batch)
        found.append(size / (time.thread_time() - start))
    return found[1:]


def measure_set(path: Path, rounds: int) -> Line:
    """One line of the table: a set, and the rates of each pass and of all together."""
    batches = batches_of(path)
    found = {name: rates(batches, measure, rounds) for name, measure in PASSES.items()}
    together = 1 / sum(1 / statistics.median(values) for values in found.values())
    size = f"{sum(map(text_bytes, batches)) / 1e6:.1f}"
    shown = {name: spread(values, 0) for name, values in found.items()}
    return {"set": path.name, "MB": size, **shown, "all passes": f"{together:,.0f}"}


def main() -> None:
    """Measure, print, and write the page where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    options = parser.parse_args()
    missing = [name for name in SETS if not (DATA / name).exists()]
    if missing:
        raise SystemExit(f"{', '.join(missing)} not in {DATA}; set TUNESMITH_SHARED_DATA to the folder that has them")
    text = table([measure_set(DATA / name, options.rounds) for name in SETS])
    print(text)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(page(text, options.rounds), encoding="utf-8")


def page(text: str, rounds: int) -> str:
    """The page around the table."""
    return (
        "# Signals: passes over the bytes\n\n"
        f"Made by `python benchmarks/signals.py --rounds {rounds} --markdown docs/benchmarks/signals.md`.\n\n"
        f"{machine()}. MB/s of one thread, by its CPU time: median (lowest to highest) of {rounds} rounds after one "
        f"that warms. Wanted of the statistics: {WANTED} MB/s. A set below {BYTES / 1e6:.0f} MB is repeated up to "
        f"that.\n\n{text}\n"
    )


if __name__ == "__main__":
    main()
