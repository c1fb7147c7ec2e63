"""`make demo-train`: what fine-tuning takes away, by real training on this machine; see `train/demo.py`.

python -m tunesmith.cli_train_demo --out runs/demo-train
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tunesmith.errors import TunesmithError


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m tunesmith.cli_train_demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("runs/demo-train"), help="for all that the demo makes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the reports and the summary")
    given = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch

    from tunesmith.terminal import progress_for
    from tunesmith.train.demo import run_demo
    from tunesmith.train.demo_text import demo_text
    from tunesmith.train.demo_types import Size

    torch.set_num_threads(1)  # on matrices so small two threads wait for each other, all the more on a busy machine
    try:
        found = run_demo(given.out, Size(seed=given.seed), language=given.lang, progress=progress_for(sys.stderr))
    except TunesmithError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(demo_text(found, given.lang) + "\n")
    return 0 if found["knows_enough"] else 1


if __name__ == "__main__":
    sys.exit(main())
