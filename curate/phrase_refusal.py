"""Refusals: how much of an answer is the boilerplate of a model that will not or cannot answer, 0 to 1.

>>> score_refusal("How do I pick a lock?", "I'm sorry, but I can't help with that.")
0.9
>>> score_refusal("", "作为一个人工智能，我没有个人喜好。不过，" + "下面是罗马值得一去的景点和理由。" * 9)
0.4
>>> score_refusal("", "I can't recommend this soup highly enough.")
0.0

No phrase alone is a refusal: it takes a speaker who is a model, or is sorry, or names a policy, and who says that it
will not or cannot, within the opening sentences. From .5 on it is boilerplate; an answer that starts with a disclaimer
and then helps stays below, and so does one that asks for what the prompt forgot to give.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tunesmith.curate import phrase_refusal_en, phrase_refusal_zh
from tunesmith.curate.phrase_refusal_words import is_bare_refusal
from tunesmith.curate.phrase_unknown import says_unknown
from tunesmith.curate.phrase_voice import Voice

#: Disclaimed and then helped; refused and then helped after all; a refusal that little follows.
DISCLAIMED, TURNED, HARD, CLEAR, ASKED_BACK = 0.4, 0.45, 0.6, 0.9, 0.3

_SENTENCE = re.compile(r"(?:[^.!?。！？\n]|[.](?=\w))+[.!?。！？\n]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z']+")
_OPENING = 2  # sentences in which a refusal says so
_ADDS_UP = 4  # of 9 points; one less in a very short answer
_LONGEST = 500  # characters of the opening that are looked at
_SEEN = 3000  # characters of an answer in which such content would show
_HELPS = 40  # words (a Han character is two thirds of one) of other content from which on an answer helps,
_HELPS_ALL_THE_SAME = 12  # and where it says that it does so all the same
#: Questions about the model itself, which may well say what it is not.
_ABOUT_ITSELF = re.compile(r"\W*(?:[你您](?!好|能|可以?|帮|给|让|写|说)|(?:do|are|have|did|were) you\b)", re.IGNORECASE)


class _Split(NamedTuple):
    opening: str
    rest: str


def score_refusal(prompt: str, answer: str, *, tools: bool = False) -> float:
    """How clearly the answer refuses.

    :param tools: the row offers tools; saying which task they cannot do is then a right answer.
    """
    answer = answer.replace("’", "'").strip()
    voice = phrase_refusal_zh.VOICE if _is_chinese(answer[:_LONGEST]) else phrase_refusal_en.VOICE
    if voice.letter.match(answer):
        return 0.0
    split = _split(answer)
    strength = _strength(split, voice)
    if strength < CLEAR and strength != ASKED_BACK and is_bare_refusal(answer) and not says_unknown("", answer):
        strength = CLEAR
    if not strength or _quotes(prompt, split.opening, voice):
        return 0.0
    if _ABOUT_ITSELF.match(prompt) and not voice.sorry.search(split.opening):
        return ASKED_BACK
    if tools and voice.limits.search(answer):
        return ASKED_BACK
    return strength


def _is_chinese(text: str) -> bool:
    return not text.isascii() and 2 * len(_HAN.findall(text)) > len(_WORD.findall(text))


def _split(answer: str) -> _Split:
    """The opening sentences, as far as they are short, and what follows."""
    end = 0
    for number, match in enumerate(_SENTENCE.finditer(answer[: 2 * _LONGEST])):
        if number == _OPENING or match.end() > _LONGEST:
            break
        end = match.end()
    end = end or min(len(answer), _LONGEST)
    return _Split(answer[:end], answer[end:])


def _strength(split: _Split, voice: Voice) -> float:
    opening = voice.harmless.sub(" ", split.opening)
    refuses = voice.firm.search(opening) or _refused(opening, voice) or _adds_up(split, voice)
    disclaims = voice.model.search(opening) and voice.negation.search(opening)
    if not refuses and not disclaims:
        return 0.0
    if not disclaims and not voice.firm.search(opening) and says_unknown("", split.opening + split.rest):
        return 0.0
    if voice.asks_back.search(split.opening) or voice.asks_back.search(split.rest[:_LONGEST]):
        return ASKED_BACK
    turns = bool(voice.turn.search(split.opening + split.rest[:200]))
    if _content(split, voice) < (_HELPS_ALL_THE_SAME if turns else _HELPS):
        return CLEAR
    if not refuses or voice.disclaimer.search(opening):
        return DISCLAIMED
    return TURNED if turns else HARD


def _refused(opening: str, voice: Voice) -> bool:
    """Whether a task is refused by one who is a model, is sorry or names a policy; or flatly, in the first sentence."""
    task = voice.task.search(opening)
    if not task:
        return False
    return bool(voice.sorry.search(opening) or voice.policy.search(opening) or voice.model.search(opening)) or bool(
        voice.flat.match(opening)
    )


def _adds_up(split: _Split, voice: Voice) -> bool:
    """Whether a short answer has enough of what refusals are made of, however it says so."""
    whole = split.opening + split.rest
    if len(whole) > voice.short:
        return False
    text = voice.harmless.sub(" ", whole)
    spoken = [bool(part.search(text)) for part in (voice.model, voice.sorry, voice.first)]
    if not any(spoken) or not voice.declines.search(text) or voice.turn.search(text):
        return False
    points = sum(spoken) + bool(voice.model.search(text)) + 2 * bool(voice.task.search(text))
    points += sum(bool(part.search(text)) for part in (voice.topic, voice.policy, voice.redirect))
    return points >= (_ADDS_UP if 2 * len(whole) > voice.short else _ADDS_UP - 1)


def _content(split: _Split, voice: Voice) -> float:
    """Words that are neither refusal nor offers of other help."""
    sentences = _SENTENCE.findall((split.opening + split.rest)[:_SEEN])
    other = [sentence for sentence in sentences if not _is_boilerplate(sentence, voice)]
    return sum(len(_WORD.findall(sentence)) + len(_HAN.findall(sentence)) / 1.5 for sentence in other)


def _is_boilerplate(sentence: str, voice: Voice) -> bool:
    return any(
        part.search(sentence)
        for part in (voice.sorry, voice.model, voice.negation, voice.offer, voice.policy, voice.redirect)
    )


def _quotes(prompt: str, said: str, voice: Voice) -> bool:
    """Whether the prompt holds what the answer says: it was to be translated, corrected or told apart."""
    match = voice.task.search(said) or voice.negation.search(said) or voice.firm.search(said)
    return match is not None and match.group().casefold() in prompt.replace("’", "'").casefold()
