"""What is measured of every row, once: language, lengths, order of turns, keys.

One pass over a record gives a `Signals` tuple, the columns of `BASICS`; `signal_table.py` names each with its unit.

>>> signals = measure(Record("sft", (Message("user", "What is 1 + 1?"), Message("assistant", "2"))))
>>> signals.language, signals.turns, signals.prompt_characters, signals.answer_characters
('en', 2, 14, 1)
"""

from __future__ import annotations

import re
from typing import NamedTuple

import xxhash

from tunesmith.curate.normalform import CODE, normal_form
from tunesmith.curate.records import Message, Messages, Record, canonical_call, canonical_tools

LANGUAGES = ("zh", "ja", "ko", "en", "other")

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]+")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_LETTERS = re.compile(r"[^\W\d_]+")
#: What is a word by itself.
CJK_PATTERN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
_BEYOND_PUNCTUATION = re.compile(r"[\u3040-\U0010ffff]")
_PLACEHOLDER = re.compile(r"\{\{\s*[^\W\d][\w.\- ]*\}\}")
#: Between the parts of what a key is the hash of.
SEPARATOR = "\x1f"


class Signals(NamedTuple):
    """The measured columns of one row, in the order of `BASICS`."""

    language: str
    turns: int
    characters: int
    prompt_characters: int
    answer_characters: int
    words: int
    empty_turns: int
    missing_answer: bool
    disordered_turn: int
    prompt_equals_answer: bool
    sides_equal: bool
    placeholders: int
    row_key: bytes
    prompt_key: bytes


#: What stands for a row that could not be read.
NO_SIGNALS = Signals("other", 0, 0, 0, 0, 0, 0, False, 0, False, False, 0, bytes(16), bytes(16))


def measure(record: Record) -> Signals:
    """All signals of one record."""
    if record.kind == "text":
        return _measure_text(record)
    messages = record.turns
    turns = (*messages, *(record.chosen or ()), *(record.rejected or ()))
    answers = _answer_side(record)
    texts = [message.content or "" for message in turns]
    forms = [normal_form(text) if text else "" for text in texts]
    asked = [number for number, message in enumerate(messages) if message.role == "user"]
    prompt = texts[asked[0]] if len(asked) == 1 else "\n".join([texts[number] for number in asked])
    answer = (answers[-1].content or "") if answers else ""
    question_forms = [forms[number] for number in asked]
    return Signals(
        language=language_of(prompt, answer),
        turns=len(turns),
        characters=sum(map(len, texts)),
        prompt_characters=len(prompt.strip()),
        answer_characters=len(answer.strip()),
        words=sum(map(_words, forms)),
        empty_turns=_empty_turns(turns, forms),
        missing_answer=not answers,
        disordered_turn=_disordered_turn(messages if record.chosen is None else (*messages, *record.chosen)),
        prompt_equals_answer=_repeats(question_forms, answers, forms, turns),
        sides_equal=record.chosen is not None and record.chosen == record.rejected,
        placeholders=sum(map(count_placeholders, texts)),
        row_key=_row_key(record, turns, forms),
        prompt_key=_key(question_forms),
    )


def _empty_turns(turns: Messages, forms: list[str]) -> int:
    if all(forms):
        return 0
    return sum(not form and not message.tool_calls for message, form in zip(turns, forms))


def _measure_text(record: Record) -> Signals:
    text = record.text or ""
    form = normal_form(text)
    size = len(text.strip())
    key = _key([form])
    return Signals(
        language_of(text),
        1,
        len(text),
        0,
        size,
        _words(form),
        int(not form),
        False,
        0,
        False,
        False,
        count_placeholders(text),
        key,
        key,
    )


def _answer_side(record: Record) -> Messages:
    """The answer's turns; empty where the conversation does not end in one."""
    if record.chosen is not None:
        return record.chosen if record.rejected else ()
    messages = record.turns
    return messages[-1:] if messages and messages[-1].role == "assistant" else ()


def _repeats(questions: list[str], answers: Messages, forms: list[str], turns: Messages) -> bool:
    if not questions or not answers or answers[-1].tool_calls:
        return False
    return bool(questions[-1]) and questions[-1] == forms[_index_of(answers[-1], turns)]


def _index_of(message: Message, turns: Messages) -> int:
    return next(i for i, turn in enumerate(turns) if turn is message)


def language_of(*texts: str) -> str:
    """The language by script. A Han character carries about as much as a Latin word, so each counts one.

    Latin script counts as English; Japanese is told by its kana, which Chinese never uses.
    """
    text = SEPARATOR.join(texts)
    if text.isascii():
        return "en" if _LETTERS.search(text) else "other"
    if not _has_cjk(text):
        return _language_without_cjk(text)
    han, kana, hangul = (_length(pattern, text) for pattern in (_HAN, _KANA, _HANGUL))
    latin_words = len(_LATIN.findall(text))
    if kana * 10 >= han and kana > hangul and (han + kana) >= latin_words:
        return "ja"
    if hangul >= han and hangul * 2 >= latin_words:
        return "ko"
    return "zh" if han >= latin_words else "en"


def _has_cjk(text: str) -> bool:
    """A scan for one range costs half of a scan for eight; Latin text with typographic quotes ends in it."""
    return _BEYOND_PUNCTUATION.search(text) is not None and CJK_PATTERN.search(text) is not None


def _language_without_cjk(text: str) -> str:
    if len(text.encode("ascii", "ignore")) * 10 >= len(text) * 9 and _LATIN.search(text):
        return "en"  # English with typographic quotes: no need to count letters
    return "en" if _length(_LATIN, text) * 2 >= _length(_LETTERS, text) > 0 else "other"


def _length(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))


def _words(form: str) -> int:
    count = form.count(" ") + 1 if form else 0
    if form.isascii() or not _has_cjk(form):
        return count
    return _length(CJK_PATTERN, form) + len(CJK_PATTERN.sub(" ", form).split())


def count_placeholders(text: str | None) -> int:
    """Unfilled placeholders such as {{name}}, outside code."""
    if not text or "{{" not in text:
        return 0
    return len(_PLACEHOLDER.findall(CODE.sub(" ", text)))


def _disordered_turn(messages: Messages) -> int:
    """The number of the first turn that may not stand where it stands: a system turn at most first, then a user, and
    after each user or tool result an assistant; a tool result only after a call or another result."""
    previous: Message | None = None
    for number, message in enumerate(messages, 1):
        if not _may_follow(previous, message):
            return number
        previous = message
    return 0


def _may_follow(previous: Message | None, message: Message) -> bool:
    before = previous.role if previous else None
    if message.role == "system":
        return previous is None
    if message.role == "user":
        return before in (None, "system") or (before == "assistant" and not (previous and previous.tool_calls))
    if message.role == "assistant":
        return before in ("user", "tool")
    return before == "tool" or bool(previous and previous.tool_calls)


def _row_key(record: Record, turns: Messages, forms: list[str]) -> bytes:
    parts = [record.kind, str(record.label), canonical_tools(record.tools) if record.tools else ""]
    sides = (len(record.turns), len(record.chosen or ()))
    parts.append(f"{sides[0]},{sides[1]}")
    for message, form in zip(turns, forms):
        parts += (message.role, form)
        if message[2:] != (None,) * 5:
            parts += (message.reasoning or "", message.name or "")
            parts += (str(part) for call in message.tool_calls or () for part in canonical_call(call))
    return _key(parts)


def _key(parts: list[str]) -> bytes:
    return xxhash.xxh3_128_digest(SEPARATOR.join(parts).encode())
