"""What a run has to tell a person, in both languages of the report.

>>> Said("one row", "一行").in_language("zh")
'一行'
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Said(NamedTuple):
    """One sentence, in English and in Chinese. The terminal speaks English, the report the recipe's language."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The sentence in `en` or `zh`."""
        return self.zh if language == "zh" else self.en


#: What files and folders say of themselves, and the same in Chinese.
_NOTES = (
    (r"ends in (\S+) but holds (.+)", r"扩展名是 \1，内容是 \2"),
    (r"GB18030, (.+)", "编码为 GB18030，由不合 UTF-8 的字节识别"),
    (r"UTF-8 with byte order mark", "UTF-8，带字节顺序标记"),
    (r"Hugging Face dataset, ([\d,]+) rows", r"Hugging Face 数据集，\1 行"),
    (r"none of the first (\d+) rows has the column (.+)", r"前 \1 行都没有列 \2"),
)


def note(text: str) -> Said:
    """A note of the readers in both languages; one that has no Chinese words yet stands as it is."""
    for pattern, chinese in _NOTES:
        if re.fullmatch(pattern, text):
            return Said(text, re.sub(pattern, chinese, text))
    return Said(text, text)
