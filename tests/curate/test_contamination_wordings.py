"""Short Chinese questions in other words, against a slow version, on look-alikes, and on real data."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.contamination import find_contamination
from tunesmith.curate.contamination_items import Item
from tunesmith.curate.contamination_wordings import _TELLING, find_rewordings, make_wordings, wording

SAME = [
    ("得了感冒吃什么药", "请问，得了感冒应该吃什么药呢？"),
    ("得了感冒吃什么药", "医生您好，得感冒了需要服用哪些药物"),
    ("哮喘的治疗方法有哪些？", "哮喘的治疗办法有哪些"),
    ("糖尿病患者需要注意什么？", "糖尿病病人应当注意些什么呢"),
    ("百日咳和痔的病因是否相同？", "百日咳与痔的病因是不是相同"),
    ("哪些人群容易患上缺铁性贫血？", "哪些人群最容易患缺铁性贫血？"),
    ("老年痴呆早期有哪些征兆", "老年痴呆早期有哪些症状呢"),
    ("高血压为什么不能吃西柚？", "为何高血压不能吃西柚"),
]
OTHERS = [
    ("得了感冒吃什么药", "得了肺炎吃什么药"),
    ("肝癌的早期症状有哪些", "肺癌的早期症状有哪些"),
    ("感冒能吃头孢吗", "感冒不能吃头孢吗"),
    ("感冒吃什么药", "感冒能吃药吗"),
    ("哮喘的症状和百日咳有何区别", "哮喘和百日咳有何区别"),
    ("一名肝脏患者患有HCMV感染，会出现哪些症状", "一名肾脏患者患有HCMV感染，会出现哪些症状"),
    ("女性患者出现大动脉转位可能患有什么疾病", "男性患者出现大动脉转位可能患有什么疾病"),
    ("左侧肋骨下面疼痛怎么办", "右侧肋骨下面疼痛怎么办"),
    ("宝宝三个月能喝蜂蜜水吗", "宝宝十三个月能喝蜂蜜水吗"),
    ("高血压的病因有哪些", "高血压的治疗有哪些"),
]


def _same(one: str, other: str) -> bool:
    return len(find_rewordings(pa.array([other]), make_wordings([Item("", one)]))[0]) == 1


@pytest.mark.parametrize(("one", "other"), SAME)
def test_particles_greetings_and_words_of_one_meaning_make_no_other_question(one: str, other: str) -> None:
    assert _same(one, other)
    assert _same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_illness_side_number_or_negation_is_another_question(one: str, other: str) -> None:
    assert not _same(one, other)
    assert not _same(other, one)


def test_a_question_that_items_ask_with_other_choices_says_nothing() -> None:
    items = [Item("1", "下列哪种说法是正确的", "\nA. 甲\nB. 乙"), Item("2", "下列哪种说法是正确的", "\nA. 丙\nB. 丁")]
    assert len(find_rewordings(pa.array(["请问下列哪种说法是正确的呢"]), make_wordings(items))[0]) == 0


def test_a_reworded_question_is_held_in_whole() -> None:
    found = find_contamination(pa.array(["请问得感冒了需要服用哪些药物？", None]), [Item("a", "得了感冒吃什么药")])
    assert (found.item.tolist(), found.containment[0]) == ([0, -1], 1.0)


_QUESTIONS = st.text("感冒肺炎吃药的了不怎么么办能否疼痛头晕", max_size=14)


@given(st.lists(_QUESTIONS, max_size=6), st.lists(_QUESTIONS, max_size=6))
def test_pairs_are_those_of_comparing_every_wording_with_every_other(prompts: list[str], asked: list[str]) -> None:
    rows, items = find_rewordings(pa.array(prompts, pa.string()), make_wordings([Item("", text) for text in asked]))
    expected = {
        (row, item)
        for row, prompt in enumerate(prompts)
        for item, text in enumerate(asked)
        if _slow_same(wording(prompt), wording(text))
    }
    assert set(zip(rows.tolist(), items.tolist())) == expected


def _slow_same(said: str, item: str) -> bool:
    if 2 * sum("\u4e00" <= one <= "\u9fff" for one in item) <= len(item) or len(item) < 5:
        return False
    if said == item:
        return True
    short, long = sorted((said, item), key=len)
    if len(item) < 8 or len(long) - len(short) != 1:
        return False
    cut = [i for i in range(len(long)) if long[:i] + long[i + 1 :] == short]
    return any(long[i] not in _TELLING and "\u4e00" <= long[i] <= "\u9fff" for i in cut)


def test_prompts_of_one_half_of_huatuo_that_reword_one_of_the_other_ask_the_same(shared_data: Path) -> None:
    lines = (shared_data / "huatuo_med_zh.json").read_text(encoding="utf-8").splitlines()
    rows = list(dict.fromkeys(json.loads(line)["instruction"] for line in lines))
    mine, others = rows[::2], rows[1::2]
    found = find_rewordings(pa.array(mine), make_wordings([Item("", text) for text in others]))[0]
    assert len(found) <= 20  # read one by one: each asks the same, such as 这两种疾病的治疗方案有哪些区别 and 有何不同
