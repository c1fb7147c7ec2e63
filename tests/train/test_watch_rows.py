"""Row ids on their way from the data set to the step, and who stands in for rows that are left out."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.watching import collate
from tunesmith.errors import InputError
from tunesmith.train.watch_rows import KEY, Tag, Tagged, check_reports, stand_ins, taken

FEATURES = [{"input_ids": [5, 6], "row_ids": ["a:1", "a:2"]}, {"input_ids": [7, 8], "row_ids": "a:3"}]


def test_the_real_collator_never_sees_the_names_and_the_batch_has_them() -> None:
    seen: list[Any] = []

    def collator(features: list[dict[str, Any]]) -> dict[str, Any]:
        seen.extend(features)
        return collate(features)

    batch = Tagged(collator)(FEATURES)
    assert [sorted(one) for one in seen] == [["input_ids"], ["input_ids"]]
    assert taken(batch) == Tag((("a:1", "a:2"), ("a:3",)), 4)
    assert list(batch) == ["input_ids"]
    assert taken(batch) is None
    assert "row_ids" in FEATURES[0]  # a caller's data is not changed


def test_a_batch_that_is_a_list_of_rows_has_its_tag_taken_too() -> None:
    batch = Tagged(lambda features: features)([{"prompt": "?", "row_ids": "a:1"}, {"prompt": "!", "row_ids": "a:2"}])
    assert taken(batch) == Tag((("a:1",), ("a:2",)), 0)
    assert batch == [{"prompt": "?"}, {"prompt": "!"}]


def test_rows_without_names_are_counted_and_not_named() -> None:
    found = taken(Tagged(collate)([{"input_ids": [1, 2, 3]}]))
    assert found == Tag(((),), 3)
    assert taken({}) is None


def test_tokens_are_counted_without_padding_and_over_all_parts_of_a_pair() -> None:
    pair = {"prompt_ids": [1, 2], "chosen_ids": [3], "rejected_ids": [4, 5, 6], "position_ids": [0, 1], "margin": 1.0}
    assert taken(Tagged(lambda features: {})([pair])) == Tag(((),), 6)


class Padding:
    pad_token_id = 7

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        return collate(features)


def test_the_collator_still_has_its_attributes_and_goes_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(Tagged(Padding())))  # noqa: S301 (our own)
    assert copy.pad_token_id == 7
    assert KEY in copy(FEATURES)


@given(
    st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=3), min_size=1, max_size=30), st.sets(st.integers(0, 6))
)
def test_nobody_who_is_left_out_stands_in_and_whoever_is_whole_stays(groups: list[set[int]], out: set[int]) -> None:
    names = [[str(one) for one in group] for group in groups]
    left_out = {str(one) for one in out}
    if all(group & out for group in groups):
        with pytest.raises(InputError, match="no sequence is left"):
            stand_ins(names, left_out)
        return
    found = stand_ins(names, left_out)
    assert len(found) == len(names)
    assert all(left_out.isdisjoint(names[place]) for place in found)
    assert all(found[place] == place for place, some in enumerate(names) if left_out.isdisjoint(some))


@pytest.mark.parametrize(("names", "wrong"), [(["swanlab"], "swanlab"), ("mlflow", "mlflow"), (("wandb",), "wandb")])
def test_a_service_whose_package_is_missing_is_told_with_what_to_install(names: Sequence[str], wrong: str) -> None:
    import importlib.util

    if importlib.util.find_spec(wrong) is not None:
        pytest.skip(f"{wrong} is installed here")
    with pytest.raises(InputError, match=f"needs the package {wrong}.*pip install {wrong}"):
        check_reports(names)


def test_services_without_a_package_of_their_name_are_left_to_the_trainer() -> None:
    check_reports(["tensorboard", "none"])
    check_reports(())
