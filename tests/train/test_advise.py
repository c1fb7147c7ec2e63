"""Advice follows from facts and a table of rules; where sources disagree all of them are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.train.advise import advise
from tunesmith.train.advise_rules import RULES
from tunesmith.train.advise_topics import TOPICS
from tunesmith.train.advise_types import Advice, Facts, Item

LENGTHS = tuple(range(10, 1010))
BASE = Facts(
    model="m",
    stage="sft",
    rows=6000,
    domain_rows=5000,
    general_rows=1000,
    lengths=LENGTHS,
    longest=1009,
    p95_tokens=959,
    cutoff_tokens=1024,
    billions=7.6,
    has_template=True,
    trained_parameters=2_500_000,
)


def facts(**changes: Any) -> Facts:
    return replace(BASE, **changes)


def item_of(advice: Advice, name: str) -> Item:
    (item,) = [item for item in advice.items if item.topic.name == name]
    return item


def codes(advice: Advice) -> list[str]:
    return [warned.code for warned in advice.warnings]


@pytest.mark.parametrize(
    ("rows", "epochs"), [(300, 5), (900, 5), (1000, 3), (6000, 5), (20_000, 2), (100_000, 2), (500_000, 2)]
)
def test_epochs_fall_as_rows_rise_and_lie_in_the_range_that_most_guides_share(rows: int, epochs: int) -> None:
    found = item_of(advise(facts(rows=rows)), "epochs")
    assert found.value == epochs
    holding = sum(one.weight for one in found.candidates if one.is_chosen)
    assert holding >= max(1, sum(one.weight for one in found.candidates) / 2)


def test_guides_that_disagree_on_epochs_all_stand_beside_the_choice() -> None:
    found = item_of(advise(facts(rows=300)), "epochs")
    assert found.disagree
    seen = {(one.source, one.low, one.high, one.is_chosen) for one in found.candidates}
    assert seen == {
        ("guide 1", 3, 10, True),
        ("guide 2", 3, 5, True),
        ("guide 3", 10, 15, False),
        ("guide 4", 1, 5, True),
    }


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, 1e-4),  # LoRA, 7B, 6,000 rows
        ({"task": "style"}, 3e-4),
        ({"task": "reasoning"}, 1e-4),
        ({"billions": 0.6, "rows": 2000}, 5e-4),
        ({"billions": 0.6}, 1e-4),
        ({"fits": {"full": 0, "lora": 0, "qlora": 4}}, 2e-4),
        ({"billions": 32.0, "rows": 60_000}, 1e-4),
    ],
)
def test_the_rate_follows_from_method_size_and_task(changes: dict[str, Any], rate: float) -> None:
    assert advise(facts(**changes)).value("learning_rate") == pytest.approx(rate)


def test_a_rate_by_size_is_shown_and_not_counted_for_full_training() -> None:
    """No facts lead to full training by themselves: the rule is looked at where the method is given."""
    from tunesmith.train.advise import _item, _known

    known = _known(facts()) | {"method": "full", "epochs": 3}
    (topic,) = [topic for topic in TOPICS if topic.name == "learning_rate"]
    found = _item(topic, known)
    assert found.value == pytest.approx(2e-5)  # what forgets not too much
    aside = [one for one in found.candidates if one.weight == 0]
    assert [one.source for one in aside] == ["guide 2"]
    assert aside[0].aside is not None


def test_qlora_is_advised_where_lora_does_not_fit_and_nothing_where_nothing_does() -> None:
    assert advise(facts(fits={"full": 0, "lora": 0, "qlora": 4})).value("method") == "qlora"
    assert advise(facts(fits={"full": 1, "lora": 8, "qlora": 16})).value("method") == "lora"
    nothing = advise(facts(fits={"full": 0, "lora": 0, "qlora": 0}))
    assert item_of(nothing, "method").is_refused
    assert "nothing_fits" in codes(nothing)
    assert "nothing_fits" not in codes(advise(facts()))  # unknown is not nothing


@pytest.mark.parametrize("gpus", [1, 2, 4, 8])
@pytest.mark.parametrize("lora", [1, 4, 32])
def test_batch_accumulation_and_gpus_make_the_rows_of_a_step(gpus: int, lora: int) -> None:
    found = advise(facts(rows=20_000, gpus=gpus, fits={"full": 0, "lora": lora, "qlora": 32}))
    batch, accumulation = found.value("batch"), found.value("accumulation")
    assert isinstance(batch, int)
    assert isinstance(accumulation, int)
    assert batch <= lora
    assert batch * accumulation * gpus == found.value("rows_a_step") == 32
    assert found.steps == 2 * 563  # 18,000 rows: 2,000 validate


def test_few_rows_take_smaller_steps_so_that_there_are_a_hundred() -> None:
    found = advise(facts(rows=200))
    rows_a_step = found.value("rows_a_step")
    assert rows_a_step == 8
    assert found.steps is not None
    assert found.steps >= 100


def test_the_cutoff_keeps_every_row_up_to_4096_and_never_passes_the_percentile_down() -> None:
    assert advise(facts()).value("cutoff") == 1024
    long = facts(longest=9000, p95_tokens=5000, cutoff_tokens=5056)
    assert advise(long).value("cutoff") == 5056
    assert item_of(advise(facts(cutoff_tokens=None, p95_tokens=None, lengths=())), "cutoff").is_refused


@pytest.mark.parametrize(("rows", "kind"), [(6000, "chat"), (200_000, "base"), (30_000, None)])
def test_between_the_guides_figures_no_kind_of_model_is_advised(rows: int, kind: str | None) -> None:
    found = item_of(advise(facts(rows=rows)), "base_or_chat")
    assert found.value == kind
    if kind is None:
        assert "no guide decides" in found.why.en


def test_below_a_hundred_rows_almost_everything_is_refused() -> None:
    found = advise(facts(rows=60, domain_rows=60, general_rows=0))
    refused = {item.topic.name for item in found.items if item.is_refused}
    assert {"epochs", "rank", "rows_a_step", "validation", "patience"} <= refused
    assert "too few rows to say" in item_of(found, "epochs").why.en
    assert codes(found)[0] == "too_few_rows"


def test_rank_grows_with_the_rows_and_alpha_is_twice_it() -> None:
    small, large = advise(facts(rows=2000)), advise(facts(rows=20_000))
    assert (small.value("rank"), small.value("alpha")) == (8, 16)
    assert (large.value("rank"), large.value("alpha")) == (16, 32)
    assert small.parameters_a_row == pytest.approx(2_500_000 * 8 / 2000)


def test_other_stages_refuse_what_guides_say_of_supervised_training() -> None:
    found = advise(facts(stage="dpo"))
    assert item_of(found, "epochs").is_refused
    assert "train dpo" in item_of(found, "learning_rate").why.en
    assert found.value("rank") == 16
    assert found.value("cutoff") == 1024


def test_a_validation_set_of_the_data_s_own_needs_no_share() -> None:
    found = advise(facts(validation_rows=500))
    assert item_of(found, "validation").is_refused
    assert "of its own" in item_of(found, "validation").why.en
    assert "no_validation" not in codes(found)


@pytest.mark.parametrize(
    ("planned", "code"),
    [
        ({"method": "lora", "lora.rank": 64, "lora.alpha": 128}, "memorises"),
        ({"method": "lora", "lora.rank": 8, "lora.alpha": 128}, "alpha"),
        ({"epochs": 12.0}, "epochs"),
        ({"validation": 0.0}, "no_validation"),
        ({"max_length": 512}, "cuts_rows"),
    ],
)
def test_a_person_s_own_settings_are_warned_of(planned: dict[str, Any], code: str) -> None:
    data = facts(rows=1000, domain_rows=800, general_rows=200)
    assert code not in codes(advise(data))
    assert code in codes(advise(data, planned=planned))


def test_rank_64_is_known_to_memorise_1000_rows_and_not_more() -> None:
    planned = {"method": "lora", "lora.rank": 64, "lora.alpha": 128}
    assert "memorises" in codes(advise(facts(rows=1000), planned=planned))
    assert "memorises" not in codes(advise(facts(rows=1000), planned={**planned, "lora.rank": 63}))
    assert "memorises" not in codes(advise(facts(rows=2000), planned=planned))
    (warned,) = [one for one in advise(facts(rows=100), planned=planned).warnings if one.code == "memorises"]
    assert "10.0 times" in warned.said.en
    assert "(1,600,000)" in warned.said.en
    assert "改用秩 8" in warned.said.zh


def test_data_without_general_rows_and_a_base_model_with_few_rows_are_warned_of() -> None:
    found = advise(facts(general_rows=0, domain_rows=6000, has_template=False))
    assert {"no_general_data", "base_with_few_rows"} <= set(codes(found))
    assert not {"no_general_data", "base_with_few_rows"} & set(codes(advise(facts())))


def test_a_gentler_mix_is_advised_for_adapters_and_the_stronger_one_is_shown() -> None:
    found = item_of(advise(facts()), "general_share")
    assert found.value == pytest.approx(0.2)
    assert {(one.source, one.is_chosen) for one in found.candidates} == {
        ("forgetting guide", True),
        ("guide 1", False),
    }


def test_every_rule_belongs_to_a_setting_and_every_setting_ends_with_a_way_to_choose() -> None:
    names = {topic.name for topic in TOPICS}
    assert {rule.topic for rule in RULES} == names
    assert all(not topic.picks[-1].when for topic in TOPICS)
    assert len(names) == len(TOPICS)
    for rule in RULES:
        assert re.search("[一-鿿]", rule.says.zh) or not re.search("[a-z]{4}", rule.says.en)
        assert (rule.text is None) == (rule.low is not None or rule.high is not None)


@given(
    rows=st.integers(1, 2_000_000),
    share=st.floats(0, 1),
    billions=st.one_of(st.none(), st.floats(0.0001, 500)),
    fits=st.one_of(st.none(), st.fixed_dictionaries({"full": st.sampled_from([0, 1, 8]), "lora": st.integers(0, 32),
                                                     "qlora": st.integers(0, 32)})),
    gpus=st.integers(1, 64),
    stage=st.sampled_from(["sft", "pretrain", "dpo", "kto"]),
    task=st.sampled_from([None, "style", "reasoning", "knowledge"]),
)  # fmt: skip
def test_whatever_the_facts_a_value_lies_in_some_source_or_is_refused_with_a_reason(
    rows: int, share: float, billions: float | None, fits: Any, gpus: int, stage: Any, task: Any
) -> None:
    general = int(rows * share)
    found = advise(
        facts(rows=rows, domain_rows=rows - general, general_rows=general, billions=billions, fits=fits, gpus=gpus,
              stage=stage, task=task)
    )  # fmt: skip
    for item in found.items:
        assert item.why.en
        assert item.why.zh
        if item.value is not None:
            assert any(one.is_chosen for one in item.candidates), item
            assert isinstance(item.value, str) or item.value > 0
        if item.disagree:
            assert len(item.candidates) > 1
    for warned in found.warnings:
        assert "{" not in warned.said.en + warned.said.zh
