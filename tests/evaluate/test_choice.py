"""Letters read out of answers as models write them, options read out of prompts, and references that are letters."""

from __future__ import annotations

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.evaluate.choice import choices_of, read_choice, score_choice
from tunesmith.evaluate.choice_options import options_in, reference_letters
from tunesmith.evaluate.metric_types import Items

GLANDS = {"A": "卵巢", "B": "前庭大腺", "C": "前庭球", "D": "乳腺"}
LUNGS = {"A": "右侧自发性气胸", "B": "右主支气管异物", "C": "大叶性肺炎", "D": "先天性肺囊肿"}
VITAMINS = {"A": "维生素A", "B": "维生素B12", "C": "维生素C", "D": "维生素D"}
RIVERS = {"A": "Mekong", "B": "Ob", "C": "Volga", "D": "Orinoco"}
STATUS = {"A": "403", "B": "409", "C": "429", "D": "507"}
TONGUES = {"A": "English", "B": "French", "C": "Irish", "D": "German"}

CHINESE = [
    ("答案是B", GLANDS, "B"),
    ("选 C", GLANDS, "C"),
    ("(D)", GLANDS, "D"),
    ("B. 前庭大腺", GLANDS, "B"),
    ("不是A，应该选 D", GLANDS, "D"),
    ("女性生殖腺是卵巢", GLANDS, "A"),
    ("很难说", GLANDS, None),
    ("答案不是A，而是B。", GLANDS, "B"),
    ("故选：A", GLANDS, "A"),
    ("【答案】C", GLANDS, "C"),
    ("【答案】C\n【解析】A项错误，B项错误。", GLANDS, "C"),
    ("正确答案：（Ｂ）。", GLANDS, "B"),
    ("本题选D项。", GLANDS, "D"),
    ("A选项错误，因为……所以这道题应该选A。", GLANDS, "A"),
    ("答案是A和B。", GLANDS, None),
    ("A、B、D都不对", GLANDS, None),
    ("排除A、B、D，剩下C。", GLANDS, "C"),
    ("我觉得是 C", GLANDS, "C"),
    ("B", GLANDS, "B"),
    ("b", GLANDS, "B"),
    ("b)", GLANDS, "B"),
    ("Ｄ", GLANDS, "D"),
    ("选项B", GLANDS, "B"),
    ("选项B正确", GLANDS, "B"),
    ("B是正确的。", GLANDS, "B"),
    ("<think>也许是A</think>答案：C", GLANDS, "C"),
    ("<think>也许是A，答案是A", GLANDS, None),
    ("$\\boxed{D}$", GLANDS, "D"),
    ("\\boxed{\\text{D}}", GLANDS, "D"),
    ("最终答案是 \\boxed{C}.", GLANDS, "C"),
    ("A. 卵巢：错误。\nB. 前庭大腺：正确。\nC. 前庭球：错误。\nD. 乳腺：错误。", GLANDS, "B"),
    ("A. 卵巢\nB. 前庭大腺\nC. 前庭球\nD. 乳腺\n\n正确答案是 D", GLANDS, "D"),
    ("如果选A，则……；正确的是B。", GLANDS, "B"),
    ("答案是B。如果选A则不符合题意。", GLANDS, "B"),
    ("答案：ABD", GLANDS, None),
    ("维生素C很重要", GLANDS, None),
    ("我选A吗？不，选B。", GLANDS, "B"),
    ("应选（C）", GLANDS, "C"),
    ("答：B", GLANDS, "B"),
    ("选A。因为B不对", GLANDS, "A"),
    ("A，术后低钙抽搐。", GLANDS, "A"),
    ("D。溶血", GLANDS, "D"),
    ("答案选择A", GLANDS, "A"),
    ("答案为A选项。", GLANDS, "A"),
    ("所以，选项A是正确的", GLANDS, "A"),
    ("综上，C正确，A、B、D错误。", GLANDS, "C"),
    ("故本题答案为D。", GLANDS, "D"),
    ("C选项符合题意", GLANDS, "C"),
    ("正确选项为 C。", GLANDS, "C"),
    ("答案应该是C", GLANDS, "C"),
    ("这道题的答案是：C、前庭球", GLANDS, "C"),
    ("我不选A，选B", GLANDS, "B"),
    ("不选A", GLANDS, None),
    ("答案不是C", GLANDS, None),
    ("根据患者的临床表现，最可能的诊断是**B. 右主支气管异物**。\n\n理由如下：\n1. 患儿突发呛咳……", LUNGS, "B"),
    ("患儿2岁，突发呛咳，应首先考虑气道异物。\n\n因此，正确答案是：**B. 右主支气管异物**", LUNGS, "B"),
    (
        "正确答案是 B. 右主支气管异物。\n\n解析：A. 自发性气胸可有……；C. 大叶性肺炎常有发热；D. 先天性肺囊肿多为慢性。",
        LUNGS,
        "B",
    ),
    (
        "A. 右侧自发性气胸：不会出现纵隔摆动。\nB. 右主支气管异物：符合。\nC. 大叶性肺炎：有发热。\n"
        "D. 先天性肺囊肿：无突发呛咳史。\n综上所述，选B。",
        LUNGS,
        "B",
    ),
    ("答案：B\n解析：吸气时纵隔向患侧移位。", LUNGS, "B"),
    ("【答案】B\n【解析】A选项……", LUNGS, "B"),
    ("选择题的答案是B。", LUNGS, "B"),
    ("这道题应该选择选项B，即右主支气管异物。", LUNGS, "B"),
    ("最可能的诊断是右主支气管异物。", LUNGS, "B"),
    ("考虑右主支气管异物，而不是大叶性肺炎。", LUNGS, "B"),
    ("我的答案是：B", LUNGS, "B"),
    ("答案为（B）", LUNGS, "B"),
    ("B选项：右主支气管异物", LUNGS, "B"),
    ("B：右主支气管异物", LUNGS, "B"),
    ("首先排除C和D，其次A也不符合，故答案选B。", LUNGS, "B"),
    ("正确选项：B", LUNGS, "B"),
    ("应选B项。A项错误，……", LUNGS, "B"),
    ("B。", LUNGS, "B"),
    ("B\n\n解释：……", LUNGS, "B"),
    ("选B，因为A和C不符合纵隔摆动的特点。", LUNGS, "B"),
    ("很抱歉，我无法诊断。请咨询医生。", LUNGS, None),
    ("可能是A或者B。", LUNGS, None),
    ("不能确定，A、B、C、D都有可能。", LUNGS, None),
    ("答案应为B，但也有人选C。", LUNGS, "B"),
    ("经过分析，我认为答案是选项 B。", LUNGS, "B"),
    ("根据题意，B 是最符合的选项。", LUNGS, "B"),
    ("B 右主支气管异物", LUNGS, "B"),
    ("(B) 右主支气管异物", LUNGS, "B"),
    ("<think>\n嗯，先看A……应该是A？不对，是B。\n</think>\n\n**答案：B**", LUNGS, "B"),
    ("因此最终的选择是B。", LUNGS, "B"),
    ("最终答案：$\\boxed{B}$", LUNGS, "B"),
    ("缺乏会导致坏血病的是维生素C。", VITAMINS, "C"),
    ("答案是维生素C，选C。", VITAMINS, "C"),
    ("答案：维生素C", VITAMINS, "C"),
    ("维生素A缺乏导致夜盲症，维生素D缺乏导致佝偻病，故选C。", VITAMINS, "C"),
    ("C、维生素C", VITAMINS, "C"),
    ("A和D都是脂溶性的，B12与贫血有关，所以是C。", VITAMINS, "C"),
    ("此题选：C", VITAMINS, "C"),
    ("答：选C。", VITAMINS, "C"),
    ("正确的是C。", VITAMINS, "C"),
    ("C项正确。", VITAMINS, "C"),
    ("D不对，A不对，B不对，所以只能是C。", VITAMINS, "C"),
    ("Ｃ", VITAMINS, "C"),
    ("（C）", VITAMINS, "C"),
    ("「C」", VITAMINS, "C"),
    ("选项C是正确答案。", VITAMINS, "C"),
    ("C才是正确的", VITAMINS, "C"),
    ("最不可能的是C。", GLANDS, "C"),
    ("疗效最差的是 D", GLANDS, "D"),
    ("选B是错误的", GLANDS, None),
    ("两者分别是A和B", GLANDS, None),
]
ENGLISH = [
    ("B, C and D come to mind.\n\nC", RIVERS, "C"),
    ("The answer is **A**", RIVERS, "A"),
    ("The Ob flows into the Arctic.", RIVERS, "B"),
    ("It's not the Volga, it's the Ob.", RIVERS, "B"),
    ("The answer is not A but B.", RIVERS, "B"),
    ("I would go with option C.", RIVERS, "C"),
    ("The correct answer is (B) Ob.", RIVERS, "B"),
    ("Answer: b", RIVERS, "B"),
    ("A river in Siberia, the Ob.", RIVERS, "B"),
    ("A psychrometer measures humidity.", RIVERS, None),
    ("Option D is correct because ...", RIVERS, "D"),
    ("The answer is C, A and B are wrong.", RIVERS, "C"),
    ("Both A and B are possible.", RIVERS, None),
    ("So the correct option is C.", RIVERS, "C"),
    ("Therefore the answer is B.\n\nNote that the wrong answer is A.", RIVERS, "B"),
    ("I think it's D.", RIVERS, "D"),
    ("Hence, the right choice is B.", RIVERS, "B"),
    ("<answer>B</answer>", RIVERS, "B"),
    ("**B**", RIVERS, "B"),
    ("**B. Ob**", RIVERS, "B"),
    ("B: Ob", RIVERS, "B"),
    ("B - Ob", RIVERS, "B"),
    ("B Ob", RIVERS, "B"),
    ("Let's look at each.\nA. Mekong flows south.\nB. Ob flows north.\nThe answer is B", RIVERS, "B"),
    ("After thinking it over...\n\nC", RIVERS, "C"),
    ("I cannot answer that.", RIVERS, None),
    ("", RIVERS, None),
    ("The answer is A because B is wrong", RIVERS, "A"),
    ("It is a hard question", RIVERS, None),
    ("answer is c) Volga", RIVERS, "C"),
    ("My answer: A.", RIVERS, "A"),
    ("The best answer is D) Orinoco.", RIVERS, "D"),
    ("Choice B", RIVERS, "B"),
    ("A and C", RIVERS, None),
    ('The correct answer is **C. 429**.\n\nHTTP 429 means "Too Many Requests".', STATUS, "C"),
    ("C. 429 Too Many Requests", STATUS, "C"),
    ("429", STATUS, "C"),
    ("The HTTP status code that fits is 429 Too Many Requests, not 403.", STATUS, "C"),
    ("Answer: C", STATUS, "C"),
    ("**Answer: C) 429**", STATUS, "C"),
    ("The answer is (C).", STATUS, "C"),
    ("The correct option is (C) 429.", STATUS, "C"),
    ("The best choice here is C, since 429 signals rate limiting.", STATUS, "C"),
    ("Option C (429) is the right one.", STATUS, "C"),
    ("I believe the answer is C.", STATUS, "C"),
    ("It would be C.", STATUS, "C"),
    (
        "Options:\n\nA. 403 - Forbidden\nB. 409 - Conflict\nC. 429 - Too Many Requests\n"
        "D. 507 - Insufficient Storage\n\nTherefore, the correct answer is C.",
        STATUS,
        "C",
    ),
    (
        "Options:\n\nA. 403 - Forbidden\nB. 409 - Conflict\nC. 429 - Too Many Requests\nD. 507 - Insufficient Storage",
        STATUS,
        None,
    ),
    ("C\n\nExplanation: A is for forbidden.", STATUS, "C"),
    ("Samuel Beckett first wrote it in French, so the answer is B.", TONGUES, "B"),
    ("He wrote it in French and later translated it into English.", TONGUES, None),
    ("B) French", TONGUES, "B"),
    ("French.", TONGUES, "B"),
    ("It was first written in French.", TONGUES, "B"),
    ("The correct answer is French (B).", TONGUES, "B"),
    ("Answer: French", TONGUES, "B"),
    ("The answer isn't English; it's French.", TONGUES, "B"),
    ("A is incorrect because he wrote it in French first. The correct answer is B.", TONGUES, "B"),
    ("I'm not sure, but I would say B.", TONGUES, "B"),
    ("My final answer: B", TONGUES, "B"),
    ("Final Answer: The final answer is $\\boxed{B}$. I hope it is correct.", TONGUES, "B"),
    ("###Answer: B", TONGUES, "B"),
    ("answer:b", TONGUES, "B"),
    ('{"answer": "B"}', TONGUES, "B"),
    ('{"answer":"B","explanation":"A is wrong"}', TONGUES, "B"),
    ("B is the answer.", TONGUES, "B"),
    ("The answer must be B.", TONGUES, "B"),
    ("Only B fits.", TONGUES, "B"),
]
SEVERAL = [
    ("\\boxed{ABD}", "ABD"),
    ("最终答案：\\boxed{A, C}", "AC"),
    ("ABD", "ABD"),
    ("答案：A、C、D", "ACD"),
    ("The answer is A, C and D.", "ACD"),
    ("A. 卵巢\nC. 前庭球", "AC"),
    ("正确的有A和B", "AB"),
    ("选AC", "AC"),
    ("BAD", None),
    ("A,B", "AB"),
    ("答案是ACD，B错误", "ACD"),
    ("卵巢和乳腺", "AD"),
    ("(A)(B)", "AB"),
    ("A B D", "ABD"),
    ("B", "B"),
    ("A、B、C三项都正确", "ABC"),
]


@pytest.mark.parametrize(("text", "options", "letter"), [*CHINESE, *ENGLISH])
def test_the_letter_of_an_answer_in_free_text_is_read(text: str, options: dict[str, str], letter: str | None) -> None:
    assert read_choice(text, options) == letter


@pytest.mark.parametrize(("text", "letters"), SEVERAL)
def test_all_letters_are_read_where_several_options_may_be_right(text: str, letters: str | None) -> None:
    assert read_choice(text, GLANDS, several=True) == letters


@pytest.mark.parametrize("text", ["Both A and B", "It could be C or B.", "Neither A nor D.", "A还是B？"])
def test_of_two_letters_that_are_joined_the_second_is_not_the_choice(text: str) -> None:
    assert read_choice(text, ["one", "two", "three", "four"]) is None


def test_options_may_be_given_as_texts_in_their_order() -> None:
    assert read_choice("It is the Volga.", ["Mekong", "Ob", "Volga"]) == "C"


def test_a_letter_that_is_no_option_is_not_read() -> None:
    assert read_choice("The answer is E.", RIVERS) is None


def test_an_option_within_a_longer_one_is_not_counted_again() -> None:
    options = {"A": "肺炎", "B": "大叶性肺炎"}
    assert read_choice("应当考虑大叶性肺炎", options) == "B"
    assert read_choice("应当考虑肺炎", options) == "A"


@pytest.mark.parametrize("space", [" ", "\n", "\t", " \n"])
def test_any_amount_of_white_space_is_read_at_once(space: str) -> None:
    assert read_choice(f"Hm.{space * 20_000}B", ["one", "two"]) == "B"  # this took minutes


def test_a_long_answer_is_read_at_its_ends() -> None:
    assert read_choice("词 " * 40_000 + "\n答案是C。", GLANDS) == "C"
    assert read_choice("C。" + "词 " * 40_000, GLANDS) == "C"


@given(st.text(alphabet=string.printable + "答案是选不正确。，：（）甲乙"), st.booleans())
def test_any_text_gives_letters_of_the_options_or_nothing(text: str, several: bool) -> None:
    found = read_choice(text, GLANDS, several=several)
    assert found is None or (list(found) == sorted(set(found)) and set(found) <= set(GLANDS))
    assert found is None or several or len(found) == 1


@given(
    st.sampled_from("ABCD"),
    st.sampled_from(["{}", "({})", "{}.", "答案：{}", "**{}**", "选{}", "Answer: {}", "\\boxed{{{}}}"]),
)
def test_plain_answers_are_always_read(letter: str, form: str) -> None:
    assert read_choice(form.format(letter), GLANDS) == letter


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        ("女性生殖腺是\nA. 卵巢\nB. 前庭大腺\nC. 前庭球\nD. 乳腺", GLANDS),
        ("女性生殖腺是（  ）\nA、卵巢\nB、前庭大腺\nC、前庭球\nD、乳腺\n请选择。", GLANDS),
        ("女性生殖腺是（  ）A．卵巢 B．前庭大腺 C．前庭球 D．乳腺", GLANDS),
        ("女性生殖腺是？\n（A）卵巢\n（B）前庭大腺\n（C）前庭球\n（D）乳腺\n答案：", GLANDS),
        ("Which river?\nA) Mekong\nB) Ob\nC) Volga\nD) Orinoco\nAnswer:", RIVERS),
        ("Which river? (A) Mekong (B) Ob (C) Volga (D) Orinoco", RIVERS),
        ("Example:\nA. x\nB. y\nAnswer: A\n\nWhich?\nA. Mekong\nB. Ob\nC. Volga\nD. Orinoco\nAnswer:", RIVERS),
        ("What is vitamin A. and B. good for?", {}),
        ("6 × 7 等于几？", {}),
    ],
)
def test_options_stand_in_lines_or_in_a_row(prompt: str, options: dict[str, str]) -> None:
    assert options_in(prompt) == options


@pytest.mark.parametrize(
    ("reference", "options", "letters"),
    [
        ("B", {}, "B"),
        ("B", GLANDS, "B"),
        ("b", GLANDS, "B"),
        ("（B）", GLANDS, "B"),
        ("B. 前庭大腺", GLANDS, "B"),
        ("前庭大腺", GLANDS, "B"),
        ("ABD", GLANDS, "ABD"),
        ("D, A", GLANDS, "AD"),
        ("A、C", GLANDS, "AC"),
        ("BAD", GLANDS, ""),  # a word
        ("DIC", {}, ""),  # an abbreviation
        ("ABD", {}, ""),
        ("b", {}, ""),
        ("42", {}, ""),
        ("不用再打。", GLANDS, ""),
        ("E", GLANDS, ""),
    ],
)
def test_a_reference_is_letters_only_where_the_question_has_them(
    reference: str, options: dict[str, str], letters: str
) -> None:
    assert reference_letters(reference, options) == letters


def test_a_long_row_of_letters_that_is_no_reference_is_refused_at_once() -> None:
    assert reference_letters("A " * 200 + "x", {"A": "one", "B": "two"}) == ""  # would take longer than the universe


def test_an_unreadable_answer_is_wrong_and_a_failed_one_has_no_value() -> None:
    question = ({"role": "user", "content": "女性生殖腺是\nA. 卵巢\nB. 前庭大腺"},)
    texts = ["A", "B", "很难说", None, "A"]
    references = [("A",), ("A",), ("A",), ("A",), ("性腺",)]
    items = Items([*"12345"], texts, references, ["zh"] * 5, [question] * 5, [{}] * 5)
    assert [value for value in score_choice(items).values.tolist() if not math.isnan(value)] == [1, 0, 0]
    assert [choice and choice.said for choice in choices_of(items)] == ["A", "B", None, None, None]


def test_several_right_options_have_to_be_chosen_all_and_no_other() -> None:
    question = ({"role": "user", "content": "选出所有正确的：\nA. 甲\nB. 乙\nC. 丙"},)
    items = Items([*"123"], ["AC", "A", "ABC"], [("AC",)] * 3, ["zh"] * 3, [question] * 3, [{}] * 3)
    assert score_choice(items).values.tolist() == [1, 0, 0]
