"""The kernels of tokens, shingles and signatures, against slow and obvious versions of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import shingles, tokens
from tunesmith.curate import sketch as sketching
from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.sketch import NO_SHINGLE, Sketch, estimate_jaccard, sketch
from tunesmith.curate.tokens import TextRows, hash_tokens

WORD = 2**64 - 1
# Arbitrary text, and text of the characters that interact: marks, jamo, compatibility forms, raised numbers, case.
TRICKY = (
    "aZé9 -汉ア가ㅏ각\u0301\u0323\u0345\u093c\u094d\u0e33\u0e38\u0e48\u0591\u05b0"
    "\u3099㌖ﷺﬁ²①Σςİǰ\ufe0f\u200d_ｶﾞ\U0001f130\U00020000"
)
TEXT = st.one_of(st.text(max_size=40), st.text(st.sampled_from(TRICKY), max_size=30))


def _mixed(word: int, shifts: Sequence[int], multipliers: Sequence[np.uint64]) -> int:
    for shift, multiplier in zip(shifts, multipliers):
        word = (word ^ word >> shift) * int(multiplier) & WORD
    return word ^ word >> shifts[-1]


def _token_hash(token: str) -> int:
    word = int(tokens.START)
    for character in token:
        word = (word ^ ord(character)) * int(tokens.MULTIPLIER) & WORD
    return _mixed(word, (32, 32), (tokens.FINISH,))


def _shingle_set(text: str, ngram: int) -> list[int]:
    hashes = [_token_hash(token) for token in tokens_of(text)]
    found = set()
    for i in range(max(len(hashes) - ngram + 1, min(len(hashes), 1))):
        word = 0
        for token in hashes[i : i + ngram]:
            word = (word * int(shingles._BASE) + token) & WORD
        word ^= 0 if len(hashes) >= ngram else int(shingles._SHORT) * len(hashes) & WORD
        found.add(_mixed(word, (30, 27, 31), (shingles._MIX_1, shingles._MIX_2)))
    return sorted(found)


def _signature(shingle_set: list[int], n_slots: int) -> list[int]:
    """The algorithm as the paper writes it: 2K rounds, value and round compared together."""
    multipliers = [int(a) for a in sketching.round_multipliers(n_slots)]
    slots: list[tuple[int, int, int] | None] = [None] * n_slots
    for i, multiplier in enumerate(multipliers):
        for shingle in shingle_set:
            value = shingle * multiplier & WORD
            slot = (value >> 32) * n_slots >> 32 if i < n_slots else i - n_slots
            entry = (i, value, shingle & 0xFFFFFFFF)
            slots[slot] = min(slots[slot] or entry, entry)
    return [slot[2] if slot else int(NO_SHINGLE) for slot in slots]


def _sets(found: Sketch) -> list[list[int]]:
    return [found.sets.row(i).tolist() for i in range(len(found.signatures))]


def _same(one: Sketch, other: Sketch) -> None:
    for left, right in zip((*one.sets, one.signatures), (*other.sets, other.signatures)):
        np.testing.assert_array_equal(left, right)


@settings(max_examples=250, deadline=None)  # the first example may compile
@given(st.lists(TEXT, max_size=5))
def test_token_hashes_are_those_of_the_definition(texts: list[str]) -> None:
    found = hash_tokens(TextRows.of(pa.array(texts, pa.string())), 0, len(texts))
    hashes = [found.hashes[start:end].tolist() for start, end in zip(found.starts, found.ends)]
    assert hashes == [[_token_hash(token) for token in tokens_of(text)] for text in texts]


@pytest.mark.parametrize("first", range(0, 0x110000, 0x10000))
def test_every_code_point_gives_its_tokens_between_letters(first: int) -> None:
    """A plane at a time; every assigned one where planes are dense, every 64th elsewhere."""
    step = 1 if first < 0x20000 else 64
    texts = [f"a{chr(code)}b" for code in range(first, first + 0x10000, step) if not 0xD800 <= code < 0xE000]
    found = hash_tokens(TextRows.of(pa.array(texts)), 0, len(texts))
    known: dict[str, int] = {}
    for text, start, end in zip(texts, found.starts.tolist(), found.ends.tolist()):
        expected = [known.setdefault(token, _token_hash(token)) for token in tokens_of(text)]
        assert found.hashes[start:end].tolist() == expected, ascii(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=12), min_size=1, max_size=4))
def test_bytes_that_are_not_utf8_are_read_as_python_replaces_them(rows: list[bytes]) -> None:
    data = pa.array(rows, pa.binary())
    texts = pa.StringArray.from_buffers(len(rows), *data.buffers()[1:])
    plain = pa.array([row.decode("utf-8", "replace") for row in rows])
    _same(sketch(texts, n_slots=8), sketch(plain, n_slots=8))


@settings(deadline=None)
@given(st.lists(TEXT, max_size=6), st.integers(1, 6))
def test_shingle_sets_are_those_of_the_definition(texts: list[str], ngram: int) -> None:
    found = sketch(pa.array(texts, pa.string()), ngram=ngram, n_slots=0)
    assert _sets(found) == [_shingle_set(text, ngram) for text in texts]


@settings(deadline=None)
@given(st.lists(st.text("ab ", max_size=80), max_size=4))
def test_a_shingle_that_repeats_counts_once(texts: list[str]) -> None:
    found = sketch(pa.array(texts, pa.string()), ngram=2, n_slots=0)
    assert _sets(found) == [_shingle_set(text, 2) for text in texts]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, WORD - 1), max_size=70, unique=True), st.sampled_from([1, 5, 16, 128]))
def test_signatures_are_those_of_the_paper(values: list[int], n_slots: int) -> None:
    ordered = np.array(sorted(values), np.uint64)
    found = np.empty((1, n_slots), np.uint32)
    offsets = np.array([0, len(ordered)])
    sketching.sign_rows(ordered, offsets, sketching.round_multipliers(n_slots), found)
    assert found[0].tolist() == _signature(ordered.tolist(), n_slots)


def test_the_hashes_stay_what_persistent_indexes_hold() -> None:
    found = sketch(pa.array(["Tell me about 大熊猫 in 100 words, please!", "x"]), n_slots=4)
    assert found.sets.shingles[[0, -1]].tolist() == [952335895345420588, 919692175552400559]
    assert found.signatures.tolist() == [[2095765804, 379793376, 2095765804, 40616771], [847367343] * 4]


@pytest.mark.parametrize(("n_union", "n_common"), [(2, 1), (3, 2), (20, 10), (200, 140), (3000, 1500)])
def test_the_estimate_is_unbiased_and_no_worse_than_theory(n_union: int, n_common: int) -> None:
    n_pairs, n_slots, jaccard = 1500 if n_union < 1000 else 300, 128, n_common / n_union
    values = np.random.default_rng(7).integers(0, 2**64, (n_pairs, n_union), np.uint64)
    cut = n_common + (n_union - n_common) // 2
    rows = [np.sort(row) for pair in values for row in (pair[:cut], np.delete(pair, slice(n_common, cut)))]
    offsets = np.cumsum([0, *map(len, rows)])
    signatures = np.empty((len(rows), n_slots), np.uint32)
    sketching.sign_rows(np.concatenate(rows), offsets, sketching.round_multipliers(n_slots), signatures)
    error = estimate_jaccard(signatures, np.arange(0, len(rows), 2), np.arange(1, len(rows), 2)) - jaccard
    theory = np.sqrt(jaccard * (1 - jaccard) / n_slots)
    assert abs(error.mean()) < 4 * theory / np.sqrt(n_pairs)
    assert np.sqrt((error**2).mean()) < 1.05 * theory


TEXTS = ["", "one", None, "一二三四五六七八九十", "a b c d e f g h i j", "e\u0301 café", "?", "x " * 500] * 9


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("task_bytes", [1, 300, 1 << 20])
def test_threads_and_cuts_do_not_change_the_result(
    threads: int, task_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sketch(pa.array(TEXTS), threads=1)
    monkeypatch.setattr(sketching, "TASK_BYTES", task_bytes)
    _same(sketch(pa.array(TEXTS), threads=threads), whole)
    chunks = pa.chunked_array([TEXTS[:7], [], TEXTS[7:30], TEXTS[30:]], pa.string())
    _same(sketch(chunks, threads=threads), whole)
    for start in range(0, len(TEXTS), 10):
        part = sketch(pa.array(TEXTS[start : start + 10]))
        assert (part.signatures == whole.signatures[start : start + 10]).all()
        assert [part.sets.row(i).tolist() for i in range(len(part.signatures))] == [
            whole.sets.row(start + i).tolist() for i in range(len(part.signatures))
        ]


def test_slices_nulls_and_wide_offsets_are_respected() -> None:
    texts = pa.array(["before", "a b c", None, "", "汉字", "after"])
    plain = sketch(pa.array(["a b c", "", "", "汉字"]))
    _same(sketch(texts.slice(1, 4)), plain)
    _same(sketch(texts.cast(pa.large_string()).slice(1, 4)), plain)
    under = pa.StringArray.from_buffers(2, texts.slice(1, 2).buffers()[1], texts.buffers()[2], pa.py_buffer(b"\x00"))
    assert sketch(under).sets.sizes.tolist() == [0, 0]  # nulls with text under them


@pytest.mark.parametrize(
    "column", [pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.nulls(3, pa.string())]
)
def test_a_column_without_text_has_no_shingles(column: pa.Array) -> None:
    found = sketch(column)
    assert found.sets.sizes.tolist() == [0] * len(column)
    assert found.signatures.shape == (len(column), 128)
    assert (found.signatures == NO_SHINGLE).all()


def test_rows_without_tokens_are_told_apart_by_their_bytes_on_request() -> None:
    texts = pa.array(["+", "-", "+", "", None, "\u0301", "+ a", "a"])
    assert sketch(texts).sets.sizes.tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    found = sketch(texts, keep_blank=True).sets
    assert found.sizes.tolist() == [1] * 8
    plus, minus, again, empty, null, mark, plus_a, a = found.shingles.tolist()
    assert plus == again
    assert empty == null
    assert plus_a == a
    assert len({plus, minus, empty, mark, a}) == 5


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="int64"):
        sketch(pa.array([1]))
    with pytest.raises(ValueError, match="ngram"):
        sketch(pa.array(["a"]), ngram=0)
