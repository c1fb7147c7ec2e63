"""Answers without content: courtesy alone, and stand-ins for an answer that nobody wrote.

>>> is_politeness_only("Sort these: 3, 1, 2", "Sure! I'd be happy to help you with that.")
True
>>> is_politeness_only("Thanks a lot!", "You're welcome! Feel free to ask if you have other questions.")
False
>>> is_stub("Who wrote Hamlet?", "[insert answer here]"), is_stub("Who wrote Hamlet?", "William Shakespeare")
(True, False)

Courtesy is told by its vocabulary: an answer all of whose words belong to it, and one of which is at its heart, says
nothing else, however it is put together.
"""

from __future__ import annotations

import re

from tunesmith.curate import phrase_empty_words as words
from tunesmith.curate.phrase_stub import is_stand_in

_MOST_CHARACTERS = 300
_STUB_CHARACTERS = 120
_ASKS_ON = 60  # characters of a question that goes on after "Thanks!"
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_END_TOKEN = re.compile(r"(?:\s*(?:<\|[a-z_]+\|>|</s>))+\s*$", re.IGNORECASE)


def is_politeness_only(question: str, answer: str) -> bool:
    """Whether the answer is courtesy and nothing else, where the question was none."""
    text = _END_TOKEN.sub("", answer).replace("’", "'").strip().lower()
    if not text or len(text) > _MOST_CHARACTERS:
        return False
    if _HAN.search(text):
        return _is_chinese_courtesy(text) and not _is_social(question, text)
    if not words.ENGLISH.issuperset(_WORD.findall(text)) or not words.ENGLISH_HEART.search(text):
        return False
    return not ("?" in question and words.YES.fullmatch(text)) and not _is_social(question, text)


def _is_chinese_courtesy(text: str) -> bool:
    return bool(words.CHINESE_HEART.search(text)) and not _left_of_chinese(text)


def _is_social(question: str, text: str) -> bool:
    """Whether courtesy is the right reply: to courtesy that asks nothing more, or where its words were asked for."""
    asked = question.replace("’", "'")
    opens = words.SOCIAL.search(asked)
    if text.strip(words.OUTER) in asked.lower():
        return True
    return opens is not None and not (opens.start() == 0 and _asks_on(asked[opens.end() :]))


def _asks_on(rest: str) -> bool:
    return len(rest) > _ASKS_ON and rest.rstrip().endswith(("?", "？"))


def _left_of_chinese(text: str) -> str:
    """What remains without courtesy and the small words around it."""
    return re.sub(r"[\W_]", "", words.CHINESE.sub("", text))


def is_stub(question: str, answer: str) -> bool:
    """Whether the answer is a stand-in such as TODO, N/A, 待补充 or three dots."""
    text = _END_TOKEN.sub("", answer).strip().lower()
    if not text or len(text) > _STUB_CHARACTERS:
        return words.LOREM.match(text) is not None and not words.LOREM_ASKED.search(question)
    asked = question.lower()
    if words.BLANK.fullmatch(text):
        return not words.SIGNS_ASKED.search(question)
    bare = text.strip(words.OUTER)
    if words.DOUBTFUL.fullmatch(bare):  # also an answer, where the question knows the word
        return not words.CHOICES_ASKED.search(asked) and bare not in asked
    found = words.STUB.fullmatch(bare) or words.LOREM.match(text) or is_stand_in(answer, question)
    return bool(found) and not words.LOREM_ASKED.search(asked)
