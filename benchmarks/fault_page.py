"""The words and tables of the page about faults.

>>> share(95, 100)
'.950 (.888–.978)'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fault_judged import JUDGED
from fault_judging import Entry, Score, by_variant, other_marks, unread, wilson
from fault_kinds import CONSEQUENCES, FAULTS
from fault_planting import Planted
from fault_real import Dropped, flags, shares
from page import Line, table

MOST_SHOWN = 160  # characters of a prompt or an answer in a list

PLANTED = """## Faults planted into real rows

{n_base:,} real rows, half Chinese and half English: alpaca demos, huatuo, gsm8k's training set, glaive tool calls, the
chosen sides of the preference demos. Each fault was planted, with seed {seed}, into {rate:.0%} of each language's rows,
each row carrying at most one; copies, unsafe rows and rows that ask evaluation questions were added. Small sets give
more rows than their share (a row's weight is one by the square root of its set's size); broken tool calls stand only
where there are calls, so they are two fifths of the rows that have any. The recipe is the default one with
`contamination: {{against: …}}`: gsm8k's test set, five subjects of CMMLU, and {n_held_out} medical questions held out.

Phrases, formats and units of loops were written for this benchmark by somebody who had not seen the rules or their
lists; where a request is unsafe, the answer goes along and says nothing of how.
{wordings}

A truncated answer is cut within a sentence that goes on for at least ten words (20 Chinese characters), behind a full
sentence or 15 words (25 characters), and at no edge of a clause: few cuts leave a text that may pass for complete. An
end token that closes an answer is removed by a default cleaner, which the ledger records as `clean:end_marks`; that
counts as finding it.

*Recall*: planted rows that carry a name of the fault in the ledger (rule, flag or edit; tables below). Of a copied row
either the copy or the row that it copies may be the one that goes. *Precision*: of all rows that carry a name, those
where the fault was planted; {n_clean:,} rows are untouched, so it is precision at a prevalence of one in a hundred.
*Neither*: marks that count neither way, because the planted fault brings them with it, because the row is a true
duplicate of the public set by an independent count (same words, or Jaccard similarity of 5-word shingles ≥ .7) or holds
an e-mail address as it came, or because a reader judged it faulty (listed below). Of {n_false} false alarms on
untouched rows, {n_unread} are not judged yet and may be faults. Intervals are Wilson's, 95 %.

{scores}

What counts as finding a fault:

{marks}

Marks that a planted fault brings with it, and that therefore count neither way:

{consequences}

Variants with misses:

{variants}

Other names on untouched rows (no fault of theirs was planted):

{others}
"""

WORDINGS = {
    "held-out": "This is the *held-out* set; the authors of the rules had not seen it when this was measured, but\n"
    "for the units of loops, and had read its totals while they worked. Chinese telephone numbers were mended after\n"
    "the kinds of those that were missed had been read here, so their figure is no longer that of an unseen set.",
    "tuning": "This is the *tuning* set, which the authors of the rules know: quote the held-out set's figures.",
}

REAL = """## The public sets as they are

The default recipe. *By rules*: rows dropped or invalid before duplicates are looked for; wanted: at most 2 % of each
set, every one of them wrong to a reader. Of {n_duplicates} duplicates, {n_proved} are alike to their
partners at .7 by the independent count.

{shares}

Marks on rows that stay:

{flags}

### Every row that the rules drop

{rules}

### Judged rows

Of both parts. Some stand here that no rule marks at present: they were read when one did, or while looking for more.

{judged}
"""


def planted_part(
    planted: Mapping[str, Planted], ledger: Mapping[str, Entry], found: Sequence[Score], facts: Mapping[str, object]
) -> str:
    """Recall and precision."""
    others = other_marks(planted, ledger)
    n_false, n_unread = unread(found, planted, ledger)
    return PLANTED.format(
        scores=table([*map(_score_line, found)]),
        marks=table([_marks_line(fault.name) for fault in FAULTS]),
        consequences=table([{"planted": name, "mark": mark, "why": why} for name, mark, why in CONSEQUENCES]),
        variants=table([line for score in found for line in _variant_lines(score, planted)]) if found else "",
        others=table([{"name": name, "rows": n} for name, n in others.items()]) if others else "none",
        n_false=n_false,
        n_unread=n_unread,
        n_clean=sum(not one.fault for one in planted.values()),
        **{**facts, "wordings": WORDINGS[str(facts["wordings"])]},
    )


def real_part(ledger: Mapping[str, Entry], dropped: list[Dropped]) -> str:
    """Shares, flags, rows."""
    by_rules = [one for one in dropped if one.entry.stage != "duplicates"]
    duplicates = [one for one in dropped if one.entry.stage == "duplicates"]
    return REAL.format(
        n_duplicates=len(duplicates),
        n_proved=sum(one.proved for one in duplicates),
        shares=table(shares(ledger, dropped)),
        flags=table(flags(ledger)) if flags(ledger) else "none",
        rules=table([*map(_dropped_line, by_rules)]) if by_rules else "none",
        judged=table([*map(_judged_line, range(len(JUDGED)))]) if JUDGED else "none yet",
    )


def share(n_hits: int, n_all: int) -> str:
    """A share with its interval."""
    if not n_all:
        return "–"
    low, high = wilson(n_hits, n_all)
    return f"{_short(n_hits / n_all)} ({_short(low)}–{_short(high)})"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _score_line(score: Score) -> Line:
    return {
        "fault": score.fault,
        "language": score.language,
        "planted": score.n_planted,
        "recall": share(score.n_caught, score.n_planted),
        "marked": score.n_marked,
        "neither": score.n_owed,
        "false": len(score.false),
        "precision": share(score.n_right, score.n_right + len(score.false)),
    }


def _marks_line(name: str) -> Line:
    fault = next(one for one in FAULTS if one.name == name)
    return {"fault": name, "names": _code(fault.marks), "for recall also": _code(fault.also)}


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _variant_lines(score: Score, planted: Mapping[str, Planted]) -> list[Line]:
    found = by_variant(score, planted).items()
    return [
        {
            "fault": score.fault,
            "language": score.language,
            "variant": _cell(name),
            "planted": n_planted,
            "missed": n_missed,
        }
        for name, (n_planted, n_missed) in found
    ]


def _dropped_line(one: Dropped) -> Line:
    return {
        "row": one.entry.row_id,
        "names": _code(sorted(one.entry.marks)) or one.entry.verdict,
        "prompt": _cell(one.row.prompt),
        "answer": _cell(one.row.answer),
        "judged": _cell(one.judgement),
    }


def _judged_line(at: int) -> Line:
    one = JUDGED[at]
    verdict = "faulty" if one.faulty else "a false alarm"
    return {"row": one.row, "mark": f"`{one.mark}`", "verdict": verdict, "reason": _cell(one.reason)}


def _cell(text: str) -> str:
    """A start and an end that stay in one cell of a table and are no markup of the page."""
    flat = " ".join(text.split())
    if len(flat) > MOST_SHOWN:
        flat = f"{flat[: MOST_SHOWN // 2]} … {flat[-MOST_SHOWN // 2 :]}"
    for mark, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("*", "\\*"), ("_", "\\_"), ("`", "\\`")):
        flat = flat.replace(mark, written)
    return flat
