"""BLEU and chrF: sacrebleu's figures exactly, with the tokenizer of each row's language."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from tunesmith.evaluate.bleu import bleu_of, score_bleu
from tunesmith.evaluate.bleu_chrf import chrf_of, score_chrf
from tunesmith.evaluate.bleu_tokens import tokenizer_of
from tunesmith.evaluate.metric_types import Items

DATA = Path(__file__).parents[2] / "data"
Row = tuple[str | None, tuple[str, ...]]

TEXT = st.lists(
    st.sampled_from(["a", "b", "the", "3.5", "(x)", "，", "今", "天", "\n", "<skipped>x"]), max_size=14
).map(" ".join)
REFERENCE = TEXT.map(lambda text: f"{text} z")


def items_of(rows: list[Row], languages: list[str]) -> Items:
    n = len(rows)
    predictions, references = [row[0] for row in rows], [row[1] for row in rows]
    return Items([str(i) for i in range(n)], predictions, references, languages, [()] * n, [{}] * n)


def bundled() -> list[tuple[str, tuple[str, ...]]]:
    rows = [json.loads(line) for line in (DATA / "predictions_after.jsonl").open(encoding="utf-8")]
    return [(row["prediction"], (row["reference"],)) for row in rows]


def two_references() -> list[tuple[str, tuple[str, ...]]]:
    rows = bundled()
    return [(text, (reference, other)) for (text, (reference,)), (other, _) in zip(rows, rows[1:] + rows[:1])]


@pytest.mark.parametrize(("language", "tokenizer"), [("zh", "zh"), ("en", "13a"), ("ja", "char")])
@pytest.mark.parametrize("rows", [bundled(), two_references()], ids=["one reference", "two references"])
def test_real_rows_score_as_sacrebleu_scores_them(
    rows: list[tuple[str, tuple[str, ...]]], language: str, tokenizer: str
) -> None:
    items = items_of([*rows], [language] * len(rows))
    answers, references = [row[0] for row in rows], [list(refs) for refs in zip(*(row[1] for row in rows))]
    for scored, corpus, library, single in (
        (score_bleu(items), bleu_of, BLEU(tokenize=tokenizer), BLEU(tokenize=tokenizer, effective_order=True)),
        (score_chrf(items), chrf_of, CHRF(), CHRF()),
    ):
        assert scored.statistics is not None
        statistics = library._extract_corpus_statistics(answers, references)
        assert scored.statistics.tolist() == statistics
        assert float(corpus(scored.statistics.sum(axis=0))) == pytest.approx(
            library.corpus_score(answers, references).score, rel=1e-13
        )
        assert scored.signature == str(library.get_signature())
        singles = [single.sentence_score(answer, list(refs)).score for answer, refs in rows]
        assert scored.values.tolist() == pytest.approx(singles, rel=1e-13)


@given(st.lists(st.tuples(TEXT, st.tuples(REFERENCE, REFERENCE)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_rows_score_as_sacrebleu_scores_them(rows: list[tuple[str, tuple[str, str]]]) -> None:
    items = items_of([*rows], ["zh"] * len(rows))
    answers, references = [row[0] for row in rows], [list(refs) for refs in zip(*(row[1] for row in rows))]
    for scored, corpus, library in (
        (score_bleu(items), bleu_of, BLEU(tokenize="zh")),
        (score_chrf(items), chrf_of, CHRF()),
    ):
        assert scored.statistics is not None
        expected = library.corpus_score(answers, references).score
        assert float(corpus(scored.statistics.sum(axis=0))) == pytest.approx(expected, rel=1e-13)


def test_corpus_figures_of_many_samples_are_those_of_each() -> None:
    rows = bundled()[:20]
    items = items_of([*rows], ["zh"] * len(rows))
    weights = np.random.default_rng(0).integers(0, 3, (2, 3, len(rows)))
    for scored, corpus in ((score_bleu(items), bleu_of), (score_chrf(items), chrf_of)):
        assert scored.statistics is not None
        sums = weights @ scored.statistics
        found = corpus(sums)
        assert found.shape == (2, 3)
        assert found[1, 2] == corpus(sums[1, 2])
        assert corpus(sums.astype(np.float64)).tolist() == found.tolist()
        assert corpus(np.zeros_like(sums)).tolist() == np.zeros((2, 3)).tolist()


def test_each_item_has_the_tokenizer_of_its_language() -> None:
    rows: list[Row] = [("今天天气好", ("今天天气很好",)), ("a cat", ("a cat",)), ("b", ("b",))]
    scored = score_bleu(items_of(rows, ["zh", "en", "en"]))
    assert "|tok:13a(2)+zh(1)|" in scored.signature
    assert scored.statistics is not None
    assert scored.statistics[:, 0].tolist() == [5, 2, 1]


def test_chinese_is_not_one_long_word() -> None:
    scored = score_bleu(items_of([("今天的天气非常好。", ("今天的天气很好。",))], ["zh"]))
    assert scored.values[0] > 30


@pytest.mark.parametrize(
    ("language", "reference", "expected"),
    [
        ("ko", "오늘 날씨가 좋다", "char"),
        ("other", "สวัสดีครับ", "char"),
        ("other", "Всё хорошо, спасибо!", "intl"),
        ("other", "مرحبا بالعالم", "intl"),
        ("other", "Guten Morgen, wie geht’s?", "13a"),
        ("other", "是", "zh"),
        ("other", "42", "13a"),
    ],
)
def test_other_languages_get_the_tokenizer_of_their_script(language: str, reference: str, expected: str) -> None:
    assert tokenizer_of(language, (reference,)) == expected
    scored = score_bleu(items_of([(reference, (reference,))], [language]))
    assert scored.values[0] == pytest.approx(100)


def test_what_cannot_be_compared_has_no_value_and_no_statistics() -> None:
    rows: list[Row] = [(None, ("a",)), ("a", ()), ("a", (" \n",)), ("a", ("<skipped>",)), ("", ("a b",))]
    items = items_of(rows, ["en"] * 5)
    bleu, chrf = score_bleu(items), score_chrf(items)
    assert [math.isnan(value) for value in bleu.values] == [True, True, True, True, False]
    assert [math.isnan(value) for value in chrf.values] == [True, True, True, False, False]
    assert bleu.statistics is not None
    assert bleu.statistics.tolist() == [[0] * 10] * 4 + [[0, 2, *[0] * 8]]
    assert bleu.values[4] == chrf.values[4] == 0


def test_no_items_give_no_values() -> None:
    for score, corpus in ((score_bleu, bleu_of), (score_chrf, chrf_of)):
        scored = score(items_of([], []))
        assert scored.statistics is not None
        assert len(scored.values) == len(scored.statistics) == 0
        assert float(corpus(scored.statistics.sum(axis=0))) == 0
