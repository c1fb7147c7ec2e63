"""Which rows are in which step: row ids travel with the batch, from the data set to the step that trains on them.

>>> tagged = Tagged(lambda features: {"input_ids": [one["input_ids"] for one in features]})
>>> batch = tagged([{"input_ids": [5, 6], "row_ids": ["a:1", "a:2"]}, {"input_ids": [7], "row_ids": ["a:3"]}])
>>> taken(batch), batch
(Tag(row_ids=(('a:1', 'a:2'), ('a:3',)), n_tokens=3), {'input_ids': [[5, 6], [7]]})

Why in the batch and not noted beside it: the loader fetches one batch ahead, workers make batches in other processes, a
resume skips batches without making them, and one step may take several. What is in the batch is always what is trained.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.errors import InputError

#: The column with the rows of a sequence, and the key of a batch that holds them until the step takes them out.
COLUMN, KEY = "row_ids", "tunesmith"
#: Services whose package has their name.
_SERVICES = ("wandb", "mlflow", "swanlab")
#: Of kto: what begins so is the answer of another row.
_OTHERS = "KL_"
_NOT_TOKENS = (COLUMN, "position_ids", "token_type_ids")


class Tag(NamedTuple):
    """What a batch says about itself: the rows of each of its sequences, and its tokens without padding."""

    row_ids: tuple[tuple[str, ...], ...]
    n_tokens: int


class Micro(NamedTuple):
    """One micro-batch of the step that is under way.

    :param loss: a scalar on the device; reading it makes the device wait.
    :param row_is_finite: whether the loss of the sequence with this number is finite, by itself; None where the batch
        cannot be taken apart.
    """

    tag: Tag
    loss: Any
    row_is_finite: Callable[[int], bool] | None


class Tagged:
    """A collator that hands the rows' names past the real one, which never sees them."""

    def __init__(self, collator: Callable[[list[dict[str, Any]]], Any]) -> None:
        self.collator = collator

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> Any:
        rows = [list(_names(one.get(COLUMN))) for one in features]
        batch = self.collator([{key: value for key, value in one.items() if key != COLUMN} for one in features])
        holder = batch if isinstance(batch, dict) or hasattr(batch, "keys") else batch[0]  # GRPO's is a list of rows
        holder[KEY] = {"row_ids": rows, "n_tokens": sum(map(_n_tokens, features))}
        return batch

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "collator":  # a copy in another process asks before it has one
            raise AttributeError(name)
        return getattr(self.collator, name)


def taken(batch: Any) -> Tag | None:
    """The tag of a batch, which does not have it any more then; None where it has none."""
    holder = batch if hasattr(batch, "keys") else (batch[0] if batch else {})
    found = holder.pop(KEY, None) if hasattr(holder, "pop") else None
    return Tag(tuple(tuple(one) for one in found["row_ids"]), found["n_tokens"]) if found else None


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _n_tokens(features: Mapping[str, Any]) -> int:
    return sum(
        len(value)
        for key, value in features.items()
        if (key == "input_ids" or key.endswith("_ids")) and key not in _NOT_TOKENS and hasattr(value, "__len__")
    )


def row_check(trainer: Any, model: Any, inputs: Any, n_rows: int) -> Callable[[int], bool] | None:
    """How to ask one row of a batch for its own loss: only where every tensor has a line for each row, or two for a
    pair, the preferred answers of all rows before the others."""
    tensors = (
        {key: value for key, value in inputs.items() if hasattr(value, "shape")} if hasattr(inputs, "keys") else {}
    )
    if not tensors or trainer.args.world_size > 1 or any(len(one.shape) < 1 for one in tensors.values()):
        return None  # trainers gather figures of all processes inside their loss: one alone would wait for ever
    if any(one.shape[0] not in (n_rows, 2 * n_rows) for one in tensors.values()):
        return None  # padding-free
    whole = dict(inputs)

    def row_is_finite(number: int) -> bool:
        import torch

        cut = {key: value[number::n_rows] if key in tensors else value for key, value in whole.items()}
        for key in [key for key in cut if key.startswith(_OTHERS) and key.removeprefix(_OTHERS) in cut]:
            cut[key] = cut[key.removeprefix(_OTHERS)]  # or a row would answer for another's answer
        with torch.no_grad(), trainer.compute_loss_context_manager():
            return bool(torch.isfinite(trainer.compute_loss(model, cut)).all())

    return row_is_finite


def watched(trainer: type[Any]) -> type[Any]:
    """The same trainer, which tells our callbacks the rows and the loss of each micro-batch, and prints nothing."""

    class Watched(trainer):  # type: ignore[misc]
        def __init__(self, *args: Any, **settings: Any) -> None:
            check_reports(getattr(settings.get("args"), "report_to", None) or ())
            super().__init__(*args, **settings)
            made: Any = self
            made.data_collator = Tagged(made.data_collator)
            for callback in [one for one in self.callback_handler.callbacks if _prints(one)]:
                self.remove_callback(callback)

        def _set_signature_columns_if_needed(self) -> None:
            super()._set_signature_columns_if_needed()
            if COLUMN not in self._signature_columns:
                self._signature_columns.append(COLUMN)

        def _run_epoch(self, *args: Any, **settings: Any) -> Any:
            made: Any = self
            if made.state.global_step >= made.state.max_steps or made.control.should_training_stop:
                return None  # killed between its last checkpoint and its end: the loop would train a step too many
            return super()._run_epoch(*args, **settings)

        def training_step(self, model: Any, inputs: Any, *args: Any, **settings: Any) -> Any:
            tag = taken(inputs) or Tag((), 0)
            check = row_check(self, model, inputs, len(tag.row_ids)) if tag.row_ids else None
            loss = super().training_step(model, inputs, *args, **settings)
            for callback in self.callback_handler.callbacks:
                if hasattr(callback, "micro_batch"):
                    callback.micro_batch(Micro(tag, loss, check))
            return loss

        def prediction_step(self, model: Any, inputs: Any, *args: Any, **settings: Any) -> Any:
            taken(inputs)
            return super().prediction_step(model, inputs, *args, **settings)

    Watched.__name__ = Watched.__qualname__ = trainer.__name__
    return Watched


def check_reports(names: Sequence[str]) -> None:
    """Whether the services that a run reports to can be reached from this environment.

    :raises InputError: where the package of one is not installed.
    """
    for one in names if not isinstance(names, str) else [names]:
        if one in _SERVICES and importlib.util.find_spec(one) is None:
            what = f"`report_to: {one}` needs the package {one}, which is not installed"
            raise InputError(what, remedy=f"pip install {one}, or leave it out: TensorBoard is always written")


def _prints(callback: Any) -> bool:
    return type(callback).__name__ in ("PrinterCallback", "ProgressCallback", "NotebookProgressCallback")


def stand_ins(row_ids: Sequence[Sequence[str] | str], leave_out: Collection[str]) -> list[int]:
    """For each sequence the number of the one that is trained in its place: itself, or where a row of it is left out
    the next that is whole. As many as before, so that steps, schedule and the order of all others stay as they were
    and a resume goes on exactly.

    >>> stand_ins([["a"], ["b", "c"], ["d"]], {"c"})
    [0, 2, 2]

    :raises InputError: where nothing is left.
    """
    out = frozenset(leave_out)
    whole = [out.isdisjoint(_names(rows)) for rows in row_ids]
    if not any(whole):
        raise InputError("no sequence is left to train on: every one has a row that is left out")
    found, following = [0] * len(whole), whole.index(True)  # past the end it goes on at the beginning
    for number in range(len(whole) - 1, -1, -1):
        following = number if whole[number] else following
        found[number] = following
    return found
