"""How a signal is spread over the rows of a run, in fixed bins, and the steps that a threshold on it can take.

>>> steps(0, 1, share=True)[:3], steps(0, 1000, share=False)[-3:]
([0.0, 0.01, 0.02], [940, 980, 1000])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.previewer import Previewer
from tunesmith.curate.rules import RULES

#: The signal that a parameter is compared with, of the rules that have several; a rule of one parameter compares its
#: value. Where several signals are added up first, there is none.
SIGNALS: dict[str, dict[str, str]] = {
    "noise": {"from_share": "symbol_share", "from_characters": "answer_characters"},
    "loop": {
        "from_share": "loop_share",
        "from_copies": "loop_count",
        "from_many_copies": "loop_count",
        "from_words": "answer_words",
    },
    "answer_repeats_prompt": {
        "from_share": "prompt_overlap",
        "from_share_of_given_text": "prompt_overlap",
        "from_share_of_answer": "answer_overlap",
        "from_words": "answer_words",
    },
}

_GROWTH = 1.04  # from one step of a threshold to the next
_BIN_GROWTH = 1.22
_SHARE_BINS = 50
_ONE_BY_ONE = 20  # whole numbers up to here are steps, and up to a third of it bins


class Spread(NamedTuple):
    """How many rows of each language have which value.

    :param edges: of the bins, rising, one more than there are counts.
    :param counts: language -> rows in each bin; only those that the rules stage may drop.
    :param nothing: language -> rows without any of it (value 0), of a parameter `from_…`: they are in no bin.
    :param share: whether values are shares between 0 and 1; else they are drawn on a scale of powers.
    :param whole: whether values are whole numbers.
    """

    edges: list[float]
    counts: dict[str, list[int]]
    nothing: dict[str, int]
    share: bool
    whole: bool


def spread(held: Previewer, rule: str, parameter: str) -> Spread | None:
    """How the values are spread that a parameter of a rule of the table is compared with; None: of several signals."""
    values = _values(held, rule, parameter)
    if values is None:
        return None
    known = held.rows & ~np.isnan(values)
    from_on = parameter.startswith("from_")
    seen, share = values[known & (values > 0)] if from_on else values[known], is_share(parameter)
    top = float(seen.max(initial=1.0))
    edges = np.linspace(0, 1, _SHARE_BINS + 1) if share else np.array(_powers(top))
    counts, nothing = {}, {}
    for language, rows in languages(held).items():
        mine = values[known & rows]
        nothing[language] = int((mine <= 0).sum()) if from_on else 0
        mine = mine[mine > 0] if from_on else mine
        counts[language] = np.histogram(np.clip(mine, edges[0], edges[-1]), edges)[0].tolist()
    whole = bool((np.floor(seen[:10_000]) == seen[:10_000]).all())
    return Spread(edges.tolist(), counts, nothing, share, whole)


def languages(held: Previewer) -> dict[str, npt.NDArray[np.bool_]]:
    """The languages of the rows that the rules stage may drop, most rows first, each with its rows."""
    names = [name for name in held.columns.table["language"].unique().to_pylist() if name]
    found = {str(name): held.columns.is_among("language", (name,)) & held.rows for name in names}
    sizes = {name: int(rows.sum()) for name, rows in found.items()}
    return {name: found[name] for name in sorted(sizes, key=lambda name: -sizes[name]) if sizes[name]}


def steps(low: float, high: float, *, share: bool, also: Iterable[float] = ()) -> list[float]:
    """The numbers that a threshold can be set to, rising: hundredths of a share, else finer where numbers are small.

    :param also: numbers that have to be among them.
    """
    if share:
        regular: Sequence[float] = [round(step / 100, 2) for step in range(101)]
    else:
        regular = [step for step in _growing(high, _GROWTH) if low <= step <= high]
    return sorted({*regular, low, high, *also})


def highest(found: Spread | None, numbers: Sequence[float]) -> float:
    """Up to where a threshold can go: beyond all values and all numbers that are set now, with room above these."""
    top = max([10.0, *numbers, found.edges[-1] if found else 4 * max([1.0, *numbers])])
    size: float = 10 ** floor(log10(top))
    return ceil(top / size) * size


def _values(held: Previewer, rule: str, parameter: str) -> npt.NDArray[np.float64] | None:
    if rule in SIGNALS:
        signal = SIGNALS[rule].get(parameter)
        return None if signal is None else held.columns.numbers(signal)
    return held.judged(rule, held.rules.get(rule) or RULES[rule].defaults).value


def is_share(parameter: str) -> bool:
    """Whether a parameter's numbers go from 0 to 1."""
    return any(word in parameter for word in ("share", "similarity", "score", "repeated"))


def _powers(top: float) -> list[float]:
    """Edges of bins on a scale of powers, beyond `top`."""
    edges = [0.0]
    while edges[-1] <= top:
        last = edges[-1]
        edges.append(last + 1 if last < _ONE_BY_ONE // 3 else float(ceil(last * _BIN_GROWTH)))
    return edges


def _growing(top: float, growth: float) -> list[float]:
    """Whole numbers, one by one at first, then each so much larger than the last, of two digits."""
    numbers: list[float] = [0]
    while numbers[-1] < top:
        last = numbers[-1]
        numbers.append(last + 1 if last < _ONE_BY_ONE else max(last + 1, _two_digits(last * growth)))
    return numbers


def _two_digits(number: float) -> int:
    size: int = 10 ** max(0, floor(log10(number)) - 1)
    return ceil(number / size) * size
