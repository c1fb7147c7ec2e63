"""What a sweep remembers, and what it tries next: the only file that imports optuna.

>>> study = open_study(Path("sweep/study.db"), sweep, "…")  # doctest: +SKIP
>>> slot = study.next()  # doctest: +SKIP
>>> slot.number, slot.values  # doctest: +SKIP
(1, {'learning_rate': 0.00012, 'lora.rank': 16})

Trials are numbered by *slot*, from 1. A trial that was killed is marked failed in the store, and its slot is run again
with the same values. The sampler gets a seed of its own for every slot: so the same seed gives the same trials, also
where a sweep was stopped and gone on with.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.errors import OutputError
from tunesmith.train.sweep_space import Choice, Dimension
from tunesmith.train.sweep_types import Finished, Sweep, Trial

#: Trials that a median needs before it judges, and evaluations of a trial that it leaves alone: rates warm up first.
PRUNING_TRIALS, PRUNING_EVALUATIONS = 5, 1
#: An importance from fewer trials is noise.
IMPORTANCE_TRIALS = 10

_NAME = "sweep"
_KILLED, _SLOT, _REASON, _SECONDS, _LOSSES = "killed", "slot", "reason", "seconds", "losses"


class Slot(NamedTuple):
    """A trial that is to be run."""

    number: int
    values: Mapping[str, Any]
    trial: Any


class Study:
    """The trials so far, in SQLite, and the sampler."""

    def __init__(self, study: Any, sweep: Sweep, *, maximise: bool) -> None:
        self._study, self._sweep, self._maximise = study, sweep, maximise

    def revive(self) -> list[int]:
        """Trials that were running when the sweep was killed are marked failed; gives their slots, which come again."""
        from optuna.trial import TrialState

        running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        for one in running:
            self._study.set_user_attr(f"{_KILLED}:{one.number}", True)
            self._study.tell(one.number, state=TrialState.FAIL)
            if len(one.params) == len(self._sweep.space):
                self._study.enqueue_trial(one.params, user_attrs={_SLOT: one.user_attrs.get(_SLOT)})
        return [int(one.user_attrs.get(_SLOT, 0)) for one in running]

    def next(self, fixed: Mapping[str, Any] | None = None) -> Slot:
        """The next slot, with values from the sampler, or those given."""
        number = len(self._taken()) + 1
        if fixed is not None and not self._waiting():
            self._study.enqueue_trial({key: _stored(self._sweep.space[key], value) for key, value in fixed.items()})
        self._study.sampler = _sampler(self._sweep.seed, number)
        trial = self._study.ask({key: _distribution(one) for key, one in self._sweep.space.items()})
        trial.set_user_attr(_SLOT, number)
        return Slot(
            number, {key: _value(self._sweep.space[key], trial.params[key]) for key in self._sweep.space}, trial
        )

    def report(self, slot: Slot, evaluation: int, loss: float) -> bool:
        """Note a loss; whether the trial shall be pruned.

        :param evaluation: its number in the trial, from 1. Trials of other batch sizes evaluate at other steps; the
            third evaluation of one is compared with the third of the others.
        """
        slot.trial.report(-loss if self._maximise else loss, evaluation)
        return self._sweep.pruning and bool(slot.trial.should_prune())

    def tell(self, slot: Slot, ended: Finished, losses: Sequence[float]) -> None:
        """How a trial ended."""
        from optuna.trial import TrialState

        states = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        slot.trial.set_user_attr(_REASON, ended.reason)
        slot.trial.set_user_attr(_SECONDS, round(ended.seconds, 3))
        slot.trial.set_user_attr(_LOSSES, [*losses])
        value = ended.value if ended.state == "complete" else None
        self._study.tell(slot.trial, value, state=states[ended.state])

    def trials(self) -> list[Trial]:
        """All that have ended, by slot."""
        return [self._trial(one) for one in self._taken() if one.state.is_finished()]

    def best(self) -> Trial | None:
        """The best that ended well; of equals the first."""
        done = [one for one in self.trials() if one.state == "complete" and one.value is not None]
        sign = -1 if self._maximise else 1
        return min(done, key=lambda one: (sign * (one.value or 0.0), one.number), default=None)

    def importances(self) -> dict[str, float]:
        """How much each key matters to the value, shares of 1; empty where there are too few trials to say."""
        import optuna

        done = [one for one in self.trials() if one.state == "complete"]
        if len(done) < IMPORTANCE_TRIALS or len({one.value for one in done}) < 2:
            return {}
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=self._sweep.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: dict[str, float] = optuna.importance.get_param_importances(self._study, evaluator=evaluator)
        return found

    def _taken(self) -> list[Any]:
        """Trials that count: not those killed, and not those that wait."""
        from optuna.trial import TrialState

        killed = {int(name.partition(":")[2]) for name in self._study.user_attrs if name.startswith(f"{_KILLED}:")}
        trials = self._study.get_trials(deepcopy=False)
        return [one for one in trials if one.number not in killed and one.state != TrialState.WAITING]

    def _waiting(self) -> bool:
        from optuna.trial import TrialState

        return bool(self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))

    def _trial(self, one: Any) -> Trial:
        from optuna.trial import TrialState

        states: dict[Any, Any] = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned"}
        state = states.get(one.state, "failed")
        values = {key: _value(self._sweep.space[key], one.params[key]) for key in self._sweep.space}
        attributes = one.user_attrs
        return Trial(
            int(attributes[_SLOT]),
            state,
            values,
            one.value if state == "complete" else None,
            tuple(attributes.get(_LOSSES, ())),
            float(attributes.get(_SECONDS, 0.0)),
            str(attributes.get(_REASON, "")),
        )


def open_study(path: Path, sweep: Sweep, mark: Mapping[str, Any], *, maximise: bool) -> Study:
    """Open the store or make it.

    :param mark: what the sweep is made of, by name.
    :raises OutputError: where it is a store of another sweep, or cannot be read.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=PRUNING_TRIALS, n_warmup_steps=PRUNING_EVALUATIONS + 1)
    try:
        study = optuna.create_study(
            storage=f"sqlite:///{path.resolve()}",
            study_name=_NAME,
            direction="maximize" if maximise else "minimize",
            pruner=pruner,
            sampler=_sampler(sweep.seed, 1),
            load_if_exists=True,
        )
        there = study.user_attrs.get("mark")
    except (optuna.exceptions.StorageInternalError, OSError) as error:
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise OutputError(f"cannot be used as a store ({reason})", where=str(path)) from error
    now = jsontext.loads(jsontext.dump_bytes(dict(mark)))
    if there is None:
        study.set_user_attr("mark", now)
    elif there != now:
        changed = [name for name in now if there.get(name) != now[name]]
        what = f"holds a sweep with other {', '.join(changed) or 'settings'}"
        raise OutputError(what, where=str(path.parent), remedy="choose another --out, or add --replace to start anew")
    return Study(study, sweep, maximise=maximise)


def _sampler(seed: int, slot: int) -> Any:
    """TPE, with a state that depends on nothing but seed and slot: the state of one that ran on would be lost with
    its process."""
    import numpy as np
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(seed=int(np.random.SeedSequence([seed, slot]).generate_state(1)[0]))


def _distribution(dimension: Dimension) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(dimension, Choice):
        return CategoricalDistribution([jsontext.dumps(one) for one in dimension.options])
    if dimension.whole:
        step = int(dimension.step or 1)
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log, step=step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)


def _stored(dimension: Dimension, value: Any) -> Any:
    return jsontext.dumps(value) if isinstance(dimension, Choice) else value


def _value(dimension: Dimension, stored: Any) -> Any:
    """Choices are stored as JSON: a list or null is one value among others there."""
    return jsontext.loads(stored.encode()) if isinstance(dimension, Choice) else stored
