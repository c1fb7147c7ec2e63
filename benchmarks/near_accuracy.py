"""How exact near-duplicate detection is: against all pairs, the peers beside it, and the error of the signatures.

A row is *missed* if only the oracle drops it, and dropped *wrongly* if its partner does not survive or if the oracle's
similarity of the two is another than the kernel's. Components are *cut* where the oracle has one and the kernel
several. Errors of the estimate are over pairs of real rows, each row in one pair at most, drawn by MinHashes that have
nothing to do with the signatures; theory is the root of the mean of J(1 - J) / slots, the error of as many independent
MinHashes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from near_inputs import Texts
from near_oracle import Pairs, both, expected_misses, greedy, similar_pairs
from page import Line
from scipy import sparse

from tunesmith.curate.bands import RECALL, solve_bands
from tunesmith.curate.near import components, exact_jaccard, near_duplicates
from tunesmith.curate.sketch import Signatures, Sketch, estimate_jaccard, sketch

THRESHOLD = 0.7
#: What 25 bands of 5 slots give at .7, the split that the default is compared with.
LOWER_RECALL = 0.9899
#: Shingles of the longer row of a pair.
SIZES = ((1, 20), (20, 100), (100, 300), (300, 10**9))
FEWEST_PAIRS = 100

Signed = Mapping[str, npt.NDArray[np.generic]]


def oracle_pairs(texts: Texts, on: str) -> Pairs:
    """All pairs at the threshold, of what `--on` compares."""
    wholes = similar_pairs(texts.wholes, THRESHOLD)
    return both(wholes, similar_pairs(texts.answers, THRESHOLD)) if on == "row" else wholes


def drops(texts: Texts, on: str, pairs: Pairs, recall: float = RECALL) -> Line:
    """The greedy drops in file order, against those over all pairs."""
    truth, bands = greedy(pairs), solve_bands(THRESHOLD, recall=recall)
    answers = sketch(pa.array(texts.answers), n_slots=0).sets if on == "row" else None
    whole, rank = sketch(pa.array(texts.wholes)), np.arange(len(texts.wholes))
    found = near_duplicates(whole, answers, rank=rank, threshold=THRESHOLD, recall=recall)
    partners = {row: int(found.partner[row]) for row in np.flatnonzero(found.partner >= 0).tolist()}
    return {
        "data": texts.name,
        "rows": len(texts.wholes),
        "on": on,
        "bands × slots": f"{bands.n_bands} × {bands.n_rows}",
        "drops over all pairs": len(truth),
        "drops": len(partners),
        "missed": len(truth.keys() - partners.keys()),
        "expected misses": f"{expected_misses(pairs, *bands):.2f}",
        "wrong": sum(
            other in partners or pairs.earlier[row].get(other) != found.similarity[row]
            for row, other in partners.items()
        ),
        "wanted": "≤ 1 missed, 0 wrong" if recall == RECALL else "",
    }


def judged(name: str, kept: list[int], pairs: Pairs) -> Line:
    """What a tool kept and dropped, whoever it is, against all pairs: the same question to each."""
    stays, alike = set(kept), pairs.both_ways()
    n_rows = len(alike)
    return {
        "tool": name,
        "kept": len(stays),
        "dropped": n_rows - len(stays),
        "dropped with no kept row at .7": sum(not alike[row] & stays for row in range(n_rows) if row not in stays),
        "kept although an earlier kept row is at .7": sum(bool(pairs.earlier[row].keys() & stays) for row in stays),
    }


def our_kept(texts: Texts) -> list[int]:
    """The rows that survive, in file order."""
    found = near_duplicates(sketch(pa.array(texts.wholes)), rank=np.arange(len(texts.wholes)), threshold=THRESHOLD)
    return np.flatnonzero(found.partner < 0).tolist()


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


def peer_signatures(whole: Sketch, rows: npt.NDArray[np.int64], pythons: Mapping[str, Path], work: Path) -> Signed:
    """The signatures that datasketch and rensa give the same sets, by name; rows in the order of `rows`."""
    sets = [whole.sets.row(row) for row in rows.tolist()]
    source, found = work / "sets.npz", {}
    np.savez(source, shingles=np.concatenate(sets), offsets=np.cumsum([0, *map(len, sets)]))
    for name in ("datasketch", "rensa"):
        if name in pythons:
            out = work / f"signatures-{name}.npy"
            script = Path(__file__).parent / "peers" / "sign_sets.py"
            subprocess.run([str(pythons[name]), str(script), name, str(source), str(out)], check=True)
            found[name] = np.load(out, allow_pickle=False)
    return found


def errors(name: str, texts: list[str], pythons: Mapping[str, Path], work: Path) -> Iterator[Line]:
    """Lines for the pairs of each size, one for each kind of signature."""
    whole = sketch(pa.array(texts))
    pairs = real_pairs(whole)
    exact = exact_jaccard(whole.sets, pairs[:, 0], pairs[:, 1])
    longer = whole.sets.sizes[pairs].max(axis=1)
    places = np.arange(pairs.size).reshape(pairs.shape)
    signed = {"Tunesmith": whole.signatures[pairs.ravel()], **peer_signatures(whole, pairs.ravel(), pythons, work)}
    for low, high in SIZES:
        mine = (longer >= low) & (longer < high) & (exact < 1)
        if mine.sum() >= FEWEST_PAIRS:
            for tool, signatures in signed.items():
                estimate = estimate_jaccard(cast(Signatures, signatures), places[mine, 0], places[mine, 1])
                size = f"{low} to {high - 1}" if high < 10**9 else f"{low} and more"
                yield {
                    "data": name,
                    "shingles of the longer row": size,
                    "signature": tool,
                    **_error(exact[mine], estimate),
                }


def _error(exact: npt.NDArray[np.float64], estimate: npt.NDArray[np.float64], n_slots: int = 128) -> Line:
    error = estimate - exact
    theory, rmse = float(np.sqrt((exact * (1 - exact)).mean() / n_slots)), float(np.sqrt((error**2).mean()))
    low, middle, high = np.percentile(exact, (5, 50, 95))
    return {
        "pairs": len(exact),
        "J: 5 %, median, 95 %": f"{low:.2f}, {middle:.2f}, {high:.2f}",
        "bias ± its standard error": f"{error.mean():+.4f} ± {error.std() / np.sqrt(len(error)):.4f}",
        "RMSE": f"{rmse:.4f}",
        "theory": f"{theory:.4f}",
        "ratio (wanted ≤ 1.05)": f"{rmse / theory:.2f}",
    }
