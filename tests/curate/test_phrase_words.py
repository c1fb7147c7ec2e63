"""Refusals and stand-ins that are told by their vocabulary."""

from __future__ import annotations

import pytest

from tunesmith.curate.phrase_empty import is_politeness_only, is_stub
from tunesmith.curate.phrase_refusal import score_refusal
from tunesmith.curate.phrase_refusal_words import is_bare_refusal

REFUSALS = (
    "Sadly, this isn't a conversation I can be a part of.",
    "I'm going to sit this one out.",
    "That's a line I won't cross, sorry.",
    "I'm obliged to turn down your request.",
    "Our assistant does not handle inquiries of this nature.",
    "真对不住，这事儿我办不了。",
    "对于违反公序良俗的内容，我一概不回应。",
    "這個請求違反了政策，我無法協助。",
    "抱歉，恕不奉陪。",
)
ANSWERS = (
    "I can't open this jar.",
    "No, water is not a metal.",
    "I do not know the answer.",
    "The request was denied because the form lacked a signature from the landlord.",
    "不，水不是金属。",
    "我不能吃花生，会过敏。",
    "这个问题我不太清楚。",
    "不客气！",
)
STUBS = (
    "[output omitted]", "(see file)", "{{ response }}", "<blank>", "&nbsp;", "#REF!", "[object Object]", "Answer:",
    "aaaa", "Here is the answer:", "Internal Server Error", "__ANSWER__", "Under review",
    "（见附件）", "以下是我的回答：", "无。",
    "加载中……", "【已脱敏】", "未作答", "测试123", "网络异常，请重试", "～",
)  # fmt: skip
NO_STUBS = (
    ("Which tag breaks a line in HTML?", "<br>"),
    ("What does the function return?", "null"),
    ("Sort 3, 1, 2", "[1, 2, 3]"),
    ("Which page is missing?", "The previous page is missing."),
    ("Is 3 < 4 or 3 > 4?", "<"),
    ("React with emoji.", "😀😀"),
    ("文件在哪里？", "在桌面上"),
)


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_speaks_of_nothing_else(text: str) -> None:
    assert is_bare_refusal(text)
    assert score_refusal("Sort 3, 1, 2", text) >= 0.5


@pytest.mark.parametrize("text", ANSWERS)
def test_what_has_content_or_no_refusal_is_none(text: str) -> None:
    assert not is_bare_refusal(text)


@pytest.mark.parametrize("text", STUBS)
def test_a_stand_in_is_told_by_shape_or_words(text: str) -> None:
    assert is_stub("Describe the water cycle.", text)


@pytest.mark.parametrize(("question", "answer"), NO_STUBS)
def test_what_was_asked_for_is_no_stand_in(question: str, answer: str) -> None:
    assert not is_stub(question, answer)


def test_courtesy_that_was_asked_for_is_an_answer() -> None:
    assert not is_politeness_only("请说你好", "你好。")
    asked = "That's great! But what would a company with so little staff do about its waste, then?"
    assert is_politeness_only(asked, "Great question!")
