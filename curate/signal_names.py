"""Every signal that an expression of a recipe may name, with its type; `needed_key` says which the recipe must ask for.

>>> signal_types()["answer_characters"], needed_key("tokens")
(DataType(int32), 'tokenizer')
"""

from __future__ import annotations

import pyarrow as pa

from tunesmith.curate.signal_table import SIGNALS

#: Of every row, besides what is measured of its text.
ORIGIN: dict[str, pa.DataType] = {"kind": pa.string(), "source": pa.string(), "group": pa.string()}

#: Columns that are there where the recipe has the key.
OPTIONAL: dict[str, tuple[pa.DataType, str]] = {
    "tokens": (pa.int32(), "tokenizer"),
    "ifd": (pa.float32(), "scores"),
    "perplexity": (pa.float32(), "scores"),
    "judge": (pa.float32(), "scores"),
}


def signal_types() -> dict[str, pa.DataType]:
    """Name -> Arrow type. Keys, which are bytes, are not among them."""
    measured = {name: kind for name, kind, _ in SIGNALS if not pa.types.is_fixed_size_binary(kind)}
    return {**measured, **ORIGIN, **{name: kind for name, (kind, _) in OPTIONAL.items()}}


def needed_key(name: str) -> str | None:
    """The recipe's key without which a run has no such column."""
    return OPTIONAL[name][1] if name in OPTIONAL else None
