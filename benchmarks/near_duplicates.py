"""Every published figure of near-duplicate detection, with the peers beside it, in one run.

    python benchmarks/near_duplicates.py [--rounds 5] [--peers datatrove,data-juicer,datasketch,rensa]
        [--markdown docs/benchmarks/near_duplicates.md] [--work ~/.cache/tunesmith-benchmarks] [--parts speed,…]

Each peer is installed into a virtual environment of its own under --work, which needs the package index once and
about 4 GB. About ten minutes on two cores: whole commands over 55,185 rows (speed), libraries in process (library),
drops against all pairs (accuracy), the error of signatures (estimate), cost up to a million rows (growth).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import near_accuracy
from near_growth import COPIES, SEED, growth
from near_inputs import Texts, read_texts, short_texts, unpack, write_prepared
from near_speed import N_WORKERS, PEERS, end_to_end, fresh, in_process, run_library, run_peer
from near_words import ACCURACY, ESTIMATE, GROWTH, LIBRARY, SPEED
from page import machine, table
from peers.environments import PACKAGES, make_environment

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data"))
WORK = Path("~/.cache/tunesmith-benchmarks")


class Bench(NamedTuple):
    """What every part needs."""

    data: Path
    plain: Path  # t0_50k, unpacked
    t0: Texts
    pythons: Mapping[str, Path]
    work: Path
    options: argparse.Namespace

    def prepared(self, texts: list[str], name: str) -> Path:
        """A folder with these texts as the peers want them: one file, a folder of it, one file for each worker."""
        folder = fresh(self.work / "prepared" / name)
        write_prepared(texts, folder / "texts.jsonl")
        write_prepared(texts, folder / "parts", N_WORKERS)
        (folder / "one").mkdir()
        write_prepared(texts, folder / "one" / "texts.jsonl")
        return folder


def speed(bench: Bench) -> str:
    """Whole commands."""
    size = bench.plain.stat().st_size / 1e6
    folder = bench.prepared(bench.t0.wholes, "all")
    lines, sampling = end_to_end(bench.plain, folder, bench.pythons, bench.work, bench.options.rounds)
    return SPEED.format(
        table=table(lines),
        rows=len(bench.t0.wholes),
        size=size,
        rounds=bench.options.rounds,
        workers=N_WORKERS,
        sampling=sampling,
    )


def library(bench: Bench) -> str:
    """In process."""
    folder = bench.prepared(bench.t0.wholes, "all")
    lines = in_process(bench.t0.wholes, folder, bench.pythons, bench.work, bench.options.rounds)
    return LIBRARY.format(table=table(lines), rounds=bench.options.rounds + 1)


def accuracy(bench: Bench) -> str:
    """Against all pairs: ours on several sets, then every tool on one."""
    start, huatuo = bench.t0.head(bench.options.rows), read_texts(bench.data / "huatuo_med_zh.json")
    short = short_texts(bench.data, bench.t0)
    pairs = near_accuracy.oracle_pairs(start, "whole")
    lines = [
        near_accuracy.drops(start, "whole", pairs),
        near_accuracy.drops(start, "whole", pairs, near_accuracy.LOWER_RECALL),
    ]
    for texts, on in ((start, "row"), (huatuo, "whole"), (huatuo, "row"), (short, "whole")):
        lines.append(near_accuracy.drops(texts, on, near_accuracy.oracle_pairs(texts, on)))
    judged = [near_accuracy.judged("Tunesmith", near_accuracy.our_kept(start), pairs)]
    folder = bench.prepared(start.wholes, "start")
    judged += [near_accuracy.judged(name, kept, pairs) for name, kept in peers_kept(bench, folder).items()]
    joined = [near_accuracy.joined(texts) for texts in (start, huatuo)]
    return ACCURACY.format(
        drops=table(lines), judged=table(judged), joined=table(joined), rows=len(start.wholes), short=len(short.wholes)
    )


def peers_kept(bench: Bench, folder: Path) -> dict[str, list[int]]:
    """What every peer keeps of a prepared folder."""
    found = {}
    for name, python in bench.pythons.items():
        if name in PEERS:
            found[name] = run_peer(name, python, folder, bench.work, sampled=False).kept
        else:
            variants = run_library(name, python, folder / "texts.jsonl", bench.work)
            found.update({f"{name} {variant}": one["kept"] for variant, one in variants.items()})
    return found


def estimate(bench: Bench) -> str:
    """Errors of signatures."""
    short = short_texts(bench.data, bench.t0, most_tokens=23)
    sets = [("t0_50k, whole", bench.t0.wholes), ("t0_50k, answers", bench.t0.answers), (short.name, short.wholes)]
    lines = [line for name, texts in sets for line in near_accuracy.errors(name, texts, bench.pythons, bench.work)]
    return ESTIMATE.format(table=table(lines), fewest=near_accuracy.FEWEST_PAIRS)


def growing(bench: Bench) -> str:
    """Cost by size."""
    real = [*bench.t0.wholes]
    for name in ("huatuo_med_zh.json", "alpaca_zh_demo.json"):
        real += read_texts(bench.data / name).wholes
    rounds = min(bench.options.rounds, 3)
    lines = [*growth(real, bench.options.sizes, rounds)]
    return GROWTH.format(table=table(lines), copies=COPIES, seed=SEED, rounds=rounds)


PARTS: dict[str, Callable[[Bench], str]] = {
    "speed": speed,
    "library": library,
    "accuracy": accuracy,
    "estimate": estimate,
    "growth": growing,
}


def write_page(options: argparse.Namespace, sections: list[str]) -> str:
    """The whole page."""
    installed = "; ".join(
        f"{name}: {', '.join(package for call in PACKAGES[name] for package in call)}" for name in options.peers
    )
    parts = "" if options.parts == [*PARTS] else f" --parts {','.join(options.parts)}"
    return "\n".join(
        [
            "# Near-duplicates: speed, memory and accuracy, with the peers",
            "",
            f"Made by `python benchmarks/near_duplicates.py --rounds {options.rounds}{parts}`.",
            "",
            f"Machine: {machine()}. Peers, each in its own environment, without a network: {installed or 'none'}. "
            "Data-Juicer installs what an operator lacks when it first runs; here that is there beforehand.",
            "",
            *sections,
        ]
    )


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of our own timings")
    parser.add_argument("--peers", type=_names(PACKAGES), default=[*PACKAGES], help="comma-separated; '' for none")
    parser.add_argument("--parts", type=_names(PARTS), default=[*PARTS], help="comma-separated")
    parser.add_argument("--rows", type=int, default=12_000, help="of t0_50k, for the comparisons over all pairs")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000, 1_000_000], help="of the growth")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the public data")
    parser.add_argument("--work", type=Path, default=WORK, help="for environments and prepared files")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    return parser.parse_args()


def _names(known: Mapping[str, object]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        wanted = [name for name in text.split(",") if name]
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(known)}; saw {', '.join(unknown)}")
        return wanted

    return names


def main() -> None:
    """Prepare, measure part by part, print, and write the page where asked."""
    options = read_options()
    if not (options.data / "t0_50k.jsonl.xz").exists():
        raise SystemExit(f"{options.data}: t0_50k.jsonl.xz is not there; name its folder with --data")
    work = options.work.expanduser().resolve()
    work.mkdir(parents=True, exist_ok=True)
    plain = unpack(options.data / "t0_50k.jsonl.xz", work)
    pythons = {name: make_environment(name, work) for name in options.peers}
    bench = Bench(options.data, plain, read_texts(plain), pythons, work, options)
    sections = []
    for name in options.parts:
        print(f"{name} …", file=sys.stderr)
        sections.append(PARTS[name](bench))
        print(sections[-1], flush=True)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(write_page(options, sections), encoding="utf-8")


if __name__ == "__main__":
    main()
