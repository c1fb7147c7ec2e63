"""What an expression over signals may consist of, and whether its parts fit together.

>>> import ast
>>> type_problems(ast.parse("answer_words < 'five'", mode="eval").body, {"answer_words": pa.int32()})
["`answer_words < 'five'` compares a number with a text"]
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from tunesmith.curate.recipe_errors import nearest

MAX_CHARACTERS = 1_000
_MAX_DEPTH = 40
_TOO_DEEP = "it is nested too deeply; make several rules of it"

#: Function -> the least and the most arguments.
CALLS: dict[str, tuple[int, int]] = {"min": (2, 8), "max": (2, 8), "abs": (1, 1), "log": (1, 1)}

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ALLOWED = (
    "signals, numbers, texts in quotes, True, False, and or not, < <= > >= == !=, in (…), + - * /, min max abs log"
)
_WORDS: dict[type[ast.operator], str] = {ast.BitAnd: "write `and`", ast.BitOr: "write `or`"}

NUMBER, TEXT, CONDITION = "a number", "a text", "a condition"


def type_problems(tree: ast.expr, types: Mapping[str, pa.DataType]) -> list[str]:
    """What is wrong in an expression: unknown names, parts that are not allowed or do not fit, no condition at all."""
    if _depth(tree) > 2 * _MAX_DEPTH:  # a node or two a level; the parts of a deeper one cannot even be shown
        return [_TOO_DEEP]
    check = _Check(types)
    kind = check.kind(tree)
    if kind not in (None, CONDITION):
        check.add(f"expected a condition, saw {kind}; compare it, such as {_shown(tree)} > 0")
    if not (check.found or any(isinstance(node, ast.Name) and node.id in types for node in ast.walk(tree))):
        check.add("it names no signal, so that it would say the same of every row")
    return check.found


def _depth(tree: ast.AST) -> int:
    """How deep nodes stand in each other, without recursion."""
    depth, layer = 0, [tree]
    while layer:
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


class _Check:
    """Finds the kind of every part, and collects what is wrong. The kind of a part with a mistake is None."""

    def __init__(self, types: Mapping[str, pa.DataType]) -> None:
        self.types = types
        self.found: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        """Note a mistake, once."""
        if text not in self.found:
            self.found.append(text)

    def kind(self, node: ast.expr) -> str | None:
        """The kind of a part: a number, a text, a condition."""
        check = _CHECKS.get(type(node))
        if self.depth == _MAX_DEPTH:
            self.add(_TOO_DEEP)
            return None
        if check is None:
            self.add(f"{_shown(node)} is not allowed; an expression knows {_ALLOWED}")
            return None
        self.depth += 1
        kind = check(self, node)
        self.depth -= 1
        return kind

    def expect(self, node: ast.expr, wanted: str, place: ast.expr) -> None:
        """A part has to be of a kind."""
        kind = self.kind(node)
        if kind not in (None, wanted):
            self.add(f"{_shown(place)} needs {wanted}, {_shown(node)} is {kind}")


def _constant(check: _Check, node: Any) -> str | None:
    value = node.value
    if isinstance(value, bool):
        return CONDITION
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            check.add(f"{value!a} holds half of a surrogate pair, which no text of a column does")
        return TEXT
    if isinstance(value, int | float) and abs(value) < 1e300 and math.isfinite(value):
        return NUMBER
    check.add(f"{_shown(node)} is no number, text, True or False")
    return None


def _name(check: _Check, node: Any) -> str | None:
    if node.id not in check.types:
        near = nearest(node.id, (*check.types, "True", "False"))
        check.add(f"unknown signal `{node.id}`{near if 'did you mean' in near else '; a text stands in quotes'}")
        return None
    kind = check.types[node.id]
    if pa.types.is_boolean(kind):
        return CONDITION
    return TEXT if pa.types.is_string(kind) else NUMBER


def _logic(check: _Check, node: Any) -> str:
    for one in node.values:
        check.expect(one, CONDITION, node)
    return CONDITION


def _unary(check: _Check, node: Any) -> str | None:
    if isinstance(node.op, ast.Invert):
        check.add(f"{_shown(node)} is not allowed; write `not`")
        return None
    wanted = CONDITION if isinstance(node.op, ast.Not) else NUMBER
    check.expect(node.operand, wanted, node)
    return wanted


def _arithmetic(check: _Check, node: Any) -> str | None:
    if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        check.add(f"{_shown(node)} is not allowed; {_WORDS.get(type(node.op), 'of arithmetic: + - * /')}")
        return None
    for side in (node.left, node.right):
        check.expect(side, NUMBER, node)
    return NUMBER


def _call(check: _Check, node: Any) -> str | None:
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name not in CALLS or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        check.add(f"{_shown(node)} is not allowed; the functions are {', '.join(CALLS)}")
        return None
    least, most = CALLS[name]
    if not least <= len(node.args) <= most:
        wanted = f"{least} to {most} numbers" if least < most else "1 number"
        check.add(f"{_shown(node)} needs {wanted}, saw {len(node.args)}")
    for one in node.args:
        check.expect(one, NUMBER, node)
    return NUMBER


def _compare(check: _Check, node: Any) -> str:
    sides = (node.left, *node.comparators)
    for op, left, right in zip(node.ops, sides, sides[1:]):
        if isinstance(op, ast.In | ast.NotIn):
            _membership(check, node, left, right)
        elif type(op) in COMPARISONS:
            _comparison(check, node, COMPARISONS[type(op)], (left, right))
        else:
            check.add(f"{_shown(node)} is not allowed; write == or !=")
    return CONDITION


def _membership(check: _Check, node: ast.expr, left: ast.expr, right: ast.expr) -> None:
    kind = check.kind(left)
    if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
        check.add(f"{_shown(node)} needs a list after `in`, such as ('zh', 'en'); for one value write ==")
        return
    for one in right.elts:
        if not isinstance(one, ast.Constant | ast.UnaryOp):
            check.add(f"{_shown(one)} in {_shown(node)} is no constant")
        elif kind is not None:
            check.expect(one, kind, node)


def _comparison(check: _Check, node: ast.expr, sign: str, sides: tuple[ast.expr, ast.expr]) -> None:
    left, right = map(check.kind, sides)
    if left is None or right is None:
        return
    if left != right:
        check.add(f"{_shown(node)} compares {left} with {right}")
    elif left != NUMBER and sign not in ("==", "!="):
        check.add(f"{_shown(node)} orders {left}; only numbers have an order, write == or !=")


_CHECKS: dict[type[ast.expr], Callable[[_Check, Any], str | None]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _logic,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.Call: _call,
    ast.Compare: _compare,
}
