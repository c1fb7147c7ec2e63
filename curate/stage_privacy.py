"""What becomes of rows that hold private data: they leave, or they are flagged. Redaction was done before measuring.

>>> columns = pa.table({"private": [["phone", "phone"], []]})
>>> {name: mask.tolist() for name, mask in private_flags(columns, redacted=False).items()}
{'privacy:phone': [True, False]}
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import DROPPED, Verdicts
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.recipe_texts import Privacy
from tunesmith.curate.treatment import PRIVATE

Flags = npt.NDArray[np.bool_]


def apply_privacy(wish: Privacy | None, columns: pa.Table, keep: Flags, verdicts: Verdicts) -> None:
    """Drop the rows that hold private data, where the recipe asks for it.

    :param keep: rows that a person keeps.
    """
    if wish is None or wish.policy != "drop":
        return
    n_found = pc.fill_null(pc.list_value_length(columns["private"]), 0).to_numpy().astype(np.float64)
    limit = np.zeros(len(n_found))
    verdicts.leave((n_found > 0) & ~keep, DROPPED, stage="privacy", rule="privacy", value=n_found, threshold=limit)


def private_flags(columns: pa.Table, *, redacted: bool) -> dict[str, Flags]:
    """A mask for each kind that was found; none where the values are marks by now."""
    if redacted:
        return {}
    lists = columns["private"].combine_chunks()
    rows, kinds = pc.list_parent_indices(lists).to_numpy(), lists.flatten().to_numpy(zero_copy_only=False)
    masks = {}
    for kind in KINDS:
        mask = np.zeros(len(columns), bool)
        mask[rows[kinds == kind]] = True
        if mask.any():
            masks[PRIVATE + kind] = mask
    return masks
