# pyright: reportMissingImports=false
"""Data-Juicer's own command with one operator, document_minhash_deduplicator.

python run_data_juicer.py TEXTS.jsonl OUT N_PROCESSES   (by the Python of Data-Juicer's environment)

Everything is the operator's default: words between spaces, windows of 5, 256 permutations, a threshold of .7.
"""

import json
import sys
from pathlib import Path


def main(source: str, out: str, n_processes: str) -> None:
    """Write the configuration (JSON is YAML), then do what the `dj-process` script does."""
    folder = Path(out)
    config = {
        "project_name": "near_duplicates",
        "dataset_path": source,
        "export_path": str(folder / "kept" / "kept.jsonl"),
        "np": int(n_processes),
        "text_keys": "text",
        "process": [{"document_minhash_deduplicator": {"jaccard_threshold": 0.7, "window_size": 5}}],
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(config), encoding="utf-8")
    sys.argv = ["dj-process", "--config", str(path)]
    from data_juicer.tools.process_data import main as process

    process()


if __name__ == "__main__":
    main(*sys.argv[1:])
