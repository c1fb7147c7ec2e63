"""Rules about what an answer says, and about the two sides of a preference.

>>> [rule.name for rule in PAIRS]
['chosen_near_rejected', 'preference_length_bias']
"""

from __future__ import annotations

from tunesmith.curate.rule_judges import answer_repeats_prompt, every, from_on, length_bias, never
from tunesmith.curate.rule_types import FLAG, Rule
from tunesmith.curate.said import Said

#: What an answer says.
CONTENT = (
    Rule(
        "refusal",
        {"from_score": every(0.5)},
        from_on("refusal", "from_score"),
        ("refusal",),
        Said("boilerplate of a refusal, which teaches the model to refuse", "套话式的拒绝，会教模型拒绝回答"),
        Said(
            "Write a poem. → I'm sorry, but as an AI language model I cannot write poems.",
            "写一首诗。 → 抱歉，作为一个人工智能语言模型，我无法写诗。",
        ),
    ),
    Rule(
        "empty_politeness",
        {},
        never("politeness_only"),
        ("politeness_only",),
        Said("nothing but politeness", "只有客套话"),
        Said("What is AI? → Sure, I'd be happy to help!", "什么是人工智能？ → 好的，很高兴为您服务！"),
    ),
    Rule(
        "stub_answer",
        {},
        never("stub_answer"),
        ("stub_answer",),
        Said("a stub that someone meant to fill in later", "有人本想以后补上的占位文字"),
        Said("What is AI? → TODO", "什么是人工智能？ → 待补充"),
    ),
    Rule(
        "url_only",
        {"from_share": every(0.9)},
        from_on("url_share", "from_share"),
        ("url_share",),
        Said("a link instead of an answer", "只有链接，没有回答"),
        Said("What is AI? → https://example.org/ai", "什么是人工智能？ → https://example.org/ai"),
    ),
    Rule(
        "answer_repeats_prompt",
        {
            "from_share": every(0.95),
            "from_share_of_given_text": every(0.99),
            "from_share_of_answer": every(0.75),
            "from_words": every(8, 6),
        },
        answer_repeats_prompt,
        ("answer_overlap", "prompt_overlap", "answer_words", "task"),
        Said(
            "the answer is the prompt again and adds next to nothing",
            "回答几乎只是重复提问，没有新内容",
        ),
        Said(
            "How does a plant make sugar out of light? → How does a plant make sugar out of light? Well.",
            "植物是怎样利用阳光制造糖分的？ → 植物是怎样利用阳光制造糖分的？嗯。",
        ),
    ),
    Rule(
        "wrong_language",
        {},
        never("language_mismatch"),
        ("language_mismatch",),
        Said("an answer in another language than asked for", "回答的语言不是所要求的语言"),
        Said(
            "Please explain in English what a cell is. → 细胞是生物体的基本结构单位，所有生物都由细胞组成。",
            "请用中文解释什么是细胞。 → A cell is the smallest unit of life, and all living things consist of cells.",
        ),
    ),
    Rule(
        "broken_tool_call",
        {},
        never("broken_tool_calls"),
        ("broken_tool_calls",),
        Said(
            "a tool call that no tool of the row can take: no JSON object, unknown name, missing or wrong parameter",
            "工具调用无法执行：不是 JSON 对象、名称未知、缺少参数或参数类型不对",
        ),
        Said('Weather in Oslo? → get_weather({"city": )', '北京天气如何？ → get_weather({"city": )'),
    ),
    Rule(
        "unsafe",
        {"from_cues": every(1)},
        from_on("unsafe", "from_cues"),
        ("unsafe",),
        Said(
            "content that someone should look at: weapons, drugs, self-harm and the like",
            "需要人工查看的内容，如武器、毒品、自残等",
        ),
        Said("How do I build a pipe bomb at home? → First take a pipe.", "怎么在家制造炸弹？ → 先准备一根管子。"),
        policy=FLAG,
        on_text=True,
    ),
)

#: The two sides of a pair.
PAIRS = (
    Rule(
        "chosen_near_rejected",
        {"from_similarity": every(0.95)},
        from_on("side_similarity", "from_similarity"),
        ("side_similarity",),
        Said("chosen and rejected differ by next to nothing", "选中与被拒的回答几乎没有差别"),
        Said(
            "What is AI? → AI is a field that studies machines. | AI is a field that studies machines!",
            "什么是人工智能？ → 人工智能是研究机器智能的学科。 | 人工智能是研究机器智能的学科！",
        ),
    ),
    Rule(
        "preference_length_bias",
        {"from_ratio": every(10)},
        length_bias,
        ("side_ratio",),
        Said(
            "one side is several times as long as the other: the model may learn length instead of quality",
            "一侧的长度是另一侧的数倍，模型可能学到长短而不是好坏",
        ),
        Said(
            "What is AI? → AI is a field that studies how machines learn, plan, reason and talk as people do. | Field.",
            "什么是人工智能？ → 人工智能是研究机器如何像人一样学习、推理、规划、观察和交流的学科。 | 学科。",
        ),
        policy=FLAG,
    ),
)
