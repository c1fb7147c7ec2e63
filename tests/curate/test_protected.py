"""What is protected, and that a change outside leaves it alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.protected import outside, protected_spans, settled, substitute

TABLE = "| a | b |\n|---|:-:|\n| 1  | 2 |"
PROTECTED = [
    "```py\nx  = 1\n```",
    "~~~\nx  = 1\n~~~",
    "```\nnever closed",
    "`a  b`",
    "``a ` b``",
    "$x  + y$",
    "$5$",
    "$2x + 3$",
    "$$\n\\frac{1}{2}\n$$",
    "\\(a  b\\)",
    "\\[\na  b\n\\]",
    "\\begin{aligned}\n a &= b \\\\\n\\end{aligned}",
    TABLE,
    '{"name": "f", "arguments": {"x":  1}}',
    '[{"name":  "f"}]',
    "https://example.com/a_(b)?x=1&y=2",
]


@pytest.mark.parametrize("part", PROTECTED)
def test_code_mathematics_tables_json_and_addresses_are_protected(part: str) -> None:
    text = f"see\n{part}"
    assert protected_spans(text) == ((4, len(text)),)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $7.",
        "It costs $5, or US$ 7.",
        "between $5-$10 a month",
        "\\$x\\$ is escaped",
        "a | b, c | d",
        "x < y and {braces} and [brackets]",
        "a ` alone",
    ],
)
def test_prices_and_lone_marks_are_not_protected(text: str) -> None:
    assert protected_spans(text) == ()


def test_an_address_ends_before_the_punctuation_of_its_sentence() -> None:
    text = "见https://example.com/a，或 https://example.com/b."
    assert [text[a:b] for a, b in protected_spans(text)] == ["https://example.com/a", "https://example.com/b"]
    assert protected_spans(text, urls=False) == ()


def test_broken_json_is_protected_up_to_its_mistake() -> None:
    text = 'call {"a": 1, "b" 2} now'
    [(start, end)] = protected_spans(text)
    assert text[start:end].startswith('{"a": 1, "b"')


def test_outside_changes_the_rest_only() -> None:
    assert outside("ab `ab` ab $ab$ ab", str.upper) == "AB `ab` AB $ab$ AB"


def test_a_match_that_touches_a_span_is_left_alone() -> None:
    assert substitute("a  `b  c`  d", re.compile(" +"), " ") == "a `b  c` d"


def test_a_change_that_would_unprotect_a_part_is_not_made() -> None:
    assert substitute("X `a  b`", re.compile("X"), "`") == "X `a  b`"


def test_a_change_that_never_settles_leaves_the_text() -> None:
    assert settled(lambda text: text + "!")("a") == "a"


@given(st.text('ab$`~\\()[]{}"|-\n :/.5，', max_size=60))
def test_spans_are_ascending_apart_and_within_the_text(text: str) -> None:
    spans = protected_spans(text)
    places = [place for span in spans for place in span]
    assert places == sorted(places)
    assert all(start < end <= len(text) for start, end in spans)
    assert outside(text, lambda piece: piece) == text


@pytest.mark.parametrize(
    "unit", ["\\(", "\\[", "$", "`a", '{"', '[{"', '[{"a":', "|-\n", "$$a", "\\begin{a}", "http://"]
)
def test_hostile_repetition_is_finished_soon(unit: str) -> None:
    assert isinstance(protected_spans(unit * 3000), tuple)
