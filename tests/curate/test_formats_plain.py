"""A row in the plainest spelling takes a shorter way, to the same record; every other row does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.records import Record
from tunesmith.errors import RowError

TEXTS = st.sampled_from(["", "Hi", "<think>\nwhy\n</think>\n\nso", "<think>", "　", 1, True, None, ["a"], {"a": 1}])
FIELDS = st.dictionaries(
    st.sampled_from(["tools", "id", "image", "_tunesmith", "label", "system", "history"]), TEXTS, max_size=2
)
TURNS = st.dictionaries(st.sampled_from(["role", "content", "name", "x"]), TEXTS, max_size=3) | st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "developer", "gpt"]) | TEXTS, "content": TEXTS}
)
PAIRS = st.fixed_dictionaries({}, optional={"prompt": TEXTS, "completion": TEXTS})
ASKED = st.fixed_dictionaries({}, optional={"instruction": TEXTS, "input": st.just("") | TEXTS, "output": TEXTS})
TALKS = st.fixed_dictionaries({}, optional={"messages": st.lists(TURNS, max_size=3) | TEXTS})


def outcome(row: Any, form: Format) -> Record | str:
    try:
        return read_row(row, form)
    except RowError as error:
        return str(error)


@pytest.mark.parametrize(("name", "rows"), [("prompt_completion", PAIRS), ("alpaca", ASKED), ("openai", TALKS)])
def test_both_ways_lead_to_the_same_record_and_back(name: str, rows: st.SearchStrategy[dict[str, Any]]) -> None:
    form = FORMATS[name]
    assert form.plain is not None

    @given(rows, FIELDS)
    def check(row: dict[str, Any], fields: dict[str, Any]) -> None:
        row = row | fields
        found = outcome(row, form)
        assert repr(found) == repr(outcome(row, form._replace(plain=None)))  # repr: 1 is not True
        if isinstance(found, Record):
            assert repr(write_row(found, form)) == repr(row) or write_row(found, form) == row

    check()
