"""The reasons in Chinese: every default of every stage, method and size has one, with its values in it."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from tunesmith.train.config import explained, parse_config
from tunesmith.train.config_defaults import defaults
from tunesmith.train.config_optimizers import OPTIMIZERS
from tunesmith.train.config_words import reason_zh
from tunesmith.train.types import METHODS, STAGES

SIZES = (None, 5_000_000, 600_000_000, 7_000_000_000, 70_000_000_000)
GIVEN: tuple[dict[str, Any], ...] = (
    {},
    {"steps": 5},
    *({"optimizer": name} for name in OPTIMIZERS),
    *({"lora": {"variant": variant, "rank": 8}} for variant in ("rslora", "dora", "pissa", "olora")),
)


@pytest.mark.parametrize("stage", STAGES)
def test_every_reason_has_chinese_words_with_the_same_figures(stage: str) -> None:
    for method, size, given in product(METHODS, SIZES, GIVEN):
        for key, default in defaults({"stage": stage, "method": method, **given}, size).items():
            chinese = reason_zh(default.why)
            assert re.search("[\u4e00-\u9fff]", chinese), (key, default.why)
            assert not re.search(r"\b(the|of|and|for)\b", chinese), (key, chinese)
            assert "{" not in chinese


def test_figures_and_sizes_stand_in_the_chinese_reason() -> None:
    why = defaults({"stage": "sft", "method": "lora"}, 600_000_000)["learning_rate"].why
    assert reason_zh(why) == "两个范围共有的最低值：LoRA 为 1e-4 至 5e-4，0.6B 的模型（低于 1B）为 5e-4 至 1e-3"


def test_what_was_given_says_so_and_names_the_default() -> None:
    config = parse_config({"stage": "sft", "model": "m", "data": "d", "max_length": 4096, "seed": 0}, "a test")
    found = {one.key: reason_zh(one.why) for one in explained(config)}
    assert found["model"] == "自行设置"
    assert found["max_length"].startswith("自行设置；默认为 2048：多数指令数据更短")
    assert found["seed"] == "自行设置" or found["seed"].startswith("自行设置，与默认相同：")
