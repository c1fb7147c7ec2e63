# pyright: reportMissingImports=false
"""datatrove's four MinHash stages over a folder of JSON Lines, one task a file, as many workers as tasks.

python run_datatrove.py FOLDER OUT   (by the Python of datatrove's environment)

Everything is datatrove's default: 14 buckets of 8 hashes (a threshold of .72), words by spaCy, 64-bit hashes. The
rows that it keeps are in OUT/kept, those that it removes in OUT/removed.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


def main(source: str, out: str) -> None:
    """Run the stages one after the other."""
    config, folder = MinhashConfig(), Path(out)
    n_tasks = len([*Path(source).glob("*.jsonl")])
    signatures, buckets, removed = (str(folder / name) for name in ("signatures", "buckets", "remove_ids"))
    reader = JsonlReader(source, glob_pattern="*.jsonl")
    writer = JsonlWriter(str(folder / "kept"), compression=None)
    exclusions = JsonlWriter(str(folder / "removed"), compression=None)
    stages = [
        ([reader, MinhashDedupSignature(signatures, config=config)], n_tasks),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, removed, config=config)], 1),
        ([reader, MinhashDedupFilter(removed, exclusion_writer=exclusions), writer], n_tasks),
    ]
    for number, (pipeline, tasks) in enumerate(stages):
        logs = str(folder / f"logs{number}")
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=min(tasks, n_tasks), logging_dir=logs).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
