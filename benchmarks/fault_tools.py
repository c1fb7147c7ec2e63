"""Tool calls that nobody can carry out.

>>> [way.__name__ for way in WAYS]  # doctest: +ELLIPSIS
['cut', ...
"""

from __future__ import annotations

import json
from random import Random

from fault_rows import Row, Turn
from fault_text import Edited
from fault_wordings import Wordings


def broken_call(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """One call of the row is broken."""
    places = [at for at, turn in enumerate(row.turns) if turn.name and json.loads(turn.text)]
    if not places or not row.tools:
        return None
    at = random.choice(places)
    way = random.choice(WAYS)
    turn = way(row.turns[at], row, random)
    return None if turn is None else Edited(row.turned(at, turn), way.__name__.replace("_", " "))


def cut(turn: Turn, row: Row, random: Random) -> Turn | None:
    """The arguments end too early."""
    return turn._replace(text=turn.text[: random.randint(2, len(turn.text) - 1)])


def trailing_comma(turn: Turn, row: Row, random: Random) -> Turn | None:
    """A comma before the closing brace."""
    return turn._replace(text=turn.text[:-1] + ",}")


def single_quotes(turn: Turn, row: Row, random: Random) -> Turn | None:
    """The arguments as Python prints them."""
    return turn._replace(text=str(json.loads(turn.text)))


def bare_names(turn: Turn, row: Row, random: Random) -> Turn | None:
    """Names of arguments without quotes, as in JavaScript."""
    pairs = (f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in json.loads(turn.text).items())
    return turn._replace(text="{" + ", ".join(pairs) + "}")


def prose(turn: Turn, row: Row, random: Random) -> Turn | None:
    """Words where an object belongs."""
    text = ", ".join(f"{name} is {value}" for name, value in json.loads(turn.text).items())
    return turn._replace(text=json.dumps(text, ensure_ascii=False))


def unknown_function(turn: Turn, row: Row, random: Random) -> Turn | None:
    """A function that the row does not offer."""
    invented = random.choice((f"{turn.name}_v2", f"do_{turn.name}", turn.name[:-1], "run_query", "search_engine"))
    names = {tool["name"] for tool in json.loads(row.tools)}
    return None if invented in names else turn._replace(name=invented)


def missing_parameter(turn: Turn, row: Row, random: Random) -> Turn | None:
    """A required parameter is left out."""
    needed = [name for name in _required(turn, row) if name in json.loads(turn.text)]
    if not needed:
        return None
    gone = random.choice(needed)
    left = {name: value for name, value in json.loads(turn.text).items() if name != gone}
    return turn._replace(text=json.dumps(left, ensure_ascii=False))


def _required(turn: Turn, row: Row) -> list[str]:
    tools = {tool["name"]: tool.get("parameters", {}) for tool in json.loads(row.tools)}
    return list(tools.get(turn.name, {}).get("required", []))


WAYS = (cut, trailing_comma, single_quotes, bare_names, prose, unknown_function, missing_parameter)
