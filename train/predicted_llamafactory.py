"""What LLaMA-Factory 0.9.5 keeps, cuts, drops and ends on, with its own settings by default.

>>> told = predict_llamafactory("data/dataset_info.json#medical", template)  # doctest: +SKIP
>>> told.ends  # doctest: +SKIP
"medical:7: RuntimeError: Expected a string, got None"

It reads a file in three steps, and each has its own way to lose a row. `datasets` makes a table of all rows (one broken
line or one key of two types ends the run). A converter lays the turns out (a turn out of order leaves a row without
turns). A processor drops such rows, encodes the others (a null text ends the run) and cuts what is longer than
`cutoff_len`, question and answer in proportion, each at its right end: the end of the question, the header of the
answer and the end token go first, and turns behind the cutoff are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.export import format_for
from tunesmith.curate.formats.detect import detect
from tunesmith.curate.io import open_input
from tunesmith.curate.registry import entry_input, entry_named, read_registry, write_registry
from tunesmith.curate.registry_entry import Entry, parse_entry
from tunesmith.curate.sources import sample_rows
from tunesmith.errors import InputError, RowError
from tunesmith.train.predicted_llamafactory_align import Aligned, aligned, needed_columns
from tunesmith.train.predicted_llamafactory_chat import CHATS, Counter, chat_like, chat_named
from tunesmith.train.predicted_llamafactory_fit import document, shortened, told
from tunesmith.train.predicted_rows import Facts, FileRows, RawRows, RowsOfKind, facts_of
from tunesmith.train.predicted_types import Predicted, Verdict, first_end, lines_of
from tunesmith.train.template import Template
from tunesmith.train.types import Row, Stage

VERSION = "0.9.5"
CUTOFF = 2048  # its `cutoff_len`
BATCH_ROWS = 1000  # its `preprocessing_batch_size`: what is lost with a batch, and whose answer stands in for whose
_SOURCE = "the source of llamafactory 0.9.5: data/loader.py, converter.py, processor/, template.py, formatter.py"
_KINDS: dict[str, str] = {"sft": "sft", "pretrain": "text", "kto": "kto"}


class _Run(NamedTuple):
    """What a run of LLaMA-Factory is given."""

    rows: RawRows
    entry: Entry
    facts: Facts
    counter: Counter
    template: Template
    cutoff: int
    stage: Stage


Laid = Aligned | Verdict


def predict_llamafactory(
    data: str | Path | Iterable[Row],
    template: Template,
    *,
    cutoff: int | None = None,
    stage: Stage = "sft",
    format: str | None = None,
    chat: str | None = "auto",
) -> Predicted:
    """A verdict for each row; see `predict_for`.

    :raises InputError: for what LLaMA-Factory cannot be given at all.
    """
    if stage == "grpo":
        raise InputError("LLaMA-Factory has no stage grpo", remedy="ask for trl")
    name = chat_like(template) if chat == "auto" or chat is None else chat
    counter = Counter(chat_named(name), template)
    rows, entry, facts = _opened(data, stage, format or "sharegpt")
    run = _Run(rows, entry, facts, counter, template, cutoff or CUTOFF, stage)
    ids, verdicts = [], list[Verdict]()
    for batch in _batches(run):
        ids += [row_id for row_id, _ in batch]
        verdicts += _judged([laid for _, laid in batch], run)
    lines = lines_of(ids, verdicts)
    ends = _whole(run) or first_end(lines) or _nothing_left(verdicts)
    return Predicted("llamafactory", VERSION, stage, _SOURCE, lines, _notes(run, name), ends)


def _nothing_left(verdicts: Sequence[Verdict]) -> str | None:
    if any(verdict.outcome in ("keep", "cut") for verdict in verdicts):
        return None
    return "RuntimeError: Cannot find valid samples, check `data/README.md` for the data format."


def _opened(data: str | Path | Iterable[Row], stage: Stage, format: str) -> tuple[RawRows, Entry, Facts]:
    if not isinstance(data, str | Path):
        return _exported(data, stage, format)
    path = str(data)
    if "#" in path and not Path(path).exists():
        file, _, name = path.rpartition("#")
        entry = entry_named(read_registry(Path(file)), name, Path(file))
        rows = FileRows(entry_input(entry, Path(file).parent), name=name)
        return rows, entry, facts_of(rows)
    detection = detect(sample_rows(open_input(path)))
    if detection.format is None:
        remedy = "write a dataset_info.json that names its columns, and name its entry: dataset_info.json#entry"
        raise InputError(detection.evidence, where=path, remedy=remedy)
    rows = FileRows(path)
    facts = facts_of(rows)
    return rows, _entry(Path(path).name, detection.format, facts), facts


def _exported(data: Iterable[Row], stage: Stage, format: str) -> tuple[RawRows, Entry, Facts]:
    """Rows as an export writes them; those of another kind go into a file of their own there."""
    kind = _KINDS.get(stage, "preference")
    rows = RowsOfKind(data, kind, format)
    facts = facts_of(rows)
    return rows, _entry("train.jsonl", format_for(kind, format).name, facts), facts


def _entry(file: str, format: str, facts: Facts) -> Entry:
    has = {f"has_{name}": name in facts.columns for name in ("tools", "system", "history")}
    written, reason = write_registry(file, format, **has)
    if written is None:
        raise InputError(reason or f"LLaMA-Factory cannot read {format}", where=file, remedy="export it as sharegpt")
    return parse_entry("rows", written)


def _batches(run: _Run) -> Iterator[list[tuple[str, Laid]]]:
    missing = _whole(run)
    laid = ((row_id, _laid(row_id, row, run, missing)) for row_id, row in run.rows)
    while batch := [*islice(laid, BATCH_ROWS)]:
        yield batch


def _whole(run: _Run) -> str | None:
    """What ends the run before any row is encoded, whatever the rows say."""
    entry, facts = run.entry, run.facts
    if not facts.columns:
        return None
    if entry.ranking != (run.stage in ("dpo", "orpo", "simpo", "reward")):
        return "ValueError: The dataset is not applicable in the current training stage."
    needed = [*needed_columns(entry)]
    if entry.formatting != "alpaca" and f"{entry.columns['messages']}[]" in facts.paths:
        needed += [f"{entry.columns['messages']}[].{entry.tags[tag]}" for tag in ("role_tag", "content_tag")]
    absent = next((path for path in needed if path not in facts.paths), None)
    return f"KeyError: {absent.rpartition('.')[2]!r}, which no row has" if absent else None


def _laid(row_id: str, row: Any | RowError, run: _Run, missing: str | None) -> Laid:
    if isinstance(row, RowError):
        if row.code in ("wrong_kind", "cannot_export"):
            return Verdict("drop", row.code, row.what)
        return Verdict("crash", "invalid_json", f"DatasetGenerationError: {row.what}")
    if not isinstance(row, dict):
        return Verdict("crash", "not_an_object", "DatasetGenerationError: the row is no JSON object")
    if row_id in run.facts.mixed:
        return Verdict("crash", "mixed_types", f"DatasetGenerationError: {run.facts.mixed[row_id]}")
    if missing is not None:
        return Verdict("crash", "missing_column", missing)
    try:
        return aligned(row, run.entry)
    except RowError as error:
        return Verdict("crash", error.code, error.what)


def _judged(batch: Sequence[Laid], run: _Run) -> list[Verdict]:
    judge: Callable[[Sequence[Laid], _Run], list[Verdict]] = {"pretrain": _documents, "kto": _labelled}.get(
        run.stage, _singly
    )
    return judge(batch, run)


def _singly(batch: Sequence[Laid], run: _Run) -> list[Verdict]:
    wanted = 1 if run.stage == "sft" else 2
    judge = _conversation if run.stage == "sft" else _pair
    return [_verdict(laid, run, wanted, judge) for laid in batch]


def _verdict(laid: Laid, run: _Run, wanted: int, judge: Callable[[Aligned, _Run], Verdict]) -> Verdict:
    """Drop what has no turns, else encode."""
    if isinstance(laid, Verdict):
        return laid
    n_answers = len(laid.answers)
    if len(laid.prompt) % 2 != 1 or (n_answers != 1 if wanted == 1 else n_answers < 2):
        reason, why = laid.why or ("no_answer", f"it has {n_answers} answers where {wanted} belong")
        return Verdict("drop", reason, f"Dropped invalid example: {why}")
    try:
        found = judge(laid, run)
    except RowError as error:
        return Verdict("crash", error.code, error.what)
    if found.outcome == "keep" and laid.note is not None:
        return found._replace(reason=laid.note[0], evidence=laid.note[1])
    return found


def _conversation(laid: Aligned, run: _Run) -> Verdict:
    pairs = run.counter.pairs([*laid.prompt, *laid.answers], laid.system, laid.tools)
    kept, total = [], 0
    for source, target in pairs:
        if total >= run.cutoff:
            break
        kept.append(shortened(source, target, run.cutoff - total))
        total += sum(kept[-1])
    return told(pairs, kept)


def _pair(laid: Aligned, run: _Run) -> Verdict:
    """Both answers are cut to the same length, by the longer one."""
    sizes = [run.counter.last([*laid.prompt, answer], laid.system, laid.tools) for answer in laid.answers]
    source, longest = sizes[0][0], max(target for _, target in sizes)
    room, target = shortened(source, longest, run.cutoff)
    return told(sizes, [(room, min(target, size)) for _, size in sizes])


def _labelled(batch: Sequence[Laid], run: _Run) -> list[Verdict]:
    """Each row is also encoded with the answer of the row before it, the first with that of the last of its batch."""
    answers = [laid.answers if isinstance(laid, Aligned) else [] for laid in batch]

    def judge(place: int) -> Callable[[Aligned, _Run], Verdict]:
        return lambda laid, run: _one_labelled(laid, answers[place - 1], run)

    return [_verdict(laid, run, 2, judge(place)) for place, laid in enumerate(batch)]


def _one_labelled(laid: Aligned, before: Sequence[tuple[str, Any]], run: _Run) -> Verdict:
    answer = laid.answers[0] if laid.answers[0][1] else laid.answers[1]
    sizes = run.counter.last([*laid.prompt, answer], laid.system, laid.tools)
    if not before or (not before[0][1] and len(before) < 2):
        what = "IndexError: the row before it was left without an answer, and its answer is needed here"
        raise RowError("broken_neighbour", what)
    other = before[0] if before[0][1] else before[1]
    run.counter.last([*laid.prompt, other], laid.system, laid.tools)
    found = told([sizes], [shortened(*sizes, run.cutoff)])
    if found.outcome == "keep" and not answer[1]:
        return found._replace(reason="empty_answer", evidence="its answer is empty, so it counts as one not wanted")
    return found


def _documents(batch: Sequence[Laid], run: _Run) -> list[Verdict]:
    """Documents are joined, cut into blocks, and the rest of each batch of 1,000 rows is left out."""
    lengths = [_document_tokens(laid, run) for laid in batch]
    total = sum(size for size in lengths if isinstance(size, int))
    end = total // run.cutoff * run.cutoff
    found, start = list[Verdict](), 0
    for size in lengths:
        if isinstance(size, Verdict):
            found.append(size)
            continue
        lost = min(size, max(start + size - end, 0))
        start += size
        found.append(document(size, lost, BATCH_ROWS))
    return found


def _document_tokens(laid: Laid, run: _Run) -> int | Verdict:
    if isinstance(laid, Verdict):
        return laid
    if not laid.prompt:
        return Verdict("crash", "no_turns", "IndexError: it has no turn")
    text = laid.prompt[0][1]
    if not isinstance(text, str):
        return Verdict("crash", "not_text", "TypeError: its text is no text")
    tokenizer = run.template.tokenizer
    return len(tokenizer(text + tokenizer.eos_token, add_special_tokens=False)["input_ids"])


def _notes(run: _Run, name: str) -> tuple[str, ...]:
    chat = CHATS[name]
    notes = [f"template {name}: the model's own chat template is not used", "answers are trained, questions are masked"]
    if chat.default_system:
        notes.append(f"a row without a system text gets {chat.default_system!r}")
    if chat.thinks:
        notes.append("an answer without a thought gets an empty one, which is trained")
    if run.entry.formatting == "openai":
        notes.append("the openai converter writes 'detailed thinking off' into the system text of rows without tools")
    if run.stage == "pretrain":
        notes.append(f"documents are joined to blocks of {run.cutoff:,} tokens; the rest of every 1,000 rows is lost")
    return tuple(notes)
