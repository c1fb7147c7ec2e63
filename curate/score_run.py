"""`tunesmith curate score`: measure every row once with a model, into JSON Lines that recipes read.

>>> plan = Plan(("ifd", "perplexity"), load_model("Qwen/Qwen2.5-0.5B"))  # doctest: +SKIP
>>> score(open_rows("train.jsonl"), Path("scores.jsonl"), plan).measures["ifd"]["n"]  # doctest: +SKIP
55185

The first line of the file holds the settings, each other line one content: `row_id`, `content_id`, what was measured,
and under `missing` why a measure is null. What was computed and answered is kept in a cache beside the file, so that a
run that was killed goes on, and ends in the same bytes.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import repeat, tee
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tunesmith.curate import jsontext
from tunesmith.curate.endpoint_cache import open_cache
from tunesmith.curate.endpoint_requests import Reply, Request
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.progress import Progress
from tunesmith.curate.score_judge import MAX_TOKENS, Judgement, judgements_of
from tunesmith.curate.score_judge_text import VERSION
from tunesmith.curate.score_losses import IFD_DEFINITION, LanguageModel, Losses, losses_of
from tunesmith.curate.score_rows import Row, RowsToScore
from tunesmith.curate.score_summary import Scored, summarise
from tunesmith.curate.scores import NAMES, SETTINGS
from tunesmith.errors import InputError, OutputError

_DIGITS = 6  # that mean something: float32 has seven


class Judge(Protocol):
    """An `Endpoint`, as a run needs it."""

    @property
    def url(self) -> str: ...

    @property
    def model(self) -> str: ...

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Reply]: ...


class Plan(NamedTuple):
    """What to measure and with what.

    :param measures: some of `ifd`, `perplexity` (these need `model`) and `judge` (this needs `judge`).
    :param limit: tokens that prompt and answer may have together; see `tokens_of` for `cut`.
    :param judge_tokens: room for a judgement.
    """

    measures: tuple[str, ...]
    model: LanguageModel | None = None
    limit: int = 2048
    cut: bool = False
    judge: Judge | None = None
    judge_tokens: int = MAX_TOKENS


def score(
    rows: RowsToScore,
    out: Path,
    plan: Plan,
    *,
    cache: Path | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Scored:
    """Measure the rows and write `out`; where that is done already, with the same settings and rows, say what is there.

    :param cache: the folder for what was computed; `out` + `.cache` by default.
    :raises InputError: where nothing is to be measured, or a model fails as a whole.
    :raises OutputError: where `out` is there with other settings, without `replace`, or cannot be written.
    """
    start = time.perf_counter()
    _check(plan)
    settings = {SETTINGS: settings_of(rows, plan)}
    continued = _is_finished(out, settings)
    if not continued:
        _check_place(out, rows, replace=replace)
        _write(rows, out, plan, settings, cache or cache_folder(out), progress or Progress())
    else:
        for _ in rows.each():  # counts them
            pass
    return summarise(out, rows, plan.measures, seconds=time.perf_counter() - start, continued=continued)


def cache_folder(out: Path) -> Path:
    """Where a run keeps what it computed, unless told otherwise."""
    return out.with_name(f"{out.name}.cache")


def settings_of(rows: RowsToScore, plan: Plan) -> dict[str, Any]:
    """Everything that decides the bytes of a score file."""
    told: dict[str, Any] = {"version": 1, "measures": list(plan.measures), "input": rows.identity}
    if plan.model is not None:
        told["model"] = {**plan.model.settings(), "max_tokens": plan.limit, "cut": plan.cut}
    if "ifd" in plan.measures:
        told["ifd"] = IFD_DEFINITION
    if plan.judge is not None:
        told["judge"] = {
            "model": plan.judge.model,
            "base_url": plan.judge.url,
            "template": VERSION,
            "max_tokens": plan.judge_tokens,
            "temperature": 0,
        }
    return told


def _check(plan: Plan) -> None:
    if not plan.measures or not set(plan.measures) <= set(NAMES):
        raise InputError(
            f"expected some of {', '.join(NAMES)} to measure, saw {', '.join(plan.measures) or 'none'}",
            remedy="add --ifd, --perplexity or --judge",
        )
    if plan.model is None and {"ifd", "perplexity"} & set(plan.measures):
        raise InputError("perplexity and difficulty need a local model", remedy="name one with --model")
    if plan.judge is None and "judge" in plan.measures:
        raise InputError("a judge needs a server", remedy="give its address with --base-url")


def _is_finished(out: Path, settings: dict[str, Any]) -> bool:
    if not out.is_file():
        return False
    with out.open("rb") as file:
        return file.readline() == jsontext.dump_bytes(settings) + b"\n"


def _check_place(out: Path, rows: RowsToScore, *, replace: bool) -> None:
    if not out.exists():
        return
    if any(file.exists() and file.samefile(out) for file in rows.files):
        raise OutputError("is what is to be scored", where=str(out), remedy="choose another --out")
    if not replace:
        remedy = "choose another --out, or add --replace (what is in its cache is not computed again)"
        raise OutputError("exists already, with other rows or settings", where=str(out), remedy=remedy)


def _write(rows: RowsToScore, out: Path, plan: Plan, settings: dict[str, Any], cache: Path, progress: Progress) -> None:
    with ExitStack() as stack:
        stack.enter_context(_alone(cache))
        for leftover in out.parent.glob(f".{out.name}.*.part"):  # of a run that was killed
            leftover.unlink()
        advance = stack.enter_context(progress.stage("score", total=rows.total, unit="rows"))
        file = stack.enter_context(stack.enter_context(atomic_path(out)).open("wb"))
        file.write(jsontext.dump_bytes(settings) + b"\n")
        for line in _lines(rows, plan, cache, advance, stack):
            file.write(jsontext.dump_bytes(line) + b"\n")
            advance(1)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others out of the cache folder for as long as we write."""
    try:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise OutputError(what, where=str(folder), remedy="name a folder with --cache") from error
    try:
        _take(lock, folder)
        yield
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        remedy = "wait for it, or choose another --out"
        raise OutputError("another process is scoring here", where=str(folder), remedy=remedy) from None


def _lines(
    rows: RowsToScore, plan: Plan, cache: Path, advance: Callable[[int], None], stack: ExitStack
) -> Iterator[dict[str, Any]]:
    """A line for each row; model and judge read the same rows, each as far ahead as it likes."""
    copies = iter(tee(rows.each(advance), 1 + (plan.model is not None) + (plan.judge is not None)))
    plain = next(copies)
    losses: Iterator[Losses | None] = repeat(None)
    judgements: Iterator[Judgement | None] = repeat(None)
    if plan.model is not None:
        kept = stack.enter_context(open_cache(cache / LOSSES))
        with_alone = "ifd" in plan.measures
        losses = losses_of(next(copies), plan.model, kept, limit=plan.limit, cut=plan.cut, with_alone=with_alone)
    if plan.judge is not None:
        found = judgements_of(next(copies), plan.judge, max_tokens=plan.judge_tokens)
        judgements = stack.enter_context(closing(found))
    for row, loss, judgement in zip(plain, losses, judgements):
        yield _line(row, plan.measures, loss, judgement)


def _line(row: Row, measures: tuple[str, ...], losses: Losses | None, judgement: Judgement | None) -> dict[str, Any]:
    """One row as it is written down."""
    line: dict[str, Any] = {"row_id": row.row_id, "content_id": row.content_id, **dict.fromkeys(measures)}
    missing: dict[str, str | None] = {}
    if losses is not None:
        values = {"perplexity": losses.perplexity, "ifd": losses.ifd}
        line |= {name: _rounded(value) for name, value in values.items() if name in measures}
        missing |= {name: losses.reason for name, value in values.items() if name in measures and value is None}
        line |= {"loss": _rounded(losses.given), "loss_alone": _rounded(losses.alone)}
        line |= {"answer_tokens": losses.answer_tokens, "cut_tokens": losses.cut}
    if judgement is not None and judgement.verdict is not None:
        verdict = judgement.verdict
        line |= {"judge": verdict.score, "criteria": verdict.criteria, "reason": verdict.reason}
    elif judgement is not None:
        missing["judge"] = judgement.missing
    if judgement is not None:
        line["template"] = judgement.template
    return {**line, "missing": missing}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


#: The files in a cache folder: of the local model, and of the endpoint.
LOSSES, REPLIES = "losses.jsonl", "replies.jsonl"
