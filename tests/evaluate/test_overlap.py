"""ROUGE: equal to rouge-score on Latin text to the last bit, right in Chinese, and never a silent zero."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from tunesmith.evaluate import overlap_counts
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.overlap import score_overlap
from tunesmith.evaluate.overlap_counts import Pair, count_pairs, f_measures
from tunesmith.evaluate.overlap_kernels import LATIN, MARK, SEPARATOR, UNSPACED, WORD, number_tokens
from tunesmith.evaluate.overlap_lcs import lcs_lengths, union_hits
from tunesmith.evaluate.overlap_tokens import codes_of, fold, rouge_classes, spaced_classes

SHARED = Path(os.environ.get("TUNESMITH_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
NAMES = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
SCORER = rouge_scorer.RougeScorer(NAMES)

Row = tuple[str | None, tuple[str, ...]]

WORDS = st.sampled_from(["a", "b", "c", "the", "The", "4", "x1", "\n", "\n", ".", "é", "naïve"])
ANY_LATIN = st.text(st.characters(max_codepoint=0x24F), max_size=60)
LATIN_TEXT = st.lists(WORDS, max_size=40).map(" ".join)


def items_of(rows: list[Row], language: str = "en") -> Items:
    n = len(rows)
    predictions, references = [row[0] for row in rows], [row[1] for row in rows]
    return Items([str(i) for i in range(n)], predictions, references, [language] * n, [()] * n, [{}] * n)


def ours(pairs: list[Pair]) -> list[list[float]]:
    measures = f_measures(count_pairs(pairs, fold, rouge_classes()))
    return np.column_stack([measures[name] for name in NAMES]).tolist()


def theirs(pairs: list[Pair]) -> list[list[float]]:
    found = [SCORER.score(reference, prediction) for prediction, reference in pairs]
    return [[float(scores[name].fmeasure) for name in NAMES] for scores in found]


def tokens(text: str) -> list[str]:
    """The tokens by the definition, once the kernel has numbered them in the same way."""
    texts = codes_of([text], fold)
    numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 1]), rouge_classes())
    found = slow_tokens(text)
    names = {token: name for name, token in enumerate(dict.fromkeys(found))}
    assert numbered.tokens.tolist() == [names[token] for token in found]
    return found


def slow_tokens(text: str) -> list[str]:
    """The definition, character by character."""
    found: list[str] = []
    open_kind = SEPARATOR
    for character in fold(text):
        kind = int(rouge_classes()[ord(character)])
        runs_on = kind == open_kind and kind in (WORD, LATIN)
        if runs_on or (kind == MARK and open_kind in (WORD, UNSPACED)):
            found[-1] += character
            continue
        open_kind = kind
        found += [character] if kind not in (SEPARATOR, MARK) else []
    return found


def test_all_solutions_of_gsm8k_score_as_rouge_score_does_to_the_last_bit() -> None:
    path = SHARED / "gsm8k_solutions.jsonl"
    if not path.exists():
        pytest.skip(f"needs {path}")
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    systems = [[name for name, value in row.items() if isinstance(value, dict)] for row in rows]
    pairs = [(row[name]["solution"], row["ground_truth"]) for row, names in zip(rows, systems) for name in names]
    assert len(pairs) == 4 * 1319
    assert ours(pairs)[::24] == theirs(pairs[::24])  # all of them: benchmarks/rouge.py, which takes its time


@given(st.lists(st.tuples(LATIN_TEXT, LATIN_TEXT), max_size=4))
@settings(max_examples=150, deadline=None)
def test_latin_text_scores_as_rouge_score_does(pairs: list[Pair]) -> None:
    assert ours(pairs) == theirs(pairs)


@given(ANY_LATIN, ANY_LATIN)
@settings(max_examples=150, deadline=None)
def test_any_latin_characters_score_as_rouge_score_does(prediction: str, reference: str) -> None:
    assert ours([(prediction, reference)]) == theirs([(prediction, reference)])


def test_a_line_of_more_than_64_tokens_scores_as_rouge_score_does() -> None:
    rng = np.random.default_rng(3)

    def text(n: int) -> str:
        return "".join(f"w{word}" + (" " if rng.random() < 0.97 else "\n") for word in rng.integers(0, 30, n))

    pairs = [(text(150), text(200)) for _ in range(6)] + [(text(1), text(130)), (text(130), text(64))]
    assert ours(pairs) == theirs(pairs)


def test_bit_vectors_that_are_made_again_give_the_same_subsequence() -> None:
    rng = np.random.default_rng(5)

    def line(n: int) -> str:
        return " ".join(map(str, rng.integers(0, 9, n)))

    pairs = [(f"{line(300)}\n{line(7)}", line(150)), (f"{line(10)}\n{line(129)}\n{line(64)}", f"{line(65)}\n{line(5)}")]
    texts = codes_of([text for pair in pairs for text in pair], fold)
    numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 2, 4]), rouge_classes())
    hits = union_hits(numbered, lcs_lengths(numbered), most_kept=1).tolist()
    scores = [SCORER.score(reference, prediction)["rougeLsum"].precision for prediction, reference in pairs]
    assert hits == [round(score * size) for score, size in zip(scores, np.diff(numbered.bounds)[::2].tolist())]


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("a b c d", "a c d b"), ("", "a"), ("b b b", "b"), ("今天天气", "今天气")]
    whole = ours(pairs)
    monkeypatch.setattr(overlap_counts, "BATCH_CHARACTERS", 5)
    assert ours(pairs) == whole


def test_tokens_are_words_in_latin_and_characters_in_chinese() -> None:
    assert tokens("Café GPT-4, naïve") == ["caf", "gpt", "4", "na", "ve"]
    assert tokens("患者每天服用42毫克。") == [*"患者每天服用", "42", *"毫克"]
    assert tokens("東京タワー 한국어") == [*"東京タワー", *"한국어"]
    assert tokens("Привет, мир! ΟΔΟΣ ١٢٣") == ["привет", "мир", "οδοσ", "١٢٣"]
    assert tokens("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert tokens("ที่นี่") == ["ที่", "นี่"]
    assert tokens("ＡＢＣ１２３ ﾊﾟｿ") == ["abc123", *"パソ"]
    assert tokens("x² ﬁne ½ ① Ⅳ 👍") == ["x", "ne"]


def test_letters_written_in_two_ways_are_one() -> None:
    assert tokens("e\u0301te\u0301") == ["e", "te"]  # as rouge-score has it
    assert tokens("и\u0306од") == tokens("йод")
    assert tokens("か\u3099") == tokens("が")
    assert tokens("한") == tokens("한")


def test_marks_without_end_are_composed_piece_by_piece() -> None:
    marks = "\u0301\u0316" * 20_000  # at once this takes minutes: putting marks in order is quadratic
    assert len(tokens(f"и{marks} й")) == 2
    assert tokens("час" * 1000 + "и\u0306" * 1000) == tokens("час" * 1000 + "й" * 1000)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_the_kernel_finds_as_many_tokens_as_the_definition(text: str) -> None:
    tokens(text)


def test_equal_texts_of_any_script_score_one() -> None:
    texts = [
        "今天天气很好",
        "東京に行きます",
        "오늘 날씨가 좋다",
        "Всё хорошо",
        "สวัสดีครับ",
        "مرحبا بالعالم",
        "It is fine",
    ]
    for name, scored in score_overlap(items_of([(text, (text,)) for text in texts])).items():
        assert scored.values.tolist() == [1.0] * len(texts), name


def test_texts_that_share_only_a_number_are_not_alike() -> None:
    scored = score_overlap(items_of([("患者每天服用 42 毫克阿司匹林", ("建议手术切除 42 次",))], "zh"))
    assert scored["rouge1"].values[0] == pytest.approx(2 * (1 / 13) * (1 / 8) / (1 / 13 + 1 / 8))


def test_a_failed_answer_and_a_missing_reference_have_no_value() -> None:
    rows: list[Row] = [(None, ("a",)), ("a", ()), ("a", (" ",)), ("👍", ("👍",)), ("", ("a",))]
    for scored in score_overlap(items_of(rows)).values():
        np.testing.assert_array_equal(scored.values, [np.nan, np.nan, np.nan, np.nan, 0.0])


def test_no_items_give_no_values() -> None:
    assert [len(scored.values) for scored in score_overlap(items_of([])).values()] == [0] * 4
    assert np.isnan(score_overlap(items_of([(None, ())]))["rougeL"].values).all()


def test_the_best_reference_counts_for_each_metric() -> None:
    references = ("a b x y", "b a c d", "")
    scored = score_overlap(items_of([("a b c d", references), ("q", ("q", "r"))]))
    multi = SCORER.score_multi(list(references), "a b c d")
    assert {name: scored[name].values[0] for name in NAMES} == {name: multi[name].fmeasure for name in NAMES}
    assert "nrefs:2" in scored["rouge1"].signature


def test_each_signature_names_its_metric() -> None:
    signatures = {scored.signature for scored in score_overlap(items_of([("a", ("a",))])).values()}
    assert len(signatures) == 4


def test_a_megabyte_is_scored_in_little_memory() -> None:
    answer, reference = "abc de fgh\n" * 50_000, "abc fgh\nxyz de\n" * 20
    score_overlap(items_of([("a", ("a",))]))
    tracemalloc.start()
    scored = score_overlap(items_of([(answer, (reference,))]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < scored["rougeLsum"].values[0] < 0.01
    assert peak < 100_000_000


def test_tokens_with_equal_hashes_stay_different() -> None:
    ones, others = "\u9e33\u9d46\U00040000", "\u5366\u70d9\U0006c80f"  # one hash of 64 bits, found by search
    texts = codes_of([f"{ones} a {ones}", f"{others} {ones}"], str)
    numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 2]), spaced_classes())
    assert numbered.tokens.tolist() == [0, 1, 0, 2, 0]
    assert numbered.n_names.tolist() == [3]
