"""Answers that say that they do not know."""

from __future__ import annotations

import pytest

from tunesmith.curate.phrase_unknown import says_unknown

UNKNOWN = (
    "I don't know.",
    "I'm not sure about that.",
    "I have no idea what the answer is.",
    "Sorry, I do not know the answer to this question.",
    "There isn't enough information to answer.",
    "I couldn't find any information about this.",
    "It is unclear; I can't say.",
    "I'm afraid I don't have any details on that topic.",
    "The answer is unknown to me.",
    "Not sure, to be honest.",
    "I am not familiar with this person.",
    "I don't have enough context to determine that.",
    "No relevant information is available.",
    "I can't tell from what you've given me.",
    "Hmm, beats me.",
    "I haven't heard of that book, so I can't tell you who wrote it.",
    "Unfortunately I lack knowledge on the matter.",
    "I do not possess sufficient data to answer this.",
    "It cannot be determined from the text.",
    "I'm unaware of any such event.",
    "I really couldn't say.",
    "Sorry, I'm not certain what year that was.",
    "I don't have that information.",
    "My knowledge does not cover this topic.",
    "No idea, sorry!",
    "I am unable to find the answer.",
    "There is no information on this in my records.",
    "I'm uncertain about the exact figure.",
    "I wouldn't know anything about that.",
    "I've never come across this term before.",
    "We do not know.",
    "I can't recall the details.",
    "This is not known to me, unfortunately.",
    "I'm clueless about this one.",
    "I couldn't find an answer to your question.",
    "I don't really know much about this subject.",
    "Insufficient information to give an answer.",
    "That is beyond my knowledge.",
    "I don't know how to answer this.",
    "I have no information regarding this company.",
    "我不知道。",
    "这个我不太清楚。",
    "抱歉，我没有相关的信息。",
    "暂时无法确定答案。",
    "不好意思，我对这个问题不了解。",
    "暂无相关资料。",
    "我不确定。",
    "目前没有查到关于该人物的信息。",
    "这个问题我也不懂。",
    "根据现有信息无法判断。",
    "我没听说过这本书。",
    "对此我一无所知。",
    "很抱歉，我不清楚具体的时间。",
    "没有足够的信息来回答这个问题。",
    "我不太了解这方面的知识。",
    "未找到相关内容。",
    "我也说不准。",
    "无从得知。",
    "这个我不会。",
    "抱歉，我对此并不知情。",
    "我不认识这个人。",
    "资料不足，无法作答。",
    "我没有这方面的数据。",
    "答案不详。",
    "我不能确定这是否正确。",
    "不知道诶。",
    "超出了我的知识范围。",
    "这个问题我答不上来。",
    "我不记得了。",
    "查无此信息。",
    "抱歉，没能找到您要的答案。",
    "我还不了解这家公司。",
    "对不起，我不知道该怎么回答这个问题。",
    "尚不清楚。",
    "我不太确定具体是哪一年。",
    "没有相关记录，无法提供答案。",
    "我对该领域不熟悉。",
    "暂时没有这方面的信息。",
    "这个嘛，我也搞不清楚。",
    "我没有掌握这个情况。",
)
KNOWN = (
    ("How sure?", "I'm not sure, but it is probably 42."),
    ("Rewrite: I don't know.", "I don't know."),
    ("Pick: yes, no, not enough information", "not enough information"),
    ("Why?", "You know that the sky scatters blue light more than red light."),
    ("Its cause?", "原发性胆汁性肝硬化的病因目前不明，但可能与自身免疫有关。"),
    ("诊断？", "无法确定，需进行进一步检查。"),
    ("翻译：我不知道。", "我不知道。"),
    ("怎么办？", "不知道路的时候可以问警察，也可以看地图，或者打电话给朋友。"),
    ("意思？", "一无所知是成语，意思是什么都不知道，出自冯梦龙的小说，常作谓语。"),
)


def test_nineteen_of_twenty_wordings_are_found() -> None:
    assert sum(says_unknown("Who wrote it?", answer) for answer in UNKNOWN) >= 0.95 * len(UNKNOWN)


@pytest.mark.parametrize(("question", "answer"), KNOWN)
def test_an_answer_that_says_something_is_known(question: str, answer: str) -> None:
    assert not says_unknown(question, answer)


def test_a_long_answer_is_never_unknown() -> None:
    assert not says_unknown("", "I don't know. " * 30)
