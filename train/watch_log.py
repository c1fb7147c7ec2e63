"""The log of a run: JSON Lines, one for each time the trainer logs, in the order of the steps.

>>> line_of({"loss": float("nan"), "epoch": 0.5}, step=7)
b'{"step":7,"epoch":0.5,"loss":null,"not_finite":["loss"]}'

A step has several lines where it was also validated, but no line stands twice: a run that goes on from a checkpoint
first takes away what was logged after it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.errors import InputError

#: What only lines at the end of a run have; a run that goes on ends again.
END = frozenset({"train_runtime", "training_seconds"})


def line_of(values: Mapping[str, Any], *, step: int) -> bytes:
    """One line without its end. A figure that is NaN or infinite is null, and named in `not_finite`."""
    first = {"step": step} | ({"epoch": values["epoch"]} if "epoch" in values else {})
    found = {key: _plain(value) for key, value in values.items() if key not in first}
    broken = [key for key, value in found.items() if isinstance(value, float) and not math.isfinite(value)]
    found |= dict.fromkeys(broken)
    return jsontext.dump_bytes(first | found | ({"not_finite": broken} if broken else {}))


def _plain(value: Any) -> Any:
    """Figures of torch and numpy as Python's own; what JSON has no word for as text."""
    if hasattr(value, "item"):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return value
    return str(value)


def read_log(path: Path) -> list[dict[str, Any]]:
    """All lines; none where there is no file. A last line that was cut short by a kill is left out.

    :raises InputError: for any other line that is no object with a step.
    """
    if not path.is_file():
        return []
    lines = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            one = jsontext.loads(line)
            found.append({"step": int(one["step"])} | one)
        except (ValueError, TypeError, KeyError) as error:
            what = f"expected a JSON object with a step ({error})"
            raise InputError(what, where=f"{path}:{number}", remedy="remove that line") from error
    return found


def cut_log(path: Path, step: int) -> list[dict[str, Any]]:
    """Take away what was logged after `step`, and the line of an earlier end; what is left."""
    kept = [one for one in read_log(path) if one["step"] <= step and END.isdisjoint(one)]
    if path.is_file():
        with atomic_path(path) as part:
            part.write_bytes(b"".join(jsontext.dump_bytes(one) + b"\n" for one in kept))
    return kept
