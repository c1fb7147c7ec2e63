"""The numbers of the report: sums that agree with the ledger, reasons with examples, lengths on doubling edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.curate.formats.catalog import FORMATS, read_row
from tunesmith.curate.ingest import Plan, ingest
from tunesmith.curate.io import open_input
from tunesmith.curate.ledger import DROPPED, INVALID, UNSAMPLED, Verdicts, ledger_table
from tunesmith.curate.progress import Progress
from tunesmith.curate.records import Message, Record
from tunesmith.curate.shards import read_columns
from tunesmith.curate.store import RowStore
from tunesmith.curate.summary import Evidence, counts, summarise, texts_of

N_ROWS = 12
RULE = "answer_too_short"


def _row(number: int) -> dict[str, Any]:
    if number % 2:
        return {"instruction": f"问题{number}？", "output": "答" * number}
    return {"instruction": f"Question {number}?", "output": "a" * number}


@pytest.fixture
def judged(tmp_path: Path) -> Evidence:
    """Rows 0 to 3 are dropped by a rule, 4 repeats 6, 5 is unsampled, 11 no JSON; 9 trains twice, 10 validates."""
    lines = [json.dumps(_row(number), ensure_ascii=False) for number in range(N_ROWS - 1)] + ['{"broken']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    found = ingest(Plan("a", open_input(tmp_path / "a.jsonl"), None), tmp_path / "shards", Progress())
    columns = read_columns(found.shards)
    columns = columns.append_column("source", pa.array(["a"] * N_ROWS)).append_column("group", pa.array(["d"] * N_ROWS))
    failures = np.arange(3)  # the fourth fails another rule too
    return Evidence(_ledger(columns), columns, RowStore(found.shards, columns, {}), {RULE: failures}, seed=0)


def _ledger(columns: pa.Table) -> pa.Table:
    verdicts, numbers = Verdicts(N_ROWS), np.arange(N_ROWS)
    verdicts.leave(numbers == 11, INVALID, stage="ingest", rule="invalid_json")
    values, limits = numbers.astype(float), np.full(N_ROWS, 4.0)
    verdicts.leave(numbers < 4, DROPPED, stage="rules", rule=RULE, value=values, threshold=limits)
    verdicts.leave(numbers == 4, DROPPED, stage="duplicates", rule="exact_duplicate")
    verdicts.partner[4] = 6
    verdicts.leave(numbers == 5, UNSAMPLED, stage="mix", rule="mix")
    alive = verdicts.alive
    verdicts.split[alive], verdicts.copies[alive] = "train", 1
    verdicts.split[10], verdicts.copies[9] = "validation", 2
    nothing: list[list[Any]] = [[]] * N_ROWS
    ids = [f"a:{number + 1}" for number in range(N_ROWS)]
    return ledger_table(verdicts, row_ids=ids, columns=columns, failed=nothing, flags=nothing, edits=nothing)


def test_the_counts_add_up(judged: Evidence) -> None:
    assert counts(judged.ledger) == {
        "rows_in": 12,
        "kept": 5,
        "dropped": 5,
        "invalid": 1,
        "unsampled": 1,
        "train": 4,
        "validation": 1,
        "train_lines": 5,
        "exact": 1,
        "near": 0,
        "variants": 0,
        "conflicts": 0,
        "templates": 0,
    }


def test_every_way_out_is_counted_the_most_frequent_first(judged: Evidence) -> None:
    told = [(one["verdict"], one["stage"], one["rule"], one["rows"]) for one in summarise(judged)["reasons"]]
    assert told[0] == (DROPPED, "rules", RULE, 4)
    assert sorted(told[1:]) == [
        (DROPPED, "duplicates", "exact_duplicate", 1),
        (INVALID, "ingest", "invalid_json", 1),
        (UNSAMPLED, "mix", "mix", 1),
    ]
    assert sum(rows for *_, rows in told) == 12 - 5


def test_a_reason_says_how_many_rows_no_other_rule_would_drop(judged: Evidence) -> None:
    assert summarise(judged)["reasons"][0]["only_this_rule"] == 3
    exempt = judged._replace(failures={RULE: np.append(judged.failures[RULE], 8)})  # kept by a decision
    assert summarise(exempt)["reasons"][0]["only_this_rule"] == 3


def test_three_examples_stand_for_a_reason_with_their_evidence(judged: Evidence) -> None:
    examples = summarise(judged)["reasons"][0]["examples"]
    assert len(examples) == 3
    for example in examples:
        number = int(example["row_id"].removeprefix("a:")) - 1
        assert (example["value"], example["threshold"]) == (number, 4)
        assert example["prompt"] == _row(number)["instruction"]
        assert example["answer"] == _row(number)["output"]


def test_examples_are_the_same_every_time_and_others_with_another_seed(judged: Evidence) -> None:
    def shown(seed: int) -> list[str]:
        return [one["row_id"] for one in summarise(judged._replace(seed=seed))["reasons"][0]["examples"]]

    assert shown(1) == shown(1)
    assert len({tuple(shown(seed)) for seed in range(8)}) > 1


def test_an_unreadable_row_is_shown_as_it_came(judged: Evidence) -> None:
    (example,) = next(one for one in summarise(judged)["reasons"] if one["verdict"] == INVALID)["examples"]
    assert (example["prompt"], example["answer"]) == ('{"broken', "")
    assert "invalid" not in summarise(judged)["kinds"]["before"]


def test_languages_and_kinds_are_counted_before_and_after(judged: Evidence) -> None:
    told = summarise(judged)
    assert told["languages"] == {"before": {"en": 6, "zh": 5}, "after": {"en": 3, "zh": 2}}
    assert told["kinds"] == {"before": {"sft": 11}, "after": {"sft": 5}}


def test_histograms_hold_every_row_once_on_doubling_edges(judged: Evidence) -> None:
    told = {(one["signal"], one["language"]): one for one in summarise(judged)["lengths"]}
    assert set(told) == {(s, name) for s in ("prompt_characters", "answer_characters") for name in ("en", "zh")}
    english = told["answer_characters", "en"]  # 0 2 4 6 8 10 before, 6 8 10 after
    assert english["edges"] == [0, 1, 2, 4, 8, 16]
    assert english["before"] == [1, 0, 1, 2, 2]
    assert english["after"] == [0, 0, 0, 1, 2]
    assert (english["median_after"], english["p95_after"]) == (8, 10)


def test_a_language_without_a_kept_row_has_no_percentiles_after(judged: Evidence) -> None:
    verdicts = pa.array([DROPPED] * N_ROWS)
    ledger = judged.ledger.set_column(judged.ledger.schema.get_field_index("verdict"), "verdict", verdicts)
    ledger = ledger.set_column(ledger.schema.get_field_index("stage"), "stage", pa.array(["rules"] * N_ROWS))
    ledger = ledger.set_column(ledger.schema.get_field_index("rule"), "rule", pa.array([RULE] * N_ROWS))
    told = summarise(judged._replace(ledger=ledger))["lengths"]
    assert {one["median_after"] for one in told} == {None}


def test_the_texts_of_a_record_are_its_prompt_and_its_answer() -> None:
    turns = (Message("system", "Be short."), Message("user", "Why?"), Message("assistant", "So."))
    assert texts_of(Record("sft", turns[1:])) == ("Why?", "So.")
    assert texts_of(Record("sft", turns)) == ("system: Be short.\n\nuser: Why?", "So.")
    assert texts_of(Record("sft", turns[:2])) == ("system: Be short.\n\nuser: Why?", "")
    assert texts_of(Record("text", text="Once.")) == ("", "Once.")
    pair = read_row({"prompt": "1+1?", "chosen": "2", "rejected": "3"}, FORMATS["trl_preference"])
    assert texts_of(pair) == ("1+1?", "2")
    call = Message("assistant", None, tool_calls=[{"function": {"name": "dose", "arguments": "{}"}}])
    assert texts_of(Record("sft", (turns[1], call))) == ("Why?", "dose({})")
