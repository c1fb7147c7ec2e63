"""What a run trains on and validates with: rows as tokens or as pairs, and the ledger of what became of them.

>>> prepared = prepare(config, sets, template, paths, progress=progress)  # doctest: +SKIP
>>> prepared.facts["n_rows"], prepared.facts["hash"]  # doctest: +SKIP
(45210, '3f0c…')
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.template import Template
from tunesmith.train.types import FROZEN, Fate, HandOver, Row, RunPaths, Sets

VALIDATION_ROWS = "rows-validation.parquet"
_DONE = "prepared.json"


@dataclass(frozen=True)
class Prepared:
    """What the trainer gets.

    :param train: a `datasets.Dataset` with a column `row_ids`.
    :param facts: counts and hashes, for the manifest and the report.
    """

    train: Any
    validation: Mapping[str, Any]
    facts: dict[str, Any]


def prepare(config: TrainConfig, sets: Sets, template: Template, paths: RunPaths, *, progress: Progress) -> Prepared:
    """Encode or pair every row, write the ledger, and open the result.

    :raises InputError: where no row is left to train on, with the reasons.
    """
    for place, what in sets.unread[:3]:
        progress.say(f"{place}: cannot be read and is left out: {what}")
    if len(sets.unread) > 3:
        progress.say(f"{len(sets.unread)} rows in all cannot be read; the manifest counts them")
    if config.stage in FROZEN:
        return _frozen(config, sets, template, paths, progress)
    return _paired(config, sets, template, paths)


def _frozen(config: TrainConfig, sets: Sets, template: Template, paths: RunPaths, progress: Progress) -> Prepared:
    from tunesmith.train.handover import open_examples

    done = _done(paths)
    if done is None:
        done = _hand_over(config, sets, template, paths, progress)
    train = open_examples(paths.data / "train", expected=done["hash"])
    validation = {
        group: open_examples(_folder(paths, group), expected=facts["hash"])
        for group, facts in done["validation"].items()
    }
    return Prepared(train, validation, {**done, "unread": len(sets.unread)})


def _done(paths: RunPaths) -> dict[str, Any] | None:
    try:
        return dict(jsontext.loads((paths.data / _DONE).read_bytes()))
    except (OSError, ValueError):
        return None


def _folder(paths: RunPaths, group: str) -> Path:
    return paths.data / f"validation-{group}"


def _hand_over(
    config: TrainConfig, sets: Sets, template: Template, paths: RunPaths, progress: Progress
) -> dict[str, Any]:
    """Write every set as frozen tokens; what was written, which a run that goes on finds again."""
    from tunesmith.train.handover import write_fates

    shutil.rmtree(paths.data, ignore_errors=True)
    paths.data.mkdir(parents=True)
    made, fates = _write(config, sets.train, template, paths.data / "train", progress)
    write_fates(paths.rows, fates)
    _refuse_none(made.n_sequences, fates, config)
    groups: dict[str, dict[str, Any]] = {}
    validated: list[Fate] = []
    for group, rows in sets.validation.items():
        one, its_fates = _write(config, rows, template, _folder(paths, group), progress)
        validated += its_fates
        if one.n_sequences:
            groups[group] = _counts(one)
        else:
            progress.say(f"no validation row of {group} is left ({_reasons(its_fates)}); it is not validated")
    if validated:
        write_fates(paths.out / VALIDATION_ROWS, validated)
    facts = {**_counts(made), "outcomes": _outcomes(fates), "validation": groups}
    write_bytes(paths.data / _DONE, jsontext.dump_bytes(facts))
    return facts


def _write(
    config: TrainConfig, rows: Sequence[Row], template: Template, folder: Path, progress: Progress
) -> tuple[HandOver, list[Fate]]:
    from tunesmith.train.encode import encode, encode_text
    from tunesmith.train.handover import write_examples

    encoding = config.encoding
    encoded = (encode_text if config.stage == "pretrain" else encode)(rows, template, encoding)
    return write_examples(encoded, folder, encoding=encoding, progress=progress)


def _counts(made: HandOver) -> dict[str, Any]:
    return {
        "hash": made.hash,
        "n_rows": made.n_rows,
        "n_examples": made.n_examples,
        "n_sequences": made.n_sequences,
        "n_tokens": made.n_tokens,
        "n_trained": made.n_trained,
    }


def _paired(config: TrainConfig, sets: Sets, template: Template, paths: RunPaths) -> Prepared:
    """Pairs, labels and prompts: the trainer tokenises them itself, as the ledger foretells."""
    from tunesmith.train.handover import write_fates
    from tunesmith.train.preferences import pair_rows

    settings: dict[str, Any] = {"max_length": config.max_length, "over_long": config.over_long}
    train, fates = pair_rows(config.stage, sets.train, template, **settings)
    paths.data.mkdir(parents=True, exist_ok=True)
    write_fates(paths.rows, fates)
    _refuse_none(len(train), fates, config)
    validation, validated = {}, []
    for group, rows in sets.validation.items():
        validation[group], its_fates = pair_rows(config.stage, rows, template, **settings)
        validated += its_fates
    if validated:
        write_fates(paths.out / VALIDATION_ROWS, validated)
    groups = {group: {"n_rows": len(rows), "hash": _hash(rows)} for group, rows in validation.items() if rows}
    facts = {
        "hash": _hash(train),
        "n_rows": len(fates),
        "n_examples": len(train),
        "n_sequences": len(train),
        "n_tokens": sum(fate.n_tokens for fate in fates if fate.outcome != "dropped"),
        "n_trained": sum(fate.n_trained for fate in fates if fate.outcome != "dropped"),
        "outcomes": _outcomes(fates),
        "validation": groups,
        "unread": len(sets.unread),
    }
    made = {group: _dataset(config, rows) for group, rows in validation.items() if rows}
    return Prepared(_dataset(config, train), made, facts)


def _dataset(config: TrainConfig, rows: Sequence[Mapping[str, Any]]) -> Any:
    from tunesmith.train.preferences import pair_dataset

    return pair_dataset(config.stage, rows).rename_column("row_id", "row_ids")


def _hash(rows: Sequence[Mapping[str, Any]]) -> str:
    digest = xxhash.xxh3_128()
    for row in rows:
        digest.update(jsontext.dumps_sorted(dict(row)).encode())
    return digest.hexdigest()


def _outcomes(fates: Sequence[Fate]) -> dict[str, int]:
    """Rows by what became of them: `trained`, `dropped: too_long` …"""
    return dict(Counter(fate.outcome + (f": {fate.reason}" if fate.reason else "") for fate in fates).most_common())


def _reasons(fates: Sequence[Fate]) -> str:
    found = Counter(fate.reason or fate.outcome for fate in fates if fate.outcome == "dropped")
    return ", ".join(f"{count} {reason}" for reason, count in found.most_common()) or "it is empty"


def _refuse_none(n_left: int, fates: Sequence[Fate], config: TrainConfig) -> None:
    """:raises InputError: where nothing is left to train on."""
    if n_left:
        return
    longest = max((fate.n_tokens for fate in fates), default=0)
    size = f"; the longest has {longest:,} tokens, `max_length` is {config.max_length:,}" if longest else ""
    what = f"no row is left to train on: {_reasons(fates)}{size}"
    details = next((fate.detail for fate in fates if fate.detail), None)
    remedy = f"the first said: {details}" if details else "see `train preflight`, which names every row"
    raise InputError(what, where=", ".join(config.data), remedy=remedy)
