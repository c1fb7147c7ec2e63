"""How long `curate verify` takes and what memory, for runs of growing size; and whether it names every flipped byte.

    python benchmarks/verify.py [--rows 10000,100000,1000000] [--flips 200] [--markdown docs/benchmarks/verify.md]

The rows are those of the bundled sample, each with a number of its own, and every third once more: so a third of what
is read leaves as an exact duplicate. Near-duplicates are off, for they cost the run time and a check nothing. Each
command is a process of its own; memory is that of its whole tree, workers included.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from tunesmith.curate import jsontext
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.verify import verify

sys.path.insert(0, str(Path(__file__).parent))
from measured import measure
from page import Line, machine, table

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "tunesmith.cli", "curate"]
RECIPE = "sources: [rows.jsonl]\nduplicates: {near: off}\n"
EXEMPT = ("run.log.json", "lock")


def write_rows(path: Path, n_rows: int) -> None:
    """So many rows, two in three of them different ones."""
    sample = [jsontext.loads(line) for line in (ROOT / "data" / "medical_zh.jsonl").read_bytes().splitlines()]
    with path.open("wb") as file:
        for number in range(n_rows):
            which = number - 2 if number % 3 == 2 else number
            row = sample[which % len(sample)]
            told = {**row, "instruction": f"{row['instruction']} {which}"}
            file.write(jsontext.dump_bytes(told) + b"\n")


def measure_size(folder: Path, n_rows: int) -> Line:
    """One run and one check of it."""
    folder.mkdir()
    write_rows(folder / "rows.jsonl", n_rows)
    (folder / "recipe.yaml").write_text(RECIPE)
    out = folder / "out"
    made = measure([*COMMAND, "run", str(folder / "recipe.yaml"), "--out", str(out)], log=folder / "run.log")
    checked = measure([*COMMAND, "verify", str(out)], log=folder / "verify.log", sampled=True)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return {
        "rows": n_rows,
        "MB in the folder": round(size / 1e6),
        "the run, s": f"{made.seconds:,.1f}",
        "verify, s": f"{checked.seconds:,.1f}",
        "rows/s": round(n_rows / checked.seconds),
        "peak memory, MB": round(checked.peak_bytes / 1e6),
    }


def flip(folder: Path, flips: int, seed: int) -> Line:
    """Flip one bit of one byte of a file that is drawn, so many times, and look whether the file is named."""
    folder.mkdir()
    write_rows(folder / "rows.jsonl", 300)
    (folder / "recipe.yaml").write_text(RECIPE)
    out = run(load_recipe(folder / "recipe.yaml"), folder / "out").out
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name not in EXEMPT)
    draw = random.Random(seed)
    named = placed = 0
    for _ in range(flips):
        path = draw.choice(files)
        before = path.read_bytes()
        place = draw.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ 1 << draw.randrange(8)]) + before[place + 1 :])
        mine = [finding for finding in verify(out).findings if finding.file == path.relative_to(out).as_posix()]
        named += bool(mine)
        placed += any(finding.places for finding in mine)
        path.write_bytes(before)
    whole = "yes" if verify(out).whole else "no"
    return {"flipped": flips, "files": len(files), "named": named, "with a place": placed, "whole afterwards": whole}


def main() -> None:
    """Measure and print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000,100000,1000000", help="sizes of the runs")
    parser.add_argument("--flips", type=int, default=200, help="bytes to flip, one at a time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--markdown", type=Path, help="page to write")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flipped = flip(folder / "flips", asked.flips, asked.seed)
        lines = [measure_size(folder / size, int(size)) for size in asked.rows.split(",")]
    parts = [
        "# Checking a finished run\n\n```\npython benchmarks/verify.py --markdown docs/benchmarks/verify.md\n```",
        f"{machine()}; others kept {load:.0f} processes waiting or running at the start.",
        "## Time and memory\n\nEvery file of the folder hashed, every line read again, every row held against the "
        "ledger; the inputs read once more. A third of the rows left as exact duplicates.",
        table(lines),
        "## A flipped byte\n\nOne bit of one byte of a file drawn at random, one at a time; `named` counts where the "
        "file was, `with a place` where a line, row or column was too.",
        table([flipped]),
    ]
    text = "\n\n".join(parts) + "\n"
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    if flipped["named"] != asked.flips or flipped["whole afterwards"] != "yes":
        raise SystemExit("a flipped byte was not named")


if __name__ == "__main__":
    main()
