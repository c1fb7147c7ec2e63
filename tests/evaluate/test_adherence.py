"""What form a prompt asks for, and whether the answer has it: precision before recall, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.evaluate.adherence import adherences_of
from tunesmith.evaluate.adherence_counts import count_items, count_sentences
from tunesmith.evaluate.adherence_requests import Request, number_of, requests_of

ASKED = [
    ("Extract the names. Respond only with JSON.", Request("json", only=True)),
    ("Return the result as a valid JSON object:\nAnn is 31.", Request("json")),
    ("convert the itinerary to a JSON array sorted by time", Request("json")),
    ("把下面的信息整理好，以JSON格式输出，不要任何解释。", Request("json", only=True)),
    ("抽取文字里的航班信息，输出JSON，字段：航班号、出发地。", Request("json")),
    ("请用 json 返回", Request("json")),
    ("Compare tea and coffee in a markdown table.", Request("table")),
    ("Can you set it out in a table so I stop mixing them up", Request("table")),
    ("请用表格的形式对比两种方案。", Request("table")),
    ("把这些数据整理成表格。", Request("table")),
    ("Summarise the following in bullet points:", Request("list")),
    ("Give me the answer as a numbered list.", Request("list")),
    ("请分点回答。", Request("list")),
    ("以列表形式给出注意事项", Request("list")),
    ("List five advantages of remote work.", Request("items", 5, 5)),
    ("Please name 3 countries in Africa", Request("items", 3, 3)),
    ("Can you give me 8 weather idioms with a meaning?", Request("items", 8, 8)),
    ("Suggest at least two ways to save water.", Request("items", 2, None)),
    ("列出三个常见的云服务。", Request("items", 3, 3)),
    ("给我10条关于阅读的建议", Request("items", 10, 10)),
    ("请列举至少四种水果", Request("items", 4, None)),
    ("生成一个包含五个项目的购物清单。", Request("items", 5, 5)),
    ("Describe Iron Man in three sentences.", Request("sentences", 3, 3)),
    ("In 2 or 3 sentences, what happened?", Request("sentences", 2, 3)),
    ("Explain entropy in no more than two sentences.", Request("sentences", None, 2)),
    ("用一句话概括这段文字：", Request("sentences", 1, 1)),
    ("解释光合作用，不超过三句。", Request("sentences", None, 3)),
    ("Write a story of at most 50 words.", Request("words", None, 50)),
    ("Keep it under 220 words.", Request("words", None, 219)),
    ("A tagline in 4 words or less", Request("words", None, 4)),
    ("An essay with at least 800 words", Request("words", 800, None)),
    ("Generate a short story of 50-100 words.", Request("words", 50, 100)),
    ("Six-word caption for a photo", Request("words", 6, 6)),
    ("Write a tweet of maximum 280 characters", Request("characters", None, 280)),
    ("写一张便条，别超过80字", Request("characters", None, 80)),
    ("请把下文压缩到60字以内", Request("characters", None, 60)),
    ("写一篇不少于八百字的作文", Request("characters", 800, None)),
    ("小说开头，150~200字", Request("characters", 150, 200)),
    ("Describe your mood in one word.", Request("one_word")),
    ("请用一个词回答。", Request("one_word")),
    ("Is 7 prime? Answer yes or no.", Request("yes_no")),
    ('Is it true? Reply with only "yes" or "no".', Request("yes_no", only=True)),
    ("地球是平的吗？只回答“是”或“否”。", Request("yes_no", only=True)),
    ("Which one? Answer with only the letter.", Request("letter")),
    ("下列哪项正确？只回答选项字母。", Request("letter")),
    ("Write a Python function that adds two numbers. Only output code, no explanations.", Request("code", only=True)),
    ("用Python写一个快速排序，只输出代码。", Request("code", only=True)),
]
NOT_ASKED = [
    "How do I parse JSON in Python?",
    "What is JSON?",
    "什么是JSON格式？",
    "Write a function that returns a JSON object.",
    "写一个函数，读取JSON文件并输出JSON。",
    "Do not answer in JSON.",
    "不要用表格，直接说。",
    "Create a table in the database for users.",
    "How do you set a table for six?",
    "Look at the table below and tell me the total.",
    "用表格中的数据计算平均值",
    "Is 2 in a list of primes?",
    "He needs to make 4 masks with 2 yards of material. How much is left?",
    "Write 3 lines for each of the two speakers.",
    "给出一个例子。",
    "建议一种简单的方法",
    "为每个主题各列出三条要点",
    "Rewrite the following two sentences.",
    "What do these three sentences mean?",
    "这两句话有什么区别？",
    "把这个句子翻译成英文",
    "一个句号和一个逗号有什么不同",
    "Explain what “in one word” means.",
    "How many words are in 'at most 50 words'?",
    "密码至少包含1个字母和1个数字",
    "Limit each bullet to 20 words.",
    "标题里每句不超过10字",
    "我写了500字，老师说太少",
    "Why does he only answer yes or no?",
    "It cost 50-100 dollars.",
]


@pytest.mark.parametrize(("prompt", "request_"), ASKED)
def test_a_form_that_is_asked_for_is_read(prompt: str, request_: Request) -> None:
    assert request_ in requests_of(prompt)


@pytest.mark.parametrize("prompt", NOT_ASKED)
def test_what_asks_for_no_form_is_left_alone(prompt: str) -> None:
    assert requests_of(prompt) == ()


def test_a_system_turn_asks_where_the_user_does_not() -> None:
    assert requests_of("Who are you?", "Always respond in JSON.") == (Request("json"),)
    assert requests_of("Name 3 fruits.", "Always respond in JSON.") == (Request("items", 3, 3),)


def test_two_numbers_of_items_ask_for_a_form_that_is_not_understood() -> None:
    assert requests_of("List 3 pros. List 2 cons.") == ()


def test_of_a_long_prompt_its_ends_are_read() -> None:
    text = "Once more unto the breach. " * 400
    assert requests_of(f"{text}\nUse a table.") == (Request("table"),)
    assert requests_of(f"{text} Summarise it in one sentence. {text}") == ()


FOLLOWED = [
    ("Respond only with JSON.", '{"a": [1, 2]}', True),
    ("Respond only with JSON.", '```json\n{"a": 1}\n```', True),
    ("Respond only with JSON.", 'Sure!\n{"a": 1}', False),
    ("Respond with a JSON object.", 'Here it is:\n{"a": 1}\nAnything else?', True),
    ("Respond with a JSON object.", "{'a': 1}", False),
    ("以JSON格式输出。", "姓名：张三", False),
    ("Use a table.", "| a | b |\n|---|---|\n| 1 | 2 |", True),
    ("Use a table.", "Tea is cheaper than coffee.", False),
    ("Summarise it in bullet points.", "- one\n- two", True),
    (
        "Summarise it in bullet points.",
        "One long sentence that goes on and on without a single bullet in sight.",
        False,
    ),
    ("Name 3 fruits.", "1. Apple\n2. Pear\n3. Fig", True),
    ("Name 3 fruits.", "Apple, pear and fig.", True),
    ("Name 3 fruits.", "Here are three:\n\n* Apple\n  * red\n* Pear\n* Fig\n\nEnjoy!", True),
    ("Name 3 fruits.", "1. Apple\n2. Pear", False),
    ("Name 3 fruits.", "I like many fruits.", None),
    ("列出两种水果", "1、苹果\n2、梨\n3、桃", False),
    ("列出两种水果", "苹果、梨", True),
    ("列出三种水果", "一、苹果 好吃\n二、梨\n三、桃", True),
    ("Explain it in two sentences.", "Dr. Lee, e.g. in the U.S., said so. It was 3.5 km away!", True),
    ("Explain it in two sentences.", "One. Two. Three.", False),
    ("Explain it in one sentence.", "Sure! Here is the sentence:\n\nCats sleep.", True),
    ("用一句话解释。", "猫睡觉；狗也睡觉。", True),
    ("用一句话解释。", "猫睡觉。狗也睡觉。鸟不睡。", False),
    ("In at most 4 words.", "A well-known old cat", True),
    ("In at most 4 words.", "One two three four five", False),
    ("写一句，不超过5字", "春眠不觉晓。", True),
    ("写一句，不超过5字", "春眠不觉晓，处处闻啼鸟。", False),
    ("Describe your mood in one word.", "**Joyful**.", True),
    ("Describe your mood in one word.", "I am happy.", False),
    ("Is 7 prime? Answer yes or no.", "Yes, because nothing divides it.", True),
    ("Is 7 prime? Answer only yes or no.", "Yes, because nothing divides it.", False),
    ("Is 7 prime? Answer yes or no.", "It depends.", False),
    ("只回答选项字母。", "答案是 B。", True),
    ("只回答选项字母。", "B. 前庭大腺", False),
    ("Only output code.", "```python\nx = 1\n```", True),
    ("Only output code.", "Here you go, as asked:\n```python\nx = 1\n```\nIt sets x.", False),
    ("Only output code.", "x = 1", None),
    ("Name 3 fruits.", "", False),
]


@pytest.mark.parametrize(("prompt", "answer", "followed"), FOLLOWED)
def test_an_answer_follows_or_does_not_or_cannot_be_told(prompt: str, answer: str, followed: bool | None) -> None:
    assert [one.followed for one in adherences_of(prompt, answer)] == [followed]


def test_a_missed_count_says_what_was_seen() -> None:
    assert adherences_of("Name 3 fruits.", "1. Apple\n2. Pear")[0].seen == 2
    assert adherences_of("In at most 4 words.", "One two three four five")[0].seen == 5


def test_two_lists_in_one_answer_have_no_one_number_of_items() -> None:
    assert count_items("Pros:\n1. a\n2. b\nCons:\n1. c\n2. d").least == 4  # type: ignore[union-attr]
    assert [one.followed for one in adherences_of("Name 2 fruits.", "Red:\n1. a\n2. b\nGreen:\n1. c\n2. d")] == [None]


def test_numbers_are_read_in_both_languages() -> None:
    numbers = {"7": 7, "1,000": 1000, "ten": 10, "两": 2, "二十": 20, "十二": 12, "一百五十": 150, "八百": 800}
    assert {text: number_of(text) for text in numbers} == numbers


def test_a_sentence_without_an_end_mark_counts() -> None:
    assert count_sentences("cats sleep").least == 1
    assert count_sentences("").most == 0


@pytest.mark.parametrize("begin", ["", "a", "```"])
@pytest.mark.parametrize("piece", ["a", "a, ", "{[", "1. ", "\n|", "。", " ", "\t", "\n", "-", "|-", "!"])
def test_no_long_answer_makes_a_pattern_backtrack(begin: str, piece: str) -> None:
    text = f"{begin}{piece * (100_000 // len(piece))}x"  # where one does, this takes hours
    for prompt in (
        "Name 3 fruits.",
        "Use a table.",
        "Respond only with JSON.",
        "In one sentence.",
        "In 5 words or less",
    ):
        assert len(adherences_of(f"Please answer. {prompt}", text)) == 1


def test_people_s_answers_to_real_prompts_mostly_have_the_form(shared_data: Path) -> None:
    """Of 149 requests in two Alpaca sets, each read by hand, all were requests of their kind."""
    found = []
    for name in ("alpaca_en_demo", "alpaca_zh_demo"):
        for row in json.loads((shared_data / f"{name}.json").read_text(encoding="utf-8")):
            prompt = row["instruction"] + ("\n" + row["input"] if row["input"] else "")
            found += [one.followed for one in adherences_of(prompt, row["output"])]
    assert len(found) >= 140
    assert found.count(False) <= 4
    assert found.count(None) <= 10


def test_no_word_problem_asks_for_a_form(shared_data: Path) -> None:
    lines = (shared_data / "gsm8k_test.jsonl").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if requests_of(json.loads(line)["question"])]
