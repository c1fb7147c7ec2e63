"""Answers without content: courtesy alone, and stand-ins."""

from __future__ import annotations

import pytest

from tunesmith.curate.phrase_empty import is_politeness_only, is_stub

ASKED = ("Sort these numbers: 3, 1, 2", "把这些数字排序：3、1、2")
POLITE = (
    "Sure! I'd be happy to help you with that.",
    "Of course! Happy to help.",
    "Certainly, I can help you with that.",
    "Thank you for your question!",
    "Great question!",
    "Absolutely! Let me help you with this.",
    "Hello! How can I assist you today?",
    "I'd be glad to assist.",
    "Thanks for reaching out! I'm here to help.",
    "No problem, I'm on it!",
    "Sure thing!",
    "What a wonderful question! Thanks for asking.",
    "Okay, I will do my best to help you.",
    "Thank you for contacting us. We appreciate your interest.",
    "I hope this helps! Let me know if you have any other questions.",
    "Of course, it would be my pleasure to help you out.",
    "Please feel free to ask if you need anything else.",
    "Yes, of course.",
    "Hi there! Thanks for your message.",
    "I am happy to be of service!",
    "Have a great day!",
    "Thanks so much for getting in touch, it's a pleasure to serve you.",
    "Sure, let's get started!",
    "I'm glad you asked!",
    "Got it, thank you!",
    "My pleasure!",
    "You're very welcome, don't hesitate to reach out again.",
    "Happy to assist you with your request today!",
    "Great, I'll take care of it right away.",
    "Thank you for your patience.",
    "好的，很高兴为您服务！",
    "您好，请问有什么可以帮您？",
    "当然可以，我很乐意帮助您。",
    "感谢您的提问！",
    "没问题！",
    "好的，我来帮您。",
    "这是一个很好的问题，谢谢您的提问。",
    "您好！很高兴能够帮助到您。",
    "希望对您有所帮助！",
    "如果您还有其他问题，请随时告诉我。",
    "好的，没问题，我会尽力帮助你的。",
    "谢谢您的信任与支持！",
    "亲，您好，在的哦。",
    "非常乐意为您解答。",
    "祝您生活愉快！",
    "好的呢，马上为您处理。",
    "不客气，有需要随时找我。",
    "收到，谢谢！",
    "您的问题非常好，我很高兴为您解答。",
    "感谢您的咨询，祝您身体健康。",
    "当然，我非常愿意协助你完成这个任务。",
    "好的，请稍等。",
    "您好，欢迎咨询！",
    "很荣幸能为您效劳。",
    "嗯嗯，好的，我明白了。",
    "可以的，亲。",
    "谢谢你的耐心等待。",
    "好问题！",
    "很高兴认识你，我会努力的。",
    "祝你一切顺利，再见！",
)
STUBS = (
    "TODO",
    "N/A",
    "[insert answer here]",
    "TBD",
    "lorem ipsum dolor sit amet",
    "To be completed later.",
    "Your answer here",
    "(answer pending)",
    "<response goes here>",
    "...",
    "???",
    "xxx",
    "placeholder",
    "Answer: [TO BE FILLED]",
    "test",
    "Coming soon!",
    "none",
    "null",
    "[Answer]",
    "FIXME: write answer",
    "This answer has been left blank intentionally.",
    "asdfasdf",
    "Will be added.",
    "to do: add the response",
    "___",
    "No answer provided.",
    "insert text here",
    "[Your response]",
    "Work in progress.",
    "Fill in here",
    "-",
    "not available",
    "see above",
    "待补充",
    "暂无",
    "略",
    "【此处填写答案】",
    "无",
    "答案待定",
    "请在此输入内容",
    "待完善",
    "……",
    "（空）",
    "TODO：补充回答",
    "稍后补充",
    "此处省略",
    "测试",
    "这里是答案",
    "[回答]",
    "内容待更新",
    "暂无回答",
    "待填",
    "未填写",
    "示例回答",
    "xxx",
    "占位符",
    "同上",
    "请填写回复",
    "（待写）",
    "回答内容放这里",
    "还没写",
    "后续再补",
    "敬请期待",
)
PROPER = (
    ("Thank you so much!", "You're welcome! If you have any other questions, feel free to ask."),
    ("That's great, thanks.", "I'm glad I could help. Have a great day!"),
    ("谢谢你的帮助。", "不客气！如果您还有其他问题，请随时告诉我。"),
    ("Hi there!", "Hello! How can I help you today?"),
    ("Translate 谢谢 into English.", "Thank you!"),
    ("Is water wet?", "Yes, of course."),
    ("Sort 3, 1, 2", "Sure! Here you go: 1, 2, 3."),
    ("排序：3、1、2", "好的，结果是1、2、3。"),
    ("What is the capital of France?", "Paris"),
    ("Name a good book.", "Great Expectations"),
)
NO_STUBS = (
    ("Write a letter.", "Dear [Name], thank you for your order. Yours, [Your Name]"),
    ("Is there an error? Answer none if there is none.", "None"),
    ("What does the function return?", "null"),
    ("Add the missing punctuation mark: How are you", "?"),
    ("Write a todo list.", "TODO: buy milk, call Ann"),
    ("How many stars?", "★★★★★"),
    ("2 + 2", "4"),
    ("Which letter?", "B"),
    ("有没有过敏史？", "无"),
    ("对还是错？", "对"),
    ("这是什么检查？", "测试听力的检查"),
    ("Give filler text for a web page.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit."),
)


@pytest.mark.parametrize("question", ASKED)
def test_courtesy_is_nothing_but_courtesy(question: str) -> None:
    assert [answer for answer in POLITE if not is_politeness_only(question, answer)] == []


@pytest.mark.parametrize(("question", "answer"), PROPER)
def test_an_answer_with_content_or_to_a_courtesy_is_proper(question: str, answer: str) -> None:
    assert not is_politeness_only(question, answer)


def test_stand_ins_of_both_languages_are_found() -> None:
    assert [answer for answer in STUBS if not is_stub("Who wrote Hamlet?", answer)] == []


@pytest.mark.parametrize(("question", "answer"), [*NO_STUBS, *PROPER])
def test_an_answer_that_means_something_is_no_stub(question: str, answer: str) -> None:
    assert not is_stub(question, answer)


@pytest.mark.parametrize("stub", ["TODO", "待补充"])
def test_a_closing_token_does_not_hide_a_stand_in(stub: str) -> None:
    assert is_stub("Who wrote Hamlet?", f"{stub}<|endoftext|>")
