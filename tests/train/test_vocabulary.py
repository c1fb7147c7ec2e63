"""Terms are those of real medical data; pieces are counted by a tokenizer that is trained here on English."""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunesmith.train.vocabulary import Vocabulary, measure_vocabulary, pieces_of
from tunesmith.train.vocabulary_terms import LEAST_GENERAL, domain_terms, log_odds


@pytest.fixture(scope="module")
def medical(shared_data: Path) -> list[str]:
    with (shared_data / "huatuo_med_zh.json").open(encoding="utf-8") as file:
        rows = map(json.loads, islice(file, 1000))
        return [" ".join(value for value in row.values() if isinstance(value, str)) for row in rows]


@pytest.fixture(scope="module")
def english(shared_data: Path) -> list[str]:
    with lzma.open(shared_data / "t0_50k.jsonl.xz", "rt", encoding="utf-8") as file:
        return [json.loads(line)["prompt"] for line in islice(file, 250)]


@pytest.fixture(scope="module")
def chinese(shared_data: Path) -> list[str]:
    rows = json.loads((shared_data / "alpaca_zh_demo.json").read_text(encoding="utf-8"))
    return [" ".join((row["instruction"], row["input"], row["output"])) for row in rows]


def byte_level(texts: list[str], size: int) -> Any:
    from tokenizers import ByteLevelBPETokenizer

    core = ByteLevelBPETokenizer()
    core.train_from_iterator(texts, vocab_size=size, show_progress=False)
    return core._tokenizer


@pytest.fixture(scope="module")
def english_tokenizer(english: list[str]) -> Any:
    return byte_level(english, 1200)


@pytest.fixture(scope="module")
def measured(medical: list[str], english: list[str], english_tokenizer: Any) -> Vocabulary:
    return measure_vocabulary(medical, english, english_tokenizer)


def test_an_english_vocabulary_takes_chinese_apart_into_bytes(measured: Vocabulary) -> None:
    assert measured.lacks_chinese
    assert measured.domain.pieces_per_han is not None
    assert 2.5 < measured.domain.pieces_per_han <= 3.0  # three bytes a character
    assert measured.domain.byte_ratio > 0.9
    assert measured.general is not None
    assert measured.general.byte_ratio < 0.01
    assert measured.general.pieces_per_word is not None
    assert measured.general.pieces_per_word < 2.0
    assert measured.everything.n_tokens == measured.domain.n_tokens + measured.general.n_tokens


def test_a_vocabulary_made_for_the_data_fits_it(medical: list[str], measured: Vocabulary) -> None:
    found = measure_vocabulary(medical[:300], [], byte_level(medical[:300], 3000))
    assert not found.lacks_chinese
    assert found.domain.byte_ratio < 0.2
    assert found.saved_ratio < measured.saved_ratio / 2


def test_the_terms_of_medical_data_are_medical_words(medical: list[str], chinese: list[str]) -> None:
    found = {term.text: term for term in domain_terms(medical, chinese)}
    assert {"治疗", "患者", "症状", "手术", "感染", "并发症"} <= set(found)
    general_words = {"我们", "人们", "生活", "世界", "社会", "学习", "文化"}
    assert not general_words & set(found)
    assert not [text for text in found if text.startswith(("的", "了", "等")) or text.endswith(("的", "了"))]
    term = found["并发症"]
    assert term.n_domain == sum(text.count("并发症") for text in medical)
    assert term.n_general == sum(text.count("并发症") for text in chinese)
    assert term.z is not None
    assert "发症" not in found  # a piece of it


def test_terms_are_not_held_against_texts_of_another_language(measured: Vocabulary) -> None:
    assert measured.is_compared == ()
    assert {one.language for one in measured.candidates} == {"zh"}
    assert all(one.z is None and one.n_general == 0 for one in measured.candidates)


def test_what_adding_tokens_saves_is_counted_with_a_tokenizer_that_has_them(
    measured: Vocabulary, medical: list[str], english_tokenizer: Any
) -> None:
    from tokenizers import Tokenizer

    before = english_tokenizer.to_str()
    larger = Tokenizer.from_str(before)
    larger.add_tokens([one.text for one in measured.candidates])
    counts = [sum(len(core.encode(text).ids) for text in medical) for core in (english_tokenizer, larger)]
    assert counts[0] == measured.domain.n_tokens
    assert measured.saved_ratio == pytest.approx(1 - counts[1] / counts[0])
    assert measured.saved_ratio > 0.1
    assert english_tokenizer.to_str() == before  # it is not changed
    top = measured.candidates[0]
    assert top.saved == (top.pieces - 1) * top.n_domain
    assert measured.candidates == tuple(sorted(measured.candidates, key=lambda one: (-one.saved, one.text)))


def test_one_candidate_alone_saves_what_it_says(english_tokenizer: Any) -> None:
    others = "".join(chr(0x4E00 + i) for i in range(1000))  # each once: "检" and "查" meet by no chance
    texts = [*["检查。", "检查，检查"] * 10, others]
    found = measure_vocabulary(texts, [], english_tokenizer, n_candidates=1)
    assert [one.text for one in found.candidates] == ["检查"]
    assert found.saved_ratio == pytest.approx(found.candidates[0].saved_ratio)


def test_english_terms_are_words_that_general_texts_lack(english: list[str], english_tokenizer: Any) -> None:
    notes = ["The patient was given amoxicillin and the nephrologist said that amoxicillin works."] * 30
    found = {term.text: term for term in domain_terms(notes, english)}
    assert {"amoxicillin", "nephrologist"} <= set(found)
    assert found["amoxicillin"].n_domain == 60
    assert not {"the", "that", "given"} & set(found)
    (pieces,) = pieces_of(["amoxicillin"], english_tokenizer)
    assert pieces == len(english_tokenizer.encode("he took amoxicillin").ids) - len(
        english_tokenizer.encode("he took").ids
    )


def test_a_sample_is_told(english: list[str], english_tokenizer: Any) -> None:
    found = measure_vocabulary(english, english[:50], english_tokenizer, sample=40)
    assert (found.domain.n_texts, found.n_rows) == (40, len(english))
    assert found.general is not None
    assert (found.general.n_texts, found.n_general_rows) == (40, 50)


def test_without_texts_there_is_nothing_to_say(english_tokenizer: Any) -> None:
    found = measure_vocabulary([], [], english_tokenizer)
    assert found.domain.pieces_per_character is None
    assert (found.candidates, found.saved_ratio, found.general) == ((), 0.0, None)
    assert json.loads(json.dumps(found.as_dict()))["lacks_chinese"] is False


def slow_counts(texts: list[str], n: int) -> Iterator[str]:
    for text in texts:
        for i in range(len(text) - n + 1):
            piece = text[i : i + n]
            if all("一" <= letter <= "鿿" for letter in piece):
                yield piece


@pytest.mark.parametrize("n", [2, 3])
def test_cohesion_and_freedom_are_those_of_a_slow_obvious_count(medical: list[str], n: int) -> None:
    from collections import Counter

    texts = medical[:300]
    found = [term for term in domain_terms(texts, []) if len(term.text) == n][:15]
    assert found
    counts = {size: Counter(slow_counts(texts, size)) for size in range(1, n + 1)}
    total = counts[1].total()
    joined = "\0".join(texts)
    for term in found:
        assert term.n_domain == counts[n][term.text]
        cuts = [counts[k][term.text[:k]] * counts[n - k][term.text[k:]] for k in range(1, n)]
        bits = min(math.log2(counts[n][term.text] * total / cut) for cut in cuts)
        assert term.cohesion_bits == pytest.approx(bits, abs=0.006)
        sides = []
        for shift in (-1, n):
            places = [i for i in range(len(joined)) if joined.startswith(term.text, i)]
            beside = [joined[i + shift] if 0 <= i + shift < len(joined) else "" for i in places]
            inside = Counter(letter for letter in beside if "一" <= letter <= "鿿")
            share = [count / len(places) for count in inside.values()]
            ends = 1 - sum(share)
            sides.append(sum(-p * math.log2(p) for p in share) + ends * math.log2(len(places)))
        assert term.freedom_bits == pytest.approx(min(sides), abs=0.006)


def test_log_odds_are_high_for_the_domain_low_for_general_and_grow_with_evidence() -> None:
    domain, general = np.array([100, 10, 50, 0]), np.array([0, 0, 50, 100])
    often, seldom, equal, never = log_odds(domain, general, 10_000, 10_000)
    assert often > 3 > seldom > 1 > abs(equal)
    assert equal == pytest.approx(0)
    assert never == pytest.approx(-often)
    assert LEAST_GENERAL > 0
