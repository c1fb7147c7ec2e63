"""The facts that advice stands on, measured: rows, lengths with the model's own tokenizer, the model, the memory.

>>> facts = measure(["runs/medical"], "Qwen/Qwen3-0.6B", capacity_bytes=24 * GIB)  # doctest: +SKIP
>>> facts.rows, facts.p95_tokens, facts.billions  # doctest: +SKIP
(45210, 912, 0.596)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from tunesmith.curate.progress import Progress
from tunesmith.curate.records import Message, Record
from tunesmith.errors import InputError
from tunesmith.train.advise_types import Facts, Task
from tunesmith.train.types import Encoding, Row, Sets, Stage

#: A guide's generous cutoff; longer rows are rare in instruction data.
GENEROUS = 4096
_STEP = 64
_ENDLESS = 1 << 24  # tokens: no row is cut while it is measured
_DOMAIN = "domain"
_STAGES: dict[str, Stage] = {"sft": "sft", "text": "pretrain", "preference": "dpo", "kto": "kto"}


class Measured(NamedTuple):
    """Tokens of the rows, in their order; `trained` are those of answers."""

    whole: list[int]
    trained: list[int]


def measure(
    data: Sequence[str],
    model: str,
    *,
    capacity_bytes: int | None = None,
    gpus: int = 1,
    task: Task | None = None,
    trust_remote_code: bool = False,
    revision: str | None = None,
    progress: Progress | None = None,
) -> Facts:
    """Read the data, measure it, and read the model's `config.json`.

    :param data: as `read_sets` takes it.
    :raises InputError: for data or a model that cannot be read.
    """
    from tunesmith.train.advise_memory import fitting
    from tunesmith.train.sets import read_sets
    from tunesmith.train.vocabulary import measure_vocabulary

    heard = progress or Progress()
    sets = read_sets(data)
    opened = _open(model, trust_remote_code, revision)
    facts = facts_of(sets, model, opened, progress=heard)
    facts = _with_model(facts, model, trust_remote_code, revision)
    domain, general = texts_of(sets.train)
    facts = replace(facts, vocabulary=measure_vocabulary(domain, general, opened.core, progress=heard))
    facts = replace(facts, capacity_bytes=capacity_bytes, gpus=gpus, task=task)
    if capacity_bytes is None or facts.cutoff_tokens is None:
        return facts
    given = {"capacity_bytes": capacity_bytes, "max_length": facts.cutoff_tokens, "gpus": gpus}
    return replace(facts, fits=fitting(model, trust_remote_code=trust_remote_code, revision=revision, **given))


def facts_of(sets: Sets, model: str, template: Any, *, progress: Progress | None = None) -> Facts:
    """The facts of the data.

    :param template: from `open_template`; without a chat template rows are measured as plain text.
    """
    kinds: Counter[str] = Counter(row.record.kind for row in sets.train)
    stage = _STAGES[max(kinds, key=lambda kind: (kinds[kind], kind))]
    groups: Counter[str] = Counter()
    for row in sets.train:
        groups[row.group] += row.copies
    with (progress or Progress()).stage("lengths", total=len(sets.train), unit="rows") as advance:
        tokens = _lengths(sets.train, template, advance)
    lengths = sorted(n for n in tokens.whole if n)  # a row that the template refuses has none
    return Facts(
        model=model,
        stage=stage,
        rows=groups.total(),
        domain_rows=groups[_DOMAIN],
        general_rows=groups.total() - groups[_DOMAIN],
        by_group=dict(sorted(groups.items())),
        validation_rows=sum(map(len, sets.validation.values())),
        unread=len(sets.unread),
        unmeasured=sum(n == 0 for n in tokens.whole),
        tokens=sum(row.copies * n for row, n in zip(sets.train, tokens.whole)),
        longest=lengths[-1] if lengths else None,
        median_tokens=_percentile(lengths, 50),
        p95_tokens=_percentile(lengths, 95),
        cutoff_tokens=_cutoff(lengths, None),
        lengths=lengths,
        answer_tokens=round(sum(tokens.trained) / len(tokens.trained), 1) if tokens.trained else None,
        languages=_languages(sets.train),
        has_template=bool(template.source),
    )


def texts_of(rows: Iterable[Row]) -> tuple[list[str], list[str]]:
    """What rows say, without roles and marks: those of the domain, and all others."""
    sides: tuple[list[str], list[str]] = ([], [])
    for row in rows:
        sides[row.group != _DOMAIN].append("\n".join(_said(row.record)))
    return sides if sides[0] else (sides[1], sides[0])  # where nothing is called a domain, everything is


def _open(model: str, trust_remote_code: bool, revision: str | None) -> Any:
    """The tokenizer with its chat template, or without one: a base model has none."""
    from tunesmith.train.template import open_template

    try:
        return open_template(model, trust_remote_code=trust_remote_code, revision=revision)
    except InputError:
        return open_template(model, trust_remote_code=trust_remote_code, revision=revision, chat=False)


def _with_model(facts: Facts, model: str, trust_remote_code: bool, revision: str | None) -> Facts:
    from tunesmith.train.estimate import estimate
    from tunesmith.train.estimate_model import read_config
    from tunesmith.train.estimate_types import Load

    config = read_config(model, trust_remote_code=trust_remote_code, revision=revision).get_text_config()
    load = Load(method="lora", rank=1, max_length=_STEP)
    counts = estimate(model, load, trust_remote_code=trust_remote_code, revision=revision).counts
    context = getattr(config, "max_position_embeddings", None)
    return replace(
        facts,
        billions=counts.total / 1e9,
        trained_parameters=counts.trained,
        layers=getattr(config, "num_hidden_layers", None),
        context=context,
        cutoff_tokens=_cutoff(facts.lengths, context),
    )


def _lengths(rows: Sequence[Row], template: Any, advance: Any) -> Measured:
    if template.source and all(row.record.kind == "sft" for row in rows):
        from tunesmith.train.encode import encode

        fates = [one.fate for one in _told(encode(rows, template, Encoding(_ENDLESS)), advance)]
        good = [fate for fate in fates if fate.n_tokens]
        return Measured([fate.n_tokens for fate in fates], [fate.n_trained for fate in good])
    sides = [_plain([list(_said(_side(row.record, side))) for row in rows], template.core) for side in (0, 1)]
    whole = [max(pair) for pair in zip(*sides)]
    trained = _plain([list(_answers(row.record)) for row in rows], template.core)
    advance(len(rows))
    return Measured(whole, trained)


def _told(items: Iterable[Any], advance: Any) -> Iterator[Any]:
    for item in items:
        advance(1)
        yield item


def _plain(texts: Sequence[Sequence[str]], core: Any) -> list[int]:
    joined = ["\n".join(parts) for parts in texts]
    return [len(one.ids) for one in core.encode_batch(joined, add_special_tokens=False)]


def _said(record: Record) -> Iterator[str]:
    for message in _messages(record):
        yield from (text for text in (message.reasoning, message.content) if text)
    if record.text:
        yield record.text


def _side(record: Record, side: int) -> Record:
    """A comparison with one of its two answers: that is what a trainer puts into one sequence."""
    return record._replace(chosen=None) if side else record._replace(rejected=None)


def _answers(record: Record) -> Iterator[str]:
    yield from (message.content for message in _messages(record) if message.role == "assistant" and message.content)
    if record.text:
        yield record.text


def _messages(record: Record) -> tuple[Message, ...]:
    return (*(record.messages or ()), *(record.chosen or ()), *(record.rejected or ()))


def _languages(rows: Sequence[Row]) -> dict[str, float]:
    """Of the answers; those that cannot be told are `unknown`."""
    import pyarrow as pa

    from tunesmith.curate.languages import tell

    answers = ["\n".join(_answers(row.record)) for row in rows]
    counts = Counter(str(name) or "unknown" for name in tell(pa.array(answers, pa.string())).language)
    return {name: round(n / len(answers), 4) for name, n in counts.most_common()}


def _cutoff(lengths: Sequence[int], context: int | None) -> int | None:
    """The longest row up to a generous length, or the 95th percentile where that is more; a multiple of 64."""
    p95 = _percentile(lengths, 95)
    if p95 is None:
        return None
    wanted = max(p95, min(lengths[-1], GENEROUS))
    cutoff = max(_STEP, -(-wanted // _STEP) * _STEP)
    return min(cutoff, context) if context else cutoff


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The least length that so many per cent of the rows do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
