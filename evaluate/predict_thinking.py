"""Thoughts and answer apart: a `<think>` block at the beginning of what a reasoning model wrote.

>>> split_off(Answer("<think>\\nTwo and two.\\n</think>\\n\\n4", finish_reason="stop"))[:1]
('4',)
>>> split_off(Answer("<think>\\nTwo and", finish_reason="length")).failure
'unfinished_thinking'
"""

from __future__ import annotations

from tunesmith.evaluate.predict_backend import Answer

OPENING, CLOSING = "<think>", "</think>"
UNFINISHED = "unfinished_thinking"


def split_off(answer: Answer) -> Answer:
    """The answer with its thoughts in `reasoning`, where it has any.

    Templates that end the prompt with `<think>` leave only `</think>` in what is written. An answer that was cut while
    the model was still thinking is none: it fails. A model that ends by itself without an answer gave an empty one.
    """
    if answer.text is None:
        return answer
    thoughts, closing, text = answer.text.partition(CLOSING)
    opened = thoughts.lstrip().startswith(OPENING)
    if not opened and (not closing or OPENING in thoughts):
        return answer
    reasoning = thoughts.lstrip().removeprefix(OPENING).strip() or answer.reasoning
    if closing:
        return answer._replace(text=text.lstrip(), reasoning=reasoning)
    if answer.finish_reason == "length":
        detail = "max_tokens was used up by thinking"
        return answer._replace(text=None, failure=UNFINISHED, reasoning=reasoning, detail=detail)
    return answer._replace(text="", reasoning=reasoning)
