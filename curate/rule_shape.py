"""Rules about the form of a row and about what has happened to its text on its way here.

>>> [rule.name for rule in DAMAGE]
['mojibake', 'template_marks', 'truncated_answer', 'noise', 'loop']
"""

from __future__ import annotations

from tunesmith.curate.rule_judges import at_least, at_most, every, loop, never, never_among, noise
from tunesmith.curate.rule_types import Rule
from tunesmith.curate.said import Said

#: The form of a row.
# Lower bounds are deliberately low: "B", "42" and "是" are right answers of real data sets, "hi" is a real prompt. A
# recipe for long-form data raises them. Upper bounds are far above any real answer: they catch logs and dumps.
SHAPE = (
    Rule(
        "empty_turn",
        {},
        never("empty_turns"),
        ("empty_turns",),
        Said("a turn without text or tool call teaches nothing", "没有文本也没有工具调用的一轮什么也教不了"),
        Said("What is AI? → ", "什么是人工智能？ → "),
        on_text=True,
    ),
    Rule(
        "missing_answer",
        {},
        never("missing_answer"),
        ("missing_answer",),
        Said("no assistant turn at the end: nothing to train on", "末尾没有助手的回答，没有可训练的内容"),
        Said("What is AI?", "什么是人工智能？"),
    ),
    Rule(
        "roles_out_of_order",
        {},
        never("disordered_turn"),
        ("disordered_turn",),
        Said("a turn that no chat template expects there", "有一轮的角色不合任何对话模板"),
        Said("What is AI? → A field. → It studies reasoning.", "什么是人工智能？ → 一门学科。 → 它研究推理。"),
    ),
    Rule(
        "prompt_too_short",
        {"min_characters": every(1, 2)},
        at_least("prompt_characters", "min_characters"),
        ("prompt_characters",),
        Said("no question to speak of", "几乎没有提问"),
        Said("? → Good morning!", " → 早上好！"),
    ),
    Rule(
        "prompt_too_long",
        {"max_characters": every(30_000, 100_000)},
        at_most("prompt_characters", "max_characters"),
        ("prompt_characters",),
        Said("a log or a dump as prompt", "提问像日志或转储"),
        Said("200 pages of a server's log → Done.", "两百页服务器日志 → 好的。"),
    ),
    Rule(
        "answer_too_short",
        {"min_characters": every(1)},
        at_least("answer_characters", "min_characters"),
        ("answer_characters",),
        Said("no answer to speak of", "几乎没有回答"),
        Said("What is AI? → ", "什么是人工智能？ → "),
    ),
    Rule(
        "answer_too_long",
        {"max_characters": every(30_000, 100_000)},
        at_most("answer_characters", "max_characters"),
        ("answer_characters",),
        Said("a log or a dump as answer", "回答像日志或转储"),
        Said("Show the log. → 200 pages of it", "显示日志。 → 两百页日志"),
    ),
    Rule(
        "prompt_equals_answer",
        {},
        never("prompt_equals_answer"),
        ("prompt_equals_answer",),
        Said("the answer only repeats the question", "回答只是重复提问"),
        Said("What is AI? → what is AI?", "什么是人工智能？ → 什么是人工智能?"),
    ),
    Rule(
        "chosen_equals_rejected",
        {},
        never("sides_equal"),
        ("sides_equal",),
        Said("a pair without a difference carries no preference", "没有差别的偏好对不含偏好"),
        Said("What is AI? → A field. | A field.", "什么是人工智能？ → 一门学科。 | 一门学科。"),
    ),
    Rule(
        "placeholder",
        {},
        never("placeholders"),
        ("placeholders",),
        Said("a template such as {{name}} that nobody filled", "留有没人填写的模板，如 {{name}}"),
        Said("Who are you? → I am {{name}}.", "你是谁？ → 我是 {{name}}。"),
        on_text=True,
    ),
)

#: What happened to a text on its way here.
DAMAGE = (
    Rule(
        "mojibake",
        {"max_characters": every(0)},
        at_most("replacement_characters", "max_characters"),
        ("replacement_characters",),
        Said("characters that a wrong encoding has destroyed", "有因编码错误而损坏的字符"),
        Said("What is a café? → A caf\ufffd serves coffee.", "什么是茶馆？ → 茶馆是喝锟斤拷茶的地方。"),
        on_text=True,
    ),
    Rule(
        "template_marks",
        {},
        never("template_marks"),
        ("template_marks",),
        Said("special tokens of a chat template stand in the text", "文本里混有对话模板的特殊标记"),
        Said("What is AI? → A field.<|im_end|>", "什么是人工智能？ → 一门学科。<|im_end|>"),
        on_text=True,
    ),
    Rule(
        "truncated_answer",
        {},
        never_among("ending", ("cut", "mid_word")),
        ("ending",),
        Said("the answer breaks off in the middle", "回答中途断掉"),
        Said(
            "How do I boil an egg? → Put the egg into boiling water, wait for eight minutes, and the",
            "怎么煮鸡蛋？ → 先把水烧开，然后把鸡蛋放进去，煮八分钟以后，",
        ),
    ),
    Rule(
        "noise",
        {
            "from_share": every(0.4, 0.4, 0.7),
            "from_share_with_punctuation": every(0.7, 0.7, 0.9),
            "from_characters": every(20),
        },
        noise,
        ("symbol_share", "punctuation_share", "code_share", "math_share", "answer_characters"),
        Said("symbols where words should be, outside code and mathematics", "代码和数学之外，该有文字的地方全是符号"),
        Said(
            "What is AI? → A field ~^~|~^~|~^~|~^~|~^~|~^~|~^~|~^~",
            "什么是人工智能？ → 一门学科~^~|~^~|~^~|~^~|~^~|~^~|~^~",
        ),
        on_text=True,
    ),
    Rule(
        "loop",
        {
            "from_share": every(0.25),
            "from_copies": every(3),
            "from_many_copies": every(5, 4),
            "from_characters": every(24, 60),
            "from_repeated": every(0.4),
            "from_words": every(60, 40),
        },
        loop,
        (
            "loop_share",
            "loop_count",
            "repeated_line_share",
            "repeated_sentence_share",
            "repeated_ngram_share",
            "list_share",
            "code_share",
            "math_share",
            "answer_characters",
            "answer_words",
        ),
        Said(
            "the same words over and over: one stretch of copies, or most sentences come again",
            "同样的话一再重复：一段文字接连出现，或大部分句子重复",
        ),
        Said(
            "What is AI? → AI is a field. It is useful. It is useful. It is useful. It is useful. It is useful.",
            "什么是人工智能？ → 人工智能是一门学科。它很有用，它很有用，它很有用，它很有用，它很有用。",
        ),
        on_text=True,
    ),
)
