# pyright: reportMissingImports=false
"""rensa in process, behind Python shingling: seconds of each part, and the rows that it keeps.

python run_rensa.py TEXTS.jsonl OUT.json   (by the Python of rensa's environment)

R-MinHash is kept in a deduplicator with LSH bands, C-MinHash in its own one; both are rensa's defaults. They compare
candidates by the signatures alone.
"""

import json
import sys
from typing import Any

import rensa
from shingling import Clock, read_rows, shingles

N_SLOTS, SEED, THRESHOLD = 128, 42, 0.7


def main(source: str, out: str) -> None:
    """Shingle once, then both sketches one after the other."""
    ids, texts = read_rows(source)
    clock = Clock()
    sets = [list(shingles(text)) for text in texts]
    clock.lap("shingling")
    found = {}
    for name, sketch, index in (
        ("R-MinHash", rensa.RMinHash, rensa.RMinHashDeduplicator(threshold=THRESHOLD, num_perm=N_SLOTS, use_lsh=True)),
        ("C-MinHash", rensa.CMinHash, rensa.CMinHashDeduplicator(threshold=THRESHOLD, num_perm=N_SLOTS)),
    ):
        found[name] = deduplicate(clock, ids, sets, sketch, index)
    with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(found, file)


def deduplicate(clock: Clock, ids: list[int], sets: list[list[str]], sketch: Any, index: Any) -> dict[str, Any]:
    """Sign all rows, then keep those that no earlier kept row is alike to."""
    clock.lap("rest")
    signed = sketch.from_token_sets(sets, N_SLOTS, SEED)
    clock.lap("signatures")
    kept = index.add_pairs((str(i), one) for i, one in zip(ids, signed))
    clock.lap("resolution")
    seconds = {name: clock.seconds[name] for name in ("shingling", "signatures", "resolution")}
    return {"seconds": seconds, "kept": [i for i, stays in zip(ids, kept) if stays]}


if __name__ == "__main__":
    main(*sys.argv[1:])
