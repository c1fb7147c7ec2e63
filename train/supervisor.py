"""Brings a run past its incidents: back to the last good checkpoint, slower or without the batch, and on.

>>> ended = supervise(start, paths=RunPaths(Path("runs/medical")), guard=Guard())  # doctest: +SKIP
>>> ended.outcome  # doctest: +SKIP
'finished'

`start` trains one attempt and says how it ended; it never raises for a spike. What happened is in `incidents.jsonl`
of the run's folder, a line each: a run that was killed between two attempts goes on with the rate and the left-out rows
that the file tells.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.guard import Action, Guard
from tunesmith.train.left_out import book_left_out
from tunesmith.train.types import RunPaths

INCIDENTS = "incidents.jsonl"
_SHOWN = 5  # rows of a message


class Incident(NamedTuple):
    """One step that broke the run.

    :param step: the first step whose loss was over the limit or not finite, counted from 1.
    :param row_ids: rows of that step: exactly the bad ones where they could be told apart (`exact`), else all of it.
    :param what: of a run that is not finite: `loss` or `grad_norm`.
    """

    kind: Literal["spike", "not_finite"]
    step: int
    row_ids: tuple[str, ...]
    loss: float | None = None
    limit: float | None = None
    what: str | None = None
    exact: bool = False
    learning_rate: float | None = None


@dataclass(frozen=True)
class Attempt:
    """One go at the training.

    :param number: from 1.
    :param resume_from: the checkpoint to go on from; None to start from the model.
    :param rate_scale: what the configured learning rate is multiplied with. `watchers(…)` sets it again after a resume.
    :param leave_out: rows that must not be trained; see `stand_ins` in `watch.py`.
    """

    number: int = 1
    resume_from: Path | None = None
    rate_scale: float = 1.0
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ended:
    """How an attempt ended.

    :param incident: what `incident_of(callbacks)` says; then nothing of the attempt's end must be saved.
    :param facts: what the report wants to know, such as `tokens_per_second`; the trainer's own may stand there too.
    """

    outcome: Literal["finished", "stopped_early", "spike", "not_finite"]
    step: int
    incident: Incident | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def supervise(
    start: Callable[[Attempt], Ended],
    *,
    paths: RunPaths,
    guard: Guard,
    resume: bool = True,
    progress: Progress | None = None,
) -> Ended:
    """Train until it ends well, or has had more incidents than `guard.attempts`.

    :param resume: whether checkpoints and incidents in the folder are gone on from; without it the first attempt
        starts from the model, and both are removed.
    :raises InputError: where incidents do not end; names the last good checkpoint, which is kept.
    """
    told, is_told = progress or Progress(), False
    if not resume:
        _on_main(lambda: _forget(paths))
    _on_main(partial(_book_again, paths))
    while True:
        history = read_incidents(paths.out)
        attempt = next_attempt(history, paths)
        if attempt.resume_from is not None and not is_told:
            told.say(f"going on from step {_step_of(attempt.resume_from)}")
        is_told = True  # or it was said what is done about an incident
        ended = start(attempt)
        incident = ended.incident
        if incident is None:
            return ended
        _on_main(partial(_step_back, incident, attempt, history, paths, guard))
        line = read_incidents(paths.out)[-1]
        if line["gave_up"]:
            raise _gave_up(incident, len(history) + 1, checkpoints_of(paths), guard)
        told.say(message_of(incident))
        told.say(_what_now(line))


def _book_again(paths: RunPaths) -> None:
    """A run that goes on may have written its ledger anew: rows that were left out before stay left out in it."""
    book_left_out(paths, {name for one in read_incidents(paths.out) for name in one["left_out"]})


def _on_main(work: Callable[[], None]) -> None:
    """Of several processes one changes the folder, and the others wait until it has."""
    try:
        if os.environ.get("RANK", "0") == "0":
            work()
    finally:
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            import torch

            if torch.distributed.is_initialized():
                torch.distributed.barrier()


def next_attempt(history: Sequence[Mapping[str, Any]], paths: RunPaths) -> Attempt:
    """What the incidents so far leave: rate, rows that are left out, and the checkpoint to go on from."""
    left_out = frozenset(name for one in history for name in one["left_out"])
    scale = 1.0
    for one in history:
        scale *= 0.5 if one["halved"] else 1.0
    good = checkpoints_of(paths)
    return Attempt(len(history) + 1, good[-1] if good else None, scale, left_out)


def _step_back(
    incident: Incident,
    attempt: Attempt,
    history: Sequence[Mapping[str, Any]],
    paths: RunPaths,
    guard: Guard,
) -> None:
    """Remove what is broken, and book the incident with what is done about it."""
    again = bool(history) and _is_the_same(incident, attempt, history[-1])
    action = _action(incident, guard, again=again)
    goes_on = action != "stop" and len(history) < guard.attempts
    halve, skip = goes_on and action in ("halve", "both"), goes_on and action in ("skip", "both")
    removed = _remove_broken(incident, attempt, paths, again=again)
    good = checkpoints_of(paths)
    line: dict[str, Any] = {
        **incident._asdict(),
        "attempt": attempt.number,
        "resumed_from": _step_of(attempt.resume_from) if attempt.resume_from else 0,
        "halved": halve,
        "left_out": list(incident.row_ids) if skip else [],
        "removed_checkpoints": removed,
        "goes_on_from": _step_of(good[-1]) if good else 0,
        "gave_up": not goes_on,
    }
    book_left_out(paths, {name for one in [*history, line] for name in one["left_out"]})
    _book(paths.out, line)


def _is_the_same(incident: Incident, attempt: Attempt, before: Mapping[str, Any]) -> bool:
    """Whether the last remedy did not help: the same step or row, or nothing was saved since."""
    rows = set(before["row_ids"]) & set(incident.row_ids)
    return incident.step == before["step"] or bool(rows) or _number(attempt.resume_from) == before["resumed_from"]


def _action(incident: Incident, guard: Guard, *, again: bool) -> Action:
    """What did not help alone is done together with the other."""
    action = guard.on_spike if incident.kind == "spike" else guard.on_not_finite
    if again and action in ("halve", "skip"):
        action = "both"
    return "halve" if action in ("skip", "both") and not incident.row_ids else action


def _remove_broken(incident: Incident, attempt: Attempt, paths: RunPaths, *, again: bool) -> list[int]:
    """Checkpoints from the incident on; and the one that the run went on from in vain a second time, if there is an
    earlier one: what looked good may hold the harm already."""
    found = checkpoints_of(paths)
    broken = [folder for folder in found if _step_of(folder) >= incident.step]
    if again and attempt.resume_from in found[1:] and attempt.resume_from not in broken:
        broken.insert(0, attempt.resume_from)
    for folder in broken:
        shutil.rmtree(folder)
    return [_step_of(folder) for folder in broken]


def checkpoints_of(paths: RunPaths) -> list[Path]:
    """Whole checkpoints by their step. The trainer writes its state last: without it one was cut short by a kill."""
    found = [
        folder
        for folder in paths.checkpoints.glob("checkpoint-*")
        if folder.name.rpartition("-")[2].isdigit() and _is_json(folder / "trainer_state.json")
    ]
    return sorted(found, key=_step_of)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())  # the trainer's state may hold NaN, which only this reader takes
    except (OSError, ValueError):
        return False
    return True


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _number(checkpoint: Path | None) -> int:
    return _step_of(checkpoint) if checkpoint is not None else 0


def read_incidents(out: Path) -> list[dict[str, Any]]:
    """The lines of a run's `incidents.jsonl`; none where nothing happened."""
    path = out / INCIDENTS
    return [jsontext.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


def _book(out: Path, line: Mapping[str, Any]) -> None:
    """One line more; the whole file anew, so that a kill leaves no half of a line."""
    path = out / INCIDENTS
    before = path.read_bytes() if path.is_file() else b""
    out.mkdir(parents=True, exist_ok=True)
    write_bytes(path, before + jsontext.dump_bytes(line) + b"\n")


def _forget(paths: RunPaths) -> None:
    (paths.out / INCIDENTS).unlink(missing_ok=True)
    for folder in paths.checkpoints.glob("checkpoint-*"):
        shutil.rmtree(folder)


def message_of(incident: Incident) -> str:
    """What happened, in a person's words."""
    if incident.kind == "spike":
        what = f"step {incident.step}: the loss rose to {incident.loss:.4g} and stayed over {incident.limit:.4g}"
    else:
        figure = "gradient's norm" if incident.what == "grad_norm" else "loss"
        what = f"step {incident.step}: the {figure} is not a finite number"
    return f"{what}; {_rows_said(incident)}"


def _rows_said(incident: Incident) -> str:
    names = incident.row_ids
    if not names:
        return "its rows are not known"
    shown = ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more ({INCIDENTS} has all)" if names[_SHOWN:] else ""
    )
    return f"{'the broken ' if incident.exact else ''}row{'s' if names[1:] else ''} of that step: {shown}"


def _what_now(line: Mapping[str, Any]) -> str:
    remedies = ["with half the learning rate"] if line["halved"] else []
    remedies += [f"without {_count(line['left_out'])}"] if line["left_out"] else []
    place = f"step {line['goes_on_from']}" if line["goes_on_from"] else "the beginning"
    return f"going on from {place} {' and '.join(remedies)}"


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} row{'s' if len(names) > 1 else ''}"


def _gave_up(incident: Incident, n_incidents: int, good: Sequence[Path], guard: Guard) -> InputError:
    why = (
        "`stop` was asked for"
        if guard.attempts >= n_incidents
        else f"it was incident {n_incidents}, {guard.attempts} are survived"
    )
    stays = f"the last good model is {good[-1]}" if good else "no checkpoint was saved before it"
    remedy = f"look at the rows in {INCIDENTS}, lower the learning rate, or raise `guard.attempts`"
    return InputError(f"{message_of(incident)}; training stopped ({why}); {stays}", remedy=remedy)
