"""The table of metrics, what items are made of a predictions file, and scoring by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tunesmith.curate.embeddings import Reading
from tunesmith.errors import InputError
from tunesmith.evaluate import metrics
from tunesmith.evaluate.metric_types import Items, Scored
from tunesmith.evaluate.metrics import METRICS, OneOf, items_of, score_items
from tunesmith.evaluate.predictions import Prediction, Predictions, read_predictions
from tunesmith.evaluate.score_slices import slices_of
from tunesmith.evaluate.similarity import count_cut


def predictions(*rows: tuple[str, str | None, tuple[str, ...]], **fields: Any) -> Predictions:
    made = [
        Prediction(str(number), ({"role": "user", "content": prompt},), said, references, {}, None, fields)
        for number, (prompt, said, references) in enumerate(rows)
    ]
    return Predictions(Path("preds.jsonl"), tuple(made), "")


SOME = predictions(
    ("法国的首都是哪里？", "巴黎", ("法国的首都是巴黎。",)),
    ("What is the capital of France?", "Paris", ("The capital of France is Paris.",)),
    ("What is the capital of Peru?", None, ("The capital of Peru is Lima.",)),
)


def test_every_metric_gives_a_value_or_nan_for_each_item_and_says_its_settings(bundled_data: Path) -> None:
    items = items_of(read_predictions(bundled_data / "predictions_before.jsonl"))
    scored = score_items(items, [name for name in METRICS if name != "similarity" and "/" not in name])
    assert [*scored] == [name for name in METRICS if name != "similarity" and "/" not in name]
    for name, found in scored.items():
        metric, there = METRICS[name], found.values[~np.isnan(found.values)]
        assert found.values.shape == (150,)
        assert found.signature
        assert metric.kind != "binary" or set(there.tolist()) <= {0.0, 1.0}
        assert (metric.corpus is None) == (found.statistics is None)
        if metric.unit == "0-1":
            assert ((there >= 0) & (there <= 1)).all()


def test_the_same_answers_have_the_best_scores_and_no_metric_counts_a_failure() -> None:
    same = predictions(*[(prompt, references[0], references) for prompt, _, references in _rows(SOME)])
    failed = predictions(*[(prompt, None, references) for prompt, _, references in _rows(SOME)])
    best, none = (score_items(items_of(one), [*METRICS][:12]) for one in (same, failed))
    for name in ("exact_match", "token_f1", "contains", "bleu", "chrf", "rouge1", "rougeL"):
        assert best[name].values == pytest.approx(100.0 if METRICS[name].unit == "0-100" else 1.0)
    for found in none.values():
        assert np.isnan(found.values).all()
        assert found.statistics is None or not found.statistics.any()


def _rows(some: Predictions) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(str(row.messages[0]["content"]), row.prediction, row.references) for row in some.rows]


def test_the_language_is_that_of_the_reference_or_else_what_the_prompt_asks_for() -> None:
    rows = predictions(
        ("法国的首都是哪里？", "x", ("The capital of France is Paris.",)),
        ("6 × 7 等于几？", "x", ("42",)),
        ("把“谢谢”翻译成日语。", "x", ()),
        ("6 × 7?", "x", ("42",)),
        ("x?", "x", ("こんにちは、元気ですか。",)),
        ("x?", "x", ("안녕하세요, 반갑습니다.",)),
        ("Quelle est la capitale ?", "x", ("La capitale de la France est Paris, dans une grande région.",)),
        ("Name it.", "x", ("B",)),
    )
    assert items_of(rows).languages == ["en", "zh", "ja", "other", "ja", "ko", "other", "en"]


def test_a_blank_reference_is_none_and_parts_of_a_turn_are_read() -> None:
    turn = {"role": "user", "content": [{"type": "text", "text": "巴黎在哪里？"}, {"type": "image_url"}]}
    row = Prediction("1", (turn,), "在法国", (" ", ""), {}, None, {})
    items = items_of(Predictions(Path("p"), (row,), ""))
    assert (items.references, items.languages) == ([()], ["zh"])


def test_an_answer_that_the_server_cut_off_is_truncated() -> None:
    whole = SOME.rows[0]._replace(meta={"finish_reason": "stop"})
    cut = SOME.rows[1]._replace(meta={"finish_reason": "length"})
    items = items_of(SOME._replace(rows=(whole, cut)))
    assert score_items(items, ["truncated"])["truncated"].values.tolist() == [0, 1]
    assert "finish_reason" not in slices_of(items).fields


def test_by_default_only_metrics_that_apply_are_given() -> None:
    found = score_items(items_of(SOME))
    assert {"rougeL", "characters"} <= found.keys()
    assert not {"correct", "choice_accuracy", "numeric_match", "similarity", "llamafactory/bleu-4"} & found.keys()
    assert [*found] == [name for name in METRICS if name in found]


def test_a_family_of_metrics_is_scored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def family(items: Items) -> dict[str, Scored]:
        calls.append(len(items.ids))
        return {name: Scored(np.zeros(3), name) for name in ("one", "other")}

    table = {name: METRICS["rouge1"]._replace(name=name, score=OneOf(family, name)) for name in ("one", "other")}
    monkeypatch.setattr(metrics, "METRICS", table)
    assert [*score_items(items_of(SOME))] == ["one", "other"]
    assert calls == [3]


def test_marks_of_the_lines_are_a_metric() -> None:
    right, unmarked = predictions(*_rows(SOME), correct=True), predictions(*_rows(SOME), correct="yes")
    np.testing.assert_array_equal(score_items(items_of(right), ["correct"])["correct"].values, [1, 1, np.nan])
    assert np.isnan(score_items(items_of(unmarked), ["correct"])["correct"].values).all()


@pytest.mark.parametrize(("marks", "expected"), [([1, 0.0], [1, 0]), ([1, 3], [np.nan] * 2), ([True, 3], [1, np.nan])])
def test_ones_and_zeros_are_marks_unless_the_field_counts_something(marks: list[float], expected: list[float]) -> None:
    rows = tuple(row._replace(fields={"correct": mark}) for row, mark in zip(SOME.rows, marks))
    found = score_items(items_of(SOME._replace(rows=rows)), ["correct"])["correct"].values
    np.testing.assert_array_equal(found, expected)


def test_an_unknown_name_and_a_missing_model_are_told() -> None:
    items = items_of(SOME)
    with pytest.raises(InputError, match=r"saw rougel; choose from correct, exact_match"):
        score_items(items, ["rougel"])
    with pytest.raises(InputError, match="saw none"):
        score_items(items, [])
    with pytest.raises(InputError, match="--similarity MODEL"):
        score_items(items, ["similarity"])
    with pytest.raises(InputError, match="expected one of rouge-score, rouge-chinese, llamafactory, saw rouge"):
        score_items(items, compatible="rouge")


def test_the_figures_of_another_tool_stand_beside_ours() -> None:
    found = score_items(items_of(SOME), ["rouge1"], compatible="rouge-score")
    assert [*found] == ["rouge1", *(f"rouge-score/{name}" for name in ("rouge1", "rouge2", "rougeL", "rougeLsum"))]
    assert found["rouge1"].values[0] > 0
    assert found["rouge-score/rouge1"].values[0] == 0  # of Chinese it sees nothing


class LetterEmbedder:
    """A text's vector counts its a and b."""

    name, digest, dimension = "letters", "0", 2

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        counts = np.array([[text.count("a"), text.count("b")] for text in texts], np.float32)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)

    def read(self, texts: list[str]) -> Reading:
        return Reading(np.array([len(text) > 3 for text in texts]), np.zeros(len(texts), np.float32))


def test_similarity_is_the_cosine_with_the_nearest_reference() -> None:
    rows = predictions(("?", "aa", ("b", "a")), ("?", "ab", ("a",)), ("?", " ", ("a",)), ("?", "aaaa", ()))
    found = score_items(items_of(rows), ["similarity"], embedder=LetterEmbedder())["similarity"]
    np.testing.assert_allclose(found.values, [1, np.sqrt(0.5), np.nan, np.nan], rtol=1e-6)
    assert "model:letters" in found.signature
    assert count_cut(items_of(rows), LetterEmbedder()) == 0
    assert count_cut(items_of(predictions(("?", "abab", ("abba", "a")))), LetterEmbedder()) == 2


@pytest.mark.parametrize("name", ["predictions_before.jsonl", "predictions_after.jsonl"])
def test_letters_and_numbers_read_agree_with_the_marks_of_the_bundled_sample(bundled_data: Path, name: str) -> None:
    found = read_predictions(bundled_data / name, references=bundled_data / "evaluation.jsonl")
    scored = score_items(items_of(found), ["correct", "choice_accuracy", "numeric_match"])
    read = np.where(
        np.isnan(scored["choice_accuracy"].values), scored["numeric_match"].values, scored["choice_accuracy"].values
    )
    np.testing.assert_array_equal(read, scored["correct"].values)
    assert np.count_nonzero(~np.isnan(read)) == 50
