"""What the pages say, in Chinese and in English: one catalogue a page, both languages side by side.

A key is `page.name`; its texts stand in `locales/<page>.yaml` as `name: {en: …, zh: …}`. English may tell one from
many: `en: {one: "{n} row", other: "{n:,} rows"}`, chosen by the value `n`.

Streamlit shows most texts as Markdown, and Markdown in a dataset's name could load a picture from elsewhere; so a text
that is filled in is escaped. Where no Markdown is rendered (`st.text`, `st.code`, a table's cell), use `plain`.

>>> say = Words("en")
>>> say("common.rows", n=1204)
'1,204 rows'
>>> say.plain("common.rows", n=1)
'1 row'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from tunesmith.errors import InternalError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: As each language calls itself.
LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "zh": "中文"}

LOCALES = Path(__file__).with_name("locales")

_ADDRESS = re.compile(r"https?:|www|@|mailto:|xmpp:", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class Words(NamedTuple):
    """The texts of one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """A text for a place that renders Markdown; texts that are filled in are escaped.

        :raises InternalError: a key or a value that the catalogue does not know.
        """
        return self._filled(key, {name: _safe(value) for name, value in values.items()})

    def plain(self, key: str, **values: object) -> str:
        """A text for a place that renders none: `st.text`, `st.code`, cells, files."""
        return self._filled(key, values)

    def _filled(self, key: str, values: Mapping[str, Any]) -> str:
        page, _, name = key.partition(".")
        text = catalogue(page).get(name, {}).get(self.language)
        if isinstance(text, dict):
            text = text["one" if values.get("n") == 1 else "other"]
        if text is None:
            raise InternalError(f"no text {key!r} in {self.language}")
        try:
            return str(text).format(**values)
        except (KeyError, IndexError) as error:
            raise InternalError(f"the text {key!r} wants a value {error} that was not given") from error


@cache
def catalogue(page: str) -> dict[str, dict[str, Any]]:
    """The texts of a page in both languages, by name.

    :raises InternalError: no such catalogue.
    """
    path = LOCALES / f"{page}.yaml"
    if not path.is_file():
        raise InternalError(f"no catalogue {path.name}")
    return dict(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {})


def escaped(text: str) -> str:
    """A text that Markdown shows as it is: no link, no picture, no formula, on one line.

    Addresses become links even where their marks are escaped; a word joiner, which nobody sees, keeps them text.
    """
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS.sub("\\g<0>\u2060", " ".join(text.split())))


def _safe(value: object) -> object:
    return escaped(value) if isinstance(value, str) else value
