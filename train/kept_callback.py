"""Asks the general questions while the model trains. Imports transformers: `watch.py` does so when it is needed.

>>> Kept(questions, tokenizer, [log.write], Progress())  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.kept import KeptQuestion, kept_of

#: The share of questions that are right: a metric like the validation losses.
METRIC = "eval_kept"


class Kept(TrainerCallback):
    """Logs `eval_kept`; once a step, also where several groups are validated."""

    def __init__(
        self,
        questions: Sequence[KeptQuestion],
        tokenizer: Any,
        sinks: Sequence[Callable[[int, Mapping[str, Any]], None]],
        progress: Progress,
    ) -> None:
        if tokenizer is None:
            raise InputError("the questions of `kept` need the model's tokenizer")
        self._questions, self._tokenizer, self._sinks, self._progress = questions, tokenizer, sinks, progress
        self._asked_at: int | None = None
        self._share = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._asked_at = None
        if state.global_step == 0:
            self._ask(state, kwargs["model"])

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._asked_at != state.global_step:
            self._ask(state, kwargs["model"])
        kwargs["metrics"][METRIC] = self._share  # so that it can choose the best model and stop the run

    def _ask(self, state: Any, model: Any) -> None:
        found = kept_of(model, self._tokenizer, self._questions)
        if found.failed == found.n:
            what = f"not one of {found.n} general questions could be asked"
            raise InputError(what, remedy="give shorter ones, or leave `kept` out")
        self._asked_at, self._share = state.global_step, found.share
        values = {METRIC: found.share, "eval_kept_questions": found.n, "eval_kept_failed": found.failed}
        state.log_history.append({**values, "epoch": state.epoch, "step": state.global_step})
        for write in self._sinks if state.is_world_process_zero else ():
            write(state.global_step, values | {"epoch": state.epoch})
        if state.global_step == 0:
            self._progress.say(f"general questions before training: {found.right} of {found.n} right")
