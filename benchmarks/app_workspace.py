"""What the app is measured on: a workspace with a curated run of many rows, the same run tiled to a million, a review.

The rows are real ones of the bundled sample with their answers cut at random and a tenth of the words replaced, so that
none is a copy of another and a threshold on the length divides them. Near-duplicates are not looked for: the pages
measured here do not depend on it.

>>> make_run(Workspace(Path("w")), "rows", 2000, seed=0)  # doctest: +SKIP
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate.stages import CACHE, read_table
from tunesmith.evaluate.predictions import Prediction, Predictions
from tunesmith.evaluate.review_create import create_pairwise
from tunesmith.evaluate.review_store import open_store
from tunesmith.ui.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ("medical_zh.jsonl", "general.jsonl")
CAMPAIGN = "load"
_LETTERS = "bcdfghjklmnpqrstvwxz"


def make_run(workspace: Workspace, name: str, n_rows: int, *, seed: int) -> None:
    """Rows, a recipe, and the finished run."""
    source = workspace.root / f"{name}.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for row in _rows(n_rows, seed):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    recipe = workspace.folder("recipes") / f"{name}.yaml"
    recipe.write_text(f"name: {name}\nsources: [../{source.name}]\nduplicates: {{near: off}}\n")
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "run", f"recipes/{name}.yaml", "--out", f"runs/{name}"]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the run failed:\n{done.stderr}")


def tile_run(workspace: Workspace, name: str, wide: str, n_rows: int) -> None:
    """The same run repeated to so many rows: its columns and its shards, under another name."""
    old, new = workspace.folder("runs") / name, workspace.folder("runs") / wide
    (new / CACHE).mkdir(parents=True)
    manifest = json.loads((old / "manifest.json").read_bytes())
    times = -(-n_rows // manifest["counts"]["rows_in"])
    for table in ("ledger", "signals"):
        whole = pa.concat_tables([pq.read_table(old / f"{table}.parquet")] * times)
        pq.write_table(whole.slice(0, n_rows), new / f"{table}.parquet")
    for file in manifest["stages"].values():
        _write_tiled(read_table(old / CACHE / file), times, n_rows, new / CACHE / file)
    for folder in (old / CACHE).iterdir():
        if folder.is_dir():
            (new / CACHE / folder.name).symlink_to(folder.resolve(), target_is_directory=True)
    for one in manifest["inputs"]:
        one["shards"] *= times
    counts = {key: value * times if isinstance(value, int) else value for key, value in manifest["counts"].items()}
    manifest["counts"] = {**counts, "rows_in": n_rows}
    (new / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def make_campaign(workspace: Workspace, people: list[str], n_items: int, *, overlap: int = 2) -> None:
    """An open campaign in the workspace's review, answers of a few hundred characters."""
    draw = random.Random(0)
    systems = {name: _answers(name, n_items, draw) for name in ("before", "after")}
    with open_store(workspace.review_store, create=True) as store:
        create_pairwise(store, CAMPAIGN, systems, reviewers=people, overlap=overlap)


def _answers(name: str, n_items: int, draw: random.Random) -> Predictions:
    rows = [
        Prediction(
            id=f"q{number}",
            messages=({"role": "user", "content": f"Question {number}: what helps against this?"},),
            prediction=f"{name} {number} " + " ".join(_rare(draw) for _ in range(60)),
            references=(),
            meta={},
            failure=None,
            fields={},
        )
        for number in range(n_items)
    ]
    return Predictions(Path(f"{name}.jsonl"), tuple(rows), name)


def _rows(n_rows: int, seed: int) -> Iterator[Mapping[str, Any]]:
    real = [pair for name in SAMPLE for line in (ROOT / "data" / name).open(encoding="utf-8") if (pair := _pair(line))]
    draw = random.Random(seed)
    for _ in range(n_rows):
        prompt, answer = draw.choice(real)
        words = [*answer] if _is_chinese(answer) else answer.split()
        words = words[: max(1, int(len(words) * draw.random() ** 2 * 1.2))]
        for place in draw.sample(range(len(words)), len(words) // 10):
            words[place] = _rare(draw)
        text = ("" if _is_chinese(answer) else " ").join(words)
        yield {"instruction": f"{prompt} {_rare(draw)}", "output": text}


def _pair(line: str) -> tuple[str, str] | None:
    """A question and its answer, where a line of the sample holds them."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    turns = row.get("messages")
    if isinstance(turns, list) and len(turns) >= 2:
        prompt, answer = (turn.get("content") for turn in turns[:2])
    else:
        prompt, answer = row.get("instruction"), row.get("output")
    return (prompt, answer) if isinstance(prompt, str) and isinstance(answer, str) and answer.strip() else None


def _is_chinese(text: str) -> bool:
    return 2 * sum("\u4e00" <= letter <= "\u9fff" for letter in text) > len(text)


def _rare(draw: random.Random) -> str:
    return "".join(draw.choices(_LETTERS, k=6))


def _write_tiled(table: pa.Table, times: int, n_rows: int, path: Path) -> None:
    whole = pa.concat_tables([table] * times).slice(0, n_rows)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
        writer.write_table(whole)
