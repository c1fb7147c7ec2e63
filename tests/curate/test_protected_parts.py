"""The parts that are found kind by kind are those that one expression of all kinds finds."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from tunesmith.curate.protected_parts import PARTS, URL_PARTS, parts_of

KINDS = PARTS + URL_PARTS
MARKS = [
    *("`", "``", "```", "~~~", "$", "$$", "\\", "\\(", "\\)", "\\[", "\\]", "\\begin{a}", "\\end{a}"),
    *("{", '{"', "[", "[{", "}", "|", "\n", "|-|\n", "-", ":", " ", "a", "1", "_", "http", "https://", "ftp://"),
    *("www.", "x.com", ".", "，", "中"),
]


def one_expression() -> re.Pattern[str]:
    """All kinds as alternatives; those that begin JSON in a group of that name."""
    plain = [part.pattern.pattern for part in KINDS if not part.is_json]
    json = "|".join(part.pattern.pattern for part in PARTS if part.is_json)
    place = [part.is_json for part in PARTS].index(True)
    return re.compile("|".join([*plain[:place], f"(?:{json})", *plain[place:]]), re.DOTALL | re.MULTILINE)


EXPRESSION = one_expression()


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
@example("a | b\n|-|\n1 | 2\nhttps://x.com|`a`")
@example("xhttp://a.b https://http://c www.www.d.")
@example('[ {"a": `1`}, {"b": "$2$"}]')
def test_kind_by_kind_finds_what_one_expression_finds(text: str) -> None:
    wanted = [match.span() for match in EXPRESSION.finditer(text)]
    assert [(match.start(), end) for match, end in parts_of(text, KINDS)] == wanted


def test_where_json_ends_is_asked_and_nothing_is_looked_for_inside() -> None:
    text = '{"a": "`x`"} `y`'
    found = parts_of(text, KINDS, lambda text, start: text.index("}") + 1)
    assert [text[match.start() : end] for match, end in found] == ['{"a": "`x`"}', "`y`"]
