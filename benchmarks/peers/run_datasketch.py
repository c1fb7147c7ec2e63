# pyright: reportMissingImports=false
"""datasketch in process, behind Python shingling: seconds of each part, and the rows that it keeps.

python run_datasketch.py TEXTS.jsonl OUT.json   (by the Python of datasketch's environment)

A row is kept if the LSH index of the rows kept before it gives no candidate; candidates are not verified.
"""

import json
import sys

from datasketch import MinHash, MinHashLSH
from shingling import Clock, read_rows, shingles

N_SLOTS, THRESHOLD = 128, 0.7


def main(source: str, out: str) -> None:
    """Shingle, sign, look up."""
    ids, texts = read_rows(source)
    clock = Clock()
    sets = [[shingle.encode() for shingle in shingles(text)] for text in texts]
    clock.lap("shingling")
    signed = MinHash.bulk(sets, num_perm=N_SLOTS)
    clock.lap("signatures")
    index = MinHashLSH(threshold=THRESHOLD, num_perm=N_SLOTS)
    kept = []
    for i, one in zip(ids, signed):
        if not index.query(one):
            index.insert(i, one)
            kept.append(i)
    clock.lap("resolution")
    with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"MinHash": {"seconds": clock.seconds, "kept": kept}}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
