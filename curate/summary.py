"""What a run did, in numbers and examples: the plain data behind the report, the terminal and the pages.

`summarise` reads the ledger and the signals only, and three example rows a reason from the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import DROPPED, INVALID, KEPT, UNSAMPLED
from tunesmith.curate.masked import ReadableRows
from tunesmith.curate.records import Record
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.shared_texts import shared_texts

EXAMPLES = 3
_EXAMPLE_CHARACTERS = 4_000  # the report cuts further; this keeps a 10 MB row out of it
_LENGTHS = ("prompt_characters", "answer_characters")
_LEAST_ROWS_FOR_A_HISTOGRAM = 1


class Evidence(NamedTuple):
    """What `summarise` looks at. Arrays have shape `(n_rows,)`."""

    ledger: pa.Table
    columns: pa.Table
    store: ReadableRows
    failures: Mapping[str, npt.NDArray[np.integer]]  # rule -> numbers of the rows that it alone would drop
    seed: int


def counts(ledger: pa.Table) -> dict[str, int]:
    """Rows by verdict and side, the lines of the training file with copies counted, duplicates and what was flagged."""
    verdicts, sides = _tally(ledger["verdict"]), _tally(ledger["split"])
    copies = ledger["copies"].to_numpy()
    train = shared_texts(ledger["split"]) == "train"
    return {
        "rows_in": len(ledger),
        **{name: verdicts[name] for name in (KEPT, DROPPED, INVALID, UNSAMPLED)},
        "train": sides["train"],
        "validation": sides["validation"],
        "train_lines": int(copies[train].sum()),
        **_duplicates(ledger),
    }


def _tally(column: pa.ChunkedArray) -> Counter[str]:
    values, counted = pc.value_counts(column).flatten()
    return Counter(dict(zip(values.to_pylist(), counted.to_pylist())))


def _duplicates(ledger: pa.Table) -> dict[str, int]:
    """Rows that repeat another, dropped or flagged, and flagged survivors."""
    rules, flags = _tally(ledger["rule"]), _tally(pc.list_flatten(ledger["flags"]))
    return {
        "exact": rules["exact_duplicate"],
        "near": rules["near_duplicate"] + flags["near_duplicate"],
        "variants": flags["variant"],
        "conflicts": flags["conflict"],
        "templates": flags["template"],
    }


def summarise(evidence: Evidence) -> dict[str, Any]:
    """Counts, reasons with examples, lengths, languages and kinds before and after."""
    kept = shared_texts(evidence.ledger["verdict"]) == KEPT
    readable = evidence.columns["invalid"].is_null().to_numpy()
    return {
        **counts(evidence.ledger),
        "reasons": _reasons(evidence),
        "lengths": _lengths(evidence.columns, readable, kept),
        "languages": _before_and_after(evidence.columns["language"], readable, kept),
        "kinds": _before_and_after(evidence.columns["kind"], readable, kept),
    }


def _before_and_after(
    column: pa.ChunkedArray, readable: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_]
) -> dict[str, dict[str, int]]:
    values = shared_texts(column)
    return {
        side: dict(Counter(values[rows].tolist()).most_common())
        for side, rows in (("before", readable), ("after", kept))
    }


def _reasons(evidence: Evidence) -> list[dict[str, Any]]:
    """One entry for each way out, most rows first."""
    table = evidence.ledger
    verdict, stage, rule = (shared_texts(table[name]) for name in ("verdict", "stage", "rule"))
    left = np.flatnonzero(verdict != KEPT)
    ways = Counter(zip(verdict[left], stage[left], rule[left]))
    entries = []
    for (why, where, name), rows in sorted(ways.items(), key=lambda item: (-item[1], item[0])):
        members = left[(verdict[left] == why) & (stage[left] == where) & (rule[left] == name)]
        alone = rows
        if where == "rules" and name in evidence.failures:
            alone = len(np.intersect1d(evidence.failures[name], members, assume_unique=True))
        entries.append(
            {
                "verdict": why,
                "stage": where,
                "rule": name,
                "rows": rows,
                "only_this_rule": alone,
                "examples": [example_of(evidence, number) for number in sample_rows(evidence, members)],
            }
        )
    return entries


def sample_rows(evidence: Evidence, rows: npt.NDArray[np.intp], most: int = EXAMPLES) -> list[int]:
    """A few of the rows, the same few in every run."""
    names = evidence.ledger["row_id"].take(pa.array(rows)).to_pylist()
    order = np.lexsort((rows, seeded_order(names, evidence.seed)))
    return sorted(int(row) for row in rows[order[:most]])


def example_of(evidence: Evidence, number: int) -> dict[str, Any]:
    """One row as an example: its texts, and the evidence of its line in the ledger."""
    told = ("row_id", "value", "threshold", "partner", "similarity", "detail")
    line = evidence.ledger.select(told).slice(number, 1).to_pylist()[0]
    record = evidence.store.record(number)
    if record.kind == "invalid":
        prompt, answer = evidence.store.raw(number)[:_EXAMPLE_CHARACTERS].decode("utf-8", "backslashreplace"), ""
    else:
        prompt, answer = texts_of(record)
    language = evidence.columns["language"][number].as_py()
    return {
        **line,
        "language": language,
        "prompt": prompt[:_EXAMPLE_CHARACTERS],
        "answer": answer[:_EXAMPLE_CHARACTERS],
    }


def texts_of(record: Record) -> tuple[str, str]:
    """What a person sees of a record: the turns before the answer, and the answer."""
    if record.kind == "text":
        return "", record.text or ""
    messages = list(record.turns)
    answers: Sequence[Any] = record.chosen or (messages[-1:] if messages and messages[-1].role == "assistant" else ())
    shown = messages if record.chosen else messages[: len(messages) - len(answers)]
    prompt = "\n\n".join(_turn_text(turn, with_role=len(shown) > 1) for turn in shown)
    answer = "\n\n".join(_turn_text(turn, with_role=False) for turn in answers)
    return prompt, answer


def _turn_text(turn: Any, *, with_role: bool) -> str:
    text = turn.content or ""
    for call in turn.tool_calls or ():
        function = call.get("function", call)
        text += f"{function.get('name')}({function.get('arguments')})"
    return f"{turn.role}: {text}" if with_role else text


def _lengths(columns: pa.Table, readable: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Histograms on doubling edges, by language, of the rows that could be read and of those that were kept."""
    language = columns["language"].to_numpy()
    found = []
    conversation = columns["kind"].to_numpy() != "text"  # which has a length, but no prompt
    for signal in _LENGTHS:
        values = columns[signal].to_numpy()
        counted = readable & conversation if signal == "prompt_characters" else readable
        for name in sorted(set(language[counted].tolist())):
            mine = counted & (language == name)
            before, after = values[mine], values[mine & kept]
            if len(before) >= _LEAST_ROWS_FOR_A_HISTOGRAM:
                found.append({"signal": signal, "language": name, **_histogram(before, after)})
    return found


def _histogram(before: npt.NDArray[np.integer], after: npt.NDArray[np.integer]) -> dict[str, Any]:
    last = max(1, int(np.ceil(np.log2(max(2, int(before.max()) + 1)))))
    edges = [0, *(2**power for power in range(last + 1))]
    return {
        "edges": edges,
        "before": np.histogram(before, edges)[0].tolist(),
        "after": np.histogram(after, edges)[0].tolist(),
        **_percentiles("before", before),
        **_percentiles("after", after),
    }


def _percentiles(side: str, values: npt.NDArray[np.integer]) -> dict[str, int | None]:
    if not len(values):
        return {f"median_{side}": None, f"p95_{side}": None}
    median, high = np.percentile(values, [50, 95], method="nearest")
    return {f"median_{side}": int(median), f"p95_{side}": int(high)}
