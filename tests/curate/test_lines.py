"""Lines made from columns are those that `write_row` makes, byte for byte; a lean start still has all libraries."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate import jsontext
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.lines import Line, lines_of
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.errors import CannotHold

ROWS: list[tuple[str, dict[str, Any]]] = [
    ("openai", {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": '"é"\n\u2028'}]}),
    ("openai", {"messages": []}),
    ("openai", {"messages": [{"role": "user", "content": None}]}),
    ("openai", {"messages": [{"role": "assistant", "content": "<think>a</think>b"}], "id": 2**70}),
    ("openai", {"messages": [{"content": "order", "role": "user", "weight": 1}], "tools": "[]"}),
    ("openai", {"messages": [{"role": "user", "content": "x"}], "note": "openai"}),
    ("alpaca", {"instruction": "Say", "output": "Said", "id": 7}),
    ("alpaca", {"instruction": "Say", "input": "x", "output": "Said", "system": "Be brief."}),
    ("trl_preference", {"prompt": "1+1?", "chosen": "2", "rejected": "3"}),
    ("text", {"text": "alone", "source": "web"}),
]


def table_of(records: list[Record]) -> pa.Table:
    return pa.Table.from_batches([to_batch(records)])


def formats_with(name: str) -> dict[str, Any]:
    return {"sft": FORMATS[name], "preference": FORMATS["trl_preference"], "text": FORMATS["text"]}


def slowly(record: Record, formats: dict[str, Any], *, keep_extra: bool) -> bytes | str:
    try:
        row = write_row(record, formats[record.kind], keep_extra=keep_extra)
    except CannotHold as error:
        return str(error)
    return jsontext.dump_bytes(row) + b"\n"


def said(line: Line | CannotHold) -> bytes | str:
    return line.data if isinstance(line, Line) else str(line)


@pytest.mark.parametrize("keep_extra", [False, True])
@pytest.mark.parametrize("name", ["openai", "sharegpt", "alpaca"])
def test_lines_are_those_of_write_row(name: str, keep_extra: bool) -> None:
    records = [read_row(row, FORMATS[form]) for form, row in ROWS]
    formats = formats_with(name)
    lines = lines_of(table_of(records), formats, keep_extra=keep_extra)
    assert [*map(said, lines)] == [slowly(record, formats, keep_extra=keep_extra) for record in records]


roles = st.sampled_from(["system", "user", "assistant"])
turns = st.tuples(roles, st.one_of(st.none(), st.text(max_size=5))).map(lambda turn: Message(*turn))
extras = st.sampled_from([None, {"id": 1}, {"_tunesmith": {"openai": {"absent": ["tools"]}}}])
conversations = st.tuples(st.lists(turns, max_size=3), extras).map(
    lambda parts: Record("sft", tuple(parts[0]), extra=parts[1])
)


@given(st.lists(conversations, max_size=6), st.booleans())
def test_lines_of_any_conversations_are_those_of_write_row(records: list[Record], keep_extra: bool) -> None:
    formats = formats_with("openai")
    lines = lines_of(table_of(records), formats, keep_extra=keep_extra)
    assert [*map(said, lines)] == [slowly(record, formats, keep_extra=keep_extra) for record in records]


def test_an_edit_stands_in_place_of_its_row() -> None:
    records = [read_row(row, FORMATS[form]) for form, row in ROWS[:2]]
    edit = Record("text", text="edited")
    lines = lines_of(table_of(records), formats_with("openai"), keep_extra=False, edits={1: edit})
    assert [*map(said, lines)][1] == b'{"text":"edited"}\n'


LEAN = """
import sys
import pyarrow as pa
from tunesmith.curate.lean import numba_has_looked, start_lean
start_lean()
from numba.core.registry import cpu_target
cpu_target.target_context.refresh()
numba_has_looked()
pa.array(["a"])
print("pandas" in sys.modules, "scipy" in sys.modules)
import pandas
import scipy
print(pa.table({"a": [1, 2]}).to_pandas().shape, pa.array(pandas.Series([1.0, float("nan")])).null_count)
"""


def test_a_lean_start_imports_neither_pandas_nor_scipy_and_both_still_work() -> None:
    done = subprocess.run([sys.executable, "-c", LEAN], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False False", "(2, 1) 1"]
