"""Expressions over signals: what may be written, what it means, and that nothing else is ever run."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.expression_types import MAX_CHARACTERS
from tunesmith.curate.expressions import evaluate, expression_problems, parse_expression
from tunesmith.curate.rule_types import Columns

ROWS: list[dict[str, Any]] = [
    {"words": 3, "share": 0.7, "ifd": 1.5, "language": "zh", "kind": "sft", "equal": True},
    {"words": 0, "share": 0.1, "ifd": None, "language": "en", "kind": "text", "equal": False},
    {"words": 40, "share": 0.5, "ifd": 0.5, "language": "zh", "kind": "kto", "equal": False},
]
TABLE = pa.Table.from_pylist(
    ROWS,
    pa.schema(
        [
            ("words", pa.int32()),
            ("share", pa.float32()),
            ("ifd", pa.float32()),
            ("language", pa.string()),
            ("kind", pa.string()),
            ("equal", pa.bool_()),
        ]
    ),
)
TYPES = dict(zip(TABLE.schema.names, TABLE.schema.types))


def _holds(text: str) -> list[bool]:
    assert expression_problems(text, TYPES) == []
    held: list[bool] = evaluate(parse_expression(text), Columns(TABLE)).tolist()
    return held


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("words < 5", [True, True, False]),
        ("share >= 0.7", [True, False, False]),  # 0.7 is stored as 0.69999999
        ("0 < words <= 3", [True, False, False]),
        ("5 > words", [True, True, False]),
        ("words < 5 and language == 'zh'", [True, False, False]),
        ("words > 30 or language == 'en'", [False, True, True]),
        ("not words < 5", [False, False, True]),
        ("not (words < 5 and language == 'zh')", [False, True, True]),
        ("language in ('en', 'ja')", [False, True, False]),
        ("language not in ['en']", [True, False, True]),
        ("words in (3, -1)", [True, False, False]),
        ("equal", [True, False, False]),
        ("equal == False", [False, True, True]),
        ("equal != True and words >= 0", [False, True, True]),
        ("language != kind", [True, True, True]),
        ("language == language", [True, True, True]),
        ("words * 2 + 1 - 1 == 6", [True, False, False]),
        ("-words < -30", [False, False, True]),
        ("min(words, 10, 20) == 10", [False, False, True]),
        ("max(words, 5) == 5", [True, True, False]),
        ("abs(words - 3) == 0", [True, False, False]),
        ("log(words) > 1", [True, False, True]),
        ("words < 5 and 1 < 2", [True, True, False]),
        ("words\n< 5", [True, True, False]),
    ],
)
def test_an_expression_means_what_it_says(text: str, holds: list[bool]) -> None:
    assert _holds(text) == holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ifd > 1", [True, False, False]),
        ("not ifd > 1", [False, False, True]),
        ("ifd != 0.5", [True, False, False]),
        ("ifd > 1 or language == 'en'", [True, True, False]),
        ("ifd not in (7, 8)", [True, False, True]),
        ("min(ifd, 0) == 0", [True, False, True]),
        ("6 / words == 2", [True, False, False]),
        ("not 6 / words == 2", [False, False, True]),
        ("log(words) < 100", [True, False, True]),
    ],
)
def test_what_is_not_known_is_neither_true_nor_false(text: str, holds: list[bool]) -> None:
    assert _holds(text) == holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("langage == 'zh'", "unknown signal `langage`; did you mean `language`?"),
        ("language == zh", "unknown signal `zh`; a text stands in quotes"),
        ("equal == true", "unknown signal `true`; did you mean `True`?"),
        ("words < 'five'", "`words < 'five'` compares a number with a text"),
        ("language > 'en'", "`language > 'en'` orders a text; only numbers have an order, write == or !="),
        ("equal > 1", "`equal > 1` compares a condition with a number"),
        ("words", "expected a condition, saw a number; compare it, such as `words` > 0"),
        ("not words", "`not words` needs a condition, `words` is a number"),
        ("words and equal", "`words and equal` needs a condition, `words` is a number"),
        ("language + 1 > 2", "`language + 1` needs a number, `language` is a text"),
        ("words in 5", "`words in 5` needs a list after `in`, such as ('zh', 'en'); for one value write =="),
        ("words in (words, 5)", "`words` in `words in (words, 5)` is no constant"),
        ("language in ('zh', 5)", "`language in ('zh', 5)` needs a text, `5` is a number"),
        ("1 < 2", "it names no signal, so that it would say the same of every row"),
        ("words = 5", "not an expression: write `==` for `=`"),
        ("words < 5 && equal", "not an expression: write `and` for `&&`"),
        ("（words < 5）", "not an expression: write `(` for `（`, write `)` for `）`"),
        ("words < 5 & equal", "`5 & equal` is not allowed; write `and`"),
        ("words is 5", "`words is 5` is not allowed; write == or !="),
        ("words ** 9 > 1", "`words ** 9` is not allowed; of arithmetic: + - * /"),
        ("min(words) > 1", "`min(words)` needs 2 to 8 numbers, saw 1"),
        ("log(words, 2) > 1", "`log(words, 2)` needs 1 number, saw 2"),
        ("words > 1e999", "`1e309` is no number, text, True or False"),
        (
            "language == '\\ud800'",
            "'\\ud800' holds half of a surrogate pair, which no text of a column does",
        ),
        ("words <", "not an expression: invalid syntax at its end"),
        ("not " * 100 + "equal", "it is nested too deeply; make several rules of it"),
        ("words > " + "1" * MAX_CHARACTERS, "expected at most 1,000 characters, saw 1,008; make several rules of it"),
        ("", "expected an expression such as answer_words < 5, saw ''"),
        (5, "expected an expression such as answer_words < 5, saw 5"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected_and_seen(text: Any, message: str) -> None:
    assert expression_problems(text, TYPES) == [message]


def test_every_mistake_is_told_at_once() -> None:
    assert expression_problems("langage == 'zh' and words < 'x' or wrods > 1", TYPES) == [
        "unknown signal `langage`; did you mean `language`?",
        "`words < 'x'` compares a number with a text",
        "unknown signal `wrods`; did you mean `words`?",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "words.__class__ == 1",
        "[word for word in words] == 1",
        "(lambda: 1)() == 1",
        "words[0] > 1",
        "(words := 5) > 1",
        "min(*words) > 1",
        "max(words, 1, key=1) > 1",
        "f'{words}' == 'a'",
        "words if equal else equal",
        "words > 1j",
        "words == b'a'",
        "words == None",
        "words == ...",
        "~words > 1",
        "words in {1: 2}",
        "words > 1; equal",
        "print(words) > 1",
    ],
)
def test_what_python_could_do_and_an_expression_cannot_is_refused(text: str) -> None:
    assert expression_problems(text, TYPES)


@given(st.text(alphabet=st.sampled_from("words lang()<>=!&|'\"0123.,+-*/[]{}:@\\\n\x00not andinequal"), max_size=40))
def test_no_text_ends_in_anything_but_a_condition_or_its_mistakes(text: str) -> None:
    if not expression_problems(text, TYPES):
        assert evaluate(parse_expression(text), Columns(TABLE)).shape == (3,)


_NUMBERS = st.sampled_from(["words", "share", "ifd", "0", "1", "0.5", "-3"])
_SUMS = st.recursive(
    _NUMBERS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner)
        | st.builds("{}({})".format, st.sampled_from(["abs", "log"]), inner)
    ),
    max_leaves=4,
)
_CONDITIONS = st.recursive(
    st.builds("{} {} {}".format, _SUMS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _SUMS)
    | st.sampled_from(["equal", "language == 'zh'", "kind in ('sft', 'kto')"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=4,
)


def _slowly(text: str, row: dict[str, Any]) -> bool:
    """The oracle: Python's own evaluation of one row, None where something in a condition is not known."""

    def value(node: Any) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return row[node.id]
        if isinstance(node, ast.UnaryOp):
            inner = value(node.operand)
            return None if inner is None else (not inner) if isinstance(node.op, ast.Not) else -inner
        if isinstance(node, ast.BoolOp):
            parts = [value(one) for one in node.values]
            decided = isinstance(node.op, ast.Or)
            return decided if decided in parts else None if None in parts else not decided
        if isinstance(node, ast.Tuple):
            return tuple(value(one) for one in node.elts)
        parts = _parts(node)
        given = [value(one) for one in parts]
        if None in given:
            return None
        return _known(node, given)

    return value(ast.parse(text, mode="eval").body) is True


def _parts(node: Any) -> list[Any]:
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    return node.args if isinstance(node, ast.Call) else [node.left, node.right]


def _known(node: Any, given: list[Any]) -> Any:
    if isinstance(node, ast.Compare):
        sign = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!=", "In": "in"}
        named = {"a": given[0], "b": given[1]}
        return eval(f"a {sign[type(node.ops[0]).__name__]} b", named)  # noqa: S307 (of our own text)
    try:
        if isinstance(node, ast.Call):
            result = {"min": min, "max": max, "abs": abs, "log": math.log}[node.func.id](*given)  # type: ignore[attr-defined]
        else:
            sign = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/"}[type(node.op).__name__]
            result = eval(f"a {sign} b", {"a": given[0], "b": given[1]})  # noqa: S307
    except (ZeroDivisionError, ValueError):
        return None
    return result if math.isfinite(result) else None


@given(_CONDITIONS)
def test_it_agrees_with_a_slow_evaluation_of_each_row(text: str) -> None:
    rows = [{**row, "share": round(float(np.float32(row["share"])), 6)} for row in ROWS]
    text = f"equal == equal and {text}"  # so that it names a signal
    assert expression_problems(text, TYPES) == []
    held = evaluate(parse_expression(text), Columns(TABLE)).tolist()
    assert held == [_slowly(text, row) for row in rows]


@pytest.mark.parametrize(
    ("text", "comparison"),
    [
        ("words < 5", ("words", "<", 5)),
        ("5 < words", ("words", ">", 5)),
        ("share >= -0.5", ("share", ">=", -0.5)),
        ("words != 0", ("words", "!=", 0)),
        ("language == 'zh'", None),
        ("1 < words < 5", None),
        ("words + 1 < 5", None),
        ("words < share", None),
        ("words in (1, 2)", None),
        ("words < 5 and equal", None),
    ],
)
def test_one_comparison_of_a_signal_with_a_number_is_known_as_such(text: str, comparison: Any) -> None:
    assert parse_expression(text).comparison == comparison


def test_the_signals_that_it_reads_are_named_once_in_their_order() -> None:
    assert parse_expression("words < 5 and min(share, words) > 1 or equal").names == ("words", "share", "equal")
