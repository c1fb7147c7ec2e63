"""Contamination against a slow, obvious version, on what the bundled sample plants, and on real data."""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.compared import Compared, compared_texts
from tunesmith.curate.contamination import Contamination, find_compromised, find_contamination
from tunesmith.curate.contamination_items import Item, read_items, split_choices
from tunesmith.curate.contamination_patterns import QUESTION_LENGTHS, WHOLE_LENGTHS
from tunesmith.curate.contamination_spans import token_spans
from tunesmith.curate.contamination_wordings import find_rewordings, make_wordings
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Record, to_batch
from tunesmith.errors import InputError, RowError

PLANTED = {
    "medical_zh": {161: "eval-066", 263: "eval-010", 316: "eval-048"},
    "general": {236: "eval-107", 762: "eval-130", 826: "eval-097"},
}
SPIDER = Item("spider", "How many legs does a healthy adult spider have?")
GAUZE = Item("gauze", "下列关于煤气灯纱罩的说法正确的是哪一项", "\nA. 含钍\nB. 含铅\nC. 含汞")


def _pairs(found: Contamination) -> dict[tuple[int, int], float]:
    return dict(
        zip(zip(found.pairs.rows.tolist(), found.pairs.items.tolist()), found.pairs.containment.tolist(), strict=True)
    )


def _find(prompts: Sequence[str | None], items: Sequence[Item], **settings: object) -> Contamination:
    return find_contamination(pa.array(prompts, pa.string()), items, **settings)  # type: ignore[arg-type]


def _held(found: Contamination) -> list[int]:
    return found.item.tolist()


def _texts(path: Path) -> Compared:
    records = []
    for line in path.read_bytes().splitlines():
        try:
            records.append(read_raw(line, None).record)
        except RowError:
            records.append(Record("invalid"))
    return compared_texts(to_batch(records))


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("with_answers", [False, True])
def test_the_planted_rows_of_the_sample_are_found_and_no_others(
    bundled_data: Path, name: str, with_answers: bool
) -> None:
    items = read_items(["evaluation.jsonl"], base=bundled_data)
    texts = _texts(bundled_data / f"{name}.jsonl")
    found = find_contamination(texts.prompt, items, answers=texts.answer if with_answers else None)
    rows = np.flatnonzero(found.item >= 0).tolist()
    assert {row + 1: items[found.item[row]].id for row in rows} == PLANTED[name]


def _shingles(text: str, ngram: int) -> set[tuple[str, ...]]:
    tokens = tokens_of(text)
    if len(tokens) < ngram:
        return {tuple(tokens)} if tokens else set()
    return {tuple(tokens[i : i + ngram]) for i in range(len(tokens) - ngram + 1)}


def _share(n_tokens: int, lengths: tuple[tuple[int, float], ...]) -> float:
    return [math.inf, *(share for _, share in lengths)][sum(n_tokens >= start for start, _ in lengths)]


def _slow(prompts: list[str], items: list[Item], ngram: int) -> dict[tuple[int, int], float]:
    """Every prompt with every item."""
    sets = [_shingles(prompt, ngram) for prompt in prompts]
    rows, which = find_rewordings(pa.array(prompts, pa.string()), make_wordings(items))  # has an oracle of its own
    reworded = set(zip(rows.tolist(), which.tolist()))
    found = {}
    for number, item in enumerate(items):
        question, whole = tokens_of(item.question), tokens_of(item.whole)
        generic = any(tokens_of(o.question) == question and tokens_of(o.whole) != whole for o in items)
        text, needed = item.question, _share(len(question), QUESTION_LENGTHS)
        if generic or needed == math.inf:
            text, needed = item.whole, _share(len(whole), WHOLE_LENGTHS)
        wanted = _shingles(text, ngram)
        weights = {one: math.log1p(len(prompts) / max(1, sum(one in row for row in sets))) for one in wanted}
        for row, prompt in enumerate(prompts):
            tokens = tokens_of(prompt)
            if tokens and (tokens == whole or (tokens == question and not generic)):
                found[row, number] = 1.0
                continue
            if (row, number) in reworded:
                found[row, number] = 1.0
                continue
            shared = wanted & sets[row]
            if not shared or len(shared) / len(wanted) < needed - 1e-9:
                continue
            if sum(weights[one] for one in shared) >= needed * sum(weights.values()) * (1 - 1e-9):
                found[row, number] = len(shared) / len(wanted)
    return found


_WORDS = st.sampled_from(["a", "B", "c3", "糖", "尿"])
_TEXTS = st.lists(_WORDS, max_size=20).map(" ".join)
_QUESTIONS = st.one_of(_TEXTS, st.sampled_from(["a B c3 糖 尿 a a a", "糖 尿 " * 9, "a B " * 12]))
_ITEMS = st.builds(lambda q, c: Item("", q, f"\n{c}" if c else ""), _QUESTIONS, st.one_of(st.just(""), _TEXTS))


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[str], list[Item]]:
    """Prompts that are made of the items' texts, some with an edit, so that many shares are met."""
    items = draw(st.lists(_ITEMS, max_size=6))
    pool = st.sampled_from([*(i.question for i in items), *(i.whole for i in items), "a"])
    parts = st.tuples(_TEXTS, pool, _TEXTS).map(" ".join)
    cut = st.tuples(pool, st.integers(0, 12), st.integers(0, 50)).map(lambda c: c[0][c[1] : c[1] + c[2]])
    return draw(st.lists(st.one_of(pool, parts, cut), max_size=10)), items


@settings(max_examples=300, deadline=None)
@given(_cases(), st.integers(1, 8))
@example((["x", ""], [Item("", "")]), 5)
def test_pairs_are_those_of_comparing_every_prompt_with_every_item(
    case: tuple[list[str], list[Item]], ngram: int
) -> None:
    prompts, items = case
    found = _find([*prompts], items, ngram=ngram)
    expected = _slow(prompts, items, ngram)
    assert _pairs(found) == pytest.approx(expected)
    for row in range(len(prompts)):
        mine = {item: share for (other, item), share in expected.items() if other == row}
        assert (found.item[row] >= 0) == bool(mine)
        if mine:
            assert found.containment[row] == pytest.approx(max(mine.values()))
            assert 0 <= found.start[row] < found.end[row] <= len(prompts[row])


def test_a_prompt_that_quotes_a_question_holds_it_and_shows_where() -> None:
    prompt = "你好！HOW many legs does a healthy, adult spider have? Thanks"
    found = _find([prompt], [SPIDER])
    assert _held(found) == [0]
    assert prompt[found.start[0] : found.end[0]] == "HOW many legs does a healthy, adult spider have"


def test_a_short_item_is_held_by_an_equal_prompt_only() -> None:
    found = _find(["what is 2 + 2", "Tell me: what is 2+2? And what is 3+3?", "2"], [Item("sum", "What is 2+2?")])
    assert _held(found) == [0, -1, -1]


def test_a_short_question_is_found_with_its_choices_inside_a_longer_prompt() -> None:
    item = Item("organ", "女性生殖腺是", "\nA. 卵巢\nB. 前庭大腺\nC. 前庭球\nD. 乳腺")
    found = _find([f"请回答：{item.whole}", "请问女性生殖腺是什么？", "女性生殖腺是？"], [item])
    assert _held(found) == [0, -1, 0]


def test_a_question_that_items_share_needs_its_choices() -> None:
    other = GAUZE._replace(id="other", choices="\nA. 不能燃烧\nB. 由石棉织成\nC. 发出绿光")
    found = _find([GAUZE.question, GAUZE.whole, f"单选题 {other.whole}"], [GAUZE, other])
    assert _held(found) == [-1, 0, 1]


def test_a_question_is_found_without_its_choices_where_no_other_item_asks_it() -> None:
    assert _held(_find([f"请问{GAUZE.question}？"], [GAUZE])) == [0]


def test_an_instruction_that_stands_in_many_rows_makes_nobody_hold_an_item() -> None:
    instruction = (
        "Answer the following question truthfully and explain every step of your reasoning in plain words, please"
    )
    item = Item("moss", f"{instruction}: do mosses have roots?")
    rows = [f"{instruction}: topic {i}" for i in range(100)]
    assert _held(_find([rows[0]], [item])) == [0]  # alone it is rare
    assert _held(_find([*rows, item.question], [item])) == [-1] * 100 + [0]


def test_an_item_that_leaked_into_every_row_is_still_found() -> None:
    assert _held(_find([SPIDER.question] * 50, [SPIDER])) == [0] * 50


def test_answers_are_searched_where_they_are_given_but_not_for_short_equals() -> None:
    items = [SPIDER, Item("short", "Paris?")]
    answers = pa.array([f"Quiz: {SPIDER.question}", "Paris", None])
    found = find_contamination(pa.array(["hi", "capital of France", "x"]), items, answers=answers)
    assert (_held(found), found.side.tolist()) == ([0, -1, -1], [1, -1, -1])
    assert answers[0].as_py()[found.start[0] : found.end[0]] == SPIDER.question[:-1]


def test_the_reverse_report_names_every_row_of_an_item() -> None:
    items = [Item("none", "Nobody asks this long and winding question about mosses"), SPIDER, SPIDER]
    found = _find([SPIDER.question, "x", f"So {SPIDER.question}"], items)
    assert [tuple(one) for one in find_compromised(found)] == [(1, (0, 2), 1.0), (2, (0, 2), 1.0)]
    assert _held(found) == [1, -1, 1]


def test_nothing_is_found_in_nothing() -> None:
    for found in (_find([], [SPIDER]), _find(["x", None], []), _find([None, "", "!?"], [Item("mark", "!?")])):
        assert not len(found.pairs.rows)
        assert set(_held(found)) <= {-1}
        assert find_compromised(found) == []
    empty = pa.chunked_array([], pa.string())
    assert _held(find_contamination(empty, [SPIDER])) == []


def test_threads_chunks_and_the_order_of_rows_change_nothing(shared_data: Path) -> None:
    items = read_items(["gsm8k_test.jsonl"], base=shared_data)[:300]
    rows = [item.question for item in read_items(["gsm8k_train.jsonl"], base=shared_data)]
    rows = [*rows[:5000], *(f"Solve: {item.question}" for item in items[::7])]
    plain = _find([*rows], items, threads=1)
    cut = pa.chunked_array([pa.array(rows[:4500]), pa.array(rows[4500:]).cast(pa.string())])
    for other in (_find([*rows], items, threads=3), find_contamination(cut, items, threads=2)):
        for one, two in zip((*plain[:-1], *plain.pairs), (*other[:-1], *other.pairs)):
            np.testing.assert_array_equal(one, two)
    turned = _find(rows[::-1], items)
    for one, two in zip(plain[:-1], turned[:-1]):
        np.testing.assert_array_equal(one, two[::-1])


def test_columns_of_other_lengths_and_shingles_that_no_short_item_fills_are_refused() -> None:
    with pytest.raises(ValueError, match="as many answers"):
        find_contamination(pa.array(["a"]), [SPIDER], answers=pa.array([], pa.string()))
    with pytest.raises(ValueError, match="1 to 8"):
        _find(["a"], [SPIDER], ngram=9)


@given(
    st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("aZ9汉か가ｶﾞé\u0301\u0308ς²㌖ﬁᄀ\u1161\u11a8 İ")))
)
@example("ｶﾞ e\u0301 ①2 ㌖ ﬁn 가")
def test_every_token_has_its_place(text: str) -> None:
    spans = token_spans(text)
    assert len(spans) == len(tokens_of(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_items_are_read_from_messages_questions_and_choices(tmp_path: Path) -> None:
    rows = [
        {"id": "m", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "1?\nA. x\nB. y"}]},
        {"question": "Why?", "answer": "so"},
    ]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "b.csv").write_text(",Question,A,B,C,D,Answer\n0,女性生殖腺是,卵巢,前庭大腺,前庭球,乳腺,A\n")
    assert read_items(["a.jsonl", "b.csv"], base=tmp_path) == (
        Item("m", "1?", "\nA. x\nB. y"),
        Item("a.jsonl:2", "Why?"),
        Item("b.csv: row 1", "女性生殖腺是", "\nA. 卵巢\nB. 前庭大腺\nC. 前庭球\nD. 乳腺"),
    )


def test_a_row_of_an_evaluation_set_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "Why?", "answer": "so"}\n{"question": "Why?"\n')
    with pytest.raises(InputError, match=r"a\.jsonl:2"):
        read_items(["a.jsonl"], base=tmp_path)


def test_a_paragraph_that_opens_with_an_initial_is_no_choice() -> None:
    assert split_choices("Who was\nA. Smith?") == ("Who was\nA. Smith?", "")


def test_two_rows_of_gsm8k_are_a_test_item_with_another_vehicle(shared_data: Path) -> None:
    """ "A train travels 270 miles in 3 hours", "360 miles" and, in the test set, "A plane travels 1200 miles …"."""
    rows = [item.question for item in read_items(["gsm8k_train.jsonl"], base=shared_data)]
    found = _find([*rows], list(read_items(["gsm8k_test.jsonl"], base=shared_data)))
    held = np.flatnonzero(found.item >= 0)
    assert [rows[row][:15] for row in held] == ["A train travels"] * 2
    assert set(found.item[held].tolist()) == {602}
    assert found.containment[held] == pytest.approx([15 / 21] * 2)


def test_prompts_of_t0_hold_no_question_of_cmmlu(shared_data: Path) -> None:
    with lzma.open(shared_data / "t0_50k.jsonl.xz") as lines:
        prompts = pa.array([json.loads(line)["prompt"] for line in lines])
    assert not len(find_contamination(prompts, read_items(["cmmlu/test"], base=shared_data)).pairs.rows)


def test_every_question_of_cmmlu_is_found_with_its_choices_and_most_without(shared_data: Path) -> None:
    items = list(read_items(["cmmlu/test", "cmmlu/dev"], base=shared_data))
    clean = [json.loads(line)["instruction"] for line in (shared_data / "huatuo_med_zh.json").open(encoding="utf-8")]
    whole = _find([*(f"请回答：{item.whole}\n谢谢" for item in items), *clean], items)
    bare = _find([*(f"请回答：{item.question}？谢谢" for item in items), *clean], items)
    for found in (whole, bare):
        assert set(_held(found)[len(items) :]) == {-1}
        assert all(items[item].question == items[row].question for row, item in enumerate(_held(found)) if item >= 0)
    assert (whole.item >= 0).sum() == len(items)
    assert (bare.item[: len(items)] >= 0).mean() > 0.93  # the others are short, or shared by items
