"""The cleaners by name, and a record cleaned by some of them.

>>> record = Record("sft", (Message("user", "Why?\\u200b"), Message("assistant", "So  it is.", tool_call_id="x  y")))
>>> cleaned, changed_by = clean_record(record, DEFAULT_CLEANERS)
>>> cleaned.messages[1].content, changed_by
('So it is.', ('control', 'whitespace'))

A cleaner is a function text -> text and one line in `CLEANERS`, whose order is the order of work: mojibake first,
for its remains look like control characters. No cleaner touches protected spans (`protected.py`), tool
results, calls, roles or ids, and cleaning twice is cleaning once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tunesmith.curate.clean_chinese import to_simplified, to_traditional
from tunesmith.curate.clean_control import control
from tunesmith.curate.clean_end_marks import end_marks
from tunesmith.curate.clean_fillers import fillers
from tunesmith.curate.clean_html import html
from tunesmith.curate.clean_links import links
from tunesmith.curate.clean_mojibake import mojibake
from tunesmith.curate.clean_repeated import repeated_sentences
from tunesmith.curate.clean_whitespace import whitespace
from tunesmith.curate.clean_width import unicode_width
from tunesmith.curate.records import KINDS, Message, Messages, Record

Change = Callable[[str], str]
Changes = tuple[tuple[str, Change], ...]


class Cleaner(NamedTuple):
    """One kind of cleaning. `roles` are the turns that it may change ("text": the text of a row of kind `text`)."""

    name: str
    change: Change
    default: bool
    en: str
    zh: str
    roles: tuple[str, ...] = ("system", "user", "assistant", "text")
    kinds: tuple[str, ...] = KINDS


_ROUNDS = 8
_NO_NAMES: frozenset[str] = frozenset()
_SPOKEN = {"roles": ("user", "assistant"), "kinds": ("sft", "preference", "kto")}


@lru_cache(maxsize=64)
def chosen_cleaners(names: tuple[str, ...]) -> tuple[Cleaner, ...]:
    """The cleaners of these names, in the order of work.

    :raises ValueError: a name that is none, or both directions of Chinese.
    """
    unknown = sorted(set(names) - set(CLEANERS))
    if unknown:
        raise ValueError(f"no cleaner is called {', '.join(unknown)}; there are {', '.join(CLEANERS)}")
    if {"to_simplified", "to_traditional"} <= set(names):
        raise ValueError("to_simplified and to_traditional undo each other; choose one")
    return tuple(cleaner for name, cleaner in CLEANERS.items() if name in names)


def clean_record(record: Record, names: Sequence[str]) -> tuple[Record, tuple[str, ...]]:
    """The cleaned record and the names of the cleaners that changed it, in the order of work; itself and () if none.

    :raises ValueError: from `chosen_cleaners`.
    """
    names = tuple(names)
    changed_by: set[str] = set()
    messages = _messages(record.messages, record.kind, names, changed_by)
    chosen = _messages(record.chosen, record.kind, names, changed_by)
    rejected = _messages(record.rejected, record.kind, names, changed_by)
    text = _text(record.text, changes_of(names, record.kind, "text"), changed_by) if record.text else record.text
    if not changed_by:
        return record, ()
    cleaned = record._replace(messages=messages, chosen=chosen, rejected=rejected, text=text)
    return cleaned, tuple(name for name in CLEANERS if name in changed_by)


@lru_cache(maxsize=256)
def changes_of(names: tuple[str, ...], kind: str, role: str) -> Changes:
    """What these cleaners do to a turn of this role in a row of this kind: names and functions, in the order of work.

    :raises ValueError: from `chosen_cleaners`.
    """
    chosen = chosen_cleaners(names)
    return tuple((one.name, one.change) for one in chosen if kind in one.kinds and role in one.roles)


def _messages(messages: Messages | None, kind: str, names: tuple[str, ...], changed_by: set[str]) -> Messages | None:
    if not messages:
        return messages
    return tuple([_message(message, changes_of(names, kind, message.role), changed_by) for message in messages])


def _message(message: Message, changes: Changes, changed_by: set[str]) -> Message:
    content = _text(message.content, changes, changed_by)
    reasoning = _text(message.reasoning, changes, changed_by) if message.reasoning else message.reasoning
    if content is message.content and reasoning is message.reasoning:
        return message
    return message._replace(content=content, reasoning=reasoning)


def _text(text: str | None, changes: Changes, changed_by: set[str]) -> str | None:
    if not text or not changes:
        return text
    cleaned, names = clean_text(text, changes)
    if names:
        changed_by.update(names)
    return cleaned


def clean_text(text: str, changes: Changes) -> tuple[str, frozenset[str]]:
    """The text after all changes, again until none changes it; the very same text and no names where none did."""
    before, changed_by, last = text, _NO_NAMES, ""
    for _ in range(_ROUNDS):
        after = before
        for name, change in changes:
            if name == last:  # nothing changed since, and each alone comes to rest by itself
                break
            new = change(after)
            if new is not after and new != after:
                after, last = new, name
                changed_by |= {name}
        if after is before or after == before or len(changes) == 1:
            return (text, _NO_NAMES) if after == text else (after, changed_by)
        before = after
    return text, _NO_NAMES  # changes that never come to rest are not made


#: Every cleaner, in the order of work.
CLEANERS: dict[str, Cleaner] = {
    cleaner.name: cleaner
    for cleaner in (
        Cleaner(
            "mojibake", mojibake, True, "repair text decoded with the wrong character set", "修复用错编码读出的乱码"
        ),
        Cleaner("control", control, True, "remove control and invisible characters", "去除控制字符与不可见字符"),
        Cleaner("end_marks", end_marks, True, "remove an end token that closes a text", "去除文本末尾的结束标记"),
        Cleaner("html", html, False, "turn HTML tags and entities into text", "把 HTML 标签与实体还原为文本"),
        Cleaner(
            "unicode_width", unicode_width, False, "full-width letters and digits to half width", "全角字母数字转半角"
        ),
        Cleaner("links", links, False, "remove web addresses", "去除网址"),
        Cleaner(
            "fillers",
            fillers,
            False,
            "remove um, uh and the like from dialogue",
            "去除对话中的嗯、啊等口头语",
            **_SPOKEN,
        ),
        Cleaner(
            "repeated_sentences",
            repeated_sentences,
            False,
            "keep one of a sentence said 3+ times",
            "连续重复三次以上的句子只留一句",
        ),
        Cleaner("to_simplified", to_simplified, False, "traditional Chinese to simplified", "繁体转简体"),
        Cleaner("to_traditional", to_traditional, False, "simplified Chinese to traditional", "简体转繁体"),
        Cleaner("whitespace", whitespace, True, "tidy spaces and blank lines outside code", "整理代码以外的空格与空行"),
    )
}

#: What a recipe without `clean:` uses.
DEFAULT_CLEANERS = tuple(name for name, cleaner in CLEANERS.items() if cleaner.default)
