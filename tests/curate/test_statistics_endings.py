"""How an answer ends: what is complete, what is open, what was cut, in both languages."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Record, to_batch
from tunesmith.curate.sources import open_source
from tunesmith.curate.statistics import STATISTICS, measure_statistics
from tunesmith.curate.statistics_debris import count_debris
from tunesmith.curate.statistics_lines import find_lines
from tunesmith.curate.statistics_words import read_words
from tunesmith.curate.tokens import TextRows

ENDING = [name for name, _, _ in STATISTICS].index("ending")
CUT = ("cut", "mid_word")
REAL = [
    ("gsm8k_train.jsonl", 0.001),
    ("huatuo_med_zh.json", 0.005),
    ("alpaca_en_demo.json", 0.01),
    ("alpaca_zh_demo.json", 0.01),
]


def endings(texts: list[str]) -> list[str]:
    return measure_statistics(to_batch([Record("text", text=text) for text in texts]))[ENDING].to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "Rest well.",
        "多喝水。",
        "Really?!",
        "He said: “Go.”",
        "（见下文。）",
        "Enjoy 🙂",
        "Wait…",
        "Yes.<|endoftext|>",
        "Yes.</s>",
        "```\nprint(1)\n```",
        "So $$x = 2$$",
        "x = 1;",
        "| a | b |",
        "Sad :(",
    ],
)
def test_complete(text: str) -> None:
    assert endings([text]) == ["complete"]


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "B",
        "是",
        "Amanda, James, John, Maria",
        "急性咽喉炎",
        "She sold 24 clips in May.\n#### 72",
        "0.5",
        "google.com",
        "She sold 48/2 = 24 clips in May.\n#### 72<|endoftext|>",
        "Here are three:\n\n1. Kenya\n2. Uganda\n3. Mali",
        "I look forward to your reply, and thank you for it.\n\nBest regards,\n[Your Name]",
        "感谢您的来信，期待您的回复。\n\n张三",
        "The premise says so, hence it follows.\n\nConfidence: 95%",
        "他明确地写了这一点，所以成立。信心：80%",
        "It is going to be fun. #gaming #tech",
        "“I thought that no one but myself did. It was.” - C. S. Lewis",
        "根据以上评论的语气判断，它是正面的评论。\n\n输出：正面",
        "新生儿肺炎、气胸、呼吸衰竭、窒息",
        "Love on a Rainy Day",
    ],
)
def test_open_where_nothing_says_that_it_was_cut(text: str) -> None:
    assert endings([text])[0] in ("open", "complete")


@pytest.mark.parametrize(
    "text",
    [
        "You should rest, drink and,",
        "建议多休息、多喝水，",
        "包括以下几点：感冒、发烧、咳嗽、",
        "```python\nprint(1)",
        r"So we get \[ x = 2 + ",
        "Rest is best. Drink a lot of water and",
        "多休息对身体很好。平时要多喝水，也要注意保",
        "It helps (for example with",
        "他说：“我们应该每天早上",
        "This is one of the",
        "The first thing to do is to see a doctor who knows the",
        "1. Rest is what you need most of all.\n2. Drink a lot of water.\n3. See a doc",
        "1. 多休息对身体很好。\n2. 要多喝水，注意保",
        "Steps:\n1. Rest well\n2. Drink water\n3",
        "Rest is the best that you can do for it now.\n\nAlso take some med",
    ],
)
def test_cut(text: str) -> None:
    assert endings([text])[0] in CUT


def test_a_fragment_of_a_word_of_the_text_is_mid_word() -> None:
    assert endings(["Hydration is good for you. Without hydra"]) == ["mid_word"]
    assert endings(["Hydration is good for you. Without water"]) == ["cut"]


def test_abbreviations_and_initials_end_no_sentence() -> None:
    assert endings(["The band is called Mr. Children", "It was written by C. S. Lewis"]) == ["open", "open"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_safe(raw: bytes) -> None:
    """Arrow holds valid UTF-8, a mapped file may not."""
    offsets = np.array([0, len(raw), len(raw)], np.int32)
    array = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(offsets), pa.py_buffer(raw)])
    texts = TextRows.of(array)
    words = read_words(texts)
    assert (words.places < max(1, len(raw))).all()
    assert (find_lines(texts, words).stops <= len(raw)).all()
    assert count_debris(texts, texts.ends >= 0).shape == (2,)


def _answers(path: Path) -> list[str]:
    plan = open_source(str(path), name="test").plan
    records = [read_raw(row.data or b"", plan.form).record for row in plan.input.rows()]
    return [record.turns[-1].content or "" for record in records]


@pytest.mark.parametrize(("name", "most"), REAL)
def test_few_real_answers_are_called_cut(shared_data: Path, name: str, most: float) -> None:
    found = endings(_answers(shared_data / name))
    assert sum(ending in CUT for ending in found) <= most * len(found)


@pytest.mark.parametrize(("name", "least"), [("alpaca_en_demo.json", 0.85), ("alpaca_zh_demo.json", 0.85)])
def test_most_long_answers_that_were_cut_are_found(shared_data: Path, name: str, least: float) -> None:
    chance = random.Random(7)
    whole = [text for text in _answers(shared_data / name) if len(text) >= 200 and text[-1] in ".。"]
    cut = [text[: chance.randrange(len(text) * 3 // 10, len(text) * 9 // 10)].rstrip() for text in whole]
    cut = [text for text in cut if text[-1] not in ".!?。！？"]
    assert sum(ending in CUT for ending in endings(cut)) >= least * len(cut)
