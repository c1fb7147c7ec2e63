"""Final numbers: how they are written, where they stand, and the marks of GSM8K's four systems, all of them."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate import jsontext
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.numeric import finals_of, read_number, reference_number, same_number, score_numeric
from tunesmith.evaluate.numeric_chinese import chinese_numbers
from tunesmith.evaluate.numeric_text import numbers_in

WRITTEN = [
    ("1,234.50", "2469/2"),
    ("１，２３４", "1234"),
    ("-5", "-5"),
    ("−5", "-5"),
    ("x=-5", "-5"),
    ("-$5", "-5"),
    ("负5", "-5"),
    ("2/3", "2/3"),
    ("3 1/2", "7/2"),
    ("3½", "7/2"),
    ("3又1/2", "7/2"),
    ("\\frac{2}{3}", "2/3"),
    ("3\\dfrac12", "7/2"),
    ("3分之2", "2/3"),
    (".5", "1/2"),
    ("1.2 million", "1200000"),
    ("$5k", "5000"),
    ("1.2亿", "120000000"),
    ("3万5千", "35000"),
    ("1亿2000万", "120000000"),
    ("5千克", "5"),
    ("3千米", "3"),
    ("6×10³", "6000"),
    ("6 \\times 10^{-2}", "3/50"),
    ("1e3", "1000"),
    ("10^3", "1000"),
    ("2¹⁰", "1024"),
    ("-2^{2}", "-4"),
    ("90^0", "90"),
    ("0^-1", "0"),
    ("10 m²", "10"),
    ("10\\,000", "10000"),
    ("1{,}000", "1000"),
    ("50%", "50"),
    ("百分之50", "50"),
    ("十八", "18"),
    ("一万二千三百", "12300"),
    ("三万五", "35000"),
    ("两百零五", "205"),
    ("三点一四", "157/50"),
    ("三分之二", "2/3"),
    ("三又二分之一", "7/2"),
    ("百分之六十", "60"),
    ("二〇二四", "2024"),
    ("负十二", "-12"),
    ("五千克", "5"),
    ("叁佰", "300"),
    ("十分钟", "10"),
]


@pytest.mark.parametrize(("text", "value"), WRITTEN)
def test_a_number_is_read_however_it_is_written(text: str, value: str) -> None:
    assert [number.value for number in numbers_in(text)] == [Fraction(value)]


@pytest.mark.parametrize(
    "text", ["H2O", "x2", "2π", "①", "一定", "十分重要", "万一", "三四", "统一", "log₂", "no digits"]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert numbers_in(text) == []


def test_a_range_and_a_list_are_several_numbers() -> None:
    assert [int(number.value) for number in numbers_in("3-5")] == [3, 5]
    assert [int(number.value) for number in numbers_in("1, 2,3")] == [1, 2, 3]


ANSWERS = [
    ("16 - 3 - 4 = 9, 9 * 2 = $18 a day.\n#### 18", "18"),
    ("So 2+1=<<2+1=3>>3 bolts\nA: 3", "3"),
    ("The answer is 42. There are 7 days in a week.", "42"),
    ("The final answer is $\\boxed{\\frac{3}{4}}$.", "3/4"),
    ("first \\boxed{3}, then \\boxed{4}", "4"),
    ("Answer: 5 + 3 = 8 apples", "8"),
    ("**Answer:**\n\n18 dollars", "18"),
    ("The answer to 3 + 4 is 7.", "7"),
    ("So she makes **$1,200** (that is 100 a month).", "1200"),
    ("Step 1: 3 + 4 = 7.\nStep 2: 7 × 2 = 14.\nTotal: 14 eggs (7 a day)", "14"),
    ("答：一辆大车装5.5吨。", "11/2"),
    ("答：从3点到5点一共走了12千米。", "12"),
    ("答案是349.6元。", "1748/5"),
    ("答案：4小时20分钟，即260分钟", "4"),
    ("480×0.85=408，408-40=368，答：368元。", "368"),
    ("因此，需要6小时注满水池。", "6"),
    ("所以一共有十八个人。", "18"),
    ("1-(3/5)²=16/25", "16/25"),
    ("<think>是 12 吗？</think>答案是 13", "13"),
    ("160 pages, 560 left, 560/56 = 10. Total 15.", "15"),
    ("A: -1.8 billion", "-1800000000"),
    ("答案是 1 234？不，更正，答案是 1235。", "1235"),
]


@pytest.mark.parametrize(("text", "value"), ANSWERS)
def test_the_number_that_an_answer_ends_in_is_read(text: str, value: str) -> None:
    found = read_number(text)
    assert found is not None
    assert found.value == Fraction(value)


@pytest.mark.parametrize("text", ["", "I don't know.", "<think>12, or 13", "我不知道"])
def test_an_answer_without_a_number_has_none(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.5", "11/2"),
        ("18 dollars per day", "18"),
        ("约 350 元", "350"),
        ("x = 4", "4"),
        ("2/3", "2/3"),
        ("十八人", "18"),
        ("She has 9.\n#### 9", "9"),
        ("The answer is 42.", "42"),
        ("It adds up: \\boxed{7}", "7"),
        ("答：小明有5个苹果。", "5"),
        ("3-5天", None),
        ("eGFR在30以上", None),
        ("不用再打。全程接种后5年内，即使是较深的伤口也不需要。", None),
        ("B", None),
        ("1949年10月1日", None),
        ("2型糖尿病的一线用药", None),
        ("The answer is 42, or maybe 43.", None),
        ("", None),
    ],
)
def test_a_reference_is_numeric_where_it_is_a_number_or_ends_in_a_marked_one(text: str, value: str | None) -> None:
    found = reference_number(text)
    assert (found and found.value) == (None if value is None else Fraction(value))


@pytest.mark.parametrize(
    ("said", "wanted", "equal"),
    [
        ("50%", "0.5", True),
        ("0.5", "50%", True),
        ("50%", "50", True),
        ("50", "50%", True),
        ("50%", "5%", False),
        ("0.5%", "0.5", True),
        ("5万元", "5", True),  # the question may ask for 万元
        ("50000", "5万", True),
        ("5", "5万", False),
        ("0.333333333", "1/3", True),
        ("0.33", "1/3", False),
        ("18.0", "18", True),
        ("-18", "18", False),
        ("0", "0.0", True),
    ],
)
def test_numbers_are_equal_by_value_percent_and_multiplier(said: str, wanted: str, equal: bool) -> None:
    assert same_number(numbers_in(said)[0], numbers_in(wanted)[0]) is equal


def test_the_marks_of_gsm8k_are_reproduced_all_of_them(shared_data: Path) -> None:
    counts: Counter[tuple[bool, bool]] = Counter()
    for line in (shared_data / "gsm8k_solutions.jsonl").read_bytes().splitlines():
        row = jsontext.loads(line)
        systems = [value for value in row.values() if isinstance(value, dict)]
        texts, truth = [one["solution"] for one in systems], (row["ground_truth"],)
        n = len(systems)
        scored = score_numeric(Items([*map(str, range(n))], [*texts], [truth] * n, ["en"] * n, [()] * n, [{}] * n))
        counts.update(zip(map(bool, scored.values.tolist()), (one["is_correct"] for one in systems)))
    assert counts == {(True, True): 2001, (False, False): 3275}


def test_every_answer_of_gsm8k_is_a_reference(shared_data: Path) -> None:
    rows = [jsontext.loads(line) for line in (shared_data / "gsm8k_test.jsonl").read_bytes().splitlines()]
    final = [row["answer"].rpartition("#### ")[2].replace(",", "") for row in rows]
    assert [number and number.value for number in (reference_number(row["answer"]) for row in rows)] == [
        Fraction(text) for text in final
    ]


def test_only_questions_with_a_number_have_a_value_and_an_answer_without_one_is_wrong() -> None:
    texts, references = ["18", "none", "3", None], [("18",), ("18",), ("prose with 3 in it",), ("3",)]
    items = Items([*"1234"], texts, references, ["en"] * 4, [()] * 4, [{}] * 4)
    values = score_numeric(items).values.tolist()
    assert values[:2] == [1, 0]
    assert all(map(math.isnan, values[2:]))
    assert [final and final.said is None for final in finals_of(items)] == [False, True, None, None]


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_are_read_back(number: int) -> None:
    for text in (str(number), f"{number:,}", f"The answer is {number:,}.", f"答案是{number}。"):
        found = read_number(text)
        assert found is not None
        assert found.value == number


@given(st.integers(0, 99_999_999))
def test_chinese_numerals_are_read_back(number: int) -> None:
    assert [found.value for found in chinese_numbers(_spelled(number))] == [number]


@given(st.text(alphabet="0123456789.,/%-+=×^{}\\一二十百千万亿点分之负 $答案是A:#()*frac", max_size=60))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    found = read_number(text)
    assert found is None or isinstance(found.value, Fraction)


def test_a_number_of_a_hundred_thousand_digits_is_none() -> None:
    assert read_number("7" * 100_000) is None
    assert numbers_in("0." + "3" * 1_000_000)[0].value < Fraction(1, 3)


def _spelled(number: int) -> str:
    """A whole number in Chinese, as it is taught: 零 for each gap, no unit for ones."""
    if number == 0:
        return "零"
    high, low = divmod(number, 10_000)
    if not high:
        return _below_ten_thousand(low)
    gap = "零" if 0 < low < 1000 else ""
    return f"{_below_ten_thousand(high)}万{gap}{_below_ten_thousand(low) if low else ''}"


def _below_ten_thousand(number: int) -> str:
    digits = "零一二三四五六七八九"
    text = "".join(
        digits[int(digit)] + (unit if digit != "0" else "")
        for digit, unit in zip(f"{number:04d}", ("千", "百", "十", ""))
    )
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.strip("零")
