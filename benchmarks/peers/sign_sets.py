# pyright: reportMissingImports=false
"""Signatures of given sets of 64-bit hashes, so that estimates are compared on the very same sets.

python sign_sets.py rensa|datasketch SETS.npz OUT.npy   (by the Python of that library's environment)
"""

import sys
from typing import Any

import numpy as np

N_SLOTS, SEED = 128, 42


def rensa_signatures(sets: list[Any]) -> Any:
    """R-MinHash, shape `(n_rows, 128)`."""
    import rensa

    matrix = rensa.RMinHash.digest_matrix_from_token_hash_sets([one.tolist() for one in sets], N_SLOTS, SEED)
    return np.array(matrix.to_rows(), np.uint64)


def datasketch_signatures(sets: list[Any]) -> Any:
    """Classic MinHash, shape `(n_rows, 128)`."""
    from datasketch import MinHash

    hashes = ([shingle.tobytes() for shingle in one] for one in sets)
    return np.array([one.hashvalues for one in MinHash.generator(hashes, num_perm=N_SLOTS)], np.uint64)


LIBRARIES = {"rensa": rensa_signatures, "datasketch": datasketch_signatures}


def main(library: str, source: str, out: str) -> None:
    """Read, sign, write."""
    with np.load(source, allow_pickle=False) as file:
        sets = np.split(file["shingles"], file["offsets"][1:-1])
    np.save(out, LIBRARIES[library](sets))


if __name__ == "__main__":
    main(*sys.argv[1:])
