"""Words that are remembered give the tokens and the places that the library gives, whatever stands in a text."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("tokenizers")

from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.train.token_places import ByBytes, ByOffsets, token_sizes
from tunesmith.train.words import _PATTERNS, Words, can_remember

MARKS = ["<|im_start|>", "<|im_end|>"]
BITS = [
    *" \n\t\r.,'!?-()abzAZ019é龘医😀\u0301\u3000\xa0\x1c\x1f\x85\u200b\u2028\u212b\u0958\uf900\u1100\u1161½\u0661",
    *("  ", "  \n", " \n", "'s", "'ll ", " the", " word", "高血压", ". ", "\r\n", "<th", *MARKS),
]
TEXTS = st.lists(st.lists(st.sampled_from(BITS), max_size=20).map("".join), min_size=1, max_size=8)


def make(pattern: str | None = None, *, nfc: bool = False, **byte_level: Any) -> Any:
    """A byte-level BPE that joined some letters, with GPT-2's words or those of a pattern."""
    from tokenizers import Regex, Tokenizer, models, normalizers, trainers
    from tokenizers import pre_tokenizers as cutters

    core = Tokenizer(models.BPE())
    settings = {"add_prefix_space": False, "use_regex": pattern is None, **byte_level}
    last = cutters.ByteLevel(**settings)
    core.pre_tokenizer = last
    if pattern is not None:
        core.pre_tokenizer = cutters.Sequence([cutters.Split(Regex(pattern), "isolated"), last])
    if nfc:
        core.normalizer = normalizers.NFC()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=MARKS,
        initial_alphabet=cutters.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [
        "the word is a word, isn't it? We'll say: 'the end'. 高血压是慢性病 é龘",
        "  12 019\n\n  ab ba. The (word)",
    ]
    core.train_from_iterator(texts * 4, trainer)
    return core


KNOWN = {
    "gpt2": make(),
    **{f"pattern{number}": make(one) for number, one in enumerate(sorted(_PATTERNS))},
    **{f"pattern{number}-nfc": make(one, nfc=True) for number, one in enumerate(sorted(_PATTERNS))},
}


@pytest.mark.parametrize("name", KNOWN)
@settings(max_examples=60, deadline=None)
@given(texts=TEXTS)
def test_ids_and_places_are_the_librarys(name: str, texts: list[str]) -> None:
    core = KNOWN[name]
    assert can_remember(core)
    sizes = token_sizes(core)
    encodings = core.encode_batch(texts, add_special_tokens=False)
    for text, ids, encoding in zip(texts, Words(core).encode(texts), encodings):
        assert ids.tolist() == encoding.ids
        ours, theirs = ByBytes(core, sizes, text, ids), ByOffsets(text, encoding)
        for place in range(1, len(text)):
            assert ours.token_from(place) == theirs.token_from(place)
            assert ours.is_inside_token(place) == theirs.is_inside_token(place)


def test_words_are_the_same_after_all_were_forgotten() -> None:
    core = KNOWN["gpt2"]
    words = Words(core, most_tokens=3)
    texts = ["the word is the word", "say: the  word", "", "the word"]
    for _ in range(3):
        assert [ids.tolist() for ids in words.encode(texts)] == [one.ids for one in core.encode_batch(texts)]


def test_a_word_that_was_seen_is_not_encoded_again() -> None:
    core = KNOWN["gpt2"]
    words = Words(core)
    (before,) = words.encode(["a word of the text"])
    words._core = None  # nobody is left to ask
    again, shorter = words.encode(["a word of the text", "a text of word"])
    assert again.tolist() == before.tolist()
    assert shorter.tolist() == core.encode("a text of word").ids


def test_a_token_with_its_space_before_it_has_both_on_its_sides() -> None:
    from tokenizers import processors

    core = make()
    core.post_processor = processors.ByteLevel(trim_offsets=True)  # as Llama 3: the library's offsets lose the space
    text = "say word"
    (ids,) = Words(core).encode([text])
    assert core.encode(text).tokens[-1] == "Ġword"
    part = ByBytes(core, token_sizes(core), text, ids)
    assert part.is_inside_token(text.index("word"))
    assert not part.is_inside_token(text.index(" word"))


def _added(**flags: Any) -> Any:
    from tokenizers import AddedToken

    core = make()
    core.add_tokens([AddedToken("<mask>", **flags)])
    return core


def _other(kind: str) -> Any:
    from tokenizers import Tokenizer, models, normalizers

    core = make()
    if kind == "lower":
        core.normalizer = normalizers.Lowercase()
    elif kind == "dropout":
        core.model.dropout = 0.1
    elif kind == "unigram":
        core = Tokenizer(models.Unigram([("a", 0.0)], 0))
    return core


@pytest.mark.parametrize(
    "core",
    [
        *(_added(**{flag: True}) for flag in ("lstrip", "rstrip", "single_word")),
        *map(_other, ("lower", "dropout", "unigram")),
        make(r"\s?\S+"),
        make(add_prefix_space=True),
        make(use_regex=False),
    ],
)
def test_a_tokenizer_whose_tokens_may_reach_over_a_border_is_left_to_the_library(core: Any) -> None:
    assert not can_remember(core)


def test_an_added_token_without_such_ways_is_remembered() -> None:
    assert can_remember(_added())
