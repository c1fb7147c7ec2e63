"""A small real training for the tests of what watches one: 40 rows of 12 tokens, one of them poisoned on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tunesmith.train.supervisor import Attempt, Ended
from tunesmith.train.types import RunPaths
from tunesmith.train.watch import Watch, how_it_ended, stand_ins, watched, watchers

N_ROWS, POISON = 40, 1001


def rows(*, poisoned: Sequence[int] = (), n_rows: int = N_ROWS) -> Any:
    """`d:0` … each with random tokens; a poisoned row has a token that no other has."""
    import torch
    from datasets import Dataset

    draw = torch.Generator().manual_seed(0)
    ids = [torch.randint(3, 1000, (12,), generator=draw).tolist() for _ in range(n_rows)]
    for number in poisoned:
        ids[number][4] = POISON
    return Dataset.from_dict({"input_ids": ids, "labels": ids, "row_ids": [[f"d:{n}"] for n in range(n_rows)]})


def collate(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Fails on any column that is no tensor."""
    import torch

    return {key: torch.tensor([one[key] for one in features]) for key in features[0]}


def poison(model: Any, factor: float = float("nan")) -> None:
    """From now on the loss of a batch with the token is broken: as an overflow in a row would break it."""

    def spoil(module: Any, args: Any, given: dict[str, Any], output: Any) -> Any:
        if output.loss is not None and bool((given["input_ids"] == POISON).any()):
            output["loss"] = output.loss * factor
        return output

    model.register_forward_hook(spoil, with_kwargs=True)


def train(
    folder: Path,
    paths: RunPaths,
    data: Any,
    *,
    attempt: Attempt | None = None,
    watch: Watch | None = None,
    prepare: Callable[[Any], None] = poison,
    callbacks: Sequence[Any] = (),
    validation: Any = None,
    tokenizer: Any = None,
    progress: Any = None,
    seen: list[Any] | None = None,
    collator: Callable[[list[dict[str, Any]]], dict[str, Any]] = collate,
    **settings: Any,
) -> Ended:
    """One attempt with transformers' own trainer.

    :param prepare: what is done to the fresh model.
    :param seen: gets the trainer, for tests that look at it afterwards.
    """
    import transformers.utils.logging as library
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    silent: Any = library
    silent.set_verbosity_error()
    silent.disable_progress_bar()
    attempt = attempt or Attempt()
    made: Any = AutoModelForCausalLM
    model = made.from_pretrained(folder)
    prepare(model)
    found = watchers(watch or Watch(), paths, attempt=attempt, tokenizer=tokenizer, progress=progress)
    asked: dict[str, Any] = {
        "max_steps": 12,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 2,
        "learning_rate": 1e-3,
        "save_steps": 3,
        "seed": 0,
        **settings,
    }
    asked["learning_rate"] *= attempt.rate_scale
    evaluation = {"eval_strategy": "steps", "eval_steps": asked["save_steps"]} if validation is not None else {}
    fixed = {"use_cpu": True, "disable_tqdm": True, "logging_steps": 1, "logging_nan_inf_filter": False}
    arguments = TrainingArguments(output_dir=str(paths.checkpoints), **{**fixed, **evaluation, **asked})
    left = data.select(stand_ins(data["row_ids"], attempt.leave_out)) if attempt.leave_out else data
    trainer = watched(Trainer)(
        model=model,
        args=arguments,
        train_dataset=left,
        eval_dataset=validation,
        data_collator=collator,
        callbacks=[*found, *callbacks],
    )
    if seen is not None:
        seen.append(trainer)
    trainer.train(resume_from_checkpoint=str(attempt.resume_from) if attempt.resume_from else None)
    return how_it_ended(found)
