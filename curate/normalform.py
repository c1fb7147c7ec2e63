"""The form of a text in which two rows are the same: width, case and white space do not count, digits and code do.

Unicode NFKC, lower case and single spaces; inside fenced code blocks and `inline code` the text stays as it is, for
there `Foo` is not `foo` and an indent means something.

>>> normal_form("What  is ＡＩ?")
'what is ai?'
>>> normal_form("Run `Foo()`  NOW")
'run `Foo()` now'
"""

from __future__ import annotations

import re
import unicodedata

_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)


def normal_form(text: str) -> str:
    """The form in which equal texts are duplicates of each other."""
    if "`" not in text:
        return _fold(text)
    parts = _CODE.split(text)  # odd parts are code
    forms = [part if i % 2 else _fold(part) for i, part in enumerate(parts)]
    return " ".join(form for form in forms if form)


def _fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.lower().split())
