"""The catalogues: both languages say the same things, and nothing that is filled in becomes Markdown."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import InternalError
from tunesmith.ui.words import LANGUAGES, LOCALES, Words, catalogue, escaped

CATALOGUES = sorted(path.stem for path in Path(LOCALES).glob("*.yaml"))


def values_in(text: str | dict[str, str]) -> set[str]:
    texts = text.values() if isinstance(text, dict) else [text]
    return {name for one in texts for _, name, _, _ in string.Formatter().parse(one) if name}


@pytest.mark.parametrize("page", CATALOGUES)
def test_every_text_stands_in_both_languages_and_wants_the_same_values(page: str) -> None:
    texts: dict[str, dict[str, Any]] = catalogue(page)
    for name, text in texts.items():
        assert set(text) == set(LANGUAGES), f"{page}.{name}"
        assert values_in(text["en"]) == values_in(text["zh"]), f"{page}.{name}"


def test_english_tells_one_from_many() -> None:
    assert [Words("en")("common.rows", n=n) for n in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert Words("zh")("common.rows", n=1) == "1 行"


def test_an_unknown_text_is_a_bug() -> None:
    with pytest.raises(InternalError, match=r"no text 'common\.nothing'"):
        Words("en")("common.nothing")
    with pytest.raises(InternalError, match=r"no catalogue nothing\.yaml"):
        Words("en")("nothing.rows")


def test_markdown_in_a_name_stays_text() -> None:
    hostile = "![x](a.png) <b>*bold*</b> $x$\n# big"
    assert escaped(hostile) == r"\!\[x\]\(a\.png\) \<b\>\*bold\*\<\/b\> \$x\$ \# big"


def test_an_address_in_a_name_is_no_link() -> None:
    assert escaped("http://evil.example www.evil.example a@b.example") == (
        "http\\:\u2060\\/\\/evil\\.example www\u2060\\.evil\\.example a\\@\u2060b\\.example"
    )
