"""The command line from nothing, with small shards: what a kill of a cold start hits.

python benchmarks/kill_cold.py curate run recipe.yaml --out run
"""

from __future__ import annotations

from kill_cases import small_shards

from tunesmith.cli import main

if __name__ == "__main__":
    small_shards()
    main()
