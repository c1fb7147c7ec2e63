"""Which answers of two files belong together, and which are refused because they were made in different ways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import InputError
from tunesmith.evaluate.pairing import decoding_of, pair
from tunesmith.evaluate.predictions import Prediction, Predictions

SAID: Mapping[str, Any] = {"template_hash": "t1", "decoding": {"temperature": 0}}


def line(
    id: str, prompt: str = "Why?", *, reference: str = "So.", meta: Mapping[str, Any] = SAID, answer: str | None = "A"
) -> Prediction:
    messages = ({"role": "user", "content": prompt},) if prompt else ()
    return Prediction(id, messages, answer, (reference,) if reference else (), meta, None, {})


def file(name: str, *rows: Prediction) -> Predictions:
    return Predictions(Path(name), rows, name)


def test_answers_are_matched_by_id_in_the_order_of_the_file_before() -> None:
    both = pair(file("b", line("1"), line("2"), line("3")), file("a", line("3"), line("4"), line("1")))
    assert both.ids == ("1", "3")
    assert (both.rows_before.tolist(), both.rows_after.tolist()) == ([0, 2], [2, 0])
    assert (both.only_before, both.only_after) == (("2",), ("4",))


@given(st.lists(st.integers(0, 12), unique=True), st.lists(st.integers(0, 12), unique=True))
def test_every_id_is_in_exactly_one_place(before: list[int], after: list[int]) -> None:
    one, other = (file(name, *(line(str(n)) for n in ids)) for name, ids in (("b", before), ("a", after)))
    if not set(before) & set(after):
        with pytest.raises(InputError, match="no id of b stands in a"):
            pair(one, other)
        return
    both = pair(one, other)
    assert both.ids == tuple(str(n) for n in before if n in after)
    assert [other.rows[row].id for row in both.rows_after] == list(both.ids)
    assert sorted([*both.ids, *both.only_before]) == sorted(map(str, before))
    assert sorted([*both.ids, *both.only_after]) == sorted(map(str, after))


def test_files_without_a_common_id_say_how_their_ids_look() -> None:
    with pytest.raises(InputError, match=r"the first ids are 'eval-1' and '1'"):
        pair(file("b", line("eval-1")), file("a", line("1")))


def test_everything_that_differs_is_listed_at_once_with_ids_and_both_sides() -> None:
    before = file("b", line("1"), line("2"), line("3", "Who is the tallest?"))
    after = file(
        "a",
        line("1", meta={**SAID, "template_hash": "t2"}),
        line("2", meta={**SAID, "decoding": {"temperature": 0.7}}),
        line("3", "Who is the smallest?", reference="She."),
    )
    with pytest.raises(InputError) as refused:
        pair(before, after)
    told = str(refused.value)
    assert "other prompts in 1 of 3 pairs (3)" in told
    assert "tallest" in told
    assert "smallest" in told
    assert "other references in 1 of 3 pairs (3)" in told
    assert "other templates in 1 of 3 pairs (1); first: t1 and t2" in told
    assert 'other decoding in 1 of 3 pairs (2); first: {"temperature":0} and {"temperature":0.7}' in told
    assert "--allow prompts,references,templates,decoding" in told


def test_only_what_is_allowed_may_differ() -> None:
    before, after = file("b", line("1")), file("a", line("1", "Other?", meta={**SAID, "template_hash": "t2"}))
    with pytest.raises(InputError, match="--allow templates"):
        pair(before, after, allow=["prompts"])
    assert pair(before, after, allow=["prompts", "templates"]).allowed == {"prompts": 1, "templates": 1}


def test_a_misspelt_permission_is_refused() -> None:
    with pytest.raises(
        InputError, match="expected some of prompts, references, templates, decoding to allow, saw prompt"
    ):
        pair(file("b", line("1")), file("a", line("1")), allow=["prompt"])


def test_another_seed_or_another_failure_is_no_other_decoding() -> None:
    decoding = {"temperature": 0.7, "seed": 1}
    after = line("1", meta={**SAID, "seed": 2, "decoding": {"temperature": 0.7, "seed": 2}}, answer=None)
    assert pair(file("b", line("1", meta={**SAID, "decoding": decoding})), file("a", after)).allowed == {}


def test_decoding_settings_may_stand_in_meta_itself() -> None:
    flat = {"model": "m", "temperature": 0, "seed": 3, "max_tokens": 64}
    assert decoding_of(line("1", meta=flat)) == {"temperature": 0, "max_tokens": 64}
    with pytest.raises(InputError, match="other decoding"):
        pair(file("b", line("1", meta=flat)), file("a", line("1", meta={**flat, "max_tokens": 65})))


def test_what_a_side_does_not_say_is_no_difference_but_is_told() -> None:
    both = pair(file("b", line("1")), file("a", line("1", "", meta={})))
    assert both.allowed == {}
    assert both.unrecorded == {"prompts": ("after",), "templates": ("after",), "decoding": ("after",)}


def test_a_reference_that_one_side_lacks_is_another_reference() -> None:
    with pytest.raises(InputError, match="other references"):
        pair(file("b", line("1")), file("a", line("1", reference="")))


def test_a_long_prompt_is_shown_around_the_place_where_it_differs() -> None:
    before, after = (file(name, line("1", f"{'很长的题目，' * 500}{end}")) for name, end in (("b", "甲"), ("a", "乙")))
    with pytest.raises(InputError) as refused:
        pair(before, after)
    assert "甲" in str(refused.value)
    assert "乙" in str(refused.value)
    assert len(str(refused.value)) < 500
