"""Remains of HTML become text: tags of layout and style, and entities.

>>> html("<p>Yes,&nbsp;with <em>patience</em>.</p><p>10<sup>2</sup> &deg;C<br>x < y, List<int>, <name></p>")
'Yes, with patience.\\n\\n10² °C\\nx < y, List<int>, <name>'

Only a closed list of tags is known, so that `<think>`, generics and placeholders stay; a tag of style also needs its
partner in the same text. A text that is a page (`<html`, `<script`, …) is code and stays whole, and so is a text with
`<pre>`, `<code>` or `<table>`. `&lt;b` stays: whoever escaped a tag meant to show it.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

from tunesmith.curate.protected import Edit, applied, protected_spans, settled, substitute

_BREAKS = {"br": 1, "div": 1, "li": 1, "dt": 1, "dd": 1, "hr": 2, "p": 2, "ul": 2, "ol": 2}
_BREAKS |= {f"h{level}": 2 for level in range(1, 7)} | {"blockquote": 2}
_STYLE = (
    "span",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "a",
    "font",
    "center",
    "small",
    "big",
    "del",
)
_ALONE = frozenset(("p", "br", "hr"))  # known without a partner
_TAG = rf"<(?P<close>/?)(?P<name>{'|'.join((*_BREAKS, *_STYLE))})(?P<rest>\s[^<>]{{0,2000}})?/?>"
_ONE_TAG = re.compile(_TAG, re.IGNORECASE)
_IS_CODE = re.compile(
    r"<(?:!doctype|html|head|body|script|style|form|svg|meta|link|\?xml|\?php)\b|<!--|<(?:pre|code|table)\b", re.I
)
_RAISED = re.compile(r"<(su[pb])>([0-9+\-=()]{1,12})</\1>", re.I)
_SUPERSCRIPT = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_SUBSCRIPT = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SHOWN_TAG = re.compile(r"&(?:lt|#0*60|#x0*3c);(?=[a-zA-Z/!?])", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});(?=([\s\S]?))")


def _html(text: str) -> str:
    if "<" in text and not _IS_CODE.search(text):
        text = substitute(text, _RAISED, _raised, urls=False)
        text = _without_tags(text)
    return _with_characters(text) if "&" in text else text


html = settled(_html)


def _raised(match: re.Match[str]) -> str:
    return match[2].translate(_SUPERSCRIPT if match[1].lower() == "sup" else _SUBSCRIPT)


def _without_tags(text: str) -> str:
    tags = list(_ONE_TAG.finditer(text))
    opened = {tag["name"].lower() for tag in tags if not tag["close"]}
    closed = {tag["name"].lower() for tag in tags if tag["close"]}
    known = _ALONE | (opened & closed)
    groups: list[list[re.Match[str]]] = []
    for tag in (tag for tag in tags if tag["name"].lower() in known):
        if groups and not text[groups[-1][-1].end() : tag.start()].strip():
            groups[-1].append(tag)
        else:
            groups.append([tag])
    edits = [_edit(text, group) for group in groups]
    return applied(text, edits, protected_spans(text, urls=False), urls=False)


def _edit(text: str, group: list[re.Match[str]]) -> Edit:
    """Tags with nothing but space between them: the widest break that one of them makes, two `<br>` make a wide one."""
    names = [tag["name"].lower() for tag in group]
    breaks = min(2, max(max(_BREAKS.get(name, 0) for name in names), names.count("br")))
    start, end = group[0].start(), group[-1].end()
    if not breaks:
        between = "".join(text[tag.end() : after.start()] for tag, after in pairwise(group))
        return Edit(start, end, between)
    while start and text[start - 1] in " \t\n":
        start -= 1
    while end < len(text) and text[end] in " \t\n":
        end += 1
    bullet = "- " if names[-1] == "li" and not group[-1]["close"] else ""
    edge = not start or end == len(text)
    return Edit(start, end, ("" if edge else "\n" * breaks) + bullet)


def _with_characters(text: str) -> str:
    """Entities as characters; `<` and `>` stay escaped in a text that shows an escaped tag, and all that would make
    another entity, code, mathematics or something invisible."""
    stays = "`$\\<>" if _SHOWN_TAG.search(text) else "`$\\"

    def character(match: re.Match[str]) -> str:
        found, after = unescape(match[0]), match[1]
        if found == "\u00a0":
            return " "
        if not found.isprintable() or found in stays:
            return match[0]
        return match[0] if found == "&" and (after.isalnum() or after == "#") else found

    return substitute(text, _ENTITY, character, urls=False)
