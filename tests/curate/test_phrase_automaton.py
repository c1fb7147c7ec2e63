"""The automaton against substring search, on texts and on arbitrary bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.phrase_automaton import build, masks_of
from tunesmith.curate.phrase_cues import automaton, cues
from tunesmith.curate.tokens import TextRows

SIGNS = bytes(byte for byte in range(0x80) if not chr(byte).isalnum())
CUES = st.dictionaries(
    st.text("ab A.|'抱歉", min_size=1, max_size=4).filter(str.strip),
    st.integers(1, (1 << 130) - 1),
    min_size=1,
    max_size=6,
)
BYTES = st.lists(
    st.sampled_from(
        [b"a", b"B", b" ", b".", b"|", b"'", b"\n", "抱".encode(), "歉".encode(), b"\xe6", b"\xff", b"\x8a"]
    )
).map(b"".join) | st.binary(max_size=40)


def rows_of(texts: list[bytes]) -> TextRows:
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return TextRows(np.frombuffer(b"".join(texts), np.uint8), ends - [len(text) for text in texts], ends)


def slow_mask(text: bytes, words: dict[str, int]) -> int:
    """The definition: a text in lower case, its signs that are in no cue as blanks, one more blank before it."""
    used = set("".join(words).encode())
    blanks = bytes(0x20 if byte in SIGNS and byte not in used else byte for byte in text.lower())
    found = 0
    for word, mask in words.items():
        found |= mask if word.encode().lower() in b" " + blanks else 0
    return found


def as_numbers(masks: np.ndarray) -> list[int]:
    return [sum(int(word) << 64 * place for place, word in enumerate(row)) for row in masks]


@settings(deadline=None)  # the first example compiles
@given(CUES, st.lists(BYTES, max_size=4))
def test_the_bits_of_a_text_are_those_of_the_cues_that_it_holds(words: dict[str, int], texts: list[bytes]) -> None:
    assert as_numbers(masks_of(rows_of(texts), build(words))) == [slow_mask(text, words) for text in texts]


def test_letters_of_ascii_count_in_either_case_and_others_do_not() -> None:
    assert masks_of(rows_of([b"SORRY", "É".encode()]), build({"Sorry": 1, "é": 2})).tolist() == [[1], [0]]


def test_a_leading_blank_is_where_a_word_starts() -> None:
    texts = [b"gun", b"(gun)", b"begun", b"a\tgun", "枪gun".encode()]
    assert masks_of(rows_of(texts), build({" gun": 1})).ravel().tolist() == [1, 1, 0, 1, 0]


@pytest.mark.parametrize("stop", ["! ", "\n", "。 ", "？ ", "！ ", ". "])
def test_a_pair_has_to_share_a_sentence(stop: str) -> None:
    pair = build({" make": 1, "炸弹": 2, " tea": 4}, paired_from=0)
    texts = [f"make tea{stop}炸弹".encode(), f"x{stop}make 炸弹{stop}tea".encode()]
    assert as_numbers(masks_of(rows_of(texts), pair)) == [0, 3]


def test_an_empty_cue_and_an_empty_mask_are_refused() -> None:
    for wrong in ({"": 1}, {" ": 1}, {"a": 0}):
        with pytest.raises(ValueError, match="expected a cue"):
            build(wrong)


def test_the_cues_of_the_product_fit_their_table() -> None:
    assert len(cues()) > 1000
    assert len(automaton().table) <= 1 << 24
