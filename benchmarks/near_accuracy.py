"""How exact near-duplicate detection is: against all pairs, and the error of the signatures against theory.

    python benchmarks/near_accuracy.py [--data ../shared/data] [--rows 12000]
        [--markdown docs/benchmarks/near_accuracy.md]

Needs scipy. The oracle shares no code with the kernel but the definition of a token: Python cuts and shingles the texts
(`tokens_of`, tuples of five), a sparse matrix product counts what every pair has in common, and the same greedy rule
runs over all pairs that reach the threshold. A row is *missed* if only the oracle drops it, and dropped *wrongly* if
the oracle's similarity of it and its partner is another than the kernel's. Components are *cut* where the oracle has
one and the kernel several. Errors of the estimate are over pairs of real rows, each row in one pair at most, drawn by
MinHashes that have nothing to do with the signatures; theory is the root of the mean of J(1 - J) / slots, the error of
as many independent MinHashes.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.near import components, near_duplicates
from tunesmith.curate.sketch import Sketch, estimate_jaccard, sketch

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data"))
NGRAM = 5
BLOCK = 500  # rows of the product held at a time


class Texts(NamedTuple):
    """One data set."""

    name: str
    prompts: list[str]
    answers: list[str]

    @property
    def wholes(self) -> list[str]:
        """Prompt and answer as one text."""
        return [f"{prompt}\n{answer}" for prompt, answer in zip(self.prompts, self.answers)]


class Pairs(NamedTuple):
    """All pairs that reach a similarity: for each row the earlier rows, with their exact similarity."""

    earlier: list[dict[int, float]]


def read(path: Path, prompt: tuple[str, ...], answer: str, n_rows: int | None = None) -> Texts:
    """JSON Lines; the prompt is the named fields, one a line."""
    packed = path.read_bytes()
    text = (lzma.decompress(packed) if path.suffix == ".xz" else packed).decode()
    rows = [json.loads(line) for line in text.split("\n") if line][:n_rows]
    prompts = ["\n".join(row[key] for key in prompt if row.get(key)) for row in rows]
    return Texts(path.name, prompts, [row[answer] for row in rows])


def shingle_matrix(texts: list[str]) -> sparse.csr_array:
    """Rows x distinct shingles, 1 where a row has one."""
    numbers: dict[tuple[str, ...], int] = {}
    columns, ends = [], [0]
    for text in texts:
        tokens = tokens_of(text)
        last = max(len(tokens) - NGRAM + 1, min(len(tokens), 1))
        shingles = {tuple(tokens[i : i + NGRAM]) for i in range(last)}
        columns += [numbers.setdefault(shingle, len(numbers)) for shingle in shingles]
        ends.append(len(columns))
    shape = (len(texts), len(numbers))
    return sparse.csr_array((np.ones(len(columns), np.int32), np.array(columns), np.array(ends)), shape=shape)


def similar_pairs(texts: list[str], threshold: float) -> Pairs:
    """Every pair, counted."""
    matrix = shingle_matrix(texts)
    sizes = np.diff(matrix.indptr)
    earlier: list[dict[int, float]] = []
    for first in range(0, len(texts), BLOCK):
        block = (matrix[first : first + BLOCK] @ matrix.T).tocsr()
        for i in range(block.shape[0]):
            row = first + i
            others = block.indices[block.indptr[i] : block.indptr[i + 1]]
            common = block.data[block.indptr[i] : block.indptr[i + 1]]
            similarity = common / (sizes[row] + sizes[others] - common)
            near = (others < row) & (similarity >= threshold)
            earlier.append(dict(zip(others[near].tolist(), similarity[near].tolist())))
    return Pairs(earlier)


def greedy(wholes: Pairs, answers: Pairs | None) -> dict[int, int]:
    """Dropped row to its partner: the most similar survivor, the earliest of equal ones."""
    dropped: dict[int, int] = {}
    for row, others in enumerate(wholes.earlier):
        alive = [o for o in others if o not in dropped and (answers is None or o in answers.earlier[row])]
        if alive:
            dropped[row] = min(alive, key=lambda other: (-others[other], other))
    return dropped


Line = dict[str, Any]


def drops(texts: Texts, on: str, threshold: float = 0.7) -> Line:
    """The greedy drops in file order, against those over all pairs."""
    wholes = similar_pairs(texts.wholes, threshold)
    answers = similar_pairs(texts.answers, threshold) if on == "row" else None
    truth = greedy(wholes, answers)
    answer_sets = sketch(pa.array(texts.answers), n_slots=0).sets if on == "row" else None
    whole = sketch(pa.array(texts.wholes))
    found = near_duplicates(whole, answer_sets, rank=np.arange(len(texts.wholes)), threshold=threshold)
    rows = np.flatnonzero(found.partner >= 0).tolist()
    partners = {row: int(found.partner[row]) for row in rows}
    return {
        "data": texts.name,
        "on": on,
        "rows": len(texts.wholes),
        "drops over all pairs": len(truth),
        "drops": len(rows),
        "missed": len(truth.keys() - partners.keys()),
        "wrongly": sum(wholes.earlier[row].get(partners[row]) != found.similarity[row] for row in rows),
        "another partner": sum(truth.get(row) != partners[row] for row in rows),
    }


def joined(texts: Texts, threshold: float = 0.5) -> Line:
    """Components of the prompts, against those of the graph of all pairs."""
    earlier = similar_pairs(texts.prompts, threshold).earlier
    edges = np.array([(row, other) for row, others in enumerate(earlier) for other in others]).reshape(-1, 2)
    graph = sparse.coo_array((np.ones(len(edges)), edges.T), shape=(len(earlier), len(earlier)))
    n_true, labels = sparse.csgraph.connected_components(graph, directed=False)
    found = components(sketch(pa.array(texts.prompts)), threshold=threshold)
    n_both = len(set(zip(labels.tolist(), found.tolist())))
    return {
        "data": texts.name,
        "rows": len(earlier),
        "pairs": len(edges),
        "components over all pairs": n_true,
        "components": len(np.unique(found)),
        "cut": n_both - n_true,
        "joined wrongly": n_both - len(np.unique(found)),
    }


def real_pairs(whole: Sketch, seed: int = 0) -> npt.NDArray[np.int64]:
    """Pairs of rows that share a MinHash, shape `(n, 2)`; a pair of similarity J is drawn in proportion to J."""
    random = np.random.default_rng(seed)
    rows = np.flatnonzero(whole.sets.sizes)
    free = np.ones(len(whole.signatures), bool)
    pairs = []
    for multiplier in random.integers(0, 2**63, 40, np.uint64) * np.uint64(2) + np.uint64(1):
        lowest = np.minimum.reduceat(whole.sets.shingles * multiplier, whole.sets.offsets[rows])
        order = np.lexsort((random.random(len(rows)), lowest))
        for at in np.flatnonzero(lowest[order[1:]] == lowest[order[:-1]]).tolist():
            pair = rows[order[at : at + 2]]
            if free[pair].all():
                free[pair] = False
                pairs.append(pair)
    return np.array(pairs)


def errors(name: str, texts: list[str]) -> Iterator[Line]:
    """One line for the pairs of each size."""
    whole = sketch(pa.array(texts))
    sizes, pairs, n_slots = whole.sets.sizes, real_pairs(whole), whole.signatures.shape[1]
    exact = np.empty(len(pairs))
    for number, (row, other) in enumerate(pairs.tolist()):
        common = len(np.intersect1d(whole.sets.row(row), whole.sets.row(other), assume_unique=True))
        exact[number] = common / (sizes[row] + sizes[other] - common)
    error = estimate_jaccard(whole.signatures, pairs[:, 0], pairs[:, 1]) - exact
    for low, high in ((1, 30), (30, 100), (100, 300), (300, 10**9)):
        mine = (sizes[pairs].max(axis=1) >= low) & (sizes[pairs].max(axis=1) < high) & (exact < 1)
        if mine.sum() < 100:
            continue
        theory = float(np.sqrt((exact[mine] * (1 - exact[mine])).mean() / n_slots))
        rmse = float(np.sqrt((error[mine] ** 2).mean()))
        yield {
            "data": name,
            "shingles of the longer row": f"{low} to {high - 1}" if high < 10**9 else f"{low} and more",
            "pairs": int(mine.sum()),
            "mean J": f"{exact[mine].mean():.2f}",
            "bias": f"{error[mine].mean():+.4f} ± {1.96 * error[mine].std() / np.sqrt(mine.sum()):.4f}",
            "RMSE": f"{rmse:.4f}",
            "theory": f"{theory:.4f}",
            "ratio": f"{rmse / theory:.2f}",
        }


def table(lines: list[Line]) -> str:
    """Markdown."""
    rows = [list(lines[0]), ["---"] * len(lines[0]), *([*line.values()] for line in lines)]
    cells = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def main() -> None:
    """Measure, print, and write the tables where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of t0_50k.jsonl.xz and huatuo_med_zh.json")
    parser.add_argument("--rows", type=int, default=12_000, help="of t0_50k, for the comparisons over all pairs")
    parser.add_argument("--markdown", type=Path, help="also write the tables into this file")
    options = parser.parse_args()
    t0 = read(options.data / "t0_50k.jsonl.xz", ("prompt",), "completion")
    huatuo = read(options.data / "huatuo_med_zh.json", ("instruction", "input"), "output")
    start = Texts(t0.name, t0.prompts[: options.rows], t0.answers[: options.rows])
    text = "\n\n".join(
        [
            table([drops(texts, on) for texts in (start, huatuo) for on in ("whole", "row")]),
            table([joined(texts) for texts in (start, huatuo)]),
            table([*errors(t0.name, t0.wholes), *errors(f"{t0.name}, answers", t0.answers)]),
        ]
    )
    print(text)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        note = f"Made by `python benchmarks/near_accuracy.py --rows {options.rows}`; threshold .7, components .5."
        options.markdown.write_text(f"# Near-duplicates: accuracy\n\n{note}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
