"""How much memory a training step needs, from `config.json` alone: no weights, no GPU; and what would make it fit.

>>> found = estimate("Qwen/Qwen2.5-7B", Load(method="lora", max_length=2048, batch=1))  # doctest: +SKIP
>>> gibibytes(found.likely), found.peak  # doctest: +SKIP
('17.3 GiB', 'backward')
>>> smallest_change(found, 16 * GIB).text  # doctest: +SKIP
'--method qlora'
"""

from tunesmith.train.estimate_fit import smallest_change, what_fits
from tunesmith.train.estimate_total import estimate
from tunesmith.train.estimate_types import GIB, Change, Estimate, Load, gibibytes

__all__ = ["GIB", "Change", "Estimate", "Load", "estimate", "gibibytes", "smallest_change", "what_fits"]
