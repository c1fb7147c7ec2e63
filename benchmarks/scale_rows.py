"""As many instruction rows as wanted, made by editing real ones: what `scale.py` and `kill_anywhere.py` curate.

Row i is a function of the seed and i alone, so a smaller file is the start of a larger one. Nine of ten rows are
*originals*: a real row in which a quarter of the text is replaced, run by run, by text of other real rows of the same
language, which brings it far below any threshold with what else was made of the same row. The others are *copies* of
an earlier original: the same text, or with one word changed. The share of copies is the same at every size.

    python benchmarks/scale_rows.py --rows 1000000 --out rows.jsonl

>>> rows = ScaleRows([Base("en", [f"w{i}" for i in range(40)], ["yes"] * 9)], copies=0.5, seed=1)
>>> rows.line(3) == rows.line(3), rows.line(3) == rows.line(4)
(True, False)
"""

from __future__ import annotations

import argparse
import lzma
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))

COPIES, SEED = 0.1, 9
#: File, names of its question and its answer, and the share of the rows that are made of it: about 1 kB a row in all.
_FILES = (
    ("t0_50k.jsonl.xz", ("prompt",), "completion", 0.64),
    ("alpaca_en_demo.json", ("instruction", "input"), "output", 0.08),
    ("alpaca_zh_demo.json", ("instruction", "input"), "output", 0.16),
    ("huatuo_med_zh.json", ("instruction", "input"), "output", 0.06),
    ("gsm8k_train.jsonl", ("question",), "answer", 0.06),
)
_REPLACED = 0.25  # of the pieces, in runs of
_RUN = 4
_BLOCK = 20_000  # rows that a process makes at a time
_HAN = ("\u4e00", "\u9fff")


class Base(NamedTuple):
    """A real row: the pieces of its question and its answer, words or, in Chinese, characters."""

    language: str
    question: list[str]
    answer: list[str]


class ScaleRows:
    """Rows over a pool of real ones; `copies` is the share of duplicates, exact and near, of any number of rows."""

    def __init__(self, pool: list[Base], *, copies: float, seed: int, weights: list[float] | None = None) -> None:
        self._pool, self._copies, self._seed = pool, copies, seed
        self._ends = None if weights is None else weights
        self._words: dict[str, list[str]] = {}
        for base in pool:
            self._words.setdefault(base.language, []).extend(base.question + base.answer)

    def line(self, number: int) -> bytes:
        """One line of the file, its line feed included."""
        draw = self._draw(number)
        if number and draw.random() < self._copies:
            question, answer, joiner = self._original(draw.randrange(number))
            if draw.random() < 0.8:  # the rest are copies to the letter
                words = answer.split(joiner) if joiner else [*answer]
                words[draw.randrange(len(words))] = f"x{draw.randrange(10**6)}"
                answer = joiner.join(words)
        else:
            question, answer, _ = self._original(number)
        return orjson.dumps({"instruction": question, "input": "", "output": answer}) + b"\n"

    def _original(self, number: int) -> tuple[str, str, str]:
        draw = self._draw(-1 - number)
        (base,) = draw.choices(self._pool, cum_weights=self._ends)
        words, joiner = self._words[base.language], "" if base.language == "zh" else " "
        return joiner.join(_edited(base.question, words, draw)), joiner.join(_edited(base.answer, words, draw)), joiner

    def _draw(self, number: int) -> Random:
        return Random(self._seed * 2_000_000_011 + number)


def _edited(pieces: list[str], words: list[str], draw: Random) -> list[str]:
    """The pieces with runs of them replaced; at least one is."""
    found = pieces.copy()
    for _ in range(max(1, round(len(pieces) * _REPLACED / _RUN))):
        at, other = int(draw.random() * len(pieces)), int(draw.random() * (len(words) - _RUN))
        found[at : at + _RUN] = words[other : other + min(_RUN, len(pieces) - at)]
    return found


def real_rows(seed: int = SEED, copies: float = COPIES) -> ScaleRows:
    """Rows over the real files."""
    pool: list[Base] = []
    ends: list[float] = []
    for name, question, answer, share in _FILES:
        mine = [base for row in _read(DATA / name) if (base := _base(row, question, answer))]
        before = ends[-1] if ends else 0.0
        ends += [before + share * (place + 1) / len(mine) for place in range(len(mine))]
        pool += mine
    return ScaleRows(pool, copies=copies, seed=seed, weights=ends)


def _base(row: dict[str, Any], question: tuple[str, ...], answer: str) -> Base | None:
    asked: str = "\n".join(row[name] for name in question if row.get(name))
    told: str = row[answer]
    if not asked or not told:
        return None
    text = asked + told
    if 3 * sum(_HAN[0] <= character <= _HAN[1] for character in text) > len(text):
        return Base("zh", [*asked], [*told])
    return Base("en", [*asked.split(" ")], [*told.split(" ")])


def _read(path: Path) -> Iterator[dict[str, Any]]:
    text = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    if text[:1] == b"[":
        yield from orjson.loads(text)
    else:
        yield from (orjson.loads(line) for line in text.splitlines())


def write_rows(path: Path, n_rows: int, *, seed: int = SEED, copies: float = COPIES) -> int:
    """Write so many rows, on all cores; returns the bytes."""
    _made.append(real_rows(seed, copies))  # before the fork: the processes share it
    size = 0
    context = multiprocessing.get_context("fork")
    with context.Pool() as pool, path.open("wb") as file:
        spans = [(first, min(first + _BLOCK, n_rows)) for first in range(0, n_rows, _BLOCK)]
        for block in pool.imap(_lines, spans):
            size += file.write(block)
    _made.pop()
    return size


_made: list[ScaleRows] = []


def _lines(span: tuple[int, int]) -> bytes:
    return b"".join(map(_made[-1].line, range(*span)))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--copies", type=float, default=COPIES)
    options = parser.parse_args()
    size = write_rows(options.out, options.rows, seed=options.seed, copies=options.copies)
    print(f"{options.rows:,} rows, {size:,} bytes")


if __name__ == "__main__":
    main()
