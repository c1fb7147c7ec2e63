"""Expressions over signals, with which a recipe writes rules of its own. They are parsed and evaluated here, never run.

>>> types = {"answer_words": pa.int32(), "language": pa.string()}
>>> expression_problems("answer_wrods < 5 and language == 'zh'", types)
['unknown signal `answer_wrods`; did you mean `answer_words`?']
>>> table = pa.table({"answer_words": [3, 4, None], "language": ["zh", "en", "zh"]})
>>> evaluate(parse_expression("answer_words < 5 and language == 'zh'"), Columns(table)).tolist()
[True, False, False]

A comparison with a value that is not known (a row that was not scored, a division by zero) is neither true nor false,
and neither is its negation: a rule never fails a row for what nobody measured. It is the logic of SQL.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.expression_types import CALLS, COMPARISONS, MAX_CHARACTERS, type_problems
from tunesmith.curate.rule_types import Columns, Mask, Numbers
from tunesmith.errors import InputError


class Comparison(NamedTuple):
    """`signal operator number`, which is what most rules are."""

    signal: str
    operator: str
    number: float


class Expression(NamedTuple):
    """A condition on a row.

    :param names: the signals that it reads, in the order of their first mention.
    :param comparison: where it is one comparison of one signal with one number.
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]
    comparison: Comparison | None


def expression_problems(text: Any, types: Mapping[str, pa.DataType]) -> list[str]:
    """Everything that is wrong in an expression; nothing where it can be evaluated.

    :param types: the signals that it may name.
    """
    if not isinstance(text, str) or not text.strip():
        return [f"expected an expression such as answer_words < 5, saw {text!r}"]
    if len(text) > MAX_CHARACTERS:
        return [f"expected at most {MAX_CHARACTERS:,} characters, saw {len(text):,}; make several rules of it"]
    try:
        tree = _tree(text)
    except InputError as error:
        return [error.what]
    return type_problems(tree, types)


def parse_expression(text: str) -> Expression:
    """Parse an expression in which `expression_problems` finds nothing.

    :raises InputError: where it is no expression at all.
    """
    tree = _tree(text)
    named = sorted(
        (node.lineno, node.col_offset, node.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id not in CALLS
    )
    return Expression(" ".join(text.split()), tree, tuple(dict.fromkeys(name for *_, name in named)), _comparison(tree))


def evaluate(expression: Expression, columns: Columns) -> Mask:
    """The rows that meet the condition, shape `(n_rows,)`."""
    with np.errstate(all="ignore"):
        truth: Truth = _value(expression.tree, columns)
    held: Mask = np.broadcast_to(truth.yes, len(columns)).copy()
    return held


_HINTS = {"&&": "and", "||": "or", "（": "(", "）": ")", "，": ",", "＜": "<", "＞": ">", "“": "'", "‘": "'"}


def _tree(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `5is 5`; what is wrong with it the check says
            return ast.parse(text.strip().replace("\n", " "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        hints = [f"write `{ours}` for `{theirs}`" for theirs, ours in _HINTS.items() if theirs in text]
        hints += ["write `==` for `=`"] if re.search(r"(?<![<>=!])=(?!=)", text) else []
        if not hints and isinstance(error, SyntaxError):
            hints = [f"{error.msg.lower()} at {f'character {error.offset}' if error.offset else 'its end'}"]
        what = f"not an expression: {', '.join(hints) or 'it is nested too deeply'}"
        raise InputError(what, remedy="write one such as answer_words < 5 and language == 'zh'") from None


def _comparison(tree: ast.expr) -> Comparison | None:
    if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1):
        return None
    sign, left, right = COMPARISONS.get(type(tree.ops[0]), ""), tree.left, tree.comparators[0]
    if isinstance(right, ast.Name) and not isinstance(left, ast.Name):
        left, right, sign = right, left, _MIRRORED.get(sign, "")
    number = _number_of(right)
    if not isinstance(left, ast.Name) or number is None or sign not in _MIRRORED:
        return None
    return Comparison(left.id, sign, number)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _number_of(node: ast.expr) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number_of(node.operand)
        return None if inner is None else -inner
    known = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return float(node.value) if known else None  # type: ignore[attr-defined]


class Truth(NamedTuple):
    """Where a condition holds and where it does not; where it is unknown, neither. One value or one of each row."""

    yes: Any
    no: Any

    @classmethod
    def where(cls, holds: Any, known: Any = True) -> Truth:
        """What is known of a condition."""
        return cls(np.logical_and(holds, known), np.logical_and(np.logical_not(holds), known))

    def both(self, other: Truth) -> Truth:
        """And."""
        return Truth(self.yes & other.yes, self.no | other.no)

    def either(self, other: Truth) -> Truth:
        """Or."""
        return Truth(self.yes | other.yes, self.no & other.no)

    def opposite(self) -> Truth:
        """Not."""
        return Truth(self.no, self.yes)


def _value(node: ast.expr, columns: Columns) -> Any:
    """A number (an array or one for all rows), a text (a column or a text), a `Truth`, or a tuple of constants."""
    return _EVALUATORS[type(node)](node, columns)


def _constant(node: Any, columns: Columns) -> Any:
    if isinstance(node.value, bool):
        return Truth.where(np.bool_(node.value))
    return node.value if isinstance(node.value, str) else np.float64(node.value)


def _signal(node: Any, columns: Columns) -> Any:
    kind = columns.table.schema.field(node.id).type
    if pa.types.is_boolean(kind):
        number = columns.numbers(node.id)
        return Truth.where(number == 1, ~np.isnan(number))
    return columns.table[node.id] if pa.types.is_string(kind) else columns.numbers(node.id)


def _tuple(node: Any, columns: Columns) -> tuple[Any, ...]:
    return tuple(_value(one, columns) for one in node.elts)


def _logic(node: Any, columns: Columns) -> Truth:
    joined = Truth.both if isinstance(node.op, ast.And) else Truth.either
    parts: list[Truth] = [_value(one, columns) for one in node.values]
    return reduce(joined, parts)


def _unary(node: Any, columns: Columns) -> Any:
    value = _value(node.operand, columns)
    if isinstance(node.op, ast.Not):
        return value.opposite()
    return -value if isinstance(node.op, ast.USub) else value


def _arithmetic(node: Any, columns: Columns) -> Numbers:
    left, right = (_value(side, columns) for side in (node.left, node.right))
    return _finite(_ARITHMETIC[type(node.op)](left, right))


def _call(node: Any, columns: Columns) -> Numbers:
    values = [_value(one, columns) for one in node.args]
    single = _OF_ONE.get(node.func.id)
    return _finite(single(*values) if single else reduce(_OF_MANY[node.func.id], values))


def _finite(value: Any) -> Numbers:
    """A quotient by zero or a logarithm of zero is not known."""
    known: Numbers = np.where(np.isfinite(value), value, np.nan)
    return known


def _compare(node: Any, columns: Columns) -> Truth:
    values = [_value(one, columns) for one in (node.left, *node.comparators)]
    pairs = (_pair(op, left, right) for op, left, right in zip(node.ops, values, values[1:]))
    return reduce(Truth.both, pairs)


def _pair(op: ast.cmpop, left: Any, right: Any) -> Truth:
    if isinstance(op, ast.In | ast.NotIn):
        among = reduce(Truth.either, (_pair(ast.Eq(), left, one) for one in right))
        return among if isinstance(op, ast.In) else among.opposite()
    if isinstance(left, Truth):
        same: Truth = left.both(right).either(left.opposite().both(right.opposite()))
        return same if isinstance(op, ast.Eq) else same.opposite()
    if isinstance(left, str | pa.ChunkedArray):
        return _texts(op, left, right)
    return Truth.where(_ORDER[type(op)](left, right), ~(np.isnan(left) | np.isnan(right)))


def _texts(op: ast.cmpop, left: Any, right: Any) -> Truth:
    if isinstance(left, str) and isinstance(right, str):
        equal: Any = np.bool_(left == right)
        same = Truth.where(equal)
    else:
        found = pc.equal(left, right)
        same = Truth.where(*(mask.to_numpy() for mask in (pc.fill_null(found, False), found.is_valid())))
    return same if isinstance(op, ast.Eq) else same.opposite()


_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}

_OF_MANY: dict[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}
_OF_ONE: dict[str, Callable[[Any], Any]] = {"abs": np.abs, "log": np.log}

_EVALUATORS: dict[type[ast.expr], Callable[[Any, Columns], Any]] = {
    ast.Constant: _constant,
    ast.Name: _signal,
    ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.BoolOp: _logic,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.Call: _call,
    ast.Compare: _compare,
}
