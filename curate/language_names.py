"""Languages as people name them, in English and in Chinese.

>>> language_named("Brazilian Portuguese"), language_named("日本语"), language_named("Klingon")
('pt', 'ja', '')
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Named(NamedTuple):
    """The name of a language in a text, `text[start:end]`; `language` is ISO 639-1."""

    start: int
    end: int
    language: str


def names_in(text: str) -> list[Named]:
    """The names of languages in a text, in their order."""
    words = () if text.isascii() else _CHINESE.finditer(text)
    found = [Named(*word.span(), _CODES[word[0]]) for word in words]
    latin = ((word, _CODES.get(word[0].lower())) for word in _WORD.finditer(text))
    found += [Named(*word.span(), code) for word, code in latin if code]
    return sorted(found)


def language_named(text: str) -> str:
    """ISO 639-1 of the language that a text names; of several the last, "" where it names none."""
    found = names_in(text)
    return found[-1].language if found else ""


def names_of(language: str) -> tuple[str, ...]:
    """What a language is called, in lower case; empty for one that the table does not hold."""
    return tuple(name for name, code in _CODES.items() if code == language)


# Traditional Chinese and the written forms of Chinese are zh, as in `languages.py`.
_NAMES = (
    ("zh", "chinese mandarin cantonese", "中文 汉语 漢語 中国话 普通话 华语 国语 简体 繁体 繁體 粤语"),
    ("zh", "", "文言文 白话文 白话 现代文"),
    ("en", "english", "英文 英语 英語"),
    ("ja", "japanese", "日文 日语 日語 日本语 日本語"),
    ("ko", "korean", "韩文 韩语 韓語 韓文 韩国语 朝鲜语"),
    ("fr", "french", "法文 法语 法語"),
    ("de", "german", "德文 德语 德語"),
    ("es", "spanish", "西班牙文 西班牙语 西班牙語 西语"),
    ("pt", "portuguese", "葡萄牙文 葡萄牙语 葡语"),
    ("it", "italian", "意大利文 意大利语 意语"),
    ("ru", "russian", "俄文 俄语 俄語"),
    ("uk", "ukrainian", "乌克兰语 乌克兰文"),
    ("pl", "polish", "波兰语 波兰文"),
    ("cs", "czech", "捷克语 捷克文"),
    ("nl", "dutch", "荷兰语 荷兰文"),
    ("sv", "swedish", "瑞典语 瑞典文"),
    ("da", "danish", "丹麦语 丹麦文"),
    ("no", "norwegian", "挪威语 挪威文"),
    ("fi", "finnish", "芬兰语 芬兰文"),
    ("hu", "hungarian", "匈牙利语 匈牙利文"),
    ("ro", "romanian", "罗马尼亚语 罗马尼亚文"),
    ("bg", "bulgarian", "保加利亚语"),
    ("el", "greek", "希腊语 希腊文"),
    ("tr", "turkish", "土耳其语 土耳其文"),
    ("ar", "arabic", "阿拉伯语 阿拉伯文 阿语"),
    ("fa", "persian farsi", "波斯语 波斯文"),
    ("he", "hebrew", "希伯来语 希伯来文"),
    ("hi", "hindi", "印地语 印地文"),
    ("bn", "bengali", "孟加拉语"),
    ("ta", "tamil", "泰米尔语"),
    ("ur", "urdu", "乌尔都语"),
    ("th", "thai", "泰语 泰文"),
    ("vi", "vietnamese", "越南语 越南文 越语"),
    ("id", "indonesian", "印尼语 印尼文 印度尼西亚语"),
    ("ms", "malay", "马来语 马来文"),
    ("sw", "swahili", "斯瓦希里语"),
    ("la", "latin", "拉丁语 拉丁文"),
)  # fmt: skip

_CODES = {name: code for code, english, chinese in _NAMES for name in (english + " " + chinese).split()}
#: Alternatives for patterns; of Chinese names the longer first, so that 西班牙语 is not cut.
ENGLISH_NAME = "|".join(name for _, english, _ in _NAMES for name in english.split())
CHINESE_NAME = "|".join(sorted((name for _, _, chinese in _NAMES for name in chinese.split()), key=len, reverse=True))
_CHINESE = re.compile(CHINESE_NAME)
# Looking up each word is 10 times as fast as an alternative of forty names at each place.
_WORD = re.compile(r"[A-Za-z]{4,}")
