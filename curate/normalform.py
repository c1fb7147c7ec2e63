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

#: Code in a text: fenced by ``` or ~~~, to the end where the fence is never closed, or between single backticks.
CODE = re.compile(r"(```.*?(?:```|\Z)|^~~~.*?(?:^~~~|\Z)|`[^`\n]+`)", re.DOTALL | re.MULTILINE)

#: NFKC would make 10² the same as 102, ① the same as 1 and 1½ the same as 11⁄2. Ranges: superscripts, fractions,
#: subscripts, enclosed and parenthesised numbers.
RAISED = re.compile(
    "([\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u215f\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
    "\u3192-\u3195\u3220-\u3229\u3248-\u325f\u3280-\u3289\u32b1-\u32bf\U0001f100-\U0001f10c]+)"
)


def normal_form(text: str) -> str:
    """The form in which equal texts are duplicates of each other."""
    if "`" not in text and "~~~" not in text:
        return _fold(text)
    parts = CODE.split(text)  # odd parts are code
    forms = [part if i % 2 else _fold(part) for i, part in enumerate(parts)]
    return " ".join(form for form in forms if form)


def _fold(text: str) -> str:
    if not (text.isascii() or unicodedata.is_normalized("NFKC", text)):
        text = "".join(
            part if i % 2 else unicodedata.normalize("NFKC", part) for i, part in enumerate(RAISED.split(text))
        )
    return " ".join(text.lower().split())
