"""`make demo-train`: what fine-tuning takes away, shown by real training on this machine, offline, in minutes.

python -m tunesmith.cli_train_demo --out runs/demo-train

1. A tiny model learns 160 plain facts in Chinese and English from nothing.
2. It is tuned on the domain (the bundled medical sample) alone, and on the same rows mixed 1:5 with general ones: two
   thirds of the facts. Both sets come from `curate`, both runs from the same training code and settings.
3. `evaluate retention` asks every fact before and after, `evaluate predict` and `compare` do it in words.

No figure is written here: all that is printed was measured in the run. The same seed gives the same run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.progress import Progress
from tunesmith.errors import OutputError
from tunesmith.train.demo_data import write_data
from tunesmith.train.demo_measure import Measured, known_before, measure
from tunesmith.train.demo_types import Places, Size
from tunesmith.train.types import Language, RunPaths

#: The two sets that the model is tuned on.
ALONE, MIXED = "domain", "mix"
#: Of the facts, what the model must know before it is tuned; below that there is nothing to forget.
LEAST_KNOWN = 0.8

_MARK = ".demo-train"


def run_demo(
    out: Path, size: Size | None = None, *, language: Language = "en", progress: Progress | None = None
) -> dict[str, Any]:
    """Run all of it; gives the figures.

    :raises OutputError: where `out` holds something else.
    """
    size, progress, places, started = size or Size(), progress or Progress(), Places(out), time.monotonic()
    _claim(out)
    blank = _blank(places, size)
    base = _trained(
        "base", f"general={places.data / 'known.jsonl'}", blank, size, places, language, progress, first=True
    )
    for name in (ALONE, MIXED):
        _curated(name, places, size, language, progress)
    tuned = {
        name: _trained(name, str(places.out / f"{name}-data"), base, size, places, language, progress)
        for name in (ALONE, MIXED)
    }
    found = {name: measure(name, base, model, places, language, progress) for name, model in tuned.items()}
    return _facts(places, found, time.monotonic() - started)


def _claim(out: Path) -> None:
    """:raises OutputError: for a folder that is no demo's. An earlier demo's is written anew."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / _MARK).is_file():
        raise OutputError("is not empty and no demo of training", where=str(out), remedy="choose another --out")
    import shutil

    for path in out.iterdir() if out.is_dir() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).touch()


def _blank(places: Places, size: Size) -> Path:
    from tunesmith.train.demo_model import make_blank

    return make_blank(places.blank, write_data(places, size), size)


def _trained(
    name: str,
    data: str,
    model: Path,
    size: Size,
    places: Places,
    language: Language,
    progress: Progress,
    *,
    first: bool = False,
) -> Path:
    """Train, and give the folder of the model."""
    from tunesmith.train.config import parse_config
    from tunesmith.train.run import train_run

    settings = {
        "stage": "sft",
        "model": str(model),
        "data": data,
        "validation": 0.0 if first else 0.1,
        "method": "full",
        "learning_rate": size.rate if first else size.tuned_rate,
        "schedule": "linear",
        "warmup": 0.05,
        "batch": size.batch,
        "accumulation": 1,
        "max_length": size.max_length,
        "keep": 1,
        **_ends_with(data, size, first=first),
        "weight_decay": 0.0,
        "trl": {"adam_beta2": 0.98},  # high rates and few steps: the usual .999 looks back over more than the whole run
        "seed": size.seed,
        "activation_checkpointing": False,
    }
    paths = RunPaths(places.out / name)
    train_run(parse_config(settings, "the demo"), paths.out, language=language, progress=progress)
    return paths.model


def _ends_with(data: str, size: Size, *, first: bool) -> dict[str, int]:
    """How long to train, with one evaluation and one checkpoint at the end: the demo shows what a whole training does,
    so the last weights are kept and not those that looked best on a few rows."""
    if first:
        return {"steps": size.steps_of_base, "checkpoints": size.steps_of_base}
    from tunesmith.train.sets import read_sets

    n_rows = sum(row.copies for row in read_sets([data]).train)
    steps = size.tuned_epochs * math.ceil(n_rows / size.batch)
    return {"steps": steps, "evaluation": steps, "checkpoints": steps}


def _curated(name: str, places: Places, size: Size, language: Language, progress: Progress) -> None:
    """The set of a tuning, as `curate run` makes it: the domain alone, or five general rows to each of its rows."""
    from tunesmith.curate.recipe import LoadedRecipe, parse_recipe
    from tunesmith.curate.run import run

    recipe: dict[str, Any] = {
        "name": name,
        "seed": size.seed,
        "language": language,
        "sources": [{"path": "domain.jsonl", "group": "domain"}],
        "rules": {"answer_too_short": {"min_characters": {"zh": 1, "en": 1}}},
        "duplicates": {"near": "off"},  # the facts are asked in the same words on purpose
    }
    if name == MIXED:
        recipe["sources"].append({"path": "general.jsonl", "group": "general"})
        recipe["mix"] = {"domain": 1, "general": 5}
    loaded = LoadedRecipe(parse_recipe(recipe, "the demo's recipe"), places.data)
    run(loaded, places.out / f"{name}-data", replace=True, progress=progress)


def _facts(places: Places, found: Mapping[str, Measured], seconds: float) -> dict[str, Any]:
    known = known_before(found[ALONE])
    return {
        "seconds": round(seconds, 1),
        "known_before": known,
        "knows_enough": all(one["share"] >= LEAST_KNOWN for one in known.values()),
        "tuned": {name: one.told() for name, one in found.items()},
        "out": str(places.out),
    }
