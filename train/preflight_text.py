"""The preflight as a page of text for the terminal, at most 100 columns wide.

>>> print(as_text(found))  # doctest: +SKIP
Qwen/Qwen3-0.6B · sft · 2,048 tokens at most · answers trained
8,990 of 9,027 rows will be trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

from tunesmith.curate.report_format import share
from tunesmith.curate.report_format import visible as readable
from tunesmith.curate.shown import count, cut, paint, visible, wrap
from tunesmith.train.preflight_found import AnyPreflight, Preflight
from tunesmith.train.preflight_row_text import row_text
from tunesmith.train.preflight_tally import SPECIAL_FLAG
from tunesmith.train.preflight_types import Account, Serving
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import PARTS

WIDTH = 100
_IDS = 3  # that a line names


def as_text(found: Preflight, *, color: bool = False, width: int = WIDTH) -> str:
    """The whole preflight for a person, with its first row token by token."""
    return "\n".join(line.rstrip() for line in _lines(found, color, min(width, WIDTH)))


def clean(text: str) -> str:
    """A text of the data or of a model's files, safe for a terminal, on one line."""
    return visible(readable(text)).replace("\n", "⏎").replace("\t", "⇥")


def _lines(found: Preflight, color: bool, width: int) -> Iterator[str]:
    yield from (paint(line, "dim", color=color) for line in wrap(settings_line(found), width=width))
    yield paint(verdict(found), "bold", color=color)
    yield ""
    yield from _sets(found, color, width)
    yield from reason_lines(found, color, width)
    yield from _tokens(found, color, width)
    yield from section("Lengths of whole rows, in tokens", length_lines(found), color)
    yield from section("Packing", _packing(found), color)
    yield from section("What is learned and what is asked", _serving(found), color)
    yield from section("In the texts", _texts(found), color)
    if found.rows:
        yield ""
        yield from row_text(found.rows[0], color=color, width=width)


def settings_line(found: AnyPreflight) -> str:
    """Model and settings in one line."""
    encoding = found.encoding
    if not isinstance(found, Preflight):
        return (
            f"{clean(found.model)} · {found.stage} · {encoding['max_length']:,} tokens at most · "
            f"over-long rows: {encoding['over_long']}"
        )
    parts = [
        clean(found.model),
        found.stage,
        f"{encoding['max_length']:,} tokens at most",
        f"train on {encoding['train_on']}",
        f"reasoning {encoding['reasoning']}",
        f"over-long rows: {encoding['over_long']}",
        f"special tokens in text: {encoding['special']}",
        "packed" if encoding["packing"] else "not packed",
    ]
    return " · ".join(parts)


def verdict(found: AnyPreflight, language: str = "en") -> str:
    """What will be trained, in a sentence."""
    rows = sum(account.rows for account in found.accounts) + len(found.unread)
    dropped = sum(account.outcomes["dropped"] for account in found.accounts) + len(found.unread)
    cut, split = (sum(account.outcomes[key] for account in found.accounts) for key in ("truncated", "split"))
    key = "verdict_cut" if cut else "verdict" if dropped else "verdict_split" if split else "verdict_all"
    values = {"kept": rows - dropped, "rows": rows, "dropped": dropped, "cut": cut, "split": split}
    return say(language, key, **{place: f"{value:,}" for place, value in values.items()})


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int], color: bool, width: int) -> str:
    """A compact table; the first column gives way where it is too wide."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim" if color else "")
    for place, head in enumerate(heads):
        is_left = place in left
        made.add_column(head, justify="left" if is_left else "right", overflow="fold", no_wrap=not is_left)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    stream = StringIO()
    console = Console(file=stream, width=width - 2, force_terminal=color, color_system="standard" if color else None)
    console.print(made)
    return "\n".join(f"  {line}".rstrip() for line in stream.getvalue().rstrip("\n").split("\n"))


def _sets(found: Preflight, color: bool, width: int) -> Iterator[str]:
    heads = ("", "rows", "whole", "cut", "split", "dropped", "tokens", "trained", "", "end")
    lines = [_set(found.train, "train")]
    if len(found.sources) > 1:
        lines += [_set(account, f"  {clean(account.source or '')}") for account in found.sources]
    lines += [_set(account, clean(account.name)) for account in found.validation]
    yield table(heads, lines, left=(0,), color=color, width=width)
    yield "  end: examples whose last answer ends with a token that says so, and is trained"
    if found.unread:
        yield paint(f"  {count(len(found.unread), 'row')} could not be read:", "yellow", color=color)
        for place, what in found.unread[:_IDS]:
            yield from indented(f"{clean(place)}: {clean(cut(what, most=160))}", indent=4)


def _set(account: Account, title: str) -> tuple[str, ...]:
    outcomes, tokens = account.outcomes, account.tokens
    counts = (account.rows, *(outcomes[key] for key in ("trained", "truncated", "split", "dropped")), tokens.n_all)
    shares = (share(tokens.n_trained, tokens.n_all), share(account.end_trained, account.examples))
    return (title, *(f"{value:,}" for value in counts), f"{tokens.n_trained:,}", *shares)


def reason_lines(found: AnyPreflight, color: bool, width: int) -> Iterator[str]:
    """What is not trained whole, and why."""
    rows = [
        (
            account.name if len(found.accounts) > 1 else "",
            one.outcome,
            name("en", "reason", one.reason),
            f"{one.rows:,}",
            ", ".join(map(clean, one.examples[:_IDS])),
        )
        for account in found.accounts
        for one in account.reasons
    ]
    if not rows:
        return
    yield from section("Not trained whole", (), color)
    yield table(("", "", "why", "rows", "such as"), rows, left=(0, 1, 2, 4), color=color, width=width)
    details = {one.reason: one.detail for account in found.accounts for one in account.reasons if one.detail}
    for reason, detail in details.items():
        yield from indented(f"{name('en', 'reason', reason)}: {clean(cut(detail, most=160))}")


def _tokens(found: Preflight, color: bool, width: int) -> Iterator[str]:
    tokens = found.train.tokens
    parts = [part for part in PARTS if part in tokens.trained or part in tokens.masked]
    rows = [(name("en", "part", part), *_part(found.train, part)) for part in parts]
    total = (f"{tokens.n_trained:,}", share(tokens.n_trained, tokens.n_all), f"{tokens.n_all - tokens.n_trained:,}")
    yield from section("Tokens of the training set", (), color)
    yield table(
        ("", "trained", "", "masked", ""),
        [*rows, ("all", *total, share(tokens.n_all - tokens.n_trained, tokens.n_all))],
        left=(0,),
        color=color,
        width=width,
    )


def _part(account: Account, part: str) -> tuple[str, ...]:
    tokens = account.tokens
    values = (tokens.trained.get(part, 0), tokens.masked.get(part, 0))
    return tuple(
        text for value in values for text in ((f"{value:,}", share(value, tokens.n_all)) if value else ("", ""))
    )


def section(title: str, lines: Sequence[str], color: bool) -> Iterator[str]:
    """A heading with an empty line before it, and its lines."""
    yield ""
    yield paint(title, "bold", color=color)
    yield from (part for line in lines for part in indented(line))


def indented(line: str, *, indent: int = 2, width: int = WIDTH) -> Iterator[str]:
    """A line that may be long, its further lines two columns deeper."""
    first, *rest = wrap(line, width=width - indent - 2)
    yield " " * indent + first
    yield from (" " * (indent + 2) + part for part in rest)


def length_lines(found: AnyPreflight) -> list[str]:
    """Percentiles, and what cutoffs would cost."""
    lengths, cutoff = found.train.lengths, found.cutoff
    named = (("median", lengths.p50), ("90 %", lengths.p90), ("95 %", lengths.p95), ("99 %", lengths.p99))
    longer = (cutoff.over_used, cutoff.over_advised, cutoff.over_generous)
    used, advised, generous = (f"{count(rows, 'row')} ({share(rows, lengths.n)})" for rows in longer)
    return [
        ", ".join(f"{title} {value:,}" for title, value in (*named, ("longest", lengths.max))),
        f"{cutoff.used:,} in use: {used} longer",
        f"{cutoff.advised:,} advised, the 95th percentile rounded up to a multiple of 64: {advised} longer",
        f"4,096 rather than cut answers: {generous} longer",
    ]


def _packing(found: Preflight) -> list[str]:
    packing = found.packing
    lines = [
        f"without: {packing.sequences:,} sequences, in batches of {packing.batch_size} padded to the longest: "
        f"{packing.waste:.1%} of the tokens are padding",
        f"with: {packing.packs:,} sequences of {found.cutoff.used:,} tokens, {packing.fill:.1%} full",
    ]
    copies = found.train.copies
    if copies.rows_repeated:
        rows = count(copies.rows_repeated, "row")
        lines.append(f"the mix repeats {rows}, up to {copies.most} times: {copies.examples:,} examples an epoch")
    return lines


def _serving(found: Preflight) -> list[str]:
    serving = found.serving
    lines = [f"template: {name('en', 'template', serving.template)}"]
    if found.stage != "sft":
        return [name("en", "template", "text")]
    lines.append(
        f"prompts, rendered as a server does, are what stands before the trained answers in {serving.same:,} of "
        f"{count(serving.compared, 'row')}"
    )
    lines += [*_differing(serving), *map(clean, serving.facts.values())]
    if serving.starts:
        lines.append("  ".join(f"{role} → {clean(start)}" for role, start in serving.starts.items()))
    return lines


def _differing(serving: Serving) -> Iterator[str]:
    if serving.escaped:
        yield f"a server does not escape special tokens in a text: {count(serving.escaped, 'row')}"
    if serving.example:
        yield f"other rows that differ: {', '.join(map(clean, serving.differs))}; the first:"
        yield f"  trained  {clean(cut(serving.example['trained'], most=80))}"
        yield f"  served   {clean(cut(serving.example['served'], most=80))}"
    if serving.not_compared:
        yield f"{count(serving.not_compared, 'row')} not compared (no prompt before an answer, or no template to serve)"


def _texts(found: Preflight) -> list[str]:
    roles = ", ".join(f"{role} {turns:,}" for role, turns in found.train.roles.items())
    bos = found.train.bos
    lines = [f"turns: {roles}"] if roles else []
    lines.append(
        "first token of a text: " + ", ".join(f"{n} × {rows:,}" for n, rows in bos.items() if rows)
        if bos
        else "the tokenizer has no token for the beginning of a text"
    )
    special = found.train.special
    if special.escaped or special.refused:
        strings = ", ".join(f"{clean(text)} {rows:,}" for text, rows in special.strings.items())
        lines.append(
            f"special tokens in text: {count(special.escaped, 'row')} escaped, {special.refused:,} refused ({strings})"
        )
    flags = {flag: rows for flag, rows in found.train.flags.items() if flag != SPECIAL_FLAG}
    return [*lines, *(f"{name('en', 'flag', flag)}: {count(rows, 'row')}" for flag, rows in flags.items())]
