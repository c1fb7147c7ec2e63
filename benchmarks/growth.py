"""A billion rows on paper: the measured growth (`scale.py`) drawn on, stage by stage, and where it stops to hold.

    python benchmarks/scale.py --markdown docs/benchmarks/scale.md
    python benchmarks/growth.py --markdown docs/benchmarks/growth.md

It reads the tables of the first page and measures nothing. Between its two largest sizes each stage grew with some
power of the rows; the same power is drawn on. Memory and disk are a start and a price a row. Two figures of the page
come from a count:

    python benchmarks/growth.py --count 1000000
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from page import Line, table

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "docs" / "benchmarks" / "scale.md"
ON_PAPER = (100_000_000, 1_000_000_000)
CORES = 2
#: Stages whose functions an engine carries to other machines; the rest is done where the run was started.
CARRIED = {"ingest": "nodes", "export": "nodes", "duplicates": "half", "split": "half"}
HALF = ("duplicates", "split")
#: Ten million rows are read from the disk again, a million were still in memory: a step, drawn on as a line.
STEPS = ("digests",)
MOST_BUCKETS = 2**31 - 1
#: Measured by `--count`, of a million generated rows: buckets of the prompts a row, MB a second of the reader alone.
BUCKETS_A_ROW, READ_MB = 6.4, 760
#: Band keys, parity map and buckets of the prompts, which have 64 bands.
MAPPED_BYTES_A_ROW = 64 * 8 + 128 + 64 * 4
TEMPLATE = Path(__file__).with_name("growth_page.md")


class Growth(NamedTuple):
    """Values by number of rows."""

    seconds: dict[str, dict[int, float]]
    own_gb: dict[int, float]
    disk_gb: dict[int, float]
    input_mb: dict[int, float]


def read(page: Path) -> Growth:
    """The two tables of the page."""
    sizes, stages = _tables(page.read_text(encoding="utf-8"))

    def column(name: str) -> dict[int, float]:
        return {_number(line["rows"]): float(line[name].replace(",", "")) for line in sizes}

    seconds = {
        line["stage"]: {
            _number(name): float(value.replace(",", "")) for name, value in line.items() if name[0].isdigit()
        }
        for line in stages
    }
    return Growth(seconds, column("of it no file's, GB"), column("disk, GB"), column("input, MB"))


def _tables(text: str) -> list[list[dict[str, str]]]:
    found: list[list[dict[str, str]]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("| ---"):
            names, rows = _cells(lines[number - 1]), []
            for row in lines[number + 1 :]:
                if not row.startswith("|"):
                    break
                rows.append(dict(zip(names, _cells(row))))
            found.append(rows)
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def power(values: dict[int, float]) -> float:
    """Of the growth between the two largest sizes."""
    (small, before), (large, after) = sorted(values.items())[-2:]
    return math.log(max(after, 1e-9) / max(before, 1e-9)) / math.log(large / small)


def drawn_on(values: dict[int, float], n_rows: int, name: str = "") -> float:
    """The value at so many rows, by that power."""
    large = max(values)
    return values[large] * (n_rows / large) ** (1 if name in STEPS else power(values))


def straight(values: dict[int, float], n_rows: int) -> float:
    """The same of a start and a price a row."""
    (small, before), (large, after) = sorted(values.items())[-2:]
    return after + (after - before) / (large - small) * (n_rows - large)


def stage_lines(found: Growth) -> list[Line]:
    """Hours of each stage at each size; below a minute for ten million rows it is left out."""
    lines: list[Line] = []
    largest = max(found.own_gb)
    for name in _worth_telling(found):
        values = found.seconds[name]
        line: Line = {
            "stage": name,
            "runs on": CARRIED.get(name, "one machine"),
            "power": "1" if name in STEPS else f"{power(values):.2f}",
        }
        line[f"{largest:,} (measured)"] = f"{values[largest] / 3600:.2f}"
        lines.append(line | {f"{n_rows:,}": f"{drawn_on(values, n_rows, name) / 3600:,.1f}" for n_rows in ON_PAPER})
    total: Line = {"stage": "all", "runs on": "", "power": ""}
    total[f"{largest:,} (measured)"] = f"{found.seconds['all'][largest] / 3600:.2f}"
    lines.append(total | {f"{n:,}": f"{hours(found, n):,.1f}" for n in ON_PAPER})
    return lines


def hours(found: Growth, n_rows: int) -> float:
    """Of all stages together."""
    return sum(drawn_on(found.seconds[name], n_rows, name) for name in _worth_telling(found)) / 3600


def _worth_telling(found: Growth) -> list[str]:
    """Stages of five seconds and more; of less, two measurements tell no power."""
    largest = max(found.own_gb)
    return [name for name, values in found.seconds.items() if name != "all" and values[largest] >= 5]


def room_lines(found: Growth) -> list[Line]:
    """Memory and disk."""
    largest = max(found.own_gb)
    lines: list[Line] = []
    for name, values in (("memory that is no file's, GB", found.own_gb), ("disk, GB", found.disk_gb)):
        line: Line = {"": name, f"{largest:,} (measured)": f"{values[largest]:,.1f}"}
        lines.append(line | {f"{n:,}": f"{straight(values, n):,.0f}" for n in ON_PAPER})
    mapped: Line = {"": "arrays in mapped files at a time, GB", f"{largest:,} (measured)": f"{_mapped(largest):,.1f}"}
    return [*lines, mapped | {f"{n:,}": f"{_mapped(n):,.0f}" for n in ON_PAPER}]


def _mapped(n_rows: int) -> float:
    return MAPPED_BYTES_A_ROW * n_rows / 1e9


def page(found: Growth, command: str) -> str:
    """The page."""
    billion, input_mb = ON_PAPER[-1], drawn_on(found.input_mb, ON_PAPER[-1])
    rows_until = round(MOST_BUCKETS / BUCKETS_A_ROW / 1e6, -1)
    largest = max(found.own_gb)
    told = {
        "command": command,
        "largest": largest,
        "cores": CORES,
        "stages": table(stage_lines(found)),
        "room": table(room_lines(found)),
        "rows_until": f"{rows_until:,.0f}",
        "buckets": BUCKETS_A_ROW,
        "memory": f"{straight(found.own_gb, billion):,.0f}",
        "near": f"{sum(drawn_on(found.seconds[name], billion) for name in HALF) / 3600:,.0f}",
        "read_mb": READ_MB,
        "input_tb": f"{input_mb / 1e6:,.1f}",
        "read_hours": f"{input_mb / READ_MB / 3600:,.1f}",
        "fed": f"{READ_MB / (input_mb / drawn_on(found.seconds['ingest'], billion)) * CORES:,.0f}",
        "disk_tb": f"{straight(found.disk_gb, billion) / 1000:,.1f}",
        "core_hours": f"{hours(found, billion) * CORES:,.0f}",
        "dollars": f"{hours(found, billion) * CORES * 0.05:,.0f}",
        "all_hours": f"{hours(found, billion):,.0f}",
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**told)


def count(n_rows: int) -> str:
    """How many buckets generated rows have, and how fast the reader alone is."""
    from scale_rows import write_rows

    from tunesmith.curate.bands import Buckets
    from tunesmith.curate.engines.local import Local
    from tunesmith.curate.io import open_input
    from tunesmith.curate.recipe import one_line_recipe
    from tunesmith.curate.run import run

    said: list[str] = []

    class Counting(Local):
        def buckets(self, keys: Any, rows: Any, *, scratch: Any, threads: int | None = None) -> Buckets:
            found = super().buckets(keys, rows, scratch=scratch, threads=threads)
            a_row = (len(found.starts) - 1) / len(rows)
            said.append(f"{len(keys)} bands of {len(rows):,} rows: {a_row:.2f} buckets a row")
            return found

    with tempfile.TemporaryDirectory(prefix="tunesmith-growth-") as folder:
        path = Path(folder) / "rows.jsonl"
        size = write_rows(path, n_rows)
        start = time.perf_counter()
        read_rows = sum(1 for _ in open_input(path).rows())
        seconds = time.perf_counter() - start
        said.append(f"{read_rows:,} rows read with their digest, nothing else: {size / 1e6 / seconds:.0f} MB/s")
        run(one_line_recipe([str(path)]), Path(folder) / "out", engine=Counting())
    return "\n".join(said)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--measured", type=Path, default=MEASURED)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--count", type=int, metavar="ROWS", help="count buckets and time the reader, no page")
    options = parser.parse_args()
    if options.count:
        print(count(options.count))
        return
    text = page(read(options.measured), "python benchmarks/growth.py --markdown docs/benchmarks/growth.md")
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
