"""YAML as a recipe needs it: plain data, the line of every key, and every mistake of spelling at once.

Scalars follow YAML 1.2, so nothing turns into something else in silence: `on`, `off`, `yes` and `no` are texts (as in
editors that check against the published schema), a date is a text, `1:5` is no number in base 60. JSON is YAML.

>>> read_yaml("seed: 7\\nmix: {domain: 1}").data
{'seed': 7, 'mix': {'domain': 1}}
>>> read_yaml("seed: 7\\nmix: {domain: 1}").lines["mix", "domain"]
2
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import yaml

Place = tuple[str | int, ...]  # of a value in the data: ("sources", 0, "path")


class Problem(NamedTuple):
    """One mistake: where in the data and what is wrong.

    `line` where the data alone cannot say it; `on_key` where the text names the path's last part itself.
    """

    path: Place
    text: str
    line: int | None = None
    on_key: bool = False


class Document(NamedTuple):
    """The data, the line of each path in it (from 1), and what is wrong with the spelling."""

    data: Any
    lines: dict[Place, int]
    problems: list[Problem]


#: A recipe has five levels; far beyond that, and with far more values, only an alias bomb goes.
MAX_DEPTH = 20
MAX_VALUES = 100_000

_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelled: value
    for word, value in (("true", True), ("false", False))
    for spelled in (word, word.title(), word.upper())
}

#: What a person did when the parser says this. The first match counts.
_REMEDIES = (
    ("'\\t'", "a tab stands where spaces belong; indent with spaces"),
    ("alias", "a text that begins with `*`, such as a glob, must stand in quotes"),
    ("mapping values are not allowed", "check the indentation, and put a text that holds `: ` in quotes"),
    ("cannot start any token", "put the text in quotes"),
    ("expected a single document", "keep one recipe in a file"),
    ("could not find expected ':'", "write `key: value`"),
    ("expected <block end>", "check the indentation of this line"),
    ("found unexpected end of stream", "close the quotes"),
    ("<stream end>", "close the bracket"),
)


class _Loader(yaml.SafeLoader):
    """Resolves nothing: what is not a text after composing carries an explicit tag."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  a table of the base class, replaced


def is_too_deep(data: Any) -> bool:
    """Whether plain data is nested deeper than `MAX_DEPTH`, without recursion."""
    layer = [data]
    for _ in range(MAX_DEPTH + 1):
        nested = [value for value in layer if isinstance(value, dict | list)]
        layer = [item for one in nested for item in (one.values() if isinstance(one, dict) else one)]
    return bool(layer)


def read_yaml(text: str) -> Document:
    """Parse a recipe's text. Where it is no YAML at all, `data` is None and one problem says why."""
    try:
        node = yaml.compose(_without_tabs(text), Loader=_Loader)
    except yaml.YAMLError as error:
        return Document(None, {}, [_syntax_problem(error)])
    except RecursionError:
        return Document(None, {}, [Problem((), "is nested deeper than any recipe")])
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    data = _value(node, (), lines, problems) if node is not None else None
    return Document(data, lines, problems)


def _without_tabs(text: str) -> str:
    """JSON may be indented with tabs, which YAML refuses; inside a JSON text a bare tab cannot stand."""
    if "\t" not in text or not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem((), f"cannot be read as YAML: {' '.join(str(error).split())}")
    said = f"{error.context or ''} {error.problem or ''}".strip()
    where = f" (of what begins in line {error.context_mark.line + 1})" if error.context_mark else ""
    remedy = next((remedy for sign, remedy in _REMEDIES if sign in said), "see the line above too")
    return Problem(
        (),
        f"cannot be read as YAML: {(error.problem or '').removeprefix('but ')}{where}; {remedy}",
        error.problem_mark.line + 1,
    )


def _value(node: yaml.Node, path: Place, lines: dict[Place, int], problems: list[Problem]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > MAX_DEPTH or len(lines) > MAX_VALUES:
        if not problems or problems[-1].path != ():
            problems.append(
                Problem((), "is deeper or larger than any recipe; look for an alias that holds itself", line)
            )
        return None
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag[18:] not in ("str", "seq", "map"):
        problems.append(Problem(path, f"tags such as {node.tag!r} are not read; write the plain value", line))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), lines, problems) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.style is None:
        return _plain(node.value)
    return _text(node.value, path, line, problems)


def _mapping(node: yaml.MappingNode, path: Place, lines: dict[Place, int], problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(path, "a key must be a text; put it in quotes if it holds brackets", line))
            continue
        name = _text(key.value, path, line, problems)
        if name in found:
            problems.append(
                Problem(path, f"the key `{name}` stands here and in line {lines[*path, name]}; keep one", line)
            )
            continue
        lines[*path, name] = line
        found[name] = _value(value, (*path, name), lines, problems)
    return found


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text


def _text(text: str, path: Place, line: int, problems: list[Problem]) -> str:
    """JSON spells a letter beyond 16 bits as two escapes; YAML leaves them as two halves."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        problems.append(Problem(path, "the text holds half of a surrogate pair", line))
        return ""
