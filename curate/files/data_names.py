"""Which names in a folder of shards are shards, on a disk or in an object store.

>>> [name for name in ("a.jsonl", "README.md", ".hidden", "part/b.parquet", "_SUCCESS") if is_data(name)]
['a.jsonl', 'part/b.parquet']
"""

from __future__ import annotations

from pathlib import PurePosixPath

#: Names that are no shards, in lower case. Hidden files are none either.
_NOT_DATA = ("readme*", "*.md", "license*", "dataset_info.json", "*.lock", "_success")


def is_data(name: str) -> bool:
    """Whether a file is a shard, by its path from the folder."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and not any(PurePosixPath(path.name.lower()).match(pattern) for pattern in _NOT_DATA)
