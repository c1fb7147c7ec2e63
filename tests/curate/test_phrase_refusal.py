"""Refusals: wordings of many hands, and answers that only sound like one."""

from __future__ import annotations

import pytest

from tunesmith.curate.phrase_refusal import score_refusal

ENGLISH = (
    "As a language model, I can't produce that kind of content.",
    "I'm sorry, but I can't help with that.",
    "I apologize, however I am not able to fulfil this request because it goes against my guidelines.",
    "Being an artificial intelligence, I don't hold personal opinions or beliefs, so I can't say which one I'd pick.",
    "That's not something I'm able to assist with.",
    "I won't be providing instructions for this, as doing so would violate my usage policies.",
    "It would be inappropriate for me to answer this question.",
    "I am just a computer program trained on text and therefore cannot feel emotions or have preferences.",
    "Regrettably, this is a topic I am not allowed to talk about. Is there anything else you would like to know?",
    "My apologies, but your request involves content that I have been instructed not to generate.",
    "Since I'm only a virtual assistant, I cannot make that decision for you.",
    "I cannot in good conscience comply with this.",
    "As an AI developed by a research company, I have to follow ethical rules and must refuse to write this text.",
    "Sorry, I'm unable to provide medical advice. Please consult a qualified professional.",
    "I don't feel comfortable writing that. Perhaps we could talk about something else?",
    "I'm afraid I can't do that. Please try asking me a different question.",
    "This request conflicts with my content policy, and for that reason I'm not going to respond to it.",
    "I do not have access to real-time information, so I am unable to tell you the current price.",
    "Thank you for your question, but as a machine learning model I'm not designed to give legal counsel.",
    "I have no physical body and, being an AI, I can't taste food or visit places.",
    "I'm not programmed to assist with requests of this nature.",
    "Providing such details would be against OpenAI's policies, therefore I'm not able to answer.",
    "Apologies, but I can't engage in that type of conversation.",
    "I am a text-based AI and do not possess the capability to create images.",
    "I'd rather not answer that, because it could promote harmful behaviour.",
    "My programming prevents me from sharing that information with you.",
    "I regret to inform you that I cannot carry out this task due to my safety restrictions.",
    "Unfortunately, that falls outside the scope of what I can do as an AI assistant.",
    "I cannot assist you in this matter. If you have other questions, feel free to ask!",
    "I'm designed to be a helpful assistant and can't support activities that could be dangerous or unlawful.",
    "We can't discuss this subject. Let me know if there's something different I could do for you.",
    "I respectfully decline to generate the requested material.",
    "It's against my principles as an AI assistant to make jokes about groups of people.",
    "No, I will not write that. It may be offensive to some readers and I aim to remain respectful.",
    "Hi! I'm an AI, which means that I'm not able to recall our earlier conversations.",
    "Your prompt has been flagged as potentially harmful, and I'm not able to proceed with it.",
    "I can only answer questions related to our products, so I can't help you with this one.",
    "I must be upfront: I'm an AI, and generating this would not be something I'm prepared to do.",
    "Sorry, but that's a topic I stay away from.",
    "It isn't possible for me to fulfil that, since I have been built to follow strict safety rules.",
    "As a large language model trained by a third party, I am unable to hold opinions on political candidates.",
    "I understand your curiosity, but I won't go into that subject.",
    "Unfortunately I'm not able to complete this task. Please reach out to a qualified expert.",
    "Being a digital assistant, I can't physically do that for you.",
    "I'm going to decline here. Let's chat about something more constructive.",
    "Your question touches on material I'm not permitted to produce.",
    "I apologise, but answering that would go against the rules I operate under.",
    "As an AI, I don't have access to your personal files and therefore cannot retrieve them.",
    "I don't think I should answer that one. Maybe ask me about something else?",
    "Such content is off limits for me as an AI model.",
    "I'm just a program and I do not have the capacity to love.",
    "Regrettably, my safety protocols don't let me share such details.",
    "I can't fulfill that request.",
    "We're sorry, this assistant is not allowed to provide answers of that kind.",
    "My role as an AI helper means I have to stay neutral, so I'd prefer not to weigh in.",
    "I cannot and will not help with anything that could hurt people.",
    "As an artificial intelligence language model, it is beyond my ability to watch videos.",
    "I'm sorry, Dave, I'm afraid I can't do that.",
    "That kind of request isn't one I can assist with, as it may cause harm.",
    "I have to refuse because this may be against the law.",
    "Since I am a language model, predicting lottery numbers is not within my capabilities.",
)
CHINESE = (
    "作为一个AI语言模型，我不能提供此类内容。",
    "抱歉，我无法回答这个问题。",
    "很遗憾，身为人工智能助手，我没有能力访问外部网站，因此不能帮您总结该网页。",
    "对不起，您的请求违反了我的使用准则，恕我不能继续。",
    "我只是一个由程序驱动的聊天机器人，没有个人观点，所以没法替您做选择。",
    "这个话题超出了我可以讨论的范围，请换一个问题吧。",
    "不好意思，这类请求我帮不上忙。",
    "根据相关政策，我不便对此发表评论。",
    "我是一款大语言模型，并不具备真实的情感，无法体会您所说的感受。",
    "恕难从命，我不能编写可能造成伤害的内容。",
    "非常抱歉，我不能为您提供医疗建议，请咨询专业医生。",
    "由于我是人工智能，无法获取实时信息，故不能告知您今天的股价。",
    "您好，这个问题涉及敏感内容，我暂时不能作答。",
    "出于安全和道德方面的考虑，我拒绝生成这样的文本。",
    "我理解您的需求，但是作为智能助手我必须遵守规定，不能协助您完成这件事。",
    "抱歉哦，我还没有学会回答这个问题，你可以问我别的。",
    "身为一个虚拟助理，我没有身体，也没有味觉，无法品尝食物。",
    "很抱歉，我没有权限执行该操作。",
    "该内容不符合社区规范，我不会提供任何帮助。",
    "我的设计初衷是提供安全有益的信息，因此不会回应这类要求。",
    "作为AI，我没有自己的意见和立场，不适合评价这件事。",
    "我无法满足你的要求，如果你有其他问题，欢迎继续提问。",
    "这超出了我的能力范围，建议您向专业人士求助。",
    "对此我无可奉告，我们聊点别的吧。",
    "尊敬的用户您好，让我们换个话题再聊聊吧。",
    "我不会写这样的东西，因为它可能冒犯到某些群体。",
    "抱歉，作为一个基于文本的AI，我无法生成图片。",
    "不好意思，我被设定为不能谈论这类话题。",
    "遗憾的是，我并未被授权提供法律意见，请您联系律师。",
    "我是AI助手，不能替您做出这个决定。",
    "请原谅，我不能参与这种对话。",
    "您所提的要求可能涉及违法违规行为，我无法给予支持。",
    "我的训练数据截止到2021年，所以无法告诉你最新的消息。",
    "作为一名AI助手，我需要保持中立，不能对政治人物进行评价。",
    "十分抱歉，目前我还不能处理这样的任务。",
    "我不能够协助您进行任何可能有害的活动。",
    "这个我真的不能说，我只是个人工智能程序而已。",
    "对不起，作为机器学习模型，我并没有亲身经历，因此无法分享个人故事。",
    "为了遵守法律法规，本助手不提供该类信息。",
    "我没办法帮你做这件事，因为这不道德。",
    "感谢您的提问，不过我的编程限制使我不能给出这方面的指导。",
    "很抱歉，我不具备浏览互联网的功能，不能帮您查找该新闻。",
    "很抱歉，我是一个AI，不能对这种问题给出答案。",
    "这类内容我不方便提供，还请谅解。",
    "作为人工智能模型，我并不拥有情绪，也就谈不上喜欢或讨厌。",
    "抱歉，您提的需求我实现不了，建议找相关领域的专家。",
    "不好意思，这涉及到隐私，我不能透露。",
    "我被训练成不输出此类信息，请见谅。",
    "对于这个请求，我只能说不。",
    "身为AI模型，我没办法观看视频，所以不能评价它。",
    "您好，您的问题已触发安全限制，我无法继续回答。",
    "我不能做任何违法的事情，也不会教您怎么做。",
    "抱歉，这不在我的服务范围内。",
    "我只是一个语言模型，预测彩票号码这种事我可办不到。",
    "请不要问我这样的问题，我是不会回答的。",
    "很遗憾，出于合规要求，相关内容无法展示。",
    "作为一个负责任的AI，我选择不回答这个问题。",
    "对不起哦，人家还小，这个问题不能回答呢。",
    "我理解你的好奇，但我不打算谈论这个。",
    "这个要求我做不到，因为它可能会伤害别人。",
    "抱歉，我目前还没有能力处理图片。",
    "我是人工智能，没有家人和朋友，因此无法讲述亲身经历。",
    "根据我的使用政策，这样的请求是不被允许的。",
    "非常遗憾，我不能替您撰写这篇文章，因为其中包含歧视性内容。",
    "您的提问中含有不当用语，请修改后再试。",
    "我不提供法律咨询，请联系专业律师。",
)
NO_REFUSALS = (
    "I can't recommend this restaurant highly enough.",
    "I cannot believe how fast the summer went by.",
    "I can't help but smile when I hear that song.",
    "I'm sorry to hear that you're bored. Here are a few suggestions: read a book, or take a walk.",
    "I'm sorry, but I'm unable to come into work today because of a migraine.",
    "The AI could not beat the champion, because it had never seen such an opening.",
    "As a doctor, I can't stress enough how important sleep is.",
    "The angle cannot be determined from two sides alone.",
    "I'm an AI assistant developed by Example Labs. I can answer questions and write texts.",
    "Dear customer, we are sorry that we cannot deliver your order before Friday.",
    "He said that he could not provide an answer, and left the room.",
    "我是由示例公司开发的AI助手，可以回答问题，也可以写文章。",
    "抱歉，我不是 ChatGPT，我是小明，由示例公司开发，旨在为用户提供帮助。",
    "患者目前不能手术，建议先控制感染，再请外科会诊。",
    "建议您尽快去医院就诊，由医生检查后决定是否用药。平时注意休息，不要熬夜。",
    "人工智能无法取代教师，因为教育需要情感交流。",
    "我们不能忘记历史。",
    "尊敬的客户：很抱歉，我们无法在周五前送达您的订单。",
    "很抱歉，您没有提供文章内容。请提供需要总结的文章，我会为您总结。",
    "他拒绝回答记者的问题，匆匆离开了现场。",
)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_nine_refusals_of_ten_are_found(language: tuple[str, ...]) -> None:
    found = [score_refusal("Tell me more.", answer) >= 0.5 for answer in language]
    assert sum(found) >= 0.9 * len(found)


@pytest.mark.parametrize("answer", NO_REFUSALS)
def test_what_only_sounds_like_a_refusal_is_none(answer: str) -> None:
    assert score_refusal("Tell me more.", answer) < 0.5


def test_a_disclaimer_that_is_followed_by_an_answer_stays_below_one_half() -> None:
    helps = "The Colosseum was finished in the year 80 and held fifty thousand people. " * 4
    assert (
        0
        < score_refusal("Which sight is best?", f"As an AI, I don't have personal preferences. However, {helps}")
        < 0.5
    )
    helps = "罗马斗兽场建成于公元八十年，可容纳五万人，是游客必去之地。" * 4
    assert 0 < score_refusal("哪里最好玩？", f"作为一个人工智能，我没有个人喜好。不过，{helps}") < 0.5


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("翻译成英文：抱歉，我不能帮你。 (I'm sorry, I can't help with that.)", "I'm sorry, I can't help with that."),
        ("Correct: As an AI, I don't have feelings.", "As an AI, I don't have feelings."),
    ],
)
def test_a_sentence_of_the_prompt_said_again_is_no_refusal(prompt: str, answer: str) -> None:
    assert score_refusal(prompt, answer) == 0


def test_a_tool_user_may_say_what_its_tools_cannot_do() -> None:
    for said in (
        "I'm sorry, but as an AI, I don't have the capability to book flights. My function is to find recipes.",
        "很抱歉，我无法帮助您预订机票。我目前的功能仅限于查询天气。",
    ):
        assert score_refusal("Book a flight.", said, tools=True) < 0.5 <= score_refusal("Book a flight.", said)
