r"""White space that nobody meant: at line ends, doubled inside lines, in heaps of blank lines.

>>> whitespace("a  b \n\n\n\n\n  c\u00a0d")
'a b\n\n\n  c d'

Decisions. A no-break or other narrow space becomes a space. An ideographic space stays (one of a run), for Chinese
separates and aligns with it; at the start of a line it is an indent, and indents stay as they are. Tabs inside lines
stay. A blank to be filled in, `（    ）`, stays. Runs in lines that are indented like code, or aligned with a neighbour
like a column, stay. Two spaces at a line's end, Markdown's hard break, go: the line still ends. Two blank
lines stay, more become two. One newline at the end of the text stays: it ends a prompt as often as it is an accident.
"""

from __future__ import annotations

import re

from tunesmith.curate.clean_control import is_plain
from tunesmith.curate.protected import protected_spans, settled, substitute

_NARROW = "\u00a0\u1680\u2000-\u200a\u202f\u205f"
_SPACES = f" {_NARROW}\u3000"
# What must not stand before a run is asked behind its first character: an expression that begins with a character is
# searched for several times as fast as one that begins with a look back.
_AT_LINE_END = re.compile(rf"[{_SPACES}\t](?<![{_SPACES}\t]{{2}})[{_SPACES}\t]*+(?=\n|\Z)")
_IN_LINE = re.compile(rf"[{_SPACES}](?<=\S[{_SPACES}])(?:[{_SPACES}]++|(?<=[{_NARROW}]))(?=\S)")
#: The same in a text without unusual spaces: two characters as they are, which is faster still.
_IN_PLAIN_LINE = re.compile(r"  (?<=\S  ) *+(?=\S)")
_IN_INDENT = re.compile("[\u00a0\u2007\u202f]")
_BLANK_LINES = re.compile(r"\n(?<!\n\n)\n{3,}+")
_AT_START = re.compile(r"\A\n+")
_AT_END = re.compile(r"\n(?<!\n\n)\n++\Z")
_BLANK_TO_FILL = re.compile(r"[(\[（［【〔《「_][\s\S]*[)\]）］】〕》」_]")
_CODE_INDENT = re.compile(r"\t| {4}")
_COLUMN_GAP = re.compile(r"\S {2,}\S")


def _whitespace(text: str) -> str:
    if _is_clean(text):
        return text
    # Most texts need one of these: a search for two characters costs a tenth of one for an expression.
    plain = text.isascii() or is_plain(text)
    if not plain or " \n" in text or "\t\n" in text or text[-1] in " \t":
        # Without unusual spaces and protected parts, lines one by one take a third of the time of the expression.
        by_line = plain and not protected_spans(text)
        text = _stripped_lines(text) if by_line else substitute(text, _AT_LINE_END, "")
    if not plain or "  " in text:
        text = substitute(text, _IN_PLAIN_LINE if plain else _IN_LINE, _one_space)
    if not plain:
        text = substitute(text, _IN_INDENT, " ")
    if "\n\n\n\n" in text:
        text = substitute(text, _BLANK_LINES, "\n\n\n")
    if text.startswith("\n"):
        text = substitute(text, _AT_START, "")
    return substitute(text, _AT_END, "\n") if text.endswith("\n\n") else text


whitespace = settled(_whitespace)


def _stripped_lines(text: str) -> str:
    return "\n".join([line.rstrip(" \t") for line in text.split("\n")])


def _is_clean(text: str) -> bool:
    if "  " in text:
        return False
    if "\n" in text and (" \n" in text or "\t\n" in text or "\n\n\n\n" in text):
        return False
    if text and (text[-1] in " \t" or text[0] == "\n" or text.endswith("\n\n")):
        return False
    return text.isascii() or is_plain(text)


def _one_space(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    if _BLANK_TO_FILL.fullmatch(text, start - 1, end + 1) or _is_aligned(text, start, end):
        return match[0]
    return "\u3000" if "\u3000" in match[0] else " "


def _is_aligned(text: str, start: int, end: int) -> bool:
    """Whether the run stands in code by its indent, or in a column: a neighbouring line has a gap as wide as two."""
    first = text.rfind("\n", 0, start) + 1
    if _CODE_INDENT.match(text, first):
        return True
    if end - start < 3:
        return False
    before = text[text.rfind("\n", 0, max(first - 1, 0)) + 1 : max(first - 1, 0)]
    last = text.find("\n", end)
    after = "" if last < 0 else text[last + 1 : _line_end(text, last + 1)]
    return any(_COLUMN_GAP.search(line) for line in (before, after))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
