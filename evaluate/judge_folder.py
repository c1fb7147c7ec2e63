"""The folder of a judge's work: whose it is, what is written into it, and how it is read back.

judgements.jsonl   one line a pair, or an answer: choice, both orders, ratings, reason, failure
judge.json         settings, coverage, wins, consistency, length control, agreement with people
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import holds_anything
from tunesmith.curate.io import read_json_object, read_text, write_bytes, write_rows
from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.judge_types import MODES, Judgement, Judgements
from tunesmith.evaluate.review_types import BOTH_BAD, EQUAL, FIRST, SECOND

JUDGEMENTS, SUMMARY = "judgements.jsonl", "judge.json"
OUTPUTS = (SUMMARY, JUDGEMENTS)
#: What a line has at least.
_NEEDED = ("id", "systems", "choice", "failure")
_CHOICES = (None, FIRST, SECOND, EQUAL, BOTH_BAD)


def check_folder(out: Path, mark: str, *, replace: bool) -> None:
    """Make the folder, or refuse it before anything is asked.

    :param mark: names the answers and the settings; a folder with the same mark is gone on with.
    :raises OutputError: a file; a folder of another run without `replace`, or of somebody else.
    """
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if out.is_dir() and holds_anything(out):
        _refuse_foreign(out, mark, replace=replace)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made ({error.strerror})"
        raise OutputError(what, where=str(out), remedy="choose a folder that you may write to") from error


def _refuse_foreign(out: Path, mark: str, *, replace: bool) -> None:
    seen = mark_of(out)
    there = [name for name in OUTPUTS if (out / name).exists()]
    if seen is None:
        what = (
            f"holds {there[0]}, which no judge of Tunesmith wrote" if there else "is not empty and holds no judgements"
        )
        raise OutputError(what, where=str(out), remedy="choose another --out; no file is written over")
    if seen != mark and not replace:
        what = "holds other judgements: of other answers, by another model, or with other settings"
        raise OutputError(what, where=str(out), remedy="choose another --out, or add --replace to write over them")


def mark_of(out: Path) -> str | None:
    """Of the judgements in a folder, None where there are none."""
    try:
        found = jsontext.loads((out / SUMMARY).read_bytes())
        return str(found["settings"]["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_judgements(out: Path, judgements: Judgements, summary: Mapping[str, Any]) -> None:
    """Both files, the summary first: a folder with one of them still says whose it is, and is written anew."""
    write_bytes(out / SUMMARY, jsontext.dumps_indented(summary).encode() + b"\n")
    write_rows(out / JUDGEMENTS, map(line_of, judgements.rows))


def line_of(row: Judgement) -> dict[str, Any]:
    """A judgement as it is written."""
    return {name: _plain(value) for name, value in row._asdict().items()}


def read_judgements(path: Path) -> Judgements:
    """The judgements of a folder that `evaluate judge` made, or of its `judgements.jsonl` alone.

    :raises InputError: nothing there, or something else, with the line.
    """
    path = Path(path)
    file = path / JUDGEMENTS if path.is_dir() else path
    rows = tuple(
        _row(line, f"{file}:{number}") for number, line in enumerate(read_text(file).split("\n"), 1) if line.strip()
    )
    if not rows:
        raise InputError("holds no judgements", where=str(file), remedy="name a folder made by `evaluate judge`")
    beside = file.with_name(SUMMARY)
    settings = read_json_object(beside).get("settings", {}) if beside.is_file() else {}
    is_rubric = all(len(row.systems) == 1 for row in rows)
    mode = settings.get("mode", MODES[is_rubric])
    systems = tuple(settings.get("systems", ())) or tuple(dict.fromkeys(name for row in rows for name in row.systems))
    return Judgements("rubric" if mode == "rubric" else "pairwise", systems, rows, settings)


def _row(line: str, where: str) -> Judgement:
    remedy = "name a folder made by `tunesmith evaluate judge`"
    try:
        found = jsontext.loads(line.encode())
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=where, remedy=remedy) from error
    missing = [name for name in _NEEDED if not isinstance(found, dict) or name not in found]
    if missing:
        raise InputError(f"expected a judgement, saw a line without {', '.join(missing)}", where=where, remedy=remedy)
    if found["choice"] not in _CHOICES:
        what = f"expected the choice {', '.join(filter(None, _CHOICES))} or null, saw {found['choice']!r}"
        raise InputError(what, where=where, remedy=remedy)
    known: dict[str, Any] = {name: found[name] for name in Judgement._fields if name in found}
    for name in ("systems", "lengths", "digests", "missing"):
        if name in known:
            known[name] = tuple(known[name])
    return Judgement(**known)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
