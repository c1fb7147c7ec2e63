"""Fuzzing recipes and expressions: text of the wrong spelling, values of the wrong shape, conditions without sense.

A recipe that is accepted, written out with every default, is the same recipe. An expression that is accepted holds of a
row whatever rows stand beside it, and never together with its negation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from fuzz_bytes import mutated
from fuzz_seeds import DATA
from fuzz_seeds import texts as seed_texts
from fuzz_types import Target, hold
from fuzz_values import changed

from tunesmith.curate.expressions import evaluate, expression_problems, parse_expression
from tunesmith.curate.recipe import load_recipe, looks_like_a_recipe, parse_recipe, resolved
from tunesmith.curate.recipe_models import PARTS
from tunesmith.curate.rule_types import Columns
from tunesmith.curate.rules import RULES
from tunesmith.errors import InternalError, TunesmithError

_PARTS: tuple[dict[str, Any], ...] = (
    {"sources": ["a.jsonl"]},
    {"sources": [{"path": "a.jsonl", "group": "domain", "columns": {"prompt": "ask", "answer": "reply"}}]},
    {"sources": [{"path": "hub:o/n@r:s", "name": "x", "format": "alpaca", "fill": {"name": "T"}}], "seed": 7},
    {"sources": "a.jsonl", "clean": ["mojibake", "html"], "privacy": {"policy": "redact", "kinds": ["phone"]}},
    {"sources": ["a.jsonl"], "rules": {"answer_too_short": {"min_characters": {"zh": 4, "en": 8}}, "refusal": False}},
    {"sources": ["a.jsonl"], "rules": {"own": {"when": "answer_words < 5", "policy": "flag", "why": "short"}}},
    {"sources": ["a", "b"], "duplicates": {"exact": True, "near": {"threshold": 0.7, "on": "row"}, "semantic": False}},
    {"sources": [{"path": "a", "group": "g"}], "mix": {"g": 1, "unit": "tokens", "caps": {"g": 10}}},
    {"sources": ["a"], "split": {"validation": 0.1, "min_rows": 1}, "contamination": {"against": ["e.jsonl"]}},
    {"sources": ["a"], "export": {"format": "sharegpt"}, "decisions": ["d.jsonl"], "select": {"rows": 5}},
)
_WORDS = (
    "answer_words",
    "share",
    "ifd",
    "language",
    "kind",
    "equal",
    "'zh'",
    "''",
    '"en"',
    "True",
    "False",
    "0",
    "1",
    "0.7",
)
_MORE = (
    "-3",
    "1e9",
    "1e400",
    "None",
    "...",
    "b''",
    "1j",
    "f'{x}'",
    "(1, 2)",
    "['zh']",
    "()",
    "min",
    "log",
    "0x10",
    "1_0",
)
_SIGNS = (
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "in",
    "not in",
    "is",
    "and",
    "or",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "&",
    ",",
)
_NUMBERS = ("answer_words", "share", "ifd", "0", "1", "-3", "0.7", "2.5e3", "1e299", "2147483647")
_COLUMNS_OF_TEXT, _TEXTS = ("language", "kind"), ("'zh'", '"en"', "''", "'sft'", "'\\u4e00'")
_TABLE = pa.table(
    {
        "answer_words": pa.array([3, 0, 40, 2**31 - 1], pa.int32()),
        "share": pa.array([0.7, 0.1, 0.5, float("nan")], pa.float32()),
        "ifd": pa.array([1.5, None, 0.5, None], pa.float32()),
        "language": ["zh", "en", "zh", None],
        "kind": ["sft", "text", "kto", ""],
        "equal": [True, False, False, None],
    }
)
_TYPES = dict(zip(_TABLE.schema.names, _TABLE.schema.types))


@lru_cache(maxsize=1)
def _recipes() -> tuple[bytes, ...]:
    """Texts of recipes; the bundled one without its comments, which take most of the time."""
    bundled = yaml.safe_dump(yaml.safe_load((DATA / "recipe.yaml").read_text(encoding="utf-8"))).encode()
    return (bundled, *(yaml.safe_dump(part, allow_unicode=True).encode() for part in _PARTS))


@lru_cache(maxsize=1)
def _keys() -> tuple[str, ...]:
    return (*(key for model in PARTS.values() for key in model.model_fields), *RULES, "when", "policy", "domain", "zh")


def make_recipe(random: Random) -> bytes:
    """Wrong text, or text of wrong values."""
    if random.random() < 0.5:
        return mutated(random.choice(_recipes()), random, (*_recipes(), *seed_texts()[:20]))[:1500]
    value = {**random.choice(_PARTS), **random.choice(_PARTS)} if random.random() < 0.5 else random.choice(_PARTS)
    value = changed(value, random)
    if isinstance(value, dict) and random.random() < 0.4:
        value = {**value, random.choice(_keys()): random.choice(list(random.choice(_PARTS).values()))}
    return json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def check_recipes(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Each text as the file of a recipe, and its values by themselves where they are JSON."""
    return [_check_recipe(data, folder) for data in inputs]


def _check_recipe(data: bytes, folder: Path) -> bool:
    path = folder / ("recipe.json" if data.startswith(b"{") else "recipe.yaml")
    path.write_bytes(data)
    looks_like_a_recipe(path)
    _check_values(data)
    try:
        loaded = load_recipe(path)
    except InternalError:
        raise
    except TunesmithError:
        return False
    plain = resolved(loaded.recipe)
    again = parse_recipe(json.loads(json.dumps(plain)), "the resolved recipe")
    hold(resolved(again) == plain, "a recipe with its defaults written out is another recipe")
    return True


def _check_values(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        parse_recipe(value, "values")
    except InternalError:
        raise
    except TunesmithError:
        return


def make_expression(random: Random) -> bytes:
    """A condition that mostly makes sense, words and signs that mostly do not; now and then wrong bytes."""
    depth = random.choice((0, 1, 1, 2, 2, 3))
    text = _condition(random, depth) if random.random() < 0.7 else _anything(random, depth)
    if random.random() < 0.01:
        sign = random.choice(("(", "not ", "-", "abs(", "[", "answer_words <"))
        text = sign * random.choice((30, 50, 200, 900)) + text + ")" * random.choice((0, 30, 50, 200))
    data = text.encode()
    return mutated(data, random, (b"answer_words < 5", *seed_texts()[:9]))[:1200] if random.random() < 0.25 else data


def _condition(random: Random, depth: int) -> str:
    move = random.randrange(6)
    if depth and move == 0:
        return f"not ({_condition(random, depth - 1)})"
    if depth and move < 3:
        return f"({_condition(random, depth - 1)} {random.choice(('and', 'or', '==', '!='))} {_condition(random, 0)})"
    if move == 3:
        return f"{random.choice(_COLUMNS_OF_TEXT)} {random.choice(('==', '!='))} {random.choice(_TEXTS)}"
    if move == 4:
        among = ", ".join(random.sample(_TEXTS, 2))
        return f"{random.choice(_COLUMNS_OF_TEXT)} {random.choice(('in', 'not in'))} ({among})"
    return f"{_number(random, depth)} {random.choice(_SIGNS[:6])} {_number(random, 0)}"


def _number(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(_NUMBERS)
    one, other = _number(random, depth - 1), _number(random, 0)
    pattern = random.choice(
        ("{} + {}", "({} - {})", "{} * {}", "{} / {}", "min({}, {})", "max({}, {})", "abs({0})", "-{0}", "log({0})")
    )
    return pattern.format(one, other)


def _anything(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(_WORDS if random.random() < 0.85 else _MORE)
    left, right = _anything(random, depth - 1), _anything(random, random.randrange(depth))
    move = random.randrange(10)
    if move == 0:
        return f"not ({left})"
    if move == 1:
        return f"{random.choice(('min', 'max', 'abs', 'log', 'len', 'eval'))}({left}, {right})"
    if move == 2:
        return f"{left} in ({right}, {_anything(random, 0)})"
    return random.choice(("{} {} {}", "({} {} {})", "{}{}{}")).format(left, random.choice(_SIGNS), right)


def check_expressions(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Each expression on a small table with unknown values."""
    return [_check_expression(data.decode("utf-8", "replace")) for data in inputs]


def _check_expression(text: str) -> bool:
    if expression_problems(text, _TYPES):
        return False
    held = evaluate(parse_expression(text), Columns(_TABLE))
    if len(text) % 8:
        return True  # the rest takes most of the time
    one_by_one = [evaluate(parse_expression(text), Columns(_TABLE.slice(row, 1)))[0] for row in range(len(_TABLE))]
    hold(held.tolist() == [bool(one) for one in one_by_one], "an expression depends on the rows around")
    negated = f"not ({text.strip()})"
    if not expression_problems(negated, _TYPES):
        both = held & evaluate(parse_expression(negated), Columns(_TABLE))
        hold(not np.any(both), "an expression and its negation hold of one row")
    return True


TARGETS = (
    Target("recipes", make_recipe, check_recipes, share=12),
    Target("expressions", make_expression, check_expressions, share=200),
)
