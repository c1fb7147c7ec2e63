"""The commands that are killed: a curation run, and what asks models behind a server.

>>> curate_case(Path("data/recipe.yaml")).argv(Path("place"))
['curate', 'run', 'data/recipe.yaml', '--out', 'place/out']
"""

from __future__ import annotations

import json
from pathlib import Path

from kill_trials import Case

DATA = Path(__file__).resolve().parent.parent / "data"
#: Rows of a shard; 4,096 in earnest.
SHARD_ROWS = 256
_CONCURRENCY = 4


def small_shards() -> None:
    """A run of some thousand rows gets as many shards as a large one, and worker processes from the first byte."""
    from tunesmith.curate import ingest, rows

    ingest.__dict__["SHARD_ROWS"], rows.__dict__["_WORTH_WORKERS"] = SHARD_ROWS, 0


def curate_case(recipe: Path) -> Case:
    """`curate run` with every stage that needs no model."""
    return Case("curate run", lambda place: ["curate", "run", str(recipe), "--out", str(place / "out")], small_shards)


def dedup_case(source: Path) -> Case:
    """`curate dedup`, a run with fewer stages and no charts."""
    command = ["curate", "dedup", str(source), "--out"]
    return Case("curate dedup", lambda place: [*command, str(place / "out")], small_shards)


def few_rows(folder: Path, rows: int) -> Path:
    """The bundled recipe over the first rows of its files."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in DATA.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / path.name).write_text("".join(lines[:rows]), encoding="utf-8")
    (folder / "recipe.yaml").write_bytes((DATA / "recipe.yaml").read_bytes())
    return folder / "recipe.yaml"


def predict_case(address: str, inputs: Path) -> Case:
    """`evaluate predict` at a server."""

    def argv(place: Path) -> list[str]:
        command = ["evaluate", "predict", "--data", str(inputs / "evaluation.jsonl"), "--model", "base"]
        return [*command, *_at(address), "--out", str(place / "answers.jsonl")]

    return Case("evaluate predict", argv, growing=frozenset({"answers.jsonl"}))


def judge_case(address: str, inputs: Path) -> Case:
    """`evaluate judge`, in pairs and both orders."""

    def argv(place: Path) -> list[str]:
        files = [str(inputs / f"predictions_{side}.jsonl") for side in ("before", "after")]
        server = ["--base-url", address, "--concurrency", str(_CONCURRENCY)]
        return ["evaluate", "judge", *files, "--model", "base", *server, "--out", str(place / "judged")]

    return Case("evaluate judge", argv, growing=frozenset({"replies.jsonl"}))


def retention_case(address: str, inputs: Path) -> Case:
    """`evaluate retention`: two models, a few subjects."""

    def argv(place: Path) -> list[str]:
        command = ["evaluate", "retention", "--model", "tuned", "--before", "base", "--mode", "generate"]
        return [*command, *_at(address), "--tasks", str(inputs / "tasks"), "--out", str(place / "kept")]

    growing = frozenset({"answers.jsonl", "replies.jsonl"})
    return Case("evaluate retention", argv, growing=growing)


def subjects(folder: Path, n_subjects: int, n_questions: int) -> None:
    """Files of sums with four options."""
    (folder / "tasks").mkdir(parents=True, exist_ok=True)
    for subject in range(n_subjects):
        rows = [
            {
                "question": f"{subject + 2} times {number} is?",
                "choices": [str((subject + 2) * number + shift) for shift in (1, 0, 2, 3)],
                "answer": 1,
            }
            for number in range(n_questions)
        ]
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / "tasks" / f"table_{subject + 2}.jsonl").write_text(lines, encoding="utf-8")


def _at(address: str) -> list[str]:
    return ["--endpoint", address, "--concurrency", str(_CONCURRENCY)]
