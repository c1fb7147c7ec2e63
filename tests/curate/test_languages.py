"""The languages of a row's sides, the one that is asked for, and answers in a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.curate.language_asked import asked_language, asked_languages
from tunesmith.curate.languages import measure_languages, tell
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.signal_table import LANGUAGE_SIGNALS


def _row(prompt: str, answer: str, *, system: str | None = None) -> Record:
    turns = (Message("user", prompt), Message("assistant", answer))
    return Record("sft", (Message("system", system), *turns) if system else turns)


def _mismatch(prompt: str, answer: str, *, system: str | None = None) -> bool:
    found: bool = measure_languages(to_batch([_row(prompt, answer, system=system)]))[3].to_pylist()[0]
    return found


def _languages(*texts: str) -> list[str]:
    told: list[str] = tell(pa.array(texts, pa.string())).language.tolist()
    return told


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("请介绍一下杭州。", "zh"),
        ("請介紹一下臺灣的歷史。", "zh"),
        ("東京の天気を教えてください。", "ja"),
        ("서울의 날씨를 알려 주세요.", "ko"),
        ("What is the weather like in Paris today?", "en"),
        ("Quel temps fait-il à Paris aujourd'hui, et que faut-il porter ?", "fr"),
        ("Wie ist das Wetter heute in Berlin, und was soll ich anziehen?", "de"),
        ("¿Qué tiempo hace hoy en Madrid y qué ropa debería llevar?", "es"),
        ("Какая сегодня погода в Москве и что мне надеть?", "ru"),
        ("Яка сьогодні погода в Києві та що мені вдягнути, підкажіть?", "uk"),
        ("ما هو الطقس اليوم في القاهرة وماذا أرتدي؟", "ar"),
        ("Τι καιρό κάνει σήμερα;", "el"),
        ("วันนี้อากาศเป็นอย่างไร", "th"),
        ("मौसम कैसा है", "hi"),
        ("מה מזג האוויר היום", "he"),
        ("用 Python 写一个 HTTP 服务器，并解释 async 和 await 的区别", "zh"),
        ("The character 好 means good in the language of the country.", "en"),
    ],
)
def test_a_text_is_in_the_language_of_most_of_its_words(text: str, language: str) -> None:
    assert _languages(text) == [language]


@pytest.mark.parametrize("text", ["", "42", "x = y + 1", "Paris", "```python\nfor the in of: print(is)\n```", "中"])
def test_code_numbers_and_names_are_in_no_language(text: str) -> None:
    assert _languages(text) == [""]


def test_code_does_not_outweigh_the_words_around_it() -> None:
    assert _languages("运行下面的代码：\n```\n" + "return the value of this and that\n" * 9 + "```") == ["zh"]
    assert _languages("点击 https://example.com/what/is/the/name/of/this 查看") == ["zh"]


def test_the_language_does_not_depend_on_how_rows_are_cut() -> None:
    texts = ["Guten Morgen, wie geht es Ihnen heute?", "早上好", "Good morning to all of you", ""] * 3
    assert _languages(*texts) == [language for text in texts for language in _languages(text)]


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Answer in French.", "fr"),
        ("Translate the following into Spanish: The cat sleeps.", "es"),
        ("Translate 'I speak French' from English to German.", "de"),
        ("Tell me about tea, in Chinese, please", "zh"),
        ("Can you write the e-mail in formal German?", "de"),
        ("Respond only in Japanese.", "ja"),
        ("Your answer should be in Italian.", "it"),
        ("In Portuguese, explain what a comet is.", "pt"),
        ("Summarise the text below in Russian.\nThe moon ...", "ru"),
        ("请用英文回答下面的问题", "en"),
        ("翻译成日语：你好", "ja"),
        ("请将下面的句子译为英文", "en"),
        ("把这段话翻译成地道的韩语", "ko"),
        ("写一篇英语作文，题目是我的家乡", "en"),
        ("英译中：Good morning", "zh"),
        ("将下列文言文翻译成现代汉语", "zh"),
        ("介绍一下长城，用法语。", "fr"),
    ],
)
def test_an_explicit_request_is_found(prompt: str, asked: str) -> None:
    assert asked_language(prompt) == asked
    assert asked_languages(pa.array([prompt])).tolist() == [asked]


@pytest.mark.parametrize(
    "prompt",
    [
        "Who is a good English teacher?",
        "Describe the French Revolution.",
        "Write an essay about the Chinese economy.",
        "What is the Spanish word for dog?",
        "How do you say cat in French?",
        "Explain the use of articles in German.",
        "The book was translated into English in 1920. Who wrote it?",
        "Which countries speak Arabic?",
        "翻译这句英文",
        "“苹果”用英语怎么说？",
        "他们用英语交流了一个小时。",
        "写一篇关于英语学习的文章",
        "建议一些学习西班牙语的资源。",
        "这本书被翻译成英文以后很畅销。",
    ],
)
def test_a_prompt_about_a_language_asks_for_none(prompt: str) -> None:
    assert asked_language(prompt) == ""


ENGLISH = "The wall was built over many centuries to protect the country from raids, and people still visit it."
CHINESE = "长城历经许多世纪修建而成，用来抵御外敌，至今仍有许多人前往参观。"


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("请介绍一下长城。", ENGLISH),
        ("Tell me about the Great Wall.", CHINESE),
        ("请用英文介绍一下长城。", CHINESE),
        ("Describe the wall. Answer in Chinese.", ENGLISH),
        (
            "Translate into Russian: Good morning, my friends.",
            "Good morning to all of you, my dear friends.",
        ),
        ("什么是 HTTP？", "It is the protocol that browsers use to fetch pages from the servers of the web."),
        (
            "用 Python 写一个函数",
            "This is the code that you need:\n```python\nprint(1)\n```\nIt prints the number.",
        ),
        ("東京について教えてください。", ENGLISH),
    ],
)
def test_an_answer_in_another_language_is_a_mismatch(prompt: str, answer: str) -> None:
    assert _mismatch(prompt, answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("请介绍一下长城。", CHINESE),
        ("请用英文介绍一下长城。", ENGLISH),
        ("Describe the wall in Chinese, please.", CHINESE),
        ("改正句子：She don't like the apples.", "She doesn't like the apples that they sell."),
        ("用“opulent”造一个句子。", "They held the wedding in an opulent hall that was full of light."),
        ("翻译：千里之行，始于足下。", "A journey of a thousand miles begins with a single step."),
        ("“苹果”用英语怎么说？", "It is called an apple, and the plural of it is apples."),
        ("列出五种编程语言。", "1. Python\n2. Java\n3. Rust\n4. Go\n5. Swift"),
        ("写一个函数", "def total(values):\n    return sum(value for value in values if value is not None)"),
        ("1 + 1 等于几？", "2"),
        ("写一条查询", "SELECT name FROM users WHERE age > 18 AND city IS NOT NULL ORDER BY name"),
        ("What does 加油 mean?", "“加油”的意思是继续努力，不要放弃。"),
        ("判断语态：The dog was walked.", "这是被动语态。(The sentence is in the passive voice.)"),
        ("How do you write ‘thank you’ in Chinese?", "可以写作“谢谢”，读作 xièxie。"),
        ("Translate the phrase 'bon voyage' into Spanish.", "In Spanish 'bon voyage' can be said as 'buen viaje'."),
        ("Was bedeutet das englische Wort 'owl'?", "Es bedeutet Eule, und es ist ein Vogel der Nacht."),
        ("", ENGLISH),
    ],
)
def test_an_answer_that_may_be_meant_is_none(prompt: str, answer: str) -> None:
    assert not _mismatch(prompt, answer)


def test_the_system_turn_may_ask_for_a_language() -> None:
    assert not _mismatch("Tell me about the Great Wall.", CHINESE, system="Always answer in Chinese.")
    assert _mismatch("Tell me about the Great Wall.", ENGLISH, system="Always answer in Chinese.")


def test_what_an_earlier_turn_asked_does_not_bind_the_last_answer() -> None:
    turns = [("user", "把“早上好”翻译成英语。"), ("assistant", "Good morning"), ("user", "谢谢你的帮助！")]
    messages = tuple(Message(role, text) for role, text in [*turns, ("assistant", "不客气，随时欢迎再来提问。")])
    assert measure_languages(to_batch([Record("sft", messages)]))[3].to_pylist() == [False]


def test_rows_without_turns_have_no_language_and_no_mismatch() -> None:
    columns = measure_languages(to_batch([Record("invalid"), Record("text", text=ENGLISH)]))
    assert [column.to_pylist() for column in columns] == [["", ""], ["", "en"], ["", ""], [False, False]]
    assert [column.type for column in columns] == [kind for _, kind, _ in LANGUAGE_SIGNALS]


def test_no_good_answer_of_the_real_sets_is_in_a_wrong_language(shared_data: Path) -> None:
    for name, most in (("alpaca_en_demo.json", 0), ("alpaca_zh_demo.json", 6), ("identity.json", 0)):
        rows = json.loads((shared_data / name).read_text(encoding="utf-8"))
        records = [_row(f"{row['instruction']}\n{row.get('input', '')}", row["output"]) for row in rows]
        wrong = measure_languages(to_batch(records))[3].to_pylist()
        assert sum(wrong) <= most, name
