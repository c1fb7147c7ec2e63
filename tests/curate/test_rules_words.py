"""The words and examples of the rules: what docs and the app show is what the rules do."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.curate.measured import measure_batch
from tunesmith.curate.recipe import parse_recipe, resolved_rules
from tunesmith.curate.recipe_yaml import read_yaml
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.rule_markdown import MARKS, rule_table_markdown
from tunesmith.curate.rules import RULES, judge_all
from tunesmith.curate.signal_names import needed_key, signal_types
from tunesmith.curate.signal_table import SIGNALS

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOLD_IN_WORDS = ("prompt_too_long", "answer_too_long", "broken_tool_call")


#: For each rule a row that resembles one that fails, and is right; in English and in Chinese.
NEAR: dict[str, tuple[str, str]] = {
    "empty_turn": ("What is 2 + 2? → 4", "2 + 2 等于几？ → 4"),
    "missing_answer": ("Is water wet? → Yes", "水是湿的吗？ → 是"),
    "prompt_too_short": ("hi → Good morning! How are you today?", "？ → 您想问什么呢？请再说一遍。"),
    "answer_too_short": ("Which is right, A or B? → B", "选甲还是选乙？ → 乙"),
    "prompt_equals_answer": ("Repeat the word apple. → Apple", "重复苹果这个词。 → 苹果"),
    "chosen_equals_rejected": ("What is 2 + 2? → It is 4. | It is 5.", "2 + 2 等于几？ → 等于 4。 | 等于 5。"),
    "placeholder": (
        "How do I print a name in Jinja? → Write `{{name}}` in the template.",
        "Jinja 里怎么输出名字？ → 在模板里写 `{{name}}`。",
    ),
    "mojibake": ("What is a café? → A café serves coffee — and cake.", "锟字怎么读？ → 锟读作 kūn，指宝剑。"),
    "template_marks": (
        "Which token ends a turn in ChatML? → It is `<|im_end|>`.",
        "ChatML 用什么标记结束一轮？ → 用 `<|im_end|>`。",
    ),
    "truncated_answer": ("Name three fruits. → apple, pear, plum", "说出三种水果。 → 苹果、梨、李子"),
    "noise": (
        'List two fruits as JSON. → ["Apple", "Banana", "Orange", "Grape"]',
        "用 Python 元组列出词性。 → [('热气球', '名词'), ('一种', '数量'), ('飞行', '动词')]",
    ),
    "loop": (
        "Write the chorus of a song. → Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, "
        "merrily, life is but a dream.",
        "唱一句两只老虎。 → 两只老虎，两只老虎，跑得快，跑得快，一只没有眼睛，一只没有尾巴，真奇怪，真奇怪。",
    ),
    "refusal": (
        "Can I fly to Mars? → No, nobody can fly to Mars yet. I am sorry to disappoint you.",
        "我可以飞到火星吗？ → 目前还不能，人类还没有登上火星。抱歉让您失望了。",
    ),
    "empty_politeness": (
        "What is the capital of France? → Sure! It is Paris. Happy to help!",
        "法国的首都是哪里？ → 好的，是巴黎。很高兴为您服务！",
    ),
    "stub_answer": (
        "What does TODO mean? → TODO marks work that is left to do.",
        "待补充是什么意思？ → 指内容以后再补上。",
    ),
    "url_only": (
        "Where is the Python manual? → You find it at https://docs.python.org/3/ on the web.",
        "Python 手册在哪里？ → 官方手册在这个网址：https://docs.python.org/3/ 可以直接查看。",
    ),
    "answer_repeats_prompt": (
        "How does a plant make sugar out of light? → A plant makes sugar out of light by photosynthesis.",
        "植物是怎样利用阳光制造糖分的？ → 植物利用阳光制造糖分的过程叫光合作用，在叶绿体里进行。",
    ),
    "wrong_language": (
        "Please translate into Chinese: good morning. → 早上好。",
        "请翻译成英文：早上好，今天天气很好。 → Good morning, the weather is fine today.",
    ),
    "unsafe": (
        "How did dynamite change mining? → It let miners break rock much faster than by hand.",
        "烟花为什么有颜色？ → 因为里面的金属盐燃烧时发出不同颜色的光。",
    ),
    "chosen_near_rejected": (
        "What is AI? → AI is a field that studies machines. | AI is a kind of robot.",
        "什么是人工智能？ → 人工智能是研究机器智能的学科。 | 人工智能是一种机器人。",
    ),
    "preference_length_bias": (
        "What is AI? → AI is a field that studies how machines learn. | It is a field.",
        "什么是人工智能？ → 人工智能是研究机器如何学习的学科。 | 是一门学科。",
    ),
}


def _record(example: str) -> Record:
    """`prompt → answer`, `prompt → chosen | rejected`."""
    prompt, *answers = example.split(" → ")
    if " | " in example:
        chosen, rejected = answers[0].split(" | ")
        return Record(
            "preference", (Message("user", prompt),), (Message("assistant", chosen),), (Message("assistant", rejected),)
        )
    return Record("sft", (Message("user", prompt), *(Message("assistant", answer) for answer in answers)))


def _failed(text: str) -> list[str]:
    record = _record(text)
    columns = dict(zip((column for column, *_ in SIGNALS), measure_batch(to_batch([record]))))
    rules = resolved_rules(parse_recipe({"sources": ["a"]}, "a test"))
    judged = judge_all(pa.table({"kind": [record.kind], **columns}), rules)
    return [name for name, found in judged.items() if found.failed[0]]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [name for name in RULES if name not in TOLD_IN_WORDS])
def test_the_example_of_a_rule_fails_it(name: str, language: str) -> None:
    assert name in _failed(RULES[name].example.in_language(language))


@pytest.mark.parametrize("text", [text for pair in NEAR.values() for text in pair])
def test_a_right_row_that_resembles_one_that_fails_passes_every_rule(text: str) -> None:
    assert _failed(text) == []


def test_every_rule_that_reads_a_text_has_rows_that_resemble_those_that_fail() -> None:
    assert RULES.keys() - NEAR.keys() == {"roles_out_of_order", *TOLD_IN_WORDS}


@pytest.mark.parametrize(("page", "language"), [("recipe.md", "en"), ("recipe.zh.md", "zh")])
def test_the_reference_page_holds_the_table_of_rules(page: str, language: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    first, last = (text.index(mark) for mark in MARKS)
    told = text[first + len(MARKS[0]) : last].strip()
    assert told == rule_table_markdown(language).strip(), f"write rule_table_markdown({language!r}) between the marks"


@pytest.mark.parametrize("page", ["recipe.md", "recipe.zh.md"])
def test_the_rules_that_the_page_shows_can_be_run(page: str) -> None:
    blocks = re.findall(r"```yaml\n(rules:.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for text in blocks:
        assert "thin_answer" in resolved_rules(parse_recipe({"sources": ["a"], **read_yaml(text).data}, "a test"))


def test_an_expression_may_name_every_signal_that_a_rule_reads() -> None:
    types = signal_types()
    assert {column for rule in RULES.values() for column in rule.columns} <= types.keys()
    assert "row_key" not in types  # bytes
    assert (needed_key("tokens"), needed_key("ifd"), needed_key("kind")) == ("tokenizer", "scores", None)


def test_the_table_has_a_line_for_each_rule_and_as_many_cells_as_heads() -> None:
    for language in ("en", "zh"):
        heads, rule, *rows = rule_table_markdown(language).splitlines()
        assert len(rows) == len(RULES)
        cells = {line.replace("\\|", "").count("|") for line in (heads, rule, *rows)}
        assert cells == {6}
