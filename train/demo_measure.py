"""What a tuned model of the demo still knows: with options by `evaluate retention`, in words by `predict`, `compare`.

>>> measure("mix", base, tuned, places, "en", Progress()).retention["overall"]["verdict"]  # doctest: +SKIP
'not shown'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.curate.io import read_json_object
from tunesmith.curate.progress import Progress
from tunesmith.train.demo_types import Places
from tunesmith.train.types import Language, RunPaths

#: Room for an answer: a letter or a word. A model that goes on was not asked for that.
ANSWER_TOKENS = 24
METRIC = "exact_match"


@dataclass(frozen=True)
class Measured:
    """What was found.

    :param retention: as `retention.json`; `comparison` as `comparison.json`.
    :param manifest: of the training run.
    """

    retention: Mapping[str, Any]
    comparison: Mapping[str, Any]
    manifest: Mapping[str, Any]
    retention_folder: Path
    report: Path
    n_rows: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        """For the summary: counts, shares, intervals."""
        names = ("n", "before", "after", "difference", "interval", "verdict")
        entries = [self.retention["overall"], *self.retention["subjects"]]
        metric = self.comparison["metrics"][METRIC]
        return {
            "rows": dict(self.n_rows),
            "retention": {one["name"]: {name: one.get(name) for name in names} for one in entries},
            "in_words": {name: metric.get(name) for name in names},
            "domain_loss": self._domain_loss(),
            "retention_report": str(self.retention_folder / "report.md"),
            "comparison_report": str(self.report),
        }

    def _domain_loss(self) -> dict[str, Any] | None:
        """The last one, and on how many rows and tokens it was measured."""
        told = self.manifest["losses"].get("validation domain")
        if told is None:
            return None
        rows = self.manifest["data"]["validation"]["domain"]
        return {"last": told["last"], "n": rows["n_rows"], "tokens": rows["n_trained"]}


def measure(name: str, base: Path, tuned: Path, places: Places, language: Language, progress: Progress) -> Measured:
    """Ask both models everything.

    :param name: of the tuning; its folders are `retention-NAME` and `comparison-NAME`.
    """
    kept = places.out / f"retention-{name}"
    retention = _retention(base, tuned, places, kept, language, progress)
    answers = [_answers("base", base, places, progress), _answers(name, tuned, places, progress)]
    out = places.out / f"comparison-{name}"
    comparison = _comparison(answers, name, kept, out, language, progress)
    manifest = read_json_object(RunPaths(tuned.parent).manifest)
    return Measured(retention, comparison, manifest, kept, out / "report.html", _rows(places, name))


def _retention(
    base: Path, tuned: Path, places: Places, out: Path, language: Language, progress: Progress
) -> dict[str, Any]:
    from tunesmith.evaluate.retention import Plan, measure_retention
    from tunesmith.evaluate.retention_files import read_subjects
    from tunesmith.evaluate.retention_local import LocalSystem
    from tunesmith.evaluate.retention_types import Settings

    systems = [LocalSystem(str(model), device="cpu", batch_size=64) for model in (base, tuned)]
    settings = Settings("generate", max_tokens=ANSWER_TOKENS)  # as it was taught: by letters that it writes
    plan = Plan(systems[0], systems[1], read_subjects(str(places.tasks)), settings=settings)
    return measure_retention(plan, out, language=language, progress=progress)


def _answers(name: str, model: Path, places: Places, progress: Progress) -> Path:
    from tunesmith.evaluate.predict import predict
    from tunesmith.evaluate.predict_backend import Decoding
    from tunesmith.evaluate.predict_questions import read_questions
    from tunesmith.evaluate.predict_transformers import load_backend

    out = places.out / f"answers-{name}.jsonl"
    if not out.is_file():  # the base is asked once
        decoding = Decoding(max_tokens=ANSWER_TOKENS)
        backend = load_backend(str(model), device="cpu")
        predict(read_questions(places.questions), backend, out, decoding=decoding, progress=progress)
    return out


def _comparison(
    answers: list[Path], name: str, kept: Path, out: Path, language: Language, progress: Progress
) -> dict[str, Any]:
    from tunesmith.evaluate.compare import compare_files

    return compare_files(
        answers,
        out,
        names=["base", name],
        metrics=[METRIC],
        slices=["kind", "rehearsed"],
        retention=kept,
        language=language,
        progress=progress,
    )


def _rows(places: Places, name: str) -> dict[str, int]:
    """What the model was tuned on, by group."""
    from tunesmith.train.sets import read_sets

    found: dict[str, int] = {}
    for row in read_sets([str(places.out / f"{name}-data")]).train:
        found[row.group] = found.get(row.group, 0) + row.copies
    return found


def known_before(measured: Measured) -> dict[str, Any]:
    """What the model knew before it was tuned: each fact asked with options, and in words."""
    return {
        "options": _known(measured.retention["overall"]),
        "words": _known(measured.comparison["metrics"][METRIC]),
    }


def _known(entry: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

    from tunesmith.evaluate.significance import estimate_share

    right = round(entry["before"] * entry["n"])
    found = estimate_share(np.array([1.0] * right + [0.0] * (entry["n"] - right)))
    return {"n": entry["n"], "right": right, "share": found.value, "interval": found.interval}
