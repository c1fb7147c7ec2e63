"""Addresses of the web go; the text of a Markdown link stays.

>>> links("See [the guide](https://example.com/a) or https://example.com/b.")
'See the guide or.'

A text that is nothing but links stays as it is, for a rule to judge: an empty answer would say less about the row.
Addresses in code, mathematics, tables and JSON stay.
"""

from __future__ import annotations

import re

from tunesmith.curate.protected import settled, substitute
from tunesmith.curate.protected_parts import URL

_MARKDOWN = re.compile(r"!?\[([^\[\]\n]{0,500})\]\((?:https?://|www\.)[^\s()]{1,2000}(?:\s+\"[^\"\n]{0,200}\")?\)")
_BARE = re.compile(rf"[ \t]?(?:<(?:{URL.pattern})>|[(（](?:{URL.pattern})[)）]|{URL.pattern})")


def _links(text: str) -> str:
    if "://" not in text and "www." not in text:
        return text
    without = substitute(text, _MARKDOWN, r"\1", urls=False)
    without = substitute(without, _BARE, "", urls=False)
    return without if any(map(str.isalnum, without)) else text


links = settled(_links)
