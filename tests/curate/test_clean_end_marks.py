"""End tokens of many model families that close a text."""

from __future__ import annotations

import pytest

from tunesmith.curate.clean_end_marks import end_marks

ENDS = (
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|eot|>", "<|EOT|>", "<|end|>", "<|return|>", "</s>",
    "<eos>", "<end_of_turn>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>", "<eoa>", "<eom>", "<eop>", "<EOS_TOKEN>",
    "[EOS]", "[UNUSED_TOKEN_145]", "[|endofturn|]", "<｜end▁of▁sentence｜>", "<pad><pad>", " [PAD] [PAD]",
    "<end_of_sentence>",
)  # fmt: skip
KEPT = ("a < b > c", "See [SEP 9].", "<b>bold</b>", "[end]", "<pad> comes first", "<s>old</s>", "<|user|>", "x[1]")


@pytest.mark.parametrize("mark", ENDS)
@pytest.mark.parametrize("text", ["Drink water.", "多喝水。"])
def test_the_token_that_closes_a_text_goes(mark: str, text: str) -> None:
    assert end_marks(text + mark) == text
    assert end_marks(f"{text}\n{mark}\n") == text


@pytest.mark.parametrize("text", KEPT)
def test_other_brackets_stay(text: str) -> None:
    assert end_marks(text) == text


def test_a_text_that_is_nothing_but_the_token_stays() -> None:
    assert end_marks("<|im_end|>") == "<|im_end|>"
