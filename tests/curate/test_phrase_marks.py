"""Leftovers of chat templates, and texts that have the same signs for another reason."""

from __future__ import annotations

import pytest

from tunesmith.curate.phrase_marks import count_marks

MARKS = (
    "Drink water.<|im_end|>",
    "Drink water.</s>",
    "<s>Drink water.</s>",
    "<s> Drink water.",
    "Drink water. [/INST] Good.",
    "[INST] What now? [/INST]",
    "<<SYS>> Be kind. <</SYS>>",
    "Drink water.<|endoftext|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\nDrink water.",
    "Drink water.<|eot_id|>",
    "<|im_start|>assistant\nDrink water.",
    "Drink water.<end_of_turn>",
    "<user>: And then?",
    "Drink water.\n<|user|>\nAnd then?",
    "Drink water.\n\n### Response:\nYes.",
    "### Instruction: drink\nWater.",
    "多喝水。<|im_end|>",
    "多喝水。\n### 回答：\n是的。",
    "<｜end▁of▁sentence｜>",
    "Drink<0x0A>water.",
    "多喝水。[gMASK]<sop>",
    "<assistant>\nDrink water.",
)
NO_MARKS = (
    "ChatML closes each turn with `<|im_end|>` and Llama with `[/INST]`.",
    "```\n<|im_start|>user\nHi<|im_end|>\n```",
    "The price is <s>20 €</s> 15 €.",
    "<user>\n  <name>Ann</name>\n</user>",
    "`ListView<User>` shows users.",
    "a < b | c > d",
    "### Response times\nThey fell.",
    "[INSTALL] and [EOSINOPHILS]",
    "x <| y",
    "## 输入法\n拼音。",
)
LABELS = (
    "Drink water.\nHuman: And then?",
    "Drink water.\n\nUser: And then?\nAssistant: Rest.",
    "多喝水。\n用户：然后呢？",
    "Assistant: Drink water.",
)


@pytest.mark.parametrize("text", MARKS)
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_leftover_counts_in_every_turn(text: str, role: str) -> None:
    assert count_marks(text, role) >= 1


@pytest.mark.parametrize("text", NO_MARKS)
def test_what_only_looks_like_a_mark_is_none(text: str) -> None:
    assert count_marks(text, "assistant") == 0


@pytest.mark.parametrize("text", LABELS)
def test_labels_count_in_answers_only(text: str) -> None:
    assert count_marks(text, "assistant", "How do I stay healthy?") >= 1
    assert count_marks(text, "user") == 0


def test_a_dialogue_that_was_asked_for_has_no_marks() -> None:
    talk = "用户: 你好！\n\nAI: 你好！\n\n用户: 谢谢！"
    assert count_marks(talk, "assistant", "给我写一段用户和AI的对话。") == 0
    assert count_marks(talk, "assistant", "继续。") == 0
    assert count_marks("Sure.\nUser: Hi\nBot: Hello", "assistant", "Write a chat between a user and a bot.") == 0


def test_marks_are_counted_one_by_one() -> None:
    assert count_marks("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>", "assistant") == 4
