"""Sixteen kinds of fault planted into real rows: what the default recipe finds of them, and what it marks wrongly.

    python benchmarks/faults.py [--wordings held-out] [--rows 12000] [--seed 7] [--rate 0.01] [--details DIR]
        [--json FILE] [--markdown docs/benchmarks/faults.md]

`tunesmith curate run` is used from outside: rows go in as files, and the ledger says what was found. Every missed row
and every false alarm goes to --details to be read. A second run takes the public sets as they are and lists each row
that the default rules drop.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fault_checks import checked, unseen
from fault_evaluation import evaluation_files, held_out, questions
from fault_judged import judged
from fault_judging import Entry, Score, read_ledger, scores, wilson
from fault_page import planted_part, real_part
from fault_planting import Planted, plant, write_sources
from fault_real import FILES, Dropped, dropped_rows
from fault_rows import base_rows
from fault_wordings import WORDINGS
from page import machine

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", ROOT.parent / "shared" / "data"))
COMMAND = [sys.executable, "-m", "tunesmith.cli"]


class Bench(NamedTuple):
    """What was planted, what the ledger says about it, and the facts for the page."""

    planted: Mapping[str, Planted]
    ledger: Mapping[str, Entry]
    found: Sequence[Score]
    facts: Mapping[str, object]


def planted_run(options: argparse.Namespace, folder: Path) -> Bench:
    """Plant, run, judge."""
    wordings = WORDINGS[options.wordings]
    if wordings.name == "held-out":
        unseen(ROOT / "curate", wordings)
    base, left = base_rows(options.data, options.rows, options.seed)
    held = held_out(left, base, options.seed)
    planted = plant(base, questions(options.data, held), wordings, rate=options.rate, seed=options.seed)
    checked(planted)
    paths = write_sources(planted, folder)
    against = evaluation_files(options.data, held, folder)
    ledger = curate(paths, folder, against)
    if set(ledger) != set(planted):
        raise SystemExit(f"the ledger has {len(ledger):,} rows, {len(planted):,} went in, or their ids differ")
    facts = {
        "wordings": wordings.name,
        "n_base": len(base),
        "seed": options.seed,
        "rate": options.rate,
        "n_held_out": len(held),
    }
    return Bench(planted, ledger, scores(planted, ledger), facts)


def curate(paths: Iterable[Path], folder: Path, against: Sequence[Path] = ()) -> dict[str, Entry]:
    """The ledger of a run with the default recipe, and with contamination where there are evaluation sets."""
    recipe: dict[str, Any] = {"name": "faults", "sources": [{"path": str(path)} for path in paths]}
    if against:
        recipe["contamination"] = {"against": [str(path) for path in against]}
    path = folder / "recipe.yaml"
    path.write_text(json.dumps(recipe), encoding="utf-8")  # JSON is YAML
    done = subprocess.run(
        [*COMMAND, "curate", "run", str(path), "--out", str(folder / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"curate run failed with {done.returncode}:\n{done.stderr[-3000:]}")
    return read_ledger(folder / "out")


def write_details(bench: Bench, dropped: Sequence[Dropped], folder: Path) -> None:
    """Missed rows, false alarms and rows that the public sets lose, as JSON Lines."""
    folder.mkdir(parents=True, exist_ok=True)
    missed = [_detail(score, row_id, bench) for score in bench.found for row_id in score.missed]
    false = [_detail(score, row_id, bench) for score in bench.found for row_id in score.false]
    by_rules = [one.as_dict() for one in dropped if one.entry.stage != "duplicates"]
    duplicates = [one.as_dict() for one in dropped if one.entry.stage == "duplicates"]
    for name, rows in {"missed": missed, "false": false, "dropped": by_rules, "duplicates": duplicates}.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _detail(score: Score, row_id: str, bench: Bench) -> dict[str, Any]:
    one, entry = bench.planted[row_id], bench.ledger[row_id]
    return {
        "of": score.fault,
        "language": score.language,
        "row_id": row_id,
        "public": one.was.public,
        "content_id": entry.content_id,
        "planted": one.fault,
        "variant": one.variant,
        "verdict": entry.verdict,
        "marks": sorted(entry.marks),
        "judgement": judged(one.was.public, entry.marks),
        "partner": entry.partner,
        "similarity": entry.similarity,
        "turns": [turn._asdict() for turn in one.row.turns],
    }


def figures(bench: Bench, ledger: Mapping[str, Entry], dropped: Sequence[Dropped]) -> dict[str, Any]:
    """All numbers of the page, for a program."""
    return {
        "facts": dict(bench.facts),
        "faults": [_figures(score) for score in bench.found],
        "real": {
            "rows": len(ledger),
            "by_rules": sum(one.entry.stage != "duplicates" for one in dropped),
            "duplicates": sum(one.entry.stage == "duplicates" for one in dropped),
        },
    }


def _figures(score: Score) -> dict[str, Any]:
    n_judged = score.n_right + len(score.false)
    return {
        **{name: value for name, value in score._asdict().items() if name not in ("missed", "false")},
        "n_false": len(score.false),
        "recall": score.recall,
        "recall_interval": wilson(score.n_caught, score.n_planted),
        "precision": score.precision if n_judged else None,
        "precision_interval": wilson(score.n_right, n_judged) if n_judged else None,
    }


def main() -> None:
    """Plant, run, judge, print, and write what was asked for."""
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = planted_run(options, folder)
        (folder / "real").mkdir()
        ledger = curate([options.data / file for file in FILES], folder / "real")
    dropped = dropped_rows(options.data, ledger)
    text = planted_part(bench.planted, bench.ledger, bench.found, bench.facts) + "\n" + real_part(ledger, dropped)
    print(text)
    if options.details:
        write_details(bench, dropped, options.details)
    if options.json:
        options.json.write_text(json.dumps(figures(bench, ledger, dropped), indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        command = (
            f"python benchmarks/faults.py --wordings {options.wordings} --rows {options.rows} --seed {options.seed}"
        )
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        head = f"# Faults: what the default rules find\n\nMade by `{command}` on {machine()}.\n"
        options.markdown.write_text(f"{head}\n{text}", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordings", choices=[*WORDINGS], default="held-out", help="the set of phrases to plant")
    parser.add_argument("--rows", type=int, default=12000, help="rows of the base, half of them in each language")
    parser.add_argument("--rate", type=float, default=0.01, help="share of a language's rows for each fault")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--details", type=Path, help="folder for missed rows, false alarms, dropped real rows")
    parser.add_argument("--json", type=Path, help="also write the figures into this file")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    options = parser.parse_args()
    if not (options.data / FILES[0]).exists():
        raise SystemExit(f"{options.data / FILES[0]} is not there; name the folder of the public sets with --data")
    return options


if __name__ == "__main__":
    main()
