"""Rules of thumb that guides quote for memory, by their names, beside what the trace finds.

They know neither the model's shape nor the settings of the step; how far each is from the estimate is told with it.

>>> round(table_gb(7.0, Load(method="qlora", bits=4)), 1)
3.5
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.train.estimate_types import Estimate, Load

GB = 1e9  # guides count in powers of ten


class Rule(NamedTuple):
    """A rule's answer.

    :param amount: bytes.
    :param ratio: of it to the estimate: 0.5 is half of what is needed.
    """

    name: str
    text: str
    amount: int
    ratio: float


def rules_for(estimate: Estimate) -> list[Rule]:
    """What each rule says about the case of an estimate, on one GPU."""
    load, billions = estimate.load, estimate.counts.total / 1e9
    table = table_gb(billions, load)
    formula = formula_bytes(estimate.counts.total, load)
    return [
        _rule("billions table", _table_text(load), table * GB, estimate),
        _rule("6N formula", "(6N + max(4N, (4.6894e-4·N + 1.8494e6)·batch·length·2)) bytes + 30 %", formula, estimate),
    ]


def _rule(name: str, text: str, amount: float, estimate: Estimate) -> Rule:
    return Rule(name, text, round(amount), amount / estimate.likely)


def table_gb(billions: float, load: Load) -> float:
    """GB by the table of x billion parameters: full 18x, pure bfloat16 8x, freeze and LoRA 2x, QLoRA x·bits/8.

    It takes length, batch and vocabulary for nothing. For float32 throughout, which it lacks, full counts as mixed.
    """
    return billions * _factor(load)


def _factor(load: Load) -> float:
    if load.method == "full":
        return 8 if load.precision == "pure-bf16" else 18
    return load.bits / 8 if load.method == "qlora" else 2


def _table_text(load: Load) -> str:
    kind = {"full": f"full {load.precision}", "qlora": f"QLoRA {load.bits}-bit"}.get(load.method, "freeze or LoRA")
    return f"{kind}: {_factor(load):g} GB for each billion parameters"


def formula_bytes(n_parameters: int, load: Load) -> float:
    """Bytes by the fitted formula; it does not know the method."""
    n = n_parameters
    moving = (4.6894e-4 * n + 1.8494e6) * load.batch * load.max_length * 2
    return (6 * n + max(4 * n, moving)) * 1.3
