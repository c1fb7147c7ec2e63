"""The libraries that `rouge.py` is measured against, each in an environment of its own and in its own process.

>>> found = run_peer("rouge-score", pairs, Path("~/.cache/tunesmith-benchmarks"), rounds=3)  # doctest: +SKIP
>>> found.seconds["three"]  # doctest: +SKIP
[11.2, 11.1, 11.3]
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from measured import measure
from peers.environments import PACKAGES, make_environment, offline
from rouge_inputs import Pair, write_pairs

HERE = Path(__file__).resolve().parent

#: What pip installs; added to the table of all peers when one of these runs.
ROUGE_PACKAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "rouge-score": (("rouge-score==0.1.2", "nltk==3.10.4", "numpy==2.4.6"),),
    "rouge-chinese": (("rouge-chinese==1.0.3",),),
}


class PeerScores(NamedTuple):
    """CPU seconds of each round by set of metrics, and the F measures of each pair."""

    seconds: Mapping[str, list[float]]
    measures: list[list[float]]


def run_peer(name: str, pairs: list[Pair], work: Path, *, rounds: int) -> PeerScores:
    """A fresh process of a peer over these pairs."""
    PACKAGES.setdefault(name, ROUGE_PACKAGES[name])
    python = make_environment(name, work)
    source, out = work / f"{name}-pairs.jsonl", work / f"{name}-scores.json"
    write_pairs(pairs, source)
    script = HERE / "peers" / f"run_{name.replace('-', '_')}.py"
    command = [str(python), str(script), str(source), str(out), str(rounds)]
    measure(command, log=work / f"{name}.log", environment=offline(work / "out" / name))
    return PeerScores(**json.loads(out.read_text()))
