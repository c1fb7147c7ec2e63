"""The byte pass over scripts and English words, against a slow version on characters."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.language_scripts import count_scripts
from tunesmith.curate.language_tables import (
    ENGLISH,
    ENGLISH_WORDS,
    FOREIGN,
    HAN,
    LATIN,
    N_COUNTS,
    N_SCRIPTS,
    SCRIPTS,
    SIGNS,
    WORDS,
)
from tunesmith.curate.tokens import TextRows

_ALPHABET = st.sampled_from("the andTHE der你好こ한жéλ𠀀\ud7ff;({}_]0 \n.,'-é")


def _slow_counts(text: str) -> list[int]:
    """What `count_scripts` counts in a text without code, tags and addresses."""
    counts = [0] * N_COUNTS
    for character in text:
        for number, script in enumerate(SCRIPTS):
            counts[number] += any(first <= ord(character) < end for first, end in script.blocks)
        counts[HAN] += 0x20000 <= ord(character) < 0x40000
    words = [word for word in re.findall(r"[A-Za-z]+", text) if len(word) > 1]
    counts[WORDS] = len(words)
    plain = [word.lower() for word in words if sum(map(str.isupper, word)) < 2]
    counts[ENGLISH] = sum(word in ENGLISH_WORDS for word in plain)
    counts[SIGNS] = sum(character in "{}[];_(" for character in text)
    return counts


@given(st.text(_ALPHABET))
def test_the_kernel_counts_what_the_slow_version_counts(text: str) -> None:
    counts = count_scripts(TextRows.of(pa.array([text])))[0].tolist()
    expected = _slow_counts(text)
    expected[FOREIGN] = counts[FOREIGN]
    assert counts == expected


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_read_within_their_bounds(texts: list[bytes]) -> None:
    data = np.frombuffer(b"".join(texts) + b"the", np.uint8)
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if texts else ends
    together = count_scripts(TextRows(data, starts, ends))
    alone = [count_scripts(TextRows(*_alone(text)))[0] for text in texts]
    assert together.shape == (len(texts), N_COUNTS)
    assert all(np.array_equal(row, one) for row, one in zip(together, alone))


def _alone(text: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    padded = np.frombuffer(text + b"\0", np.uint8)
    return padded, np.zeros(1, np.int64), np.full(1, len(text), np.int64)


@pytest.mark.parametrize(
    "aside",
    [
        "`the code`",
        "``the ` code``",
        "```\nthe code\n```",
        "```\nthe code that never ends",
        "<a href='the'>",
        "</the>",
        "<|the|>",
        "<<48/2=24>>",
        "://the/code/of/this",
        "\\the",
    ],
)
def test_code_tags_and_addresses_are_left_out(aside: str) -> None:
    counts = count_scripts(TextRows.of(pa.array([f"好 {aside}"])))[0]
    assert counts[:N_SCRIPTS].sum() == counts[HAN] == 1
    assert counts[ENGLISH] == 0


def test_a_lone_backtick_and_a_less_than_hide_nothing() -> None:
    counts = count_scripts(TextRows.of(pa.array(["the ` of\nthe < of the"])))[0]
    assert counts[[LATIN, WORDS, ENGLISH]].tolist() == [13, 5, 5]
