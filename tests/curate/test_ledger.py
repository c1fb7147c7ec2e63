"""The ledger: a row leaves once, and a run whose rows do not add up is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.curate.ledger import (
    DROPPED,
    INVALID,
    LEDGER_SCHEMA,
    UNSAMPLED,
    Verdicts,
    check_conservation,
    ledger_table,
)
from tunesmith.errors import InternalError

ROWS = ["a:1", "a:2", "a:3", "a:4"]


def _mask(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(len(ROWS), bool)
    mask[list(numbers)] = True
    return mask


def _verdicts() -> Verdicts:
    """Row 0 trains twice, 1 validates, 2 is a duplicate of 0, 3 is too long."""
    verdicts = Verdicts(len(ROWS))
    long = np.array([10.0, 10.0, 10.0, 900.0])
    verdicts.leave(_mask(3), DROPPED, stage="rules", rule="answer_too_long", value=long, threshold=np.full(4, 500.0))
    verdicts.leave(_mask(2), DROPPED, stage="duplicates", rule="exact_duplicate")
    verdicts.partner[2], verdicts.similarity[2] = 0, 1.0
    verdicts.split[0], verdicts.split[1] = "train", "validation"
    verdicts.copies[0], verdicts.copies[1] = 2, 1
    return verdicts


def _table(verdicts: Verdicts) -> pa.Table:
    columns = pa.table(
        {
            "source": ["a"] * 4,
            "group": ["domain"] * 4,
            "position": pa.array([1, 2, 3, 4], pa.int64()),
            "content_id": [f"{number:032x}" for number in range(4)],
            "detail": pa.array([None] * 4, pa.string()),
        }
    )
    nothing: list[list[str]] = [[]] * 4
    failed = [[], [], [], [{"rule": "answer_too_long", "value": 900.0, "threshold": 500.0}]]
    return ledger_table(verdicts, row_ids=ROWS, columns=columns, failed=failed, flags=nothing, edits=nothing)


def test_the_table_has_the_promised_columns_one_line_a_row() -> None:
    table = _table(_verdicts())
    assert table.schema == LEDGER_SCHEMA
    assert table["row_id"].to_pylist() == ROWS
    check_conservation(table, 4)


def test_a_dropped_row_carries_rule_value_and_threshold_and_a_kept_one_nothing() -> None:
    kept, _, duplicate, long = _table(_verdicts()).to_pylist()
    assert (long["rule"], long["value"], long["threshold"]) == ("answer_too_long", 900.0, 500.0)
    assert (duplicate["partner"], duplicate["similarity"]) == ("a:1", 1.0)
    assert {kept[name] for name in ("stage", "rule", "value", "threshold", "partner", "similarity")} == {None}


def test_a_row_leaves_once() -> None:
    verdicts = _verdicts()
    leaving = verdicts.leave(_mask(1, 2, 3), INVALID, stage="later", rule="later")
    assert leaving.tolist() == [False, True, False, False]
    assert verdicts.stage.tolist() == [None, "later", "duplicates", "rules"]
    assert verdicts.alive.tolist() == [True, False, False, False]


def test_a_rule_may_differ_by_row() -> None:
    verdicts = Verdicts(4)
    verdicts.leave(_mask(1, 3), UNSAMPLED, stage="mix", rule=np.array(["mix", "cap", "mix", "mix"], object))
    assert verdicts.rule.tolist() == [None, "cap", None, "mix"]


def _forget_a_side(verdicts: Verdicts) -> None:
    verdicts.split[0] = None


def _put_a_dropped_row_on_a_side(verdicts: Verdicts) -> None:
    verdicts.split[2] = "train"


def _leave_without_a_stage(verdicts: Verdicts) -> None:
    verdicts.stage[2] = None


def _copy_a_dropped_row(verdicts: Verdicts) -> None:
    verdicts.copies[2] = 1


def _keep_without_a_copy(verdicts: Verdicts) -> None:
    verdicts.copies[0] = 0


def _invent_a_verdict(verdicts: Verdicts) -> None:
    verdicts.verdict[3] = "lost"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (_forget_a_side, "on no side"),
        (_put_a_dropped_row_on_a_side, "a row that left is on a side"),
        (_leave_without_a_stage, "without a stage"),
        (_copy_a_dropped_row, "copies and verdict disagree"),
        (_keep_without_a_copy, "copies and verdict disagree"),
        (_invent_a_verdict, "no known verdict"),
    ],
)
def test_rows_that_do_not_add_up_are_refused(fault: Callable[[Verdicts], None], message: str) -> None:
    verdicts = _verdicts()
    fault(verdicts)
    with pytest.raises(InternalError, match=message):
        check_conservation(_table(verdicts), 4)


def test_a_row_too_many_or_too_few_is_refused() -> None:
    table = _table(_verdicts())
    with pytest.raises(InternalError, match="5 rows came in, 4 are in the ledger"):
        check_conservation(table, 5)
    twice = pa.concat_tables([table.slice(0, 3), table.slice(0, 1)])
    with pytest.raises(InternalError, match="stands twice"):
        check_conservation(twice, 4)


def test_a_ledger_of_no_rows_is_whole() -> None:
    check_conservation(LEDGER_SCHEMA.empty_table(), 0)
