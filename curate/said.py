"""What a run has to tell a person, in both languages of the report.

>>> Said("one row", "一行").in_language("zh")
'一行'
"""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """One sentence, in English and in Chinese. The terminal speaks English, the report the recipe's language."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The sentence in `en` or `zh`."""
        return self.zh if language == "zh" else self.en


def both(text: str) -> Said:
    """A text that is the same in both: what a library or a file says."""
    return Said(text, text)
