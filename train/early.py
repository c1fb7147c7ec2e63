"""Stops where the validation does not get better any more. Imports transformers: `watch.py` does so when it is needed.

>>> Early("eval_domain_loss", patience=3)  # doctest: +SKIP

That the best weights are kept is the trainer's part (`load_best_model_at_end`); without it the last ones would stay.
"""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainerCallback


class Early(TrainerCallback):
    """Counts evaluations without an improvement; the settings are those of `EarlyStop` in `watch.py`.

    A run that goes on counts on from what its checkpoint had logged.
    """

    def __init__(self, metric: str, *, patience: int, least: float = 0.0, higher_is_better: bool = False) -> None:
        self._metric, self._patience = metric, patience
        self._least, self._higher_is_better = least, higher_is_better
        self._best: float | None = None
        self._waited = 0
        self.stopped = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._best, self._waited, self.stopped = None, 0, False
        for one in state.log_history:
            if self.see(one):  # stopped, and killed before its end
                self.stopped = control.should_training_stop = True

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        if self.see(kwargs["metrics"]):
            self.stopped = control.should_training_stop = True
            return control
        return None

    def see(self, values: Any) -> bool:
        """Whether it is time to stop. Figures without the metric say nothing: each group is validated by itself."""
        value = values.get(self._metric)
        if value is None:
            return False
        gain = math.inf if self._best is None else self._best - value
        if self._higher_is_better and self._best is not None:
            gain = -gain
        if math.isfinite(value) and gain > self._least:
            self._best, self._waited = value, 0
        else:
            self._waited += 1
        return self._waited >= self._patience
