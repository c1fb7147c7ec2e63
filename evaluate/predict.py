"""Ask a model all questions of a set, and write its answers as a file of predictions.

>>> questions = read_questions("data/evaluation.jsonl")
>>> done = predict(questions, EndpointBackend(endpoint), Path("before.jsonl"))  # doctest: +SKIP
>>> done.counts["answered"], done.failures  # doctest: +SKIP
(149, {'timeout': Failure(n=1, detail='no whole reply in 120 s')})

Every answer goes into a cache as soon as it is there, under a key of model, adapter, template, prompt and decoding. So
a run that was killed goes on where it was and ends in the same bytes, and the questions of another set that are the
same are not asked again. A question that fails becomes null with its reason; failures are not kept, and the same
command asks them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.endpoint_cache import open_cache
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.predict_backend import Backend, Decoding
from tunesmith.evaluate.predict_questions import Questions
from tunesmith.evaluate.predict_run import Run

#: The file in a cache folder.
ANSWERS = "answers.jsonl"


class Failure(NamedTuple):
    """One reason: how many questions failed for it, and the first one's details in words."""

    n: int
    detail: str


class Predicted(NamedTuple):
    """What a run has done.

    :param counts: `questions`, of which `answered` and `failed`; of the answered ones `empty`, and `cut` by
        `max_tokens`; and `from_cache`, answers that were there before.
    :param failures: by reason, most first.
    :param continued: whether the file was there already and nothing was done.
    """

    counts: dict[str, int]
    path: Path
    failures: dict[str, Failure]
    continued: bool = False


def predict(
    questions: Questions,
    backend: Backend,
    out: Path,
    *,
    decoding: Decoding | None = None,
    keep_thinking: bool = False,
    cache: Path | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Predicted:
    """Answer the questions and write `out`, in their order; where that is done already, say what is there.

    :param keep_thinking: leave a `<think>` block in the answer, instead of moving it to `meta.reasoning`.
    :param cache: the folder for what was answered; `out` + `.cache` by default. Models may share one.
    :param replace: write over a file of other questions or settings.
    :raises InputError: where the model or server is of no use as a whole, or not one question was answered.
    :raises OutputError: where `out` holds something else, without `replace`, or cannot be written.
    """
    decoding = decoding or Decoding()
    decoding.check()
    run = Run(questions, backend, decoding, keep_thinking=keep_thinking)
    check_place(out, questions)
    if (there := _lines_of(out)) is not None:
        is_ours = run.are_ours(there)
        if is_ours and all(line["prediction"] is not None for line in there):
            return _predicted(there, out, len(there), continued=True)
        if not is_ours and not replace:
            remedy = "choose another --out, or add --replace"
            raise OutputError("exists already, with other questions or settings", where=str(out), remedy=remedy)
    folder = cache or cache_folder(out)
    _make(folder)
    with ExitStack() as stack:
        kept = stack.enter_context(open_cache(folder / ANSWERS))
        for leftover in out.parent.glob(f".{out.name}.*.part"):  # of a run that was killed
            leftover.unlink()
        run.ask(kept, progress or Progress())
        done = _predicted(run.lines(kept), out, run.from_cache)
        _check_answered(done)
        file = stack.enter_context(stack.enter_context(atomic_path(out)).open("wb"))
        for line in run.lines(kept):
            file.write(jsontext.dump_bytes(line) + b"\n")
    return done


def cache_folder(out: Path) -> Path:
    """Where a run keeps what was answered, unless told otherwise."""
    return out.with_name(f"{out.name}.cache")


def check_place(out: Path, questions: Questions) -> None:
    """What would be an error at the end is one at the beginning, before a model is loaded.

    :raises OutputError: where `out` cannot be the file of predictions.
    """
    if out.suffix.lower() != ".jsonl":
        raise OutputError("expected a name that ends in .jsonl", where=str(out), remedy="add the ending")
    if not out.parent.is_dir():
        raise OutputError(f"there is no folder {out.parent}", where=str(out), remedy="make it first or write elsewhere")
    if any(path.exists() and out.exists() and path.samefile(out) for path in questions.files):
        raise OutputError("is the set of questions", where=str(out), remedy="choose another --out")


def _lines_of(out: Path) -> list[Mapping[str, Any]] | None:
    """The objects in a file that is there, none where it holds something else."""
    if not out.exists():
        return None
    try:
        lines = [jsontext.loads(line) for line in out.read_bytes().splitlines()]
    except (OSError, ValueError):
        return []
    return lines if all(isinstance(line, dict) for line in lines) else []


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        what = f"cannot be made ({error.strerror})"
        raise OutputError(what, where=str(folder), remedy="name another folder with --cache") from error


def _predicted(lines: Iterable[Mapping[str, Any]], out: Path, from_cache: int, *, continued: bool = False) -> Predicted:
    """Count what the lines hold."""
    counts = Counter(dict.fromkeys(("questions", "answered", "failed", "empty", "cut"), 0))
    reasons: Counter[str] = Counter()
    details: dict[str, str] = {}
    for line in lines:
        counts["questions"] += 1
        if line["prediction"] is None:
            reasons[line["failure"]] += 1
            details.setdefault(line["failure"], line["meta"].get("failure_detail", ""))
            continue
        counts["answered"] += 1
        counts["empty"] += not line["prediction"].strip()
        counts["cut"] += line["meta"].get("finish_reason") == "length"
    counts["failed"] = reasons.total()
    failures = {reason: Failure(n, details[reason]) for reason, n in reasons.most_common()}
    return Predicted({**counts, "from_cache": from_cache}, out, failures, continued)


def _check_answered(done: Predicted) -> None:
    if done.counts["answered"]:
        return
    reason, failure = next(iter(done.failures.items()))
    told = f"{reason}: {failure.detail}" if failure.detail else reason
    remedy = "see to the cause and run the same command again; nothing was written"
    raise InputError(f"not one of {done.counts['questions']:,} questions was answered, most by {told}", remedy=remedy)


def as_text(done: Predicted) -> str:
    """What a run has done, for a person."""
    counts = done.counts
    lines = ["this was done before; nothing changed"] * done.continued
    known = f" ({counts['from_cache']:,} from the cache)" if counts["from_cache"] and not done.continued else ""
    lines.append(
        f"{counts['questions']:,} questions: {counts['answered']:,} answered{known}, {counts['failed']:,} failed"
    )
    if counts["cut"]:
        lines.append(f"{counts['cut']:,} answers are cut by --max-tokens")
    if counts["empty"]:
        lines.append(f"{counts['empty']:,} answers are empty")
    for reason, failure in done.failures.items():
        lines.append(f"failed: {failure.n:,} {reason}" + (f" ({failure.detail})" if failure.detail else ""))
    lines += ["the same command asks those again"] * bool(done.failures)
    return "\n".join([*lines, f"predictions: {done.path}", f"next: tunesmith evaluate score {done.path} --out DIR"])


def as_json(done: Predicted) -> dict[str, Any]:
    """The same as an object."""
    failures = {reason: failure._asdict() for reason, failure in done.failures.items()}
    return {**done.counts, "failures": failures, "continued": done.continued, "out": str(done.path)}
