"""The task of a prompt: a table of prompts labelled by hand, and what decides before the prompt does."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.signal_table import TASK_SIGNALS
from tunesmith.curate.task_cues import CUES
from tunesmith.curate.task_ends import ends_of
from tunesmith.curate.tasks import TASKS, measure_tasks


def _tasks(*prompts: str, answer: str = "...") -> list[str]:
    rows = [Record("sft", (Message("user", prompt), Message("assistant", answer))) for prompt in prompts]
    found: list[str] = measure_tasks(to_batch(rows))[0].to_pylist()
    return found


#: One prompt a line, written for this test by the hand that wrote the cues: it says that they work, not how well. How
#: well stands in `tasks.py`.
LABELLED = {
    "translation": """
Translate this sentence into Spanish: The train leaves at noon.
Could you translate the following paragraph to German?
Please translate: 春眠不觉晓
How do you say "thank you" in Japanese?
把下面这段话翻译成英文：我们明天见。
请将这句法语译成中文
“下雨了”用英语怎么说？
英译中：The early bird catches the worm.""",
    "summary": """
Summarize the article below in two sentences.
Write a short summary of the meeting notes.
Give me a TL;DR of this thread.
What is the main idea of this passage?
Condense the report to one paragraph.
总结这篇文章的主要内容。
用一句话概括下面的新闻。
请为这份报告写一个摘要。
概述《西游记》的情节。""",
    "classification": """
Classify these animals as mammals or reptiles: whale, gecko.
Is this review positive or negative? "The soup was cold."
Determine whether the sentence is active or passive.
Categorize the following expenses.
Identify the sentiment of this tweet.
Which section of a newspaper would this appear in?
Label each statement as fact or opinion.
判断下面的句子是褒义还是贬义。
将下列词语分类：苹果、汽车、香蕉。
确定这段评论的情感类别。
给这封邮件标注类别：垃圾邮件或正常邮件。""",
    "extraction": """
Extract all dates from the contract.
Identify all the verbs in this sentence.
Find all the names mentioned in the letter.
Extract the key facts from the text: The bridge opened in 1932.
从文章中提取关键词。
找出句子中的所有名词。
识别文本中的人名和地名。""",
    "rewriting": """
Rewrite this paragraph in the third person.
Correct the grammar: he go home yesterday.
Paraphrase the quote so that a child understands it.
Make this sentence more polite: Give me the book.
Convert the sentence to the passive voice. The dog chased the cat.
Reorder the words to form a sentence: the blue is sky
Please edit the e-mail for clarity.
把这句话改成反问句：你应该努力。
润色下面这段自我介绍。
改写句子，使语气更正式。
修改病句：他的家乡是一个美丽的小镇的地方。
将主动语态改为被动语态：小明打破了杯子。
纠正这段话里的错别字。""",
    "brainstorm": """
List five hobbies for people who live in small flats.
Suggest three names for a bakery.
Give me some ideas for a birthday party.
Come up with a slogan for a bicycle shop.
Name two rivers in Asia.
Brainstorm ways to save water at home.
Generate a list of ten questions for an interview.
What are some good books about the sea?
列出三种可再生能源。
给我推荐几本科幻小说。
想出五个咖啡店的名字。
举例说明什么是比喻。
请提供一些减压的建议。""",
    "writing": """
Write a poem about the first snow.
Compose an e-mail to a landlord about a broken heater.
Tell me a story about a dragon who is afraid of fire.
Create a short dialogue between a teacher and a pupil.
Draft a letter of resignation.
Write a product description for wireless earphones.
Design a poster text for a charity run.
Complete the sentence: When the lights went out, ...
写一首关于秋天的诗。
给房东写一封邮件，说明暖气坏了。
请以“时间”为题写一篇作文。
编一个关于狐狸的童话故事。
用“坚持”造句。
为新款手机设计一条广告语。
创作一段两个朋友之间的对话。
续写下面的故事：门突然开了……""",
    "code": """
Write a Python function that reverses a string.
Implement binary search in C++.
Create an SQL query that finds the newest orders.
Fix the bug in this JavaScript code: let x == 3
Build a web page with a red button.
Write a regular expression that matches phone numbers.
用Python写一个冒泡排序函数。
编写一个程序，打印九九乘法表。
写一条SQL语句查询所有用户。
创建一个HTML网页，显示当前时间。""",
    "math": """
Calculate 15% of 240.
Solve for x: 3x + 7 = 22
What is the square root of 144?
Find the value of 2^10 - 24.
Compute the sum of 12, 15 and 19.
计算 36 乘以 25 的结果。
解方程：2x + 3 = 11
求 12 和 18 的最大公约数是多少，计算过程写出来。
一个长方形的长是8厘米，宽是5厘米，求它的面积和周长。
1到100的所有整数的总和是多少？""",
    "qa": """
What is the capital of Norway?
Explain how a refrigerator works.
Why is the sky blue?
Describe the difference between a frog and a toad.
Who painted the Mona Lisa?
Compare the climates of Spain and Finland.
Define the term "inflation".
Is it safe to eat raw mushrooms?
How does a vaccine protect the body?
Discuss the causes of the First World War.
挪威的首都是哪里？
解释冰箱的工作原理。
为什么天空是蓝色的？
青蛙和蟾蜍有什么区别？
谁发明了电话？
感冒了应该吃什么药？
描述黄山的地理位置。
如何学好英语听力？
请介绍一下杭州西湖。
什么是通货膨胀？
环境保护的重要性。
患者女，30岁，发热三天，请问需要做哪些检查？""",
    "dialogue": """
Hello! How are you today?
Who are you?
Good morning, I just woke up.
Let's chat about something nice.
Act as a travel agent and greet me.
你好呀！
你是谁？
谢谢你的帮助！
我今天心情很好。
请扮演一位面试官。""",
    "other": """
qwerty
2024-05-01
友谊""",
}


def test_the_cues_agree_with_labels_given_by_hand() -> None:
    labelled = [(prompt, task) for task, prompts in LABELLED.items() for prompt in prompts.strip().splitlines()]
    told = _tasks(*(prompt for prompt, _ in labelled))
    wrong = [(prompt, task, found) for (prompt, task), found in zip(labelled, told) if task != found]
    assert len(labelled) >= 120
    assert len(wrong) <= len(labelled) * 0.08, wrong


def test_every_task_of_the_table_is_one_that_the_signal_names() -> None:
    assert {cue.task for cue in CUES} | {"tools", "other"} == set(TASKS)
    assert set(LABELLED) | {"tools"} == set(TASKS)


def test_every_cue_reads_the_same_in_both_engines() -> None:
    for cue in CUES:
        assert re.compile(cue.pattern)
        assert len(pa.compute.match_substring_regex(pa.array([""]), cue.pattern)) == 1


@pytest.mark.parametrize("prompt", ["How many apples are left?", "小明还剩几个苹果？"])
def test_a_calculated_answer_makes_a_question_mathematics(prompt: str) -> None:
    assert _tasks(prompt, answer="7 - 3 = 4") == ["math"]
    assert _tasks(prompt, answer="Nobody knows.") == ["qa"]


def test_code_in_the_answer_makes_it_code() -> None:
    assert _tasks("Greet the user.", answer="```python\nprint('hi')\n```") == ["code"]


def test_tools_come_before_everything_else() -> None:
    call = {"function": {"name": "f", "arguments": "{}"}}
    asked = Message("user", "Translate this into Spanish.")
    rows = [
        Record("sft", (asked, Message("assistant", "```"))),
        Record("sft", (asked, Message("assistant", "```")), tools='[{"name": "f"}]'),
        Record("sft", (asked, Message("assistant", None, tool_calls=[call]))),
        Record("sft", (asked, Message("assistant", "hola")), tools="[]"),
    ]
    assert measure_tasks(to_batch(rows))[0].to_pylist() == ["code", "tools", "tools", "translation"]


def test_an_instruction_is_found_after_a_long_text() -> None:
    passage = "The harbour was quiet, and the boats lay still. " * 40
    assert _tasks(f"{passage}\nSummarize the text above.", f"{'港口很安静。' * 200}\n请总结上文。") == ["summary"] * 2


def test_the_task_does_not_depend_on_how_rows_are_cut() -> None:
    prompts = [prompt for prompts in LABELLED.values() for prompt in prompts.strip().splitlines()[:3]]
    assert _tasks(*prompts) == [task for prompt in prompts for task in _tasks(prompt)]


def test_a_row_that_could_not_be_read_has_no_task() -> None:
    columns = measure_tasks(to_batch([Record("invalid"), Record("text", text="Write a poem.")]))
    assert [column.to_pylist() for column in columns] == [["", "other"], [0, 0]]
    assert [column.type for column in columns] == [kind for _, kind, _ in TASK_SIGNALS]


@given(st.lists(st.text(max_size=30)), st.integers(0, 9), st.integers(0, 9))
def test_the_ends_of_a_text_are_whole_characters_of_it(texts: list[str], head: int, tail: int) -> None:
    for text, ends in zip(texts, ends_of(pa.array(texts, pa.string()), head=head, tail=tail).to_pylist()):
        if len(text.encode()) <= head + tail:
            assert ends == text
            continue
        first = text.encode()[:head].decode(errors="ignore")
        last = text.encode()[len(text.encode()) - tail :].decode(errors="ignore")
        assert ends == (f"{first}\n{last}" if last else first)
