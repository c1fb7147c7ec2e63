"""The figures of rouge-score, rouge-chinese and LLaMA-Factory, each to the last digit that it prints."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import InputError
from tunesmith.evaluate import compatible_words
from tunesmith.evaluate.compatible import COMPATIBLE, score_compatible
from tunesmith.evaluate.compatible_bleu import sentence_bleu
from tunesmith.evaluate.compatible_rouge import rouge_chinese
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.metrics import COMPATIBLE as OFFERED
from tunesmith.evaluate.metrics import METRICS, score_items

DATA = Path(__file__).parents[2] / "data"
Pair = tuple[str, str]
NAMES = ["rouge-1", "rouge-2", "rouge-l"]

SPACED = st.lists(
    st.sampled_from(["今天", "天气", "好", "。", "！”", "？x", "……", "......", "a。b", "", "\n", " "]), max_size=12
).map(" ".join)


def items_of(rows: list[tuple[str | None, tuple[str, ...]]]) -> Items:
    n = len(rows)
    predictions, references = [row[0] for row in rows], [row[1] for row in rows]
    return Items([str(i) for i in range(n)], predictions, references, ["zh"] * n, [()] * n, [{}] * n)


def bundled() -> list[Pair]:
    rows = [json.loads(line) for line in (DATA / "predictions_before.jsonl").open(encoding="utf-8")]
    odd = [
        ("", "你好"),
        ("  ", "你好"),
        ("你好。 \n 再见", "你好。\n\n再见？“是” a。b"),
        ("……啊……。”x", "啊......b。x"),
        ("好", "好"),
    ]
    return [(row["prediction"], row["reference"]) for row in rows[:60]] + odd


def rouge_chinese_itself(prediction: str, reference: str) -> dict[str, float]:
    from rouge_chinese import Rouge

    try:
        scores: Any = Rouge().get_scores(prediction, reference)
        return {name: scores[0][name]["f"] for name in NAMES}
    except ValueError:
        return dict.fromkeys(NAMES, np.nan)


def llamafactory_itself(prediction: str, label: str) -> dict[str, float]:
    """What its predictions print, by the libraries that it calls."""
    import jieba
    from nltk.translate.bleu_score import SmoothingFunction
    from nltk.translate.bleu_score import sentence_bleu as nltk_bleu

    words, expected = (" ".join(jieba.cut(text)) for text in (prediction, label))
    empty = not words.split() or not expected.split()
    rouge = dict.fromkeys(NAMES, 0.0) if empty else rouge_chinese_itself(words, expected)
    bleu: Any = nltk_bleu([list(label)], list(prediction), smoothing_function=SmoothingFunction().method3)
    return {name: round(value * 100, 4) for name, value in {**rouge, "bleu-4": bleu}.items()}


def test_llamafactory_figures_are_its_own() -> None:
    pairs = bundled()
    scored = score_compatible(items_of([(ours, (theirs,)) for ours, theirs in pairs]), "llamafactory")
    expected = [llamafactory_itself(*pair) for pair in pairs]
    for name, found in scored.items():
        assert found.values.tolist() == [one[name] for one in expected], name


def test_rouge_chinese_figures_are_its_own() -> None:
    import jieba

    pairs = bundled()
    scored = score_compatible(items_of([(ours, (theirs,)) for ours, theirs in pairs]), "rouge-chinese")
    expected = [rouge_chinese_itself(*(" ".join(jieba.cut(text)) for text in pair)) for pair in pairs]
    assert list(scored) == NAMES
    for name in NAMES:
        np.testing.assert_array_equal(scored[name].values, [one[name] for one in expected])


@given(st.lists(st.tuples(SPACED, SPACED), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_spaced_text_scores_as_rouge_chinese_scores_it(pairs: list[Pair]) -> None:
    found = rouge_chinese(pairs)
    for name in NAMES:
        np.testing.assert_array_equal(found[name], [rouge_chinese_itself(*pair)[name] for pair in pairs])


@given(st.text("今天气 a", max_size=12), st.text("今天气 a", min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_text_has_the_bleu_of_nltk(prediction: str, reference: str) -> None:
    from nltk.translate.bleu_score import SmoothingFunction
    from nltk.translate.bleu_score import sentence_bleu as nltk_bleu

    expected = nltk_bleu([list(reference)], list(prediction), smoothing_function=SmoothingFunction().method3)
    assert sentence_bleu([(prediction, reference)]).tolist() == [expected]


def test_rouge_score_sees_latin_letters_and_digits_only() -> None:
    from rouge_score import rouge_scorer

    pairs = [*bundled(), ("42 次 İstanbul", "42 İ"), ("...", "...")]
    scored = score_compatible(items_of([(ours, (theirs,)) for ours, theirs in pairs]), "rouge-score")
    scorer = rouge_scorer.RougeScorer([*scored])
    expected = [scorer.score(theirs, ours) for ours, theirs in pairs]
    for name, found in scored.items():
        assert found.values.tolist() == [one[name].fmeasure for one in expected], name


@pytest.mark.parametrize("which", COMPATIBLE)
def test_failed_answers_and_missing_references_have_no_value(which: str) -> None:
    rows: list[tuple[str | None, tuple[str, ...]]] = [(None, ("a",)), ("a", ()), ("a b", ("x", "a b"))]
    for scored in score_compatible(items_of(rows), which).values():
        assert np.isnan(scored.values[:2]).all()
        assert scored.values[2] > 0.9
        assert "nrefs:var" in scored.signature


@pytest.mark.parametrize("which", COMPATIBLE)
def test_the_table_of_metrics_has_every_figure_of_a_tool(which: str) -> None:
    named = [name for name in METRICS if name.startswith(f"{which}/")]
    scored = score_items(items_of([("今天天气", ("今天天气",))]), named)
    assert which in OFFERED
    assert {name.partition("/")[2] for name in scored} == set(score_compatible(items_of([]), which))


def test_an_unknown_tool_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="expected one of rouge-score, rouge-chinese, llamafactory, saw 'ragas'"):
        score_compatible(items_of([]), "ragas")


def test_a_missing_jieba_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_jieba(name: str, *rest: Any) -> Any:
        if name == "jieba":
            raise ImportError(name)
        return real(name, *rest)

    compatible_words._jieba.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_jieba)
    with pytest.raises(InputError, match=r"needs jieba.*pip install"):
        score_compatible(items_of([("没有见过的文本", ("a",))]), "rouge-chinese")
